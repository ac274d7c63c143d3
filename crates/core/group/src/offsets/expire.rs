//! Offsets that nobody needs any more, and groups that have none left (`cleanupExpiredOffsets`, `cleanupGroupMetadata`).
//!
//! | group | an offset expires `offsets.retention.minutes` after |
//! |---|---|
//! | without a protocol | it was committed |
//! | Empty | the group became empty |
//! | Stable, of consumers | it was committed, if no member is subscribed to the topic |
//! | anything else | never |
//!
//! An offset with an expiry of its own expires then, in any of these groups.

use crate::classic::{ClassicGroup, ClassicState};
use crate::decide::{Context, Decision};
use crate::event::{Event, EventKind};
use crate::offsets::CommittedOffset;
use crate::record::GroupRecord;
use crate::state::Shard;

/// Records of one decision: a batch stays far below what a log takes, the rest waits for the next look.
const MAX_RECORDS: usize = 2_000;

impl Shard {
    pub(crate) fn expire_offsets(&self, context: &Context<'_>) -> Decision {
        let mut decision = Decision::default();
        for group in self.groups.values() {
            if decision.records.len() >= MAX_RECORDS {
                break;
            }
            self.expire_of(context, group, &mut decision);
        }
        decision
    }

    fn expire_of(&self, context: &Context<'_>, group: &ClassicGroup, decision: &mut Decision) {
        let mut left = false;
        for (topic, partitions) in self.offsets.of(&group.id) {
            let in_use = group.is_subscribed_to(topic);
            for (partition, committed) in partitions {
                let expired = !in_use
                    && is_expired(context, group, committed)
                    && !self.offsets.is_pending(&group.id, topic, partition);
                if expired {
                    decision.records.push(GroupRecord::offset_tombstone(&group.id, topic, partition));
                } else {
                    left = true;
                }
            }
        }
        if left || group.state != ClassicState::Empty || !group.pending_joins.is_empty() {
            return;
        }
        if !self.offsets.has_open_transaction(&group.id) {
            decision.records.push(GroupRecord::group_tombstone(&group.id));
            decision.events.push(Event {
                kind: EventKind::Empty,
                group: std::sync::Arc::clone(&group.id),
                generation: group.generation,
                reason: "it has no members and no offsets, and is forgotten".to_owned(),
            });
        }
    }
}

fn is_expired(context: &Context<'_>, group: &ClassicGroup, committed: &CommittedOffset) -> bool {
    if !may_expire(group) {
        return false;
    }
    if committed.expire_timestamp_ms != -1 {
        return context.wall_ms >= committed.expire_timestamp_ms;
    }
    let empty_since = group.state_since_ms.filter(|_| group.protocol_type.is_some());
    let base_ms = match group.state {
        ClassicState::Empty => empty_since.unwrap_or(committed.commit_timestamp_ms),
        _ => committed.commit_timestamp_ms,
    };
    context.wall_ms.saturating_sub(base_ms) >= context.config.offsets_retention_ms
}

fn may_expire(group: &ClassicGroup) -> bool {
    match group.state {
        ClassicState::Empty => true,
        ClassicState::Stable => group.is_consumer() && group.subscribed.is_some(),
        ClassicState::PreparingRebalance | ClassicState::CompletingRebalance => false,
    }
}
