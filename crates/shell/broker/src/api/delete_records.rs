//! DeleteRecords (key 21), versions 0–2: lets partitions begin later (KIP-107).
//!
//! v2 flexible. An offset of −1 is the high watermark.
//!
//! Differs from Kafka in one point: the new starts are in `log-start-offset-checkpoint` before the answer, so that a kill
//! does not bring the records back; Kafka writes that file once a minute. With one replica there is no other replica's
//! start to wait for.

use std::collections::BTreeMap;
use std::sync::Arc;

use headwater_base::Offset;
use headwater_base::error_code::ErrorCode;
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::delete_records_request::DeleteRecordsRequest;
use headwater_protocol::messages::delete_records_response::{
    DeleteRecordsPartitionResult, DeleteRecordsResponse, DeleteRecordsTopicResult,
};

use super::topic_names::is_internal;
use super::{Close, Reply, Request, Row};
use crate::broker::Broker;
use crate::partition::Partition;

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::DeleteRecords, handle };

type Outcome = Result<Offset, ErrorCode>;

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: DeleteRecordsRequest = request.decode(body)?;
    let broker = Arc::clone(request.broker);
    Ok(request.answerer.later(async move {
        // Of a partition that is named twice the last offset counts, as in the reference.
        let mut wanted: BTreeMap<(String, i32), Offset> = BTreeMap::new();
        for topic in &message.topics {
            for partition in &topic.partitions {
                wanted.insert((topic.name.clone(), partition.partition_index), Offset(partition.offset));
            }
        }
        let mut outcomes: BTreeMap<(String, i32), Outcome> = BTreeMap::new();
        let mut moved = Vec::new();
        for ((topic, index), offset) in wanted {
            let outcome = delete(&broker, &topic, index, offset).map(|(partition, start)| {
                moved.push(partition);
                start
            });
            outcomes.insert((topic, index), outcome);
        }
        keep_starts(moved, &mut outcomes).await;
        answer(outcomes)
    }))
}

fn delete(
    broker: &Broker,
    topic: &str,
    index: i32,
    offset: Offset,
) -> Result<(Arc<Partition>, Offset), ErrorCode> {
    let partition = broker.partition(topic, index);
    if is_internal(topic) && !matches!(partition, Err(ErrorCode::UnknownTopicOrPartition)) {
        return Err(ErrorCode::InvalidTopicException);
    }
    let partition = partition?;
    let start = partition.delete_records(offset)?;
    Ok((partition, start))
}

/// Writes the new starts down, for each directory once.
async fn keep_starts(mut moved: Vec<Arc<Partition>>, outcomes: &mut BTreeMap<(String, i32), Outcome>) {
    while let Some(first) = moved.first() {
        let directory = first.directory();
        let (here, elsewhere): (Vec<_>, Vec<_>) =
            moved.into_iter().partition(|it| Arc::ptr_eq(&it.directory(), &directory));
        moved = elsewhere;
        let (disk, of_job, partitions) = (Arc::clone(&directory.disk), Arc::clone(&directory), here.clone());
        let write = move || of_job.checkpoints.write_starts(&*disk, partitions);
        if let Err(error) = directory.io.run(write).await {
            directory.checkpoint_failed(&error, "a checkpoint of the log starts");
            for partition in here {
                let name = (partition.name.topic.clone(), partition.name.partition.0);
                outcomes.insert(name, Err(ErrorCode::KafkaStorageError));
            }
        }
    }
}

fn answer(outcomes: BTreeMap<(String, i32), Outcome>) -> DeleteRecordsResponse {
    let mut topics: Vec<DeleteRecordsTopicResult> = Vec::new();
    for ((topic, partition_index), outcome) in outcomes {
        let partition = DeleteRecordsPartitionResult {
            partition_index,
            low_watermark: outcome.map_or(-1, |start| start.0),
            error_code: outcome.err().unwrap_or(ErrorCode::None).code(),
        };
        match topics.last_mut() {
            Some(last) if last.name == topic => last.partitions.push(partition),
            _ => topics.push(DeleteRecordsTopicResult { name: topic, partitions: vec![partition] }),
        }
    }
    DeleteRecordsResponse { topics, ..DeleteRecordsResponse::default() }
}
