//! DescribeTopicPartitions (key 75), version 0 (KIP-966): topics in pages.
//!
//! Topics come in the order of their names, partitions in the order of their indexes, until the limit is reached; the
//! cursor of the answer says where the next page begins. Names that do not exist come after all others of the page and
//! do not count.

use std::collections::BTreeSet;

use headwater_base::error_code::ErrorCode;
use headwater_base::{NodeId, PartitionIndex};
use headwater_controller::topic_name;
use headwater_metadata::{Image, Partition, TopicImage};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::describe_topic_partitions_request::DescribeTopicPartitionsRequest;
use headwater_protocol::messages::describe_topic_partitions_response::{
    Cursor, DescribeTopicPartitionsResponse, DescribeTopicPartitionsResponsePartition,
    DescribeTopicPartitionsResponseTopic,
};

use super::authorized_operations::TOPIC_OPERATIONS;
use super::metadata::{ids, leader_error, offline};
use super::topic_names::is_internal;
use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::DescribeTopicPartitions, handle };

/// Partitions in one answer (`max.request.partition.size.limit`).
const MAX_PARTITIONS: usize = 2_000;

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: DescribeTopicPartitionsRequest = request.decode(body)?;
    if let Some(cursor) = &message.cursor {
        let listed = |name: &str| message.topics.iter().any(|topic| topic.name == name);
        if cursor.partition_index < 0 || !(message.topics.is_empty() || listed(&cursor.topic_name)) {
            return Ok(request.answerer.now(&refuse(&message)));
        }
    }
    let image = request.broker.image();
    Ok(request.answerer.now(&describe(&image, &request.peer.listener, &message)))
}

/// The answer to a cursor that points nowhere: every topic that was asked for is in error.
fn refuse(request: &DescribeTopicPartitionsRequest) -> DescribeTopicPartitionsResponse {
    let topic = |name: &str| DescribeTopicPartitionsResponseTopic {
        error_code: ErrorCode::InvalidRequest.code(),
        name: Some(name.to_owned()),
        ..DescribeTopicPartitionsResponseTopic::default()
    };
    DescribeTopicPartitionsResponse {
        topics: request.topics.iter().map(|wanted| topic(&wanted.name)).collect(),
        ..DescribeTopicPartitionsResponse::default()
    }
}

fn describe(
    image: &Image,
    listener: &str,
    request: &DescribeTopicPartitionsRequest,
) -> DescribeTopicPartitionsResponse {
    let (from_topic, from_partition) =
        request.cursor.as_ref().map_or(("", 0), |cursor| (&*cursor.topic_name, cursor.partition_index));
    let mut names: BTreeSet<&str> = request.topics.iter().map(|topic| &*topic.name).collect();
    let all = names.is_empty();
    if all {
        names.extend(image.topics.iter_from(from_topic, true).map(|topic| &*topic.name));
    }
    let limit = usize::try_from(request.response_partition_limit).unwrap_or(0).clamp(1, MAX_PARTITIONS);
    let mut page = Page { image, listener, left: limit, topics: Vec::new(), next: None };
    for name in names.into_iter().filter(|name| *name >= from_topic) {
        let first = if name == from_topic { from_partition } else { 0 };
        match image.topics.by_name(name) {
            Some(topic) => page.add(topic, first),
            // A topic that went away between two pages is no error of this one.
            None if !all => page.topics.push(unknown(name)),
            None => {}
        }
        if page.next.is_some() {
            break;
        }
    }
    DescribeTopicPartitionsResponse {
        topics: page.topics,
        next_cursor: page.next,
        ..DescribeTopicPartitionsResponse::default()
    }
}

struct Page<'a> {
    image: &'a Image,
    listener: &'a str,
    left: usize,
    topics: Vec<DescribeTopicPartitionsResponseTopic>,
    next: Option<Cursor>,
}

impl Page<'_> {
    fn add(&mut self, topic: &TopicImage, first: i32) {
        let first = first.max(0);
        if self.left == 0 {
            self.next = Some(Cursor { topic_name: topic.name.to_string(), partition_index: first });
            return;
        }
        let partitions: Vec<_> = topic
            .partitions()
            .filter(|(index, _)| index.0 >= first)
            .take(self.left)
            .map(|(index, partition)| self.partition(index, partition))
            .collect();
        self.left -= partitions.len();
        let next = first + partitions.len() as i32;
        if (next as usize) < topic.partition_count() {
            self.next = Some(Cursor { topic_name: topic.name.to_string(), partition_index: next });
        }
        self.topics.push(DescribeTopicPartitionsResponseTopic {
            name: Some(topic.name.to_string()),
            topic_id: topic.id,
            is_internal: is_internal(&topic.name),
            partitions,
            topic_authorized_operations: TOPIC_OPERATIONS,
            ..DescribeTopicPartitionsResponseTopic::default()
        });
    }

    fn partition(
        &self,
        index: PartitionIndex,
        partition: &Partition,
    ) -> DescribeTopicPartitionsResponsePartition {
        let error = leader_error(partition, self.image, self.listener);
        DescribeTopicPartitionsResponsePartition {
            error_code: error.code(),
            partition_index: index.0,
            leader_id: if error == ErrorCode::None { partition.leader.0 } else { NodeId::NONE.0 },
            leader_epoch: partition.leader_epoch.0,
            replica_nodes: ids(&partition.replicas),
            isr_nodes: ids(&partition.isr),
            eligible_leader_replicas: Some(ids(&partition.eligible_leader_replicas)),
            last_known_elr: Some(ids(&partition.last_known_elr)),
            offline_replicas: offline(partition, self.image, self.listener),
        }
    }
}

fn unknown(name: &str) -> DescribeTopicPartitionsResponseTopic {
    let error = match topic_name::validate(name) {
        Ok(()) => ErrorCode::UnknownTopicOrPartition,
        Err(_) => ErrorCode::InvalidTopicException,
    };
    DescribeTopicPartitionsResponseTopic {
        error_code: error.code(),
        name: Some(name.to_owned()),
        is_internal: is_internal(name),
        topic_authorized_operations: TOPIC_OPERATIONS,
        ..DescribeTopicPartitionsResponseTopic::default()
    }
}
