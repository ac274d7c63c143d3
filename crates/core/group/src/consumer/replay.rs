//! What a record changes in a consumer group.

use std::sync::Arc;

use super::assignment::of_target;
use super::group::ConsumerGroup;
use super::member::ConsumerMember;
use crate::record::GroupRecord;
use crate::state::{Group, Shard};

/// What assignment epoch a group has while its targets are being taken away.
const NO_EPOCH: i32 = -1;

impl Shard {
    pub(crate) fn apply_to_consumer_group(&mut self, record: &GroupRecord) {
        match record {
            GroupRecord::ConsumerGroup(key, None) => {
                if matches!(self.groups.get(key.group_id.as_str()), Some(Group::Consumer(_))) {
                    self.forget(&key.group_id);
                }
            }
            GroupRecord::ConsumerGroup(key, Some(value)) => {
                let group = self.consumer_mut(&key.group_id);
                (group.epoch, group.metadata_hash) = (value.epoch, value.metadata_hash);
            }
            GroupRecord::ConsumerPartitionMetadata(key, value) => {
                if let Some(group) = self.consumer_for(&key.group_id, value.is_some()) {
                    group.has_legacy_metadata = value.is_some();
                }
            }
            GroupRecord::ConsumerMember(key, value) => {
                let Some(group) = self.consumer_for(&key.group_id, value.is_some()) else { return };
                match value {
                    Some(value) => group.put(member(group, &key.member_id).with_subscription(value)),
                    None => group.remove(&key.member_id),
                }
            }
            GroupRecord::ConsumerTargetEpoch(key, value) => {
                let Some(group) = self.consumer_for(&key.group_id, value.is_some()) else { return };
                (group.assignment_epoch, group.assignment_timestamp_ms) = value
                    .as_ref()
                    .map_or((NO_EPOCH, 0), |value| (value.assignment_epoch, value.assignment_timestamp));
            }
            GroupRecord::ConsumerTarget(key, value) => {
                let Some(group) = self.consumer_for(&key.group_id, value.is_some()) else { return };
                match value {
                    Some(value) => {
                        let target = Arc::new(of_target(&value.topic_partitions));
                        group.targets.insert(Arc::from(key.member_id.as_str()), target);
                    }
                    None => {
                        group.targets.remove(key.member_id.as_str());
                    }
                }
            }
            GroupRecord::ConsumerCurrent(key, value) => {
                let Some(group) = self.consumer_for(&key.group_id, value.is_some()) else { return };
                match value {
                    Some(value) => group.put(member(group, &key.member_id).with_assignment(value)),
                    None => {
                        if let Some(known) = group.members.get(key.member_id.as_str()).cloned() {
                            group.put(known.without_assignment());
                        }
                    }
                }
            }
            GroupRecord::ConsumerRegex(key, value) => {
                let Some(group) = self.consumer_for(&key.group_id, value.is_some()) else { return };
                match value {
                    Some(value) => group.resolve(&key.regular_expression, value),
                    None => group.forget_regex(&key.regular_expression),
                }
            }
            GroupRecord::Group(..) | GroupRecord::Offset(..) => {}
        }
    }

    /// The group of a record; a tombstone makes none.
    fn consumer_for(&mut self, id: &str, create: bool) -> Option<&mut ConsumerGroup> {
        let is_there = matches!(self.groups.get(id), Some(Group::Consumer(_)));
        (create || is_there).then(|| self.consumer_mut(id))
    }

    /// The group of a record. A group of another protocol by this name ends with it: it may be one that holds offsets
    /// alone, as whoever replaces a real one takes it out of the log first.
    fn consumer_mut(&mut self, id: &str) -> &mut ConsumerGroup {
        let id = self.groups.get_key_value(id).map_or_else(|| Arc::from(id), |(id, _)| Arc::clone(id));
        let group = self
            .groups
            .entry(Arc::clone(&id))
            .or_insert_with(|| Group::Consumer(Arc::new(ConsumerGroup::new(Arc::clone(&id)))));
        if let Group::Classic(_) = group {
            *group = Group::Consumer(Arc::new(ConsumerGroup::new(id)));
        }
        match group {
            Group::Consumer(group) => Arc::make_mut(group),
            Group::Classic(_) => unreachable!("it was just replaced"),
        }
    }
}

fn member(group: &ConsumerGroup, id: &str) -> ConsumerMember {
    match group.members.get(id) {
        Some(known) => ConsumerMember::clone(known),
        None => ConsumerMember::new(Arc::from(id)),
    }
}
