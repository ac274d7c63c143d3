//! Metadata (key 3), versions 0–13: brokers, topics, and who leads what.
//!
//! v0 an empty list means all topics, since v1 null does · v4 auto-creation can be declined · v5 offline replicas · v7
//! leader epochs · v8 authorized operations · v10 topic ids · v12 topics by id · v13 error code of its own.
//!
//! Differs from Kafka in one point: a topic that is created by being asked for is answered once it is there. Kafka
//! answers UNKNOWN_TOPIC_OR_PARTITION at once and lets the client ask again.

use std::collections::BTreeSet;
use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_base::{NodeId, Uuid};
use headwater_controller::topic_name;
use headwater_metadata::{Image, Partition, TopicImage};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::metadata_request::MetadataRequest;
use headwater_protocol::messages::metadata_response::{
    MetadataResponse, MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};

use super::authorized_operations::{CLUSTER_OPERATIONS, TOPIC_OPERATIONS, UNASKED};
use super::topic_names::is_internal;
use super::{Close, Reply, Request, Row};
use crate::broker::Broker;

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::Metadata, handle };

/// Topics that one request may create by naming them.
const MAX_AUTO_CREATED: usize = 1_000;
/// The first version in which topics can be asked for by id.
const TOPIC_IDS_FROM: i16 = 12;

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: MetadataRequest = request.decode(body)?;
    let image = request.broker.image();
    let missing = missing_topics(request, &message, &image);
    let listener = Arc::clone(&request.peer.listener);
    let version = request.version;
    if missing.is_empty() {
        return Ok(request.answerer.now(&answer(request.broker, &image, &listener, version, &message)));
    }
    let broker = Arc::clone(request.broker);
    Ok(request.answerer.later(async move {
        broker.auto_create(missing).await;
        let image = broker.image();
        answer(&broker, &image, &listener, version, &message)
    }))
}

/// Names that are asked for, do not exist, may exist, and that the client allows to be created.
fn missing_topics(request: &Request<'_>, message: &MetadataRequest, image: &Image) -> Vec<String> {
    if !request.broker.limits.auto_create_topics
        || (request.version >= 4 && !message.allow_auto_topic_creation)
    {
        return Vec::new();
    }
    let Wanted::Names(names) = Wanted::of(message, request.version) else { return Vec::new() };
    let missing: BTreeSet<&str> = names
        .into_iter()
        .filter(|name| image.topics.by_name(name).is_none() && topic_name::validate(name).is_ok())
        .take(MAX_AUTO_CREATED)
        .collect();
    missing.into_iter().filter(|name| !is_internal(name)).map(str::to_owned).collect()
}

fn answer(
    broker: &Broker,
    image: &Image,
    listener: &str,
    version: i16,
    message: &MetadataRequest,
) -> MetadataResponse {
    let operations = |asked: bool, all: i32| if asked { all } else { UNASKED };
    let topic_operations = operations(message.include_topic_authorized_operations, TOPIC_OPERATIONS);
    let found = |topic: &Arc<TopicImage>| topic_answer(topic, image, listener, topic_operations);
    let topics = match Wanted::of(message, version) {
        Wanted::All => image.topics.iter().map(found).collect(),
        Wanted::Names(names) => names
            .into_iter()
            .map(|name| {
                // Kafka tells what the client may do with a topic also of one that is not there.
                let missing = || MetadataResponseTopic {
                    topic_authorized_operations: topic_operations,
                    ..missing_name(name)
                };
                image.topics.by_name(name).map_or_else(missing, found)
            })
            .collect(),
        Wanted::Ids(ids) => {
            ids.into_iter().map(|id| image.topics.by_id(id).map_or_else(|| missing_id(id), found)).collect()
        }
        Wanted::Invalid => return invalid(message),
    };
    MetadataResponse {
        brokers: brokers(image, listener),
        cluster_id: Some(broker.cluster_id.clone()),
        controller_id: broker.node_id.0,
        topics,
        cluster_authorized_operations: operations(
            message.include_cluster_authorized_operations,
            CLUSTER_OPERATIONS,
        ),
        ..MetadataResponse::default()
    }
}

/// Which topics a request is about.
enum Wanted<'a> {
    All,
    Names(BTreeSet<&'a str>),
    Ids(BTreeSet<Uuid>),
    /// Ids, or null as a name, in a version that cannot carry them in its answer.
    Invalid,
}

impl<'a> Wanted<'a> {
    /// One id in the request makes all of it a request by ids, in which names do not count: the Java client sends an
    /// empty name beside the id.
    fn of(message: &'a MetadataRequest, version: i16) -> Self {
        let Some(topics) = &message.topics else { return Wanted::All };
        if version == 0 && topics.is_empty() {
            return Wanted::All;
        }
        let ids: BTreeSet<Uuid> =
            topics.iter().map(|topic| topic.topic_id).filter(|id| *id != Uuid::ZERO).collect();
        if version < TOPIC_IDS_FROM && (!ids.is_empty() || topics.iter().any(|topic| topic.name.is_none())) {
            return Wanted::Invalid;
        }
        if ids.is_empty() {
            Wanted::Names(topics.iter().filter_map(|topic| topic.name.as_deref()).collect())
        } else {
            Wanted::Ids(ids)
        }
    }
}

/// Every topic that was named gets the same error.
fn invalid(message: &MetadataRequest) -> MetadataResponse {
    let named = message.topics.iter().flatten();
    let refused = named.map(|topic| MetadataResponseTopic {
        error_code: ErrorCode::InvalidRequest.code(),
        name: Some(topic.name.clone().unwrap_or_default()),
        topic_id: topic.topic_id,
        ..MetadataResponseTopic::default()
    });
    MetadataResponse {
        topics: refused.collect(),
        error_code: ErrorCode::InvalidRequest.code(),
        ..MetadataResponse::default()
    }
}

fn missing_name(name: &str) -> MetadataResponseTopic {
    let error = match topic_name::validate(name) {
        Ok(()) => ErrorCode::UnknownTopicOrPartition,
        Err(_) => ErrorCode::InvalidTopicException,
    };
    MetadataResponseTopic {
        error_code: error.code(),
        name: Some(name.to_owned()),
        is_internal: is_internal(name),
        ..MetadataResponseTopic::default()
    }
}

fn missing_id(topic_id: Uuid) -> MetadataResponseTopic {
    MetadataResponseTopic {
        error_code: ErrorCode::UnknownTopicId.code(),
        name: None,
        topic_id,
        ..MetadataResponseTopic::default()
    }
}

fn brokers(image: &Image, listener: &str) -> Vec<MetadataResponseBroker> {
    let active = image.cluster.brokers().filter(|broker| !broker.fenced);
    let endpoints = active.filter_map(|broker| Some((broker, broker.listeners.get(listener)?)));
    endpoints
        .map(|(broker, endpoint)| MetadataResponseBroker {
            node_id: broker.id.0,
            host: endpoint.host.clone(),
            port: i32::from(endpoint.port),
            rack: broker.rack.clone(),
        })
        .collect()
}

fn topic_answer(
    topic: &Arc<TopicImage>,
    image: &Image,
    listener: &str,
    topic_authorized_operations: i32,
) -> MetadataResponseTopic {
    MetadataResponseTopic {
        error_code: 0,
        name: Some(topic.name.to_string()),
        topic_id: topic.id,
        is_internal: is_internal(&topic.name),
        partitions: topic
            .partitions()
            .map(|(index, partition)| partition_answer(index.0, partition, image, listener))
            .collect(),
        topic_authorized_operations,
    }
}

fn partition_answer(
    partition_index: i32,
    partition: &Partition,
    image: &Image,
    listener: &str,
) -> MetadataResponsePartition {
    let error = leader_error(partition, image, listener);
    MetadataResponsePartition {
        error_code: error.code(),
        partition_index,
        leader_id: if error == ErrorCode::None { partition.leader.0 } else { NodeId::NONE.0 },
        leader_epoch: partition.leader_epoch.0,
        replica_nodes: ids(&partition.replicas),
        isr_nodes: ids(&partition.isr),
        offline_replicas: offline(partition, image, listener),
    }
}

/// Whether a client of this listener can reach the leader.
pub(super) fn leader_error(partition: &Partition, image: &Image, listener: &str) -> ErrorCode {
    let leader = image.cluster.broker(partition.leader).filter(|broker| !broker.fenced);
    match leader {
        None => ErrorCode::LeaderNotAvailable,
        Some(broker) if !broker.listeners.contains_key(listener) => ErrorCode::ListenerNotFound,
        Some(_) => ErrorCode::None,
    }
}

/// Replicas that a client of this listener cannot reach.
pub(super) fn offline(partition: &Partition, image: &Image, listener: &str) -> Vec<i32> {
    let online = |id: &NodeId| {
        image.cluster.broker(*id).is_some_and(|broker| {
            let in_online_directory =
                partition.directory(*id).is_none_or(|directory| broker.has_online_directory(directory));
            !broker.fenced && broker.listeners.contains_key(listener) && in_online_directory
        })
    };
    partition.replicas.iter().filter(|id| !online(id)).map(|id| id.0).collect()
}

/// Node ids as the wire has them.
pub(super) fn ids(nodes: &[NodeId]) -> Vec<i32> {
    nodes.iter().map(|id| id.0).collect()
}
