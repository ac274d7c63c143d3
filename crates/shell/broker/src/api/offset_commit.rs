//! OffsetCommit (key 8), versions 2–10.
//!
//! v2–v4 a retention time of the client's · v6 leader epochs · v7 static members · v9 member epochs (KIP-848) · v10 topic
//! ids.
//!
//! What does not exist is refused here, partition by partition; the rest goes to the group's coordinator and is
//! answered when it is committed.

use std::sync::Arc;
use std::time::Duration;

use headwater_base::error_code::ErrorCode;
use headwater_group::{Answer, Input};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::offset_commit_request::{OffsetCommitRequest, OffsetCommitRequestTopic};
use headwater_protocol::messages::offset_commit_response::{
    OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};

use super::{Close, Reply, Request, Row};
use crate::broker::Broker;

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::OffsetCommit, handle };

/// The first version whose topics come as ids.
const TOPIC_IDS_FROM: i16 = 10;

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let mut message: OffsetCommitRequest = request.decode(body)?;
    let version = request.version;
    let refused = take_unknown(request.broker, version, &mut message);
    if message.topics.is_empty() {
        let answer = OffsetCommitResponse { topics: refused, ..OffsetCommitResponse::default() };
        return Ok(request.answerer.now(&answer));
    }
    let (broker, group, asked_for) =
        (Arc::clone(request.broker), message.group_id.clone(), message.topics.clone());
    let asked = broker.groups.ask(&group, Input::CommitOffsets(message, version));
    Ok(request.answerer.later(async move {
        let patience = Duration::from_millis(broker.config.current().groups().offsets_commit_timeout_ms);
        let outcome = broker.runtime.timeout(patience, asked).await;
        let answer = match outcome.unwrap_or(Err(ErrorCode::CoordinatorNotAvailable)) {
            Ok(Answer::CommitOffsets(answer)) => answer.topics,
            Ok(other) => unreachable!("OffsetCommit was answered with {other:?}"),
            Err(error) => asked_for.iter().map(|topic| refuse(topic, error)).collect(),
        };
        OffsetCommitResponse { topics: merged(refused, answer), ..OffsetCommitResponse::default() }
    }))
}

/// Takes topics and partitions out that do not exist; topics that are left have both a name and an id.
fn take_unknown(
    broker: &Broker,
    version: i16,
    message: &mut OffsetCommitRequest,
) -> Vec<OffsetCommitResponseTopic> {
    let image = broker.image();
    let mut refused = Vec::new();
    message.topics.retain_mut(|topic| {
        let by_id = version >= TOPIC_IDS_FROM;
        let known =
            if by_id { image.topics.by_id(topic.topic_id) } else { image.topics.by_name(&topic.name) };
        let Some(known) = known else {
            let error = if by_id { ErrorCode::UnknownTopicId } else { ErrorCode::UnknownTopicOrPartition };
            refused.push(refuse(topic, error));
            return false;
        };
        topic.name = known.name.to_string();
        // A client that named it by name means this one, and the record says so.
        topic.topic_id = known.id;
        let exists = |index: i32| usize::try_from(index).is_ok_and(|index| index < known.partition_count());
        let mut strange = topic.clone();
        strange.partitions.retain(|partition| !exists(partition.partition_index));
        topic.partitions.retain(|partition| exists(partition.partition_index));
        if !strange.partitions.is_empty() {
            refused.push(refuse(&strange, ErrorCode::UnknownTopicOrPartition));
        }
        !topic.partitions.is_empty()
    });
    refused
}

/// One entry for each topic, with what was refused before.
fn merged(
    mut topics: Vec<OffsetCommitResponseTopic>,
    answered: Vec<OffsetCommitResponseTopic>,
) -> Vec<OffsetCommitResponseTopic> {
    for answer in answered {
        let same = |topic: &&mut OffsetCommitResponseTopic| {
            topic.name == answer.name && topic.topic_id == answer.topic_id
        };
        match topics.iter_mut().find(same) {
            Some(topic) => topic.partitions.extend(answer.partitions),
            None => topics.push(answer),
        }
    }
    topics
}

fn refuse(topic: &OffsetCommitRequestTopic, error: ErrorCode) -> OffsetCommitResponseTopic {
    let partitions = topic.partitions.iter().map(|partition| OffsetCommitResponsePartition {
        partition_index: partition.partition_index,
        error_code: error.code(),
    });
    OffsetCommitResponseTopic {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partitions: partitions.collect(),
    }
}
