//! One step of a member from what it has to what it shall have (`CurrentAssignmentBuilder`).
//!
//! | state | what happens | next |
//! |---|---|---|
//! | Stable, in the target's epoch | a topic that it wants no more is taken away | Stable, or UnrevokedPartitions |
//! | Stable, in an earlier epoch | the difference to the target is worked out | see below |
//! | UnrevokedPartitions, has not given up yet | nothing | the same |
//! | UnrevokedPartitions, has given up | the difference is worked out | see below |
//! | UnreleasedPartitions | the difference is worked out | see below |
//! | Unknown, has nothing | the difference is worked out | see below |
//! | Unknown, may have something | it is fenced | |
//!
//! The difference: partitions to give up come first, and the member stays in its epoch with UnrevokedPartitions until it
//! reports that it has none of them. Then it reaches the target's epoch and gets what is free; while something is not,
//! it is in UnreleasedPartitions, else Stable.

use std::collections::BTreeSet;
use std::sync::Arc;

use headwater_base::Uuid;
use headwater_protocol::messages::consumer_group_heartbeat_request::TopicPartitions as Owned;

use super::assignment::{PartitionEpochs, holds};
use super::group::ConsumerGroup;
use super::member::{ConsumerMember, MemberState};
use crate::assignor::TopicPartitions;

/// What a member is reconciled to.
pub(super) struct Goal<'a> {
    /// The group, for who has what.
    pub(super) group: &'a ConsumerGroup,
    /// The target's epoch.
    pub(super) epoch: i32,
    /// What the member shall have.
    pub(super) target: Arc<TopicPartitions>,
    /// The topics that it wants and that exist.
    pub(super) subscribed: BTreeSet<Uuid>,
    /// It wants other topics than a moment ago.
    pub(super) subscription_changed: bool,
    /// What it says it has; `None` if it does not say.
    pub(super) owned: Option<&'a [Owned]>,
}

/// The member must give up everything and join again.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fenced;

impl Goal<'_> {
    /// The member's next step; `None` if it stays as it is.
    pub(super) fn step(&self, member: &ConsumerMember) -> Result<Option<ConsumerMember>, Fenced> {
        Ok(match member.state {
            MemberState::Stable if member.epoch != self.epoch => Some(self.difference(member, member.epoch)),
            MemberState::UnrevokedPartitions if !self.still_has(&member.revoking) => {
                Some(self.difference(member, member.epoch))
            }
            MemberState::Stable | MemberState::UnrevokedPartitions => {
                self.subscription_changed.then(|| self.drop_unwanted(member)).flatten()
            }
            MemberState::UnreleasedPartitions => Some(self.difference(member, member.epoch)),
            MemberState::Unknown if self.owned.is_some_and(<[_]>::is_empty) => {
                Some(self.difference(member, self.epoch))
            }
            MemberState::Unknown => return Err(Fenced),
        })
    }

    /// Whether the member may still have one of these.
    fn still_has(&self, partitions: &PartitionEpochs) -> bool {
        let Some(owned) = self.owned else { return true };
        owned
            .iter()
            .any(|topic| topic.partitions.iter().any(|index| holds(partitions, topic.topic_id, *index)))
    }

    /// Takes away what it wants no more, at once: it may not consume what it did not subscribe to.
    fn drop_unwanted(&self, member: &ConsumerMember) -> Option<ConsumerMember> {
        let (assigned, unwanted): (PartitionEpochs, PartitionEpochs) =
            member.assigned.clone().into_iter().partition(|(topic, _)| self.subscribed.contains(topic));
        if unwanted.is_empty() {
            return None;
        }
        let mut revoking = member.revoking.clone();
        for (topic, partitions) in unwanted {
            revoking.entry(topic).or_default().extend(partitions);
        }
        let next = ConsumerMember { assigned, ..member.in_epoch(member.epoch) };
        if self.still_has(&revoking) {
            Some(ConsumerMember { state: MemberState::UnrevokedPartitions, revoking, ..next })
        } else {
            Some(next)
        }
    }

    fn difference(&self, member: &ConsumerMember, epoch: i32) -> ConsumerMember {
        let mut assigned = PartitionEpochs::new();
        let mut revoking = PartitionEpochs::new();
        let mut coming: Vec<(Uuid, i32)> = Vec::new();
        let mut some_unreleased = false;
        let shall_have = |topic: Uuid, partition: i32| {
            let target = self.target.get(&topic).filter(|_| self.subscribed.contains(&topic));
            target.is_some_and(|partitions| partitions.binary_search(&partition).is_ok())
        };
        for (topic, partitions) in &member.assigned {
            for (partition, since) in partitions {
                let to = if shall_have(*topic, *partition) { &mut assigned } else { &mut revoking };
                to.entry(*topic).or_default().insert(*partition, *since);
            }
        }
        for (topic, partitions) in self.target.iter().filter(|(topic, _)| self.subscribed.contains(topic)) {
            for partition in partitions.iter().filter(|index| !holds(&member.assigned, *topic, **index)) {
                let free = self.group.owner_epoch(*topic, *partition).is_none()
                    || holds(&member.revoking, *topic, *partition);
                if free {
                    coming.push((*topic, *partition));
                } else {
                    some_unreleased = true;
                }
            }
        }
        if !revoking.is_empty() && self.still_has(&revoking) {
            let state = MemberState::UnrevokedPartitions;
            return ConsumerMember { state, assigned, revoking, ..member.in_epoch(epoch) };
        }
        for (topic, partition) in coming {
            assigned.entry(topic).or_default().insert(partition, self.epoch);
        }
        let state = if some_unreleased { MemberState::UnreleasedPartitions } else { MemberState::Stable };
        ConsumerMember { state, assigned, revoking: PartitionEpochs::new(), ..member.in_epoch(self.epoch) }
    }
}
