//! Records of `__consumer_offsets`, as this crate writes and reads them (`GroupCoordinatorRecordHelpers`).

use headwater_protocol::group::consumer_group_current_member_assignment_key::ConsumerGroupCurrentMemberAssignmentKey;
use headwater_protocol::group::consumer_group_current_member_assignment_value::ConsumerGroupCurrentMemberAssignmentValue;
use headwater_protocol::group::consumer_group_member_metadata_key::ConsumerGroupMemberMetadataKey;
use headwater_protocol::group::consumer_group_member_metadata_value::ConsumerGroupMemberMetadataValue;
use headwater_protocol::group::consumer_group_metadata_key::ConsumerGroupMetadataKey;
use headwater_protocol::group::consumer_group_metadata_value::ConsumerGroupMetadataValue;
use headwater_protocol::group::consumer_group_partition_metadata_key::ConsumerGroupPartitionMetadataKey;
use headwater_protocol::group::consumer_group_partition_metadata_value::ConsumerGroupPartitionMetadataValue;
use headwater_protocol::group::consumer_group_regular_expression_key::ConsumerGroupRegularExpressionKey;
use headwater_protocol::group::consumer_group_regular_expression_value::ConsumerGroupRegularExpressionValue;
use headwater_protocol::group::consumer_group_target_assignment_member_key::ConsumerGroupTargetAssignmentMemberKey;
use headwater_protocol::group::consumer_group_target_assignment_member_value::ConsumerGroupTargetAssignmentMemberValue;
use headwater_protocol::group::consumer_group_target_assignment_metadata_key::ConsumerGroupTargetAssignmentMetadataKey;
use headwater_protocol::group::consumer_group_target_assignment_metadata_value::ConsumerGroupTargetAssignmentMetadataValue;
use headwater_protocol::group::group_metadata_key::GroupMetadataKey;
use headwater_protocol::group::group_metadata_value::GroupMetadataValue;
use headwater_protocol::group::offset_commit_key::OffsetCommitKey;
use headwater_protocol::group::offset_commit_value::OffsetCommitValue;
use headwater_protocol::group::{RecordKey, RecordValue};
use headwater_protocol::{EncodeError, FrameError};

/// Versions of the values that 4.3.1 writes.
const GROUP_METADATA_VERSION: i16 = 3;
const OFFSET_COMMIT_VERSION: i16 = 4;
/// All records of consumer groups.
const CONSUMER_GROUP_VERSION: i16 = 0;
/// The only version that carries an expiry of its own, which a client before OffsetCommit v5 may ask for.
const OFFSET_COMMIT_EXPIRING_VERSION: i16 = 1;

/// A record that changes a shard. A value of `None` is a tombstone.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupRecord {
    /// A generation of a classic group.
    Group(GroupMetadataKey, Option<GroupMetadataValue>),
    /// A committed offset.
    Offset(OffsetCommitKey, Option<OffsetCommitValue>),
    /// The epoch of a consumer group.
    ConsumerGroup(ConsumerGroupMetadataKey, Option<ConsumerGroupMetadataValue>),
    /// Topics of a consumer group, as they were written before 4.1.
    ConsumerPartitionMetadata(ConsumerGroupPartitionMetadataKey, Option<ConsumerGroupPartitionMetadataValue>),
    /// Who a member of a consumer group is, and what it wants.
    ConsumerMember(ConsumerGroupMemberMetadataKey, Option<ConsumerGroupMemberMetadataValue>),
    /// The epoch of the targets of a consumer group.
    ConsumerTargetEpoch(
        ConsumerGroupTargetAssignmentMetadataKey,
        Option<ConsumerGroupTargetAssignmentMetadataValue>,
    ),
    /// What a member of a consumer group shall have.
    ConsumerTarget(ConsumerGroupTargetAssignmentMemberKey, Option<ConsumerGroupTargetAssignmentMemberValue>),
    /// What a member of a consumer group has.
    ConsumerCurrent(
        ConsumerGroupCurrentMemberAssignmentKey,
        Option<ConsumerGroupCurrentMemberAssignmentValue>,
    ),
    /// What a regular expression of a consumer group matches.
    ConsumerRegex(ConsumerGroupRegularExpressionKey, Option<ConsumerGroupRegularExpressionValue>),
}

impl GroupRecord {
    pub(crate) fn group_tombstone(group: &str) -> Self {
        GroupRecord::Group(GroupMetadataKey { group: group.to_owned() }, None)
    }

    pub(crate) fn offset_tombstone(group: &str, topic: &str, partition: i32) -> Self {
        let key = OffsetCommitKey { group: group.to_owned(), topic: topic.to_owned(), partition };
        GroupRecord::Offset(key, None)
    }

    /// About how many bytes a tombstone takes in a batch.
    pub(crate) fn tombstone_bytes(&self) -> usize {
        /// Lengths, offsets and numbers of a record.
        const OVERHEAD: usize = 40;
        let names = match self {
            GroupRecord::Offset(key, _) => key.group.len() + key.topic.len(),
            GroupRecord::Group(key, _) => key.group.len(),
            // A group's own records are few, and go together.
            _ => 0,
        };
        OVERHEAD + names
    }

    /// The bytes of key and value.
    ///
    /// # Errors
    /// When a string is longer than the format can carry.
    pub fn encode(&self) -> Result<(Vec<u8>, Option<Vec<u8>>), EncodeError> {
        let (key, value): (RecordKey, Option<(RecordValue, i16)>) = match self {
            GroupRecord::Group(key, value) => {
                (key.clone().into(), value.clone().map(|value| (value.into(), GROUP_METADATA_VERSION)))
            }
            GroupRecord::Offset(key, value) => {
                let value = value.clone().map(|value| {
                    let version = match value.expire_timestamp {
                        -1 => OFFSET_COMMIT_VERSION,
                        _ => OFFSET_COMMIT_EXPIRING_VERSION,
                    };
                    (value.into(), version)
                });
                (key.clone().into(), value)
            }
            GroupRecord::ConsumerGroup(key, value) => (key.clone().into(), of_consumer(value)),
            GroupRecord::ConsumerPartitionMetadata(key, value) => (key.clone().into(), of_consumer(value)),
            GroupRecord::ConsumerMember(key, value) => (key.clone().into(), of_consumer(value)),
            GroupRecord::ConsumerTargetEpoch(key, value) => (key.clone().into(), of_consumer(value)),
            GroupRecord::ConsumerTarget(key, value) => (key.clone().into(), of_consumer(value)),
            GroupRecord::ConsumerCurrent(key, value) => (key.clone().into(), of_consumer(value)),
            GroupRecord::ConsumerRegex(key, value) => (key.clone().into(), of_consumer(value)),
        };
        let value = value.map(|(value, version)| value.encode(version)).transpose()?;
        Ok((key.encode()?, value))
    }

    /// Reads a record; `None` for kinds that other machines own or that nobody knows yet.
    ///
    /// # Errors
    /// Bytes that are no such record.
    pub fn decode(key: &[u8], value: Option<&[u8]>) -> Result<Option<Self>, FrameError> {
        let key = match RecordKey::decode(key) {
            Ok(key) => key,
            Err(FrameError::UnknownKey(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let kind = key.key();
        let decoded = |bytes: &[u8]| RecordValue::decode(kind, bytes);
        macro_rules! of_kind {
            ($kind:ident, $record:ident, $key:expr) => {
                match value.map(decoded).transpose()? {
                    Some(RecordValue::$record(value)) => Some(GroupRecord::$kind($key, Some(value))),
                    None => Some(GroupRecord::$kind($key, None)),
                    Some(_) => None,
                }
            };
        }
        Ok(match key {
            RecordKey::GroupMetadata(key) => of_kind!(Group, GroupMetadata, key),
            RecordKey::OffsetCommit(key) => of_kind!(Offset, OffsetCommit, key),
            RecordKey::ConsumerGroupMetadata(key) => {
                of_kind!(ConsumerGroup, ConsumerGroupMetadata, key)
            }
            RecordKey::ConsumerGroupPartitionMetadata(key) => {
                of_kind!(ConsumerPartitionMetadata, ConsumerGroupPartitionMetadata, key)
            }
            RecordKey::ConsumerGroupMemberMetadata(key) => {
                of_kind!(ConsumerMember, ConsumerGroupMemberMetadata, key)
            }
            RecordKey::ConsumerGroupTargetAssignmentMetadata(key) => {
                of_kind!(ConsumerTargetEpoch, ConsumerGroupTargetAssignmentMetadata, key)
            }
            RecordKey::ConsumerGroupTargetAssignmentMember(key) => {
                of_kind!(ConsumerTarget, ConsumerGroupTargetAssignmentMember, key)
            }
            RecordKey::ConsumerGroupCurrentMemberAssignment(key) => {
                of_kind!(ConsumerCurrent, ConsumerGroupCurrentMemberAssignment, key)
            }
            RecordKey::ConsumerGroupRegularExpression(key) => {
                of_kind!(ConsumerRegex, ConsumerGroupRegularExpression, key)
            }
            RecordKey::LegacyOffsetCommit(key) => {
                let key = OffsetCommitKey { group: key.group, topic: key.topic, partition: key.partition };
                match value.map(decoded).transpose()? {
                    Some(RecordValue::LegacyOffsetCommit(value)) => {
                        let value = OffsetCommitValue {
                            offset: value.offset,
                            metadata: value.metadata,
                            commit_timestamp: value.commit_timestamp,
                            ..OffsetCommitValue::default()
                        };
                        Some(GroupRecord::Offset(key, Some(value)))
                    }
                    None => Some(GroupRecord::Offset(key, None)),
                    Some(_) => None,
                }
            }
            _ => None,
        })
    }
}

/// The value of a record of a consumer group.
fn of_consumer<V: Clone + Into<RecordValue>>(value: &Option<V>) -> Option<(RecordValue, i16)> {
    value.clone().map(|value| (value.into(), CONSUMER_GROUP_VERSION))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let key = OffsetCommitKey { group: "g".into(), topic: "t".into(), partition: 3 };
        let plain =
            OffsetCommitValue { offset: 7, leader_epoch: 2, metadata: "m".into(), ..Default::default() };
        let expiring = OffsetCommitValue { expire_timestamp: 99, leader_epoch: -1, ..plain.clone() };
        let records = [
            GroupRecord::Offset(key.clone(), Some(plain)),
            GroupRecord::Offset(key.clone(), Some(expiring)),
            GroupRecord::Offset(key, None),
            GroupRecord::Group(GroupMetadataKey { group: "g".into() }, Some(GroupMetadataValue::default())),
            GroupRecord::group_tombstone("g"),
        ];
        for record in records {
            let (key, value) = record.encode().expect("short strings");
            assert_eq!(GroupRecord::decode(&key, value.as_deref()), Ok(Some(record)));
        }
    }

    #[test]
    fn p14_kinds_of_others_are_passed_over_and_lies_are_refused() {
        assert_eq!(GroupRecord::decode(&[0, 11, 0, 1, b'g'], Some(&[0, 0, 0, 0, 0, 1])), Ok(None));
        assert_eq!(GroupRecord::decode(&[0, 99, 1, 2, 3], None), Ok(None));
        assert!(GroupRecord::decode(&[0, 2, 0, 9, b'g'], None).is_err(), "a length beyond the bytes");
        assert!(GroupRecord::decode(&[0], None).is_err());
        assert!(GroupRecord::decode(&[0, 2, 0, 1, b'g'], Some(&[0, 3, 127])).is_err());
    }
}
