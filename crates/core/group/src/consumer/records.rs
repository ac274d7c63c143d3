//! Records of consumer groups, as they are written (`GroupCoordinatorRecordHelpers`).

use headwater_protocol::group::consumer_group_current_member_assignment_key::ConsumerGroupCurrentMemberAssignmentKey;
use headwater_protocol::group::consumer_group_member_metadata_key::ConsumerGroupMemberMetadataKey;
use headwater_protocol::group::consumer_group_metadata_key::ConsumerGroupMetadataKey;
use headwater_protocol::group::consumer_group_metadata_value::ConsumerGroupMetadataValue;
use headwater_protocol::group::consumer_group_partition_metadata_key::ConsumerGroupPartitionMetadataKey;
use headwater_protocol::group::consumer_group_regular_expression_key::ConsumerGroupRegularExpressionKey;
use headwater_protocol::group::consumer_group_regular_expression_value::ConsumerGroupRegularExpressionValue;
use headwater_protocol::group::consumer_group_target_assignment_member_key::ConsumerGroupTargetAssignmentMemberKey;
use headwater_protocol::group::consumer_group_target_assignment_member_value::ConsumerGroupTargetAssignmentMemberValue;
use headwater_protocol::group::consumer_group_target_assignment_metadata_key::ConsumerGroupTargetAssignmentMetadataKey;
use headwater_protocol::group::consumer_group_target_assignment_metadata_value::ConsumerGroupTargetAssignmentMetadataValue;

use super::assignment::to_target;
use super::group::{ConsumerGroup, ResolvedRegex};
use super::member::ConsumerMember;
use crate::assignor::TopicPartitions;
use crate::record::GroupRecord;

fn member_key(group: &str, member: &str) -> ConsumerGroupMemberMetadataKey {
    ConsumerGroupMemberMetadataKey { group_id: group.to_owned(), member_id: member.to_owned() }
}

fn current_key(group: &str, member: &str) -> ConsumerGroupCurrentMemberAssignmentKey {
    ConsumerGroupCurrentMemberAssignmentKey { group_id: group.to_owned(), member_id: member.to_owned() }
}

fn target_key(group: &str, member: &str) -> ConsumerGroupTargetAssignmentMemberKey {
    ConsumerGroupTargetAssignmentMemberKey { group_id: group.to_owned(), member_id: member.to_owned() }
}

fn regex_key(group: &str, regex: &str) -> ConsumerGroupRegularExpressionKey {
    ConsumerGroupRegularExpressionKey { group_id: group.to_owned(), regular_expression: regex.to_owned() }
}

/// Who a member is and what it wants.
pub(super) fn subscription(group: &str, member: &ConsumerMember) -> GroupRecord {
    GroupRecord::ConsumerMember(member_key(group, &member.id), Some(member.subscription_value()))
}

/// What a member has.
pub(super) fn current(group: &str, member: &ConsumerMember) -> GroupRecord {
    GroupRecord::ConsumerCurrent(current_key(group, &member.id), Some(member.assignment_value()))
}

/// What a member shall have.
pub(super) fn target(group: &str, member: &str, partitions: &TopicPartitions) -> GroupRecord {
    let value = ConsumerGroupTargetAssignmentMemberValue { topic_partitions: to_target(partitions) };
    GroupRecord::ConsumerTarget(target_key(group, member), Some(value))
}

/// The epoch of the targets.
pub(super) fn target_epoch(group: &str, assignment_epoch: i32, assignment_timestamp: i64) -> GroupRecord {
    let key = ConsumerGroupTargetAssignmentMetadataKey { group_id: group.to_owned() };
    let value = ConsumerGroupTargetAssignmentMetadataValue { assignment_epoch, assignment_timestamp };
    GroupRecord::ConsumerTargetEpoch(key, Some(value))
}

/// The group's epoch.
pub(super) fn epoch(group: &str, epoch: i32, metadata_hash: i64) -> GroupRecord {
    let key = ConsumerGroupMetadataKey { group_id: group.to_owned() };
    GroupRecord::ConsumerGroup(key, Some(ConsumerGroupMetadataValue { epoch, metadata_hash }))
}

/// What a regular expression matches.
pub(super) fn regex(group: &str, regex: &str, resolved: &ResolvedRegex) -> GroupRecord {
    let value = ConsumerGroupRegularExpressionValue {
        topics: resolved.topics.iter().cloned().collect(),
        version: resolved.version,
        timestamp: resolved.timestamp_ms,
    };
    GroupRecord::ConsumerRegex(regex_key(group, regex), Some(value))
}

/// A regular expression that nobody wants.
pub(super) fn regex_tombstone(group: &str, regex: &str) -> GroupRecord {
    GroupRecord::ConsumerRegex(regex_key(group, regex), None)
}

/// A record of a time before the metadata's hash goes.
pub(super) fn legacy_metadata_tombstone(group: &str) -> GroupRecord {
    let key = ConsumerGroupPartitionMetadataKey { group_id: group.to_owned() };
    GroupRecord::ConsumerPartitionMetadata(key, None)
}

/// A member goes.
pub(super) fn member_tombstones(group: &str, member: &str) -> [GroupRecord; 3] {
    [
        GroupRecord::ConsumerCurrent(current_key(group, member), None),
        GroupRecord::ConsumerTarget(target_key(group, member), None),
        GroupRecord::ConsumerMember(member_key(group, member), None),
    ]
}

/// The whole group goes. `member_id` gives the ids under which its members are in the log.
pub(super) fn group_tombstones<'a>(
    group: &'a ConsumerGroup,
    member_id: impl Fn(&'a str) -> &'a str,
) -> Vec<GroupRecord> {
    let id = &*group.id;
    let members: Vec<&str> = group.members.keys().map(|member| member_id(member)).collect();
    let targets_key = ConsumerGroupTargetAssignmentMetadataKey { group_id: id.to_owned() };
    let mut records = Vec::new();
    records.extend(members.iter().map(|member| GroupRecord::ConsumerCurrent(current_key(id, member), None)));
    records.extend(members.iter().map(|member| GroupRecord::ConsumerTarget(target_key(id, member), None)));
    records.push(GroupRecord::ConsumerTargetEpoch(targets_key, None));
    records.extend(members.iter().map(|member| GroupRecord::ConsumerMember(member_key(id, member), None)));
    records.extend(group.regexes.keys().map(|regex| regex_tombstone(id, regex)));
    records.push(legacy_metadata_tombstone(id));
    records.push(GroupRecord::ConsumerGroup(ConsumerGroupMetadataKey { group_id: id.to_owned() }, None));
    records
}

impl ConsumerGroup {
    /// The whole group goes.
    pub(crate) fn tombstones(&self) -> Vec<GroupRecord> {
        group_tombstones(self, |id| id)
    }
}

/// A group that comes into being whole.
pub(super) fn whole_group(group: &ConsumerGroup) -> Vec<GroupRecord> {
    let id = &*group.id;
    let mut records: Vec<GroupRecord> =
        group.members.values().map(|member| subscription(id, member)).collect();
    records.push(epoch(id, group.epoch, group.metadata_hash));
    records.extend(group.members.keys().map(|member| target(id, member, &group.target(member))));
    records.push(target_epoch(id, group.assignment_epoch, group.assignment_timestamp_ms));
    records.extend(group.members.values().map(|member| current(id, member)));
    records
}
