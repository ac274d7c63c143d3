//! OffsetForLeaderEpoch (key 23), versions 2–4: where an epoch ended, so that a reader finds out what of his records
//! a change of leaders took back (KIP-101, KIP-279, KIP-320).
//!
//! v3 replica id · v4 flexible.

use headwater_base::LeaderEpoch;
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition,
};
use headwater_protocol::messages::offset_for_leader_epoch_response::{
    EpochEndOffset, OffsetForLeaderEpochResponse, OffsetForLeaderTopicResult,
};

use super::{Close, Reply, Request, Row};
use crate::broker::Broker;

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::OffsetForLeaderEpoch, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: OffsetForLeaderEpochRequest = request.decode(body)?;
    let topics = message
        .topics
        .into_iter()
        .map(|topic| OffsetForLeaderTopicResult {
            partitions: topic
                .partitions
                .iter()
                .map(|wanted| find(request.broker, &topic.topic, wanted))
                .collect(),
            topic: topic.topic,
        })
        .collect();
    Ok(request
        .answerer
        .now(&OffsetForLeaderEpochResponse { topics, ..OffsetForLeaderEpochResponse::default() }))
}

fn find(broker: &Broker, topic: &str, wanted: &OffsetForLeaderPartition) -> EpochEndOffset {
    let found = broker.partition(topic, wanted.partition).and_then(|partition| {
        let (client, epoch) = (LeaderEpoch(wanted.current_leader_epoch), LeaderEpoch(wanted.leader_epoch));
        partition.end_offset_for_epoch(client, epoch)
    });
    let answer = EpochEndOffset { partition: wanted.partition, ..EpochEndOffset::default() };
    match found {
        Ok((epoch, end)) => EpochEndOffset { leader_epoch: epoch.0, end_offset: end.0, ..answer },
        Err(error) => EpochEndOffset { error_code: error.code(), ..answer },
    }
}
