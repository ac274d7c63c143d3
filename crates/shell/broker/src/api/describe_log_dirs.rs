//! DescribeLogDirs (key 35), versions 1–5: what lies in the node's log directories (KIP-113).
//!
//! v2 flexible · v3 error of the whole answer · v4 total and usable bytes (KIP-827) · v5 cordoned directories (KIP-1066).
//!
//! The sizes of logs that rest are looked up on disk, so the work is done by the directories' background threads.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::describe_log_dirs_request::{
    DescribableLogDirTopic, DescribeLogDirsRequest,
};
use headwater_protocol::messages::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResponse, DescribeLogDirsResult, DescribeLogDirsTopic,
};

use super::{Close, Reply, Request, Row};
use crate::broker::Broker;
use crate::log_directory::LogDirectory;
use crate::partition::Partition;

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::DescribeLogDirs, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: DescribeLogDirsRequest = request.decode(body)?;
    let broker = Arc::clone(request.broker);
    Ok(request.answerer.later(async move {
        // Where they lie is looked up once, so that one that is being moved is not missed.
        let here = partitions(&broker, message.topics).into_iter().map(|it| (it.directory(), it));
        let wanted: Arc<Vec<_>> = Arc::new(here.collect());
        let mut results = Vec::new();
        for directory in broker.data.all() {
            let (of_job, wanted, broker_of_job) =
                (Arc::clone(directory), Arc::clone(&wanted), Arc::clone(&broker));
            results.push(directory.background.run(move || describe(&broker_of_job, &of_job, &wanted)).await);
        }
        DescribeLogDirsResponse { results, ..DescribeLogDirsResponse::default() }
    }))
}

/// The partitions that are asked for and are here; all without a list.
fn partitions(broker: &Broker, topics: Option<Vec<DescribableLogDirTopic>>) -> Vec<Arc<Partition>> {
    let Some(topics) = topics else { return broker.partitions.all() };
    let mut wanted: BTreeMap<String, BTreeSet<i32>> = BTreeMap::new();
    for topic in topics {
        wanted.entry(topic.topic).or_default().extend(topic.partitions);
    }
    let known = wanted.iter().filter_map(|(name, indexes)| Some((broker.partitions.topic(name)?, indexes)));
    let found = known.flat_map(|(topic, indexes)| {
        let index = |index: &i32| usize::try_from(*index).ok();
        let of_topic = indexes.iter().filter_map(index);
        of_topic.filter_map(|index| topic.partitions.get(index)?.clone()).collect::<Vec<_>>()
    });
    found.collect()
}

fn describe(
    broker: &Broker,
    directory: &Arc<LogDirectory>,
    wanted: &[(Arc<LogDirectory>, Arc<Partition>)],
) -> DescribeLogDirsResult {
    let path = broker.runtime.absolute(Path::new(&directory.path)).display().to_string();
    let offline = |path| DescribeLogDirsResult {
        error_code: ErrorCode::KafkaStorageError.code(),
        log_dir: path,
        ..DescribeLogDirsResult::default()
    };
    if directory.failure().is_some() {
        return offline(path);
    }
    let space = match broker.runtime.disk_space(Path::new(&directory.path)) {
        Ok(space) => space,
        Err(error) => {
            if let Some(unlogged) = directory.admit_line() {
                tracing::warn!(dir = %directory.path, %error, unlogged, "cannot tell the directory's space");
            }
            return offline(path);
        }
    };
    let mut topics: Vec<DescribeLogDirsTopic> = Vec::new();
    for (holder, partition) in wanted {
        let here = Arc::ptr_eq(holder, directory).then(|| size(partition)).flatten();
        let current = here.map(|size| described(partition, size, 0, false));
        let future = broker.moves.of(partition).filter(|it| Arc::ptr_eq(&it.target, directory));
        let future = future.and_then(|moving| {
            let (end, bytes) = moving.standing()?;
            let lag = partition.extent().1 - end;
            Some(described(partition, i64::try_from(bytes).unwrap_or(i64::MAX), lag, true))
        });
        for described in [current, future].into_iter().flatten() {
            match topics.last_mut() {
                Some(last) if last.name == partition.name.topic => last.partitions.push(described),
                _ => topics.push(DescribeLogDirsTopic {
                    name: partition.name.topic.clone(),
                    partitions: vec![described],
                }),
            }
        }
    }
    DescribeLogDirsResult {
        error_code: ErrorCode::None.code(),
        log_dir: path,
        topics,
        total_bytes: i64::try_from(space.total).unwrap_or(i64::MAX),
        usable_bytes: i64::try_from(space.usable).unwrap_or(i64::MAX),
        is_cordoned: false,
    }
}

/// The lag of the current replica is none: it has all that is committed.
fn described(
    partition: &Partition,
    partition_size: i64,
    offset_lag: i64,
    is_future_key: bool,
) -> DescribeLogDirsPartition {
    let partition_index = partition.name.partition.0;
    DescribeLogDirsPartition { partition_index, partition_size, offset_lag, is_future_key }
}

fn size(partition: &Partition) -> Option<i64> {
    match partition.size_bytes() {
        Ok(size) => i64::try_from(size).ok(),
        Err(error) => {
            tracing::warn!(partition = %partition.name, %error, "cannot tell the log's size");
            None
        }
    }
}
