//! ListOffsets (key 2), versions 1–11.
//!
//! v2 isolation level · v4 epochs · v7 max timestamp (−3) · v8 earliest local (−4) · v9 last tiered (−5) · v11 earliest
//! pending upload (−6).
//!
//! Differs from Kafka in one point: the latest offset (−1) waits, at most [`SYNC_WAIT`], for records that only wait for
//! a sync, so that whoever was answered at acks=1 finds his record.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use headwater_base::error_code::ErrorCode;
use headwater_base::{LeaderEpoch, Offset};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest};
use headwater_protocol::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsResponse, ListOffsetsTopicResponse,
};
use headwater_runtime::Runtime;

use super::{Close, Reply, Request, Row};
use crate::partition::table::PartitionTable;
use crate::partition::{FetchBound, Partition};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::ListOffsets, handle };

/// How long the latest offset waits for a sync.
pub const SYNC_WAIT: Duration = Duration::from_secs(1);

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3;
const EARLIEST_LOCAL: i64 = -4;
const LATEST_TIERED: i64 = -5;
const EARLIEST_PENDING_UPLOAD: i64 = -6;

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: ListOffsetsRequest = request.decode(body)?;
    let broker = Arc::clone(request.broker);
    let version = request.version;
    if !(0..=1).contains(&message.isolation_level) {
        let refused = |_: &str, _: &_| Err(ErrorCode::UnknownServerError);
        return Ok(request.answerer.now(&answers(version, &message, refused)));
    }
    Ok(request.answerer.later(async move {
        let bound =
            if message.isolation_level == 1 { FetchBound::LastStable } else { FetchBound::HighWatermark };
        wait_for_syncs(&broker.runtime, &broker.partitions, &message).await;
        answers(version, &message, |topic, wanted| {
            let partition = broker.partition(topic, wanted.partition_index)?;
            find(version, &partition, wanted, bound)
        })
    }))
}

/// The answer with what `find` gives for each partition: each topic once, and each partition once; one that is asked
/// for twice is in error.
fn answers(
    version: i16,
    request: &ListOffsetsRequest,
    find: impl Fn(&str, &ListOffsetsPartition) -> Result<Found, ErrorCode>,
) -> ListOffsetsResponse {
    let mut places: BTreeMap<&str, (usize, BTreeMap<i32, usize>)> = BTreeMap::new();
    let mut topics: Vec<ListOffsetsTopicResponse> = Vec::new();
    for topic in &request.topics {
        let (place, partitions) = places.entry(&topic.name).or_insert_with(|| {
            topics.push(ListOffsetsTopicResponse { name: topic.name.clone(), partitions: Vec::new() });
            (topics.len() - 1, BTreeMap::new())
        });
        let answered = &mut topics[*place].partitions;
        for wanted in &topic.partitions {
            match partitions.entry(wanted.partition_index) {
                Entry::Vacant(free) => {
                    free.insert(answered.len());
                    answered.push(answer(version, wanted, find(&topic.name, wanted)));
                }
                Entry::Occupied(taken) => {
                    answered[*taken.get()] = answer(version, wanted, Err(ErrorCode::InvalidRequest));
                }
            }
        }
    }
    ListOffsetsResponse { topics, ..ListOffsetsResponse::default() }
}

async fn wait_for_syncs(runtime: &Runtime, table: &PartitionTable, request: &ListOffsetsRequest) {
    let mut tickets = Vec::new();
    for topic in &request.topics {
        let Some(partitions) = table.topic(&topic.name) else { continue };
        for wanted in topic.partitions.iter().filter(|wanted| wanted.timestamp == LATEST) {
            let index = usize::try_from(wanted.partition_index).unwrap_or(usize::MAX);
            if let Some(Some(partition)) = partitions.partitions.get(index) {
                tickets.extend(partition.wait_for_end());
            }
        }
    }
    if tickets.is_empty() {
        return;
    }
    let all = async {
        for ticket in tickets {
            // A partition that closed meanwhile says so itself when it is asked for its offsets.
            let _ = ticket.await;
        }
    };
    let _ = runtime.timeout(SYNC_WAIT, all).await;
}

fn answer(
    version: i16,
    wanted: &ListOffsetsPartition,
    found: Result<Found, ErrorCode>,
) -> ListOffsetsPartitionResponse {
    let answer = ListOffsetsPartitionResponse {
        partition_index: wanted.partition_index,
        ..ListOffsetsPartitionResponse::default()
    };
    match found {
        Ok(Found { offset, timestamp, leader_epoch }) => ListOffsetsPartitionResponse {
            offset: offset.0,
            timestamp,
            leader_epoch: if version >= 4 { leader_epoch.0 } else { -1 },
            ..answer
        },
        Err(error) => ListOffsetsPartitionResponse { error_code: error.code(), ..answer },
    }
}

struct Found {
    offset: Offset,
    timestamp: i64,
    leader_epoch: LeaderEpoch,
}

impl Found {
    const NOTHING: Found = Found { offset: Offset::NONE, timestamp: -1, leader_epoch: LeaderEpoch::NONE };
}

fn find(
    version: i16,
    partition: &Partition,
    wanted: &ListOffsetsPartition,
    bound: FetchBound,
) -> Result<Found, ErrorCode> {
    let offsets = partition.offsets(LeaderEpoch(wanted.current_leader_epoch))?;
    let visible = match bound {
        FetchBound::HighWatermark => offsets.high_watermark,
        FetchBound::LastStable => offsets.last_stable,
    };
    let at = |offset: Offset, leader_epoch| Ok(Found { offset, timestamp: -1, leader_epoch });
    match (wanted.timestamp, version) {
        (LATEST, _) => at(visible, partition.leader_epoch()),
        (EARLIEST, _) | (EARLIEST_LOCAL, 8..) => {
            // An epoch starts where the log ends, also before there is a record of it.
            let epoch = if offsets.log_start == offsets.log_end {
                partition.leader_epoch()
            } else {
                partition.epoch_for_offset(offsets.log_start)
            };
            at(offsets.log_start, epoch)
        }
        (MAX_TIMESTAMP, 7..) => visible_one(partition.max_timestamp()?, visible),
        // Without tiered storage nothing is tiered and nothing waits to be.
        (LATEST_TIERED, 9..) | (EARLIEST_PENDING_UPLOAD, 11..) => Ok(Found::NOTHING),
        (0.., _) => visible_one(partition.offset_for_timestamp(wanted.timestamp)?, visible),
        _ => Err(ErrorCode::UnsupportedVersion),
    }
}

/// What lies behind the bound is not there yet for the one who asks.
fn visible_one(
    found: Option<(headwater_log::TimestampOffset, LeaderEpoch)>,
    visible: Offset,
) -> Result<Found, ErrorCode> {
    Ok(match found {
        Some((found, leader_epoch)) if found.offset < visible => {
            Found { offset: found.offset, timestamp: found.timestamp, leader_epoch }
        }
        _ => Found::NOTHING,
    })
}
