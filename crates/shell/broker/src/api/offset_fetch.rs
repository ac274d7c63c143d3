//! OffsetFetch (key 9), versions 1–10: what groups have committed.
//!
//! v2 all topics, and an error for the group · v5 leader epochs · v7 stable offsets alone · v8 many groups · v9 member
//! epochs (KIP-848) · v10 topic ids.

use std::sync::Arc;

use headwater_base::Uuid;
use headwater_base::error_code::ErrorCode;
use headwater_group::{Answer, Input};
use headwater_metadata::Image;
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::offset_fetch_request::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use headwater_protocol::messages::offset_fetch_response::{
    OffsetFetchResponse, OffsetFetchResponseGroup, OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions, OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};

use super::{Close, Reply, Request, Row};
use crate::broker::Broker;

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::OffsetFetch, handle };

/// The first version with an error for the group as a whole.
const GROUP_ERROR_FROM: i16 = 2;
/// The first version with many groups.
const GROUPS_FROM: i16 = 8;
/// The first version whose topics come as ids.
const TOPIC_IDS_FROM: i16 = 10;

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: OffsetFetchRequest = request.decode(body)?;
    let (broker, version) = (Arc::clone(request.broker), request.version);
    let stable = message.require_stable;
    let groups = if version >= GROUPS_FROM { message.groups } else { vec![only_group(message)] };
    let asked: Vec<_> = groups.into_iter().map(|group| ask(&broker, version, group, stable)).collect();
    Ok(request.answerer.later(async move {
        let mut answers = Vec::new();
        for one in asked {
            answers.push(one.await);
        }
        if version >= GROUPS_FROM {
            return OffsetFetchResponse { groups: answers, ..OffsetFetchResponse::default() };
        }
        answers.pop().map(|answer| flat(version, answer)).unwrap_or_default()
    }))
}

/// The one group of a request before version 8.
fn only_group(message: OffsetFetchRequest) -> OffsetFetchRequestGroup {
    let topics = message.topics.map(|topics| {
        let topic = |topic: headwater_protocol::messages::offset_fetch_request::OffsetFetchRequestTopic| {
            OffsetFetchRequestTopics {
                name: topic.name,
                partition_indexes: topic.partition_indexes,
                ..OffsetFetchRequestTopics::default()
            }
        };
        topics.into_iter().map(topic).collect()
    });
    OffsetFetchRequestGroup { group_id: message.group_id, topics, ..OffsetFetchRequestGroup::default() }
}

/// Asks one group's coordinator.
fn ask(
    broker: &Arc<Broker>,
    version: i16,
    mut group: OffsetFetchRequestGroup,
    stable: bool,
) -> impl Future<Output = OffsetFetchResponseGroup> + 'static + use<> {
    let by_id = version >= TOPIC_IDS_FROM;
    let image = broker.image();
    let unknown = if by_id { resolve(&image, &mut group) } else { Vec::new() };
    let (group_id, wanted) = (group.group_id.clone(), group.topics.clone());
    let asked = broker.groups.ask(&group_id, Input::FetchOffsets(group, stable));
    let broker = Arc::clone(broker);
    async move {
        let mut answer = match asked.await {
            Ok(Answer::FetchOffsets(answer)) => answer,
            Ok(other) => unreachable!("OffsetFetch was answered with {other:?}"),
            Err(error) => refused(version, group_id, wanted.as_deref(), error),
        };
        if by_id && answer.error_code == 0 {
            name_by_id(&broker.image(), &mut answer);
        }
        answer.topics.extend(unknown);
        answer
    }
}

/// Gives topics their names; takes those out that do not exist.
fn resolve(image: &Image, group: &mut OffsetFetchRequestGroup) -> Vec<OffsetFetchResponseTopics> {
    let mut unknown = Vec::new();
    if let Some(topics) = &mut group.topics {
        topics.retain_mut(|topic| match image.topics.by_id(topic.topic_id) {
            Some(known) => {
                topic.name = known.name.to_string();
                true
            }
            None => {
                unknown.push(without_offsets(topic, ErrorCode::UnknownTopicId));
                false
            }
        });
    }
    unknown
}

/// Topics of all that a group has committed need their ids; of those that are deleted meanwhile nothing is told.
fn name_by_id(image: &Image, answer: &mut OffsetFetchResponseGroup) {
    answer.topics.retain_mut(|topic| {
        if topic.topic_id == Uuid::ZERO {
            let Some(known) = image.topics.by_name(&topic.name) else { return false };
            topic.topic_id = known.id;
        }
        true
    });
}

/// Before version 2 only partitions can carry an error.
fn refused(
    version: i16,
    group_id: String,
    wanted: Option<&[OffsetFetchRequestTopics]>,
    error: ErrorCode,
) -> OffsetFetchResponseGroup {
    let topics = if version < GROUP_ERROR_FROM {
        wanted.unwrap_or_default().iter().map(|topic| without_offsets(topic, error)).collect()
    } else {
        Vec::new()
    };
    OffsetFetchResponseGroup { group_id, topics, error_code: error.code() }
}

fn without_offsets(topic: &OffsetFetchRequestTopics, error: ErrorCode) -> OffsetFetchResponseTopics {
    let partitions = topic.partition_indexes.iter().map(|index| OffsetFetchResponsePartitions {
        partition_index: *index,
        committed_offset: -1,
        committed_leader_epoch: -1,
        metadata: Some(String::new()),
        error_code: error.code(),
    });
    OffsetFetchResponseTopics {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partitions: partitions.collect(),
    }
}

/// The form of before version 8.
fn flat(version: i16, answer: OffsetFetchResponseGroup) -> OffsetFetchResponse {
    let topics = answer.topics.into_iter().map(|topic| OffsetFetchResponseTopic {
        name: topic.name,
        partitions: topic
            .partitions
            .into_iter()
            .map(|partition| OffsetFetchResponsePartition {
                partition_index: partition.partition_index,
                committed_offset: partition.committed_offset,
                committed_leader_epoch: partition.committed_leader_epoch,
                metadata: partition.metadata,
                error_code: partition.error_code,
            })
            .collect(),
    });
    let error_code = if version >= GROUP_ERROR_FROM { answer.error_code } else { 0 };
    OffsetFetchResponse { topics: topics.collect(), error_code, ..OffsetFetchResponse::default() }
}
