//! OffsetCommit (key 8): by a member of a group, or by somebody who assigns himself (`commitOffset`).
//!
//! Who commits is heard of. Nothing is promised before the records are committed; an offset whose metadata is too long
//! fails alone.

use std::sync::Arc;

use headwater_base::Uuid;
use headwater_base::error_code::ErrorCode;
use headwater_protocol::group::offset_commit_key::OffsetCommitKey;
use headwater_protocol::group::offset_commit_value::OffsetCommitValue;
use headwater_protocol::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition,
};
use headwater_protocol::messages::offset_commit_response::{
    OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};

use crate::classic::{ClassicGroup, ClassicState};
use crate::consumer::{ConsumerGroup, PartitionEpochs};
use crate::decide::{Answer, Context, Decision, Soft, Ticket};
use crate::record::GroupRecord;
use crate::state::{Group, Shard};
use crate::timers::TimerKey;

/// From here on a group that does not exist is called so.
const GROUP_ID_NOT_FOUND_FROM: i16 = 9;

/// The first version in which members of a consumer group commit.
const CONSUMERS_FROM: i16 = 9;

/// What a client says that has no wish of its own for how long its offsets live.
const DEFAULT_RETENTION: i64 = -1;

impl Shard {
    pub(crate) fn commit_offsets(
        &self,
        context: &Context<'_>,
        ticket: Ticket,
        request: &OffsetCommitRequest,
        version: i16,
    ) -> Decision {
        let heard = match self.may_commit(context, request, version) {
            Ok(heard) => heard,
            Err(error) => return Decision::answer(ticket, Answer::CommitOffsets(refused(request, error))),
        };
        let mut records = Vec::new();
        let topics = request
            .topics
            .iter()
            .map(|topic| OffsetCommitResponseTopic {
                name: topic.name.clone(),
                topic_id: topic.topic_id,
                partitions: topic
                    .partitions
                    .iter()
                    .map(|partition| {
                        let error = check_metadata(context, partition);
                        if error == ErrorCode::None {
                            let key = OffsetCommitKey {
                                group: request.group_id.clone(),
                                topic: topic.name.clone(),
                                partition: partition.partition_index,
                            };
                            let mut value = value(context, request, partition);
                            value.topic_id = topic.topic_id;
                            records.push(GroupRecord::Offset(key, Some(value)));
                        }
                        answer_for(partition, error)
                    })
                    .collect(),
            })
            .collect();
        let answer = OffsetCommitResponse { topics, ..OffsetCommitResponse::default() };
        let soft = heard.into_iter().collect();
        Decision { records, soft, ..Decision::answer(ticket, Answer::CommitOffsets(answer)) }
    }

    /// Whether this request may commit; and who was heard of by it.
    fn may_commit(
        &self,
        context: &Context<'_>,
        request: &OffsetCommitRequest,
        version: i16,
    ) -> Result<Option<Soft>, ErrorCode> {
        let generation = request.generation_id_or_member_epoch;
        let Some(group) = self.groups.get(request.group_id.as_str()) else {
            // Nobody's member: a group for its offsets alone.
            return match generation {
                ..0 => Ok(None),
                _ if version >= GROUP_ID_NOT_FOUND_FROM => Err(ErrorCode::GroupIdNotFound),
                _ => Err(ErrorCode::IllegalGeneration),
            };
        };
        let group = match group {
            Group::Classic(group) => group,
            Group::Consumer(group) => return check_consumer(context, group, request, version).map(|()| None),
        };
        check_member(group, request)?;
        let sessions_run = matches!(group.state, ClassicState::Stable | ClassicState::PreparingRebalance);
        let member = group.members.get(request.member_id.as_str()).filter(|_| sessions_run);
        Ok(member.map(|member| {
            let key = TimerKey::Member(Arc::clone(&group.id), Arc::clone(&member.id));
            Soft::Timer(key, Some(context.now_ms.saturating_add(i64::from(member.session_timeout_ms))))
        }))
    }
}

/// `ConsumerGroup.validateOffsetCommit`. A member commits in its epoch; in an earlier one too, but only for partitions
/// that it has had ever since (KIP-1251).
fn check_consumer(
    context: &Context<'_>,
    group: &ConsumerGroup,
    request: &OffsetCommitRequest,
    version: i16,
) -> Result<(), ErrorCode> {
    let epoch = request.generation_id_or_member_epoch;
    if epoch < 0 && group.members.is_empty() {
        return Ok(());
    }
    let member = group.members.get(request.member_id.as_str()).ok_or(ErrorCode::UnknownMemberId)?;
    let stale = match member.classic {
        Some(_) => ErrorCode::IllegalGeneration,
        None if version < CONSUMERS_FROM => return Err(ErrorCode::UnsupportedVersion),
        None => ErrorCode::StaleMemberEpoch,
    };
    if epoch == member.epoch {
        return Ok(());
    }
    if epoch > member.epoch {
        return Err(stale);
    }
    let had_since = |topic: Uuid, partition: i32| {
        let epoch = |of: &PartitionEpochs| of.get(&topic).and_then(|of| of.get(&partition)).copied();
        epoch(&member.assigned)
            .or_else(|| epoch(&member.revoking))
            .is_some_and(|since| request.generation_id_or_member_epoch >= since)
    };
    let all = request.topics.iter().all(|topic| {
        let partitions = topic.partitions.iter();
        // What cannot be committed anyway is not looked at.
        let mut partitions =
            partitions.filter(|partition| check_metadata(context, partition) == ErrorCode::None);
        partitions.all(|partition| had_since(topic.topic_id, partition.partition_index))
    });
    if all { Ok(()) } else { Err(stale) }
}

/// `ClassicGroup.validateOffsetCommit`.
fn check_member(group: &ClassicGroup, request: &OffsetCommitRequest) -> Result<(), ErrorCode> {
    let (generation, instance) =
        (request.generation_id_or_member_epoch, request.group_instance_id.as_deref());
    if generation < 0 && group.state == ClassicState::Empty {
        return Ok(());
    }
    if generation < 0 && request.member_id.is_empty() && instance.is_none() {
        return Err(ErrorCode::UnknownMemberId);
    }
    group.known(&request.member_id, instance)?;
    if generation != group.generation {
        return Err(ErrorCode::IllegalGeneration);
    }
    match group.state {
        ClassicState::CompletingRebalance => Err(ErrorCode::RebalanceInProgress),
        _ => Ok(()),
    }
}

fn check_metadata(context: &Context<'_>, partition: &OffsetCommitRequestPartition) -> ErrorCode {
    let length = partition.committed_metadata.as_deref().map_or(0, |text| text.encode_utf16().count());
    if length > context.config.offset_metadata_max {
        ErrorCode::OffsetMetadataTooLarge
    } else {
        ErrorCode::None
    }
}

fn value(
    context: &Context<'_>,
    request: &OffsetCommitRequest,
    partition: &OffsetCommitRequestPartition,
) -> OffsetCommitValue {
    let expire_timestamp = match request.retention_time_ms {
        DEFAULT_RETENTION => -1,
        retention_ms => context.wall_ms.saturating_add(retention_ms),
    };
    OffsetCommitValue {
        offset: partition.committed_offset,
        leader_epoch: partition.committed_leader_epoch,
        metadata: partition.committed_metadata.clone().unwrap_or_default(),
        commit_timestamp: context.wall_ms,
        expire_timestamp,
        ..OffsetCommitValue::default()
    }
}

fn answer_for(partition: &OffsetCommitRequestPartition, error: ErrorCode) -> OffsetCommitResponsePartition {
    OffsetCommitResponsePartition { partition_index: partition.partition_index, error_code: error.code() }
}

/// The same error for each partition: the response has no other place for it.
fn refused(request: &OffsetCommitRequest, error: ErrorCode) -> OffsetCommitResponse {
    let topics = request.topics.iter().map(|topic| OffsetCommitResponseTopic {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partitions: topic.partitions.iter().map(|partition| answer_for(partition, error)).collect(),
    });
    OffsetCommitResponse { topics: topics.collect(), ..OffsetCommitResponse::default() }
}
