//! AlterReplicaLogDirs (key 34), versions 1–2: moves partitions between the node's log directories (KIP-113).
//!
//! v2 flexible. The answer says that the moves have begun; DescribeLogDirs shows how far they are.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_base::{PartitionIndex, TopicPartition};
use headwater_log::names;
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::alter_replica_log_dirs_request::AlterReplicaLogDirsRequest;
use headwater_protocol::messages::alter_replica_log_dirs_response::{
    AlterReplicaLogDirPartitionResult, AlterReplicaLogDirTopicResult, AlterReplicaLogDirsResponse,
};

use super::{Close, Reply, Request, Row};
use crate::broker::Broker;
use crate::log_directory::LogDirectory;
use crate::moves;

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::AlterReplicaLogDirs, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: AlterReplicaLogDirsRequest = request.decode(body)?;
    let broker = Arc::clone(request.broker);
    Ok(request.answerer.later(async move {
        // Of a partition that is named twice the last directory counts, as in the reference.
        let mut wanted: BTreeMap<(String, i32), String> = BTreeMap::new();
        for directory in message.dirs {
            for topic in &directory.topics {
                for index in &topic.partitions {
                    wanted.insert((topic.name.clone(), *index), directory.path.clone());
                }
            }
        }
        let mut results: Vec<AlterReplicaLogDirTopicResult> = Vec::new();
        for ((topic_name, index), path) in wanted {
            let outcome = alter(&broker, &topic_name, index, &path).await;
            if let Err(code) = outcome {
                tracing::warn!(topic = %topic_name, partition = index, %path, code = code.name(),
                    "Unable to alter log dirs");
            }
            let partition = AlterReplicaLogDirPartitionResult {
                partition_index: index,
                error_code: outcome.err().unwrap_or(ErrorCode::None).code(),
            };
            match results.last_mut() {
                Some(last) if last.topic_name == topic_name => last.partitions.push(partition),
                _ => results.push(AlterReplicaLogDirTopicResult { topic_name, partitions: vec![partition] }),
            }
        }
        AlterReplicaLogDirsResponse { results, ..AlterReplicaLogDirsResponse::default() }
    }))
}

async fn alter(broker: &Arc<Broker>, topic: &str, index: i32, path: &str) -> Result<(), ErrorCode> {
    let name = TopicPartition { topic: topic.to_owned(), partition: PartitionIndex(index) };
    if names::future_folder_name(&name, 0).is_none() {
        return Err(ErrorCode::InvalidTopicException);
    }
    let target = find(broker, path).ok_or(ErrorCode::LogDirNotFound)?;
    if target.failure().is_some() {
        return Err(ErrorCode::KafkaStorageError);
    }
    match broker.partition(topic, index) {
        Ok(partition) => moves::alter(broker, &partition, &target).await,
        // Not here yet: it will be created there.
        Err(ErrorCode::UnknownTopicOrPartition) => {
            broker.data.prefer(name, &target);
            Err(ErrorCode::UnknownTopicOrPartition)
        }
        Err(ErrorCode::NotLeaderOrFollower) => Err(ErrorCode::ReplicaNotAvailable),
        Err(code) => Err(code),
    }
}

fn find(broker: &Broker, path: &str) -> Option<Arc<LogDirectory>> {
    let same = |directory: &&Arc<LogDirectory>| {
        broker.runtime.absolute(Path::new(&directory.path)).to_str() == Some(path)
    };
    broker.data.all().find(same).cloned()
}
