//! DescribeProducers (key 61), version 0: who writes to a partition, and which transactions are open (KIP-664).

use headwater_base::error_code::ErrorCode;
use headwater_controller::topic_name;
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::describe_producers_request::DescribeProducersRequest;
use headwater_protocol::messages::describe_producers_response::{
    DescribeProducersResponse, PartitionResponse, ProducerState, TopicResponse,
};

use super::{Close, Reply, Request, Row};
use crate::broker::Broker;

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::DescribeProducers, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: DescribeProducersRequest = request.decode(body)?;
    let broker = request.broker;
    let topics = message.topics.into_iter().map(|topic| {
        let wrong = wrong_topic(broker, &topic.name);
        let partitions = topic.partition_indexes.iter().map(|index| match &wrong {
            Some((code, why)) => PartitionResponse {
                partition_index: *index,
                error_code: code.code(),
                error_message: Some(why.clone()),
                ..PartitionResponse::default()
            },
            None => describe(broker, &topic.name, *index),
        });
        TopicResponse { partitions: partitions.collect(), name: topic.name }
    });
    let topics = topics.collect();
    Ok(request.answerer.now(&DescribeProducersResponse { topics, ..DescribeProducersResponse::default() }))
}

fn wrong_topic(broker: &Broker, name: &str) -> Option<(ErrorCode, String)> {
    if let Err(why) = topic_name::validate(name) {
        return Some((ErrorCode::InvalidTopicException, why));
    }
    let unknown = ErrorCode::UnknownTopicOrPartition;
    broker.partitions.topic(name).is_none().then(|| (unknown, unknown.message().to_owned()))
}

fn describe(broker: &Broker, topic: &str, index: i32) -> PartitionResponse {
    let answer = PartitionResponse { partition_index: index, ..PartitionResponse::default() };
    let producers = broker.partition(topic, index).and_then(|partition| {
        partition.with_producers(|producers| {
            let state = producers.iter().map(|(id, entry)| ProducerState {
                producer_id: id.0,
                producer_epoch: i32::from(entry.epoch.0),
                last_sequence: entry.last_sequence(),
                last_timestamp: entry.last_timestamp,
                coordinator_epoch: entry.coordinator_epoch,
                current_txn_start_offset: entry.transaction_first_offset.map_or(-1, |offset| offset.0),
            });
            state.collect()
        })
    });
    match producers {
        Ok(active_producers) => PartitionResponse { active_producers, ..answer },
        Err(error) => PartitionResponse { error_code: error.code(), ..answer },
    }
}
