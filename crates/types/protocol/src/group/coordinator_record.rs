//! Keys and values by kind, as `CoordinatorRecordSerde` writes them.

// Written by `cargo xtask codegen` from `spec/group`.

use super::consumer_group_current_member_assignment_key::ConsumerGroupCurrentMemberAssignmentKey;
use super::consumer_group_current_member_assignment_value::ConsumerGroupCurrentMemberAssignmentValue;
use super::consumer_group_member_metadata_key::ConsumerGroupMemberMetadataKey;
use super::consumer_group_member_metadata_value::ConsumerGroupMemberMetadataValue;
use super::consumer_group_metadata_key::ConsumerGroupMetadataKey;
use super::consumer_group_metadata_value::ConsumerGroupMetadataValue;
use super::consumer_group_partition_metadata_key::ConsumerGroupPartitionMetadataKey;
use super::consumer_group_partition_metadata_value::ConsumerGroupPartitionMetadataValue;
use super::consumer_group_regular_expression_key::ConsumerGroupRegularExpressionKey;
use super::consumer_group_regular_expression_value::ConsumerGroupRegularExpressionValue;
use super::consumer_group_target_assignment_member_key::ConsumerGroupTargetAssignmentMemberKey;
use super::consumer_group_target_assignment_member_value::ConsumerGroupTargetAssignmentMemberValue;
use super::consumer_group_target_assignment_metadata_key::ConsumerGroupTargetAssignmentMetadataKey;
use super::consumer_group_target_assignment_metadata_value::ConsumerGroupTargetAssignmentMetadataValue;
use super::group_metadata_key::GroupMetadataKey;
use super::group_metadata_value::GroupMetadataValue;
use super::legacy_offset_commit_key::LegacyOffsetCommitKey;
use super::legacy_offset_commit_value::LegacyOffsetCommitValue;
use super::offset_commit_key::OffsetCommitKey;
use super::offset_commit_value::OffsetCommitValue;
use super::share_group_current_member_assignment_key::ShareGroupCurrentMemberAssignmentKey;
use super::share_group_current_member_assignment_value::ShareGroupCurrentMemberAssignmentValue;
use super::share_group_member_metadata_key::ShareGroupMemberMetadataKey;
use super::share_group_member_metadata_value::ShareGroupMemberMetadataValue;
use super::share_group_metadata_key::ShareGroupMetadataKey;
use super::share_group_metadata_value::ShareGroupMetadataValue;
use super::share_group_state_partition_metadata_key::ShareGroupStatePartitionMetadataKey;
use super::share_group_state_partition_metadata_value::ShareGroupStatePartitionMetadataValue;
use super::share_group_target_assignment_member_key::ShareGroupTargetAssignmentMemberKey;
use super::share_group_target_assignment_member_value::ShareGroupTargetAssignmentMemberValue;
use super::share_group_target_assignment_metadata_key::ShareGroupTargetAssignmentMetadataKey;
use super::share_group_target_assignment_metadata_value::ShareGroupTargetAssignmentMetadataValue;
use super::streams_group_current_member_assignment_key::StreamsGroupCurrentMemberAssignmentKey;
use super::streams_group_current_member_assignment_value::StreamsGroupCurrentMemberAssignmentValue;
use super::streams_group_member_metadata_key::StreamsGroupMemberMetadataKey;
use super::streams_group_member_metadata_value::StreamsGroupMemberMetadataValue;
use super::streams_group_metadata_key::StreamsGroupMetadataKey;
use super::streams_group_metadata_value::StreamsGroupMetadataValue;
use super::streams_group_target_assignment_member_key::StreamsGroupTargetAssignmentMemberKey;
use super::streams_group_target_assignment_member_value::StreamsGroupTargetAssignmentMemberValue;
use super::streams_group_target_assignment_metadata_key::StreamsGroupTargetAssignmentMetadataKey;
use super::streams_group_target_assignment_metadata_value::StreamsGroupTargetAssignmentMetadataValue;
use super::streams_group_topology_key::StreamsGroupTopologyKey;
use super::streams_group_topology_value::StreamsGroupTopologyValue;

crate::record_keys! {
    0 => LegacyOffsetCommit(LegacyOffsetCommitKey),
    1 => OffsetCommit(OffsetCommitKey),
    2 => GroupMetadata(GroupMetadataKey),
    3 => ConsumerGroupMetadata(ConsumerGroupMetadataKey),
    4 => ConsumerGroupPartitionMetadata(ConsumerGroupPartitionMetadataKey),
    5 => ConsumerGroupMemberMetadata(ConsumerGroupMemberMetadataKey),
    6 => ConsumerGroupTargetAssignmentMetadata(ConsumerGroupTargetAssignmentMetadataKey),
    7 => ConsumerGroupTargetAssignmentMember(ConsumerGroupTargetAssignmentMemberKey),
    8 => ConsumerGroupCurrentMemberAssignment(ConsumerGroupCurrentMemberAssignmentKey),
    10 => ShareGroupMemberMetadata(ShareGroupMemberMetadataKey),
    11 => ShareGroupMetadata(ShareGroupMetadataKey),
    12 => ShareGroupTargetAssignmentMetadata(ShareGroupTargetAssignmentMetadataKey),
    13 => ShareGroupTargetAssignmentMember(ShareGroupTargetAssignmentMemberKey),
    14 => ShareGroupCurrentMemberAssignment(ShareGroupCurrentMemberAssignmentKey),
    15 => ShareGroupStatePartitionMetadata(ShareGroupStatePartitionMetadataKey),
    16 => ConsumerGroupRegularExpression(ConsumerGroupRegularExpressionKey),
    17 => StreamsGroupMetadata(StreamsGroupMetadataKey),
    19 => StreamsGroupMemberMetadata(StreamsGroupMemberMetadataKey),
    20 => StreamsGroupTargetAssignmentMetadata(StreamsGroupTargetAssignmentMetadataKey),
    21 => StreamsGroupTargetAssignmentMember(StreamsGroupTargetAssignmentMemberKey),
    22 => StreamsGroupCurrentMemberAssignment(StreamsGroupCurrentMemberAssignmentKey),
    23 => StreamsGroupTopology(StreamsGroupTopologyKey),
}

crate::record_values! {
    0 => LegacyOffsetCommit(LegacyOffsetCommitValue),
    1 => OffsetCommit(OffsetCommitValue),
    2 => GroupMetadata(GroupMetadataValue),
    3 => ConsumerGroupMetadata(ConsumerGroupMetadataValue),
    4 => ConsumerGroupPartitionMetadata(ConsumerGroupPartitionMetadataValue),
    5 => ConsumerGroupMemberMetadata(ConsumerGroupMemberMetadataValue),
    6 => ConsumerGroupTargetAssignmentMetadata(ConsumerGroupTargetAssignmentMetadataValue),
    7 => ConsumerGroupTargetAssignmentMember(ConsumerGroupTargetAssignmentMemberValue),
    8 => ConsumerGroupCurrentMemberAssignment(ConsumerGroupCurrentMemberAssignmentValue),
    10 => ShareGroupMemberMetadata(ShareGroupMemberMetadataValue),
    11 => ShareGroupMetadata(ShareGroupMetadataValue),
    12 => ShareGroupTargetAssignmentMetadata(ShareGroupTargetAssignmentMetadataValue),
    13 => ShareGroupTargetAssignmentMember(ShareGroupTargetAssignmentMemberValue),
    14 => ShareGroupCurrentMemberAssignment(ShareGroupCurrentMemberAssignmentValue),
    15 => ShareGroupStatePartitionMetadata(ShareGroupStatePartitionMetadataValue),
    16 => ConsumerGroupRegularExpression(ConsumerGroupRegularExpressionValue),
    17 => StreamsGroupMetadata(StreamsGroupMetadataValue),
    19 => StreamsGroupMemberMetadata(StreamsGroupMemberMetadataValue),
    20 => StreamsGroupTargetAssignmentMetadata(StreamsGroupTargetAssignmentMetadataValue),
    21 => StreamsGroupTargetAssignmentMember(StreamsGroupTargetAssignmentMemberValue),
    22 => StreamsGroupCurrentMemberAssignment(StreamsGroupCurrentMemberAssignmentValue),
    23 => StreamsGroupTopology(StreamsGroupTopologyValue),
}
