//! OffsetCommit (key 8), versions 2–10.
//!
//! v2–v4 a retention time of the client's · v6 leader epochs · v7 static members · v9 member epochs (KIP-848) · v10 topic
//! ids.
//!
//! Topics that do not exist are refused here, partition by partition; the rest goes to the group's coordinator and is
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
        let topics = refused.into_iter().chain(answer).collect();
        OffsetCommitResponse { topics, ..OffsetCommitResponse::default() }
    }))
}

/// Takes topics out that do not exist; those that are left have both a name and, if the client gave one, an id.
fn take_unknown(
    broker: &Broker,
    version: i16,
    message: &mut OffsetCommitRequest,
) -> Vec<OffsetCommitResponseTopic> {
    let image = broker.image();
    let mut refused = Vec::new();
    message.topics.retain_mut(|topic| {
        let error = if version >= TOPIC_IDS_FROM {
            if let Some(known) = image.topics.by_id(topic.topic_id) {
                topic.name = known.name.to_string();
                return true;
            }
            ErrorCode::UnknownTopicId
        } else {
            if image.topics.by_name(&topic.name).is_some() {
                return true;
            }
            ErrorCode::UnknownTopicOrPartition
        };
        refused.push(refuse(topic, error));
        false
    });
    refused
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
