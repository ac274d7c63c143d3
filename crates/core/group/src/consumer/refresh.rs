//! Topics come, grow and go: groups look at them again with their next heartbeat (`onMetadataUpdate`).

use std::sync::Arc;

use super::work::Work;
use crate::decide::{Context, Decision, Soft};
use crate::state::{Group, Shard};

impl Shard {
    pub(crate) fn topics_changed(
        &self,
        context: &Context<'_>,
        names: &[Arc<str>],
        created: bool,
    ) -> Decision {
        let mut decision = Decision::default();
        if created {
            decision.soft.push(Soft::NewTopics(context.image.provenance.offset.0));
        }
        for id in self.refreshes.keys() {
            let Some(Group::Consumer(group)) = self.groups.get(id) else { continue };
            if names.iter().any(|name| group.is_subscribed_to(name)) {
                decision.soft.push(Soft::MetadataRefresh(Arc::clone(id), None));
            }
        }
        decision
    }
}

impl Work<'_> {
    /// Whether the group's topics have to be looked at again (`hasMetadataExpired`).
    pub(super) fn metadata_is_out_of_date(&self) -> bool {
        let refresh = self.shard.refreshes.get(&self.group.id);
        refresh.is_none_or(|refresh| {
            self.context.now_ms >= refresh.deadline_ms || self.group.epoch < refresh.epoch
        })
    }
}
