//! Offsets that nobody needs any more, and groups that have none left (`cleanupExpiredOffsets`, `cleanupGroupMetadata`).
//!
//! | group | an offset expires `offsets.retention.minutes` after |
//! |---|---|
//! | without a protocol | it was committed |
//! | Empty | the group became empty |
//! | of the consumer protocol | it was committed, if no member is subscribed to the topic |
//! | Stable, of consumers | it was committed, if no member is subscribed to the topic |
//! | anything else | never |
//!
//! An offset with an expiry of its own expires then, in any of these groups.

use std::sync::Arc;

use crate::classic::ClassicState;
use crate::decide::{Context, Decision};
use crate::event::{Event, EventKind};
use crate::offsets::CommittedOffset;
use crate::offsets::budget::Tombstones;
use crate::record::GroupRecord;
use crate::state::{Group, Shard};

impl Shard {
    pub(crate) fn expire_offsets(&self, context: &Context<'_>) -> Decision {
        let (mut tombstones, mut events) = (Tombstones::default(), Vec::new());
        for (id, group) in &self.groups {
            if tombstones.is_full() {
                break;
            }
            events.extend(self.expire_of(context, id, group, &mut tombstones));
        }
        Decision { records: tombstones.records, events, ..Decision::default() }
    }

    /// The event of a group that is forgotten as a whole.
    fn expire_of(
        &self,
        context: &Context<'_>,
        id: &Arc<str>,
        group: &Group,
        tombstones: &mut Tombstones,
    ) -> Option<Event> {
        let mut left = false;
        for (topic, partitions) in self.offsets.of(id) {
            let in_use = group.is_subscribed_to(topic);
            for (partition, committed) in partitions {
                let expired = !in_use
                    && is_expired(context, group, committed)
                    && !self.offsets.is_pending(id, topic, partition);
                let gone = expired && tombstones.push(GroupRecord::offset_tombstone(id, topic, partition));
                left |= !gone;
            }
        }
        if left || !group.is_empty() || group.is_expected() || self.offsets.has_open_transaction(id) {
            return None;
        }
        tombstones.records.extend(self.group_tombstones(id));
        Some(Event {
            kind: EventKind::Empty,
            group: Arc::clone(id),
            generation: group.generation(),
            limit: "",
            reason: "it has no members and no offsets, and is forgotten".to_owned(),
        })
    }
}

impl Group {
    /// Whether somebody is about to join.
    fn is_expected(&self) -> bool {
        matches!(self, Group::Classic(group) if !group.pending_joins.is_empty())
    }

    fn generation(&self) -> i32 {
        match self {
            Group::Classic(group) => group.generation,
            Group::Consumer(group) => group.epoch,
        }
    }
}

fn is_expired(context: &Context<'_>, group: &Group, committed: &CommittedOffset) -> bool {
    let Some(base_ms) = base_ms(group, committed) else { return false };
    if committed.expire_timestamp_ms != -1 {
        return context.wall_ms >= committed.expire_timestamp_ms;
    }
    context.wall_ms.saturating_sub(base_ms) >= context.config.offsets_retention_ms
}

/// From when on an offset's time runs; `None` if none of the group's may expire.
fn base_ms(group: &Group, committed: &CommittedOffset) -> Option<i64> {
    let committed_ms = committed.commit_timestamp_ms;
    let group = match group {
        Group::Consumer(_) => return Some(committed_ms),
        Group::Classic(group) => group,
    };
    let empty_since = group.state_since_ms.filter(|_| group.protocol_type.is_some());
    match group.state {
        ClassicState::Empty => Some(empty_since.unwrap_or(committed_ms)),
        ClassicState::Stable => (group.is_consumer() && group.subscribed.is_some()).then_some(committed_ms),
        ClassicState::PreparingRebalance | ClassicState::CompletingRebalance => None,
    }
}
