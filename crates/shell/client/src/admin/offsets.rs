//! Offsets of partitions: looked up by time, and records deleted up to one.

use headwater_base::TopicPartition;
use headwater_protocol::ApiKey;
use headwater_protocol::messages::delete_records_request::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use headwater_protocol::messages::list_offsets_request::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};

use super::{Admin, Each};
use crate::error::check;
use crate::net::cluster::Cluster;
use crate::net::spread::{Answers, by_topic};
use headwater_runtime::Tick;

/// Which offset of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetSpec {
    /// The first one that is there.
    Earliest,
    /// The one that the next record will have; with `read_committed` the last stable one.
    Latest,
    /// That of the record with the largest timestamp.
    MaxTimestamp,
    /// The first one on the leader's own disks (KIP-405).
    EarliestLocal,
    /// The last one in tiered storage.
    LatestTiered,
    /// The first one that waits for its upload to tiered storage.
    EarliestPendingUpload,
    /// That of the first record with at least this timestamp, in milliseconds.
    Timestamp(i64),
}

impl OffsetSpec {
    pub(crate) fn timestamp(self) -> i64 {
        match self {
            OffsetSpec::Latest => -1,
            OffsetSpec::Earliest => -2,
            OffsetSpec::MaxTimestamp => -3,
            OffsetSpec::EarliestLocal => -4,
            OffsetSpec::LatestTiered => -5,
            OffsetSpec::EarliestPendingUpload => -6,
            OffsetSpec::Timestamp(timestamp) => timestamp,
        }
    }

    /// The first version of ListOffsets that knows it.
    fn lowest_version(self) -> i16 {
        match self {
            OffsetSpec::MaxTimestamp => 7,
            OffsetSpec::EarliestLocal => 8,
            OffsetSpec::LatestTiered => 9,
            OffsetSpec::EarliestPendingUpload => 11,
            _ => 1,
        }
    }
}

/// Which records a consumer or a question sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IsolationLevel {
    /// All.
    #[default]
    ReadUncommitted,
    /// Those of transactions only when they are committed.
    ReadCommitted,
}

/// An offset that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedOffset {
    /// The offset, −1 when no record has the asked time.
    pub offset: i64,
    /// The record's timestamp, −1 where there is none.
    pub timestamp: i64,
    /// Epoch of the leader that wrote the record, −1 when it is not known.
    pub leader_epoch: i32,
}

impl Cluster {
    /// Looks offsets up.
    pub(crate) async fn list_offsets(
        &self,
        questions: Vec<(TopicPartition, OffsetSpec)>,
        isolation: IsolationLevel,
        deadline: Tick,
    ) -> Answers<ListedOffset> {
        self.spread("listOffsets", questions, deadline, async |link, batch| {
            let specs = batch.iter().map(|(_, spec)| spec.lowest_version());
            let lowest = specs.chain([if isolation == IsolationLevel::ReadCommitted { 2 } else { 1 }]).max();
            let version = link.ready().await?.pick(ApiKey::ListOffsets, lowest.unwrap_or(1), i16::MAX)?;
            let partition = |(partition_index, spec): (i32, OffsetSpec)| ListOffsetsPartition {
                partition_index,
                timestamp: spec.timestamp(),
                ..ListOffsetsPartition::default()
            };
            let timeout_ms = self.request_deadline(deadline).since(self.now()).as_millis();
            let request = ListOffsetsRequest {
                replica_id: -1,
                isolation_level: i8::from(isolation == IsolationLevel::ReadCommitted),
                topics: by_topic(batch)
                    .into_iter()
                    .map(|(name, partitions)| ListOffsetsTopic {
                        name,
                        partitions: partitions.into_iter().map(partition).collect(),
                    })
                    .collect(),
                timeout_ms: if version >= 10 { i32::try_from(timeout_ms).unwrap_or(i32::MAX) } else { 0 },
            };
            let response = self.exchange(link, version, &request, deadline).await?;
            let mut answers = Vec::new();
            for topic in response.topics {
                for it in topic.partitions {
                    let found = ListedOffset {
                        offset: it.offset,
                        timestamp: it.timestamp,
                        leader_epoch: it.leader_epoch,
                    };
                    let key = super::partition(&topic.name, it.partition_index);
                    answers.push((key, check(it.error_code).map(|()| found)));
                }
            }
            Ok(answers)
        })
        .await
    }
}

impl Admin {
    /// Looks offsets up, each at its partition's leader.
    pub async fn list_offsets(
        &self,
        questions: Vec<(TopicPartition, OffsetSpec)>,
        isolation: IsolationLevel,
    ) -> Each<TopicPartition, ListedOffset> {
        self.cluster.list_offsets(questions, isolation, self.api_deadline()).await
    }

    /// Deletes the records before an offset (−1: all that consumers may read); gives where each log begins now.
    pub async fn delete_records(&self, before: Vec<(TopicPartition, i64)>) -> Each<TopicPartition, i64> {
        let deadline = self.api_deadline();
        self.cluster
            .spread("deleteRecords", before, deadline, async |link, batch| {
                let topic = |(name, partitions): (String, Vec<(i32, i64)>)| DeleteRecordsTopic {
                    name,
                    partitions: partitions
                        .into_iter()
                        .map(|(partition_index, offset)| DeleteRecordsPartition { partition_index, offset })
                        .collect(),
                };
                let timeout_ms = self.timeout_ms(deadline);
                let topics = by_topic(batch).into_iter().map(topic).collect();
                let request = DeleteRecordsRequest { topics, timeout_ms };
                let response = self.cluster.ask(link, &request, deadline).await?;
                let mut answers = Vec::new();
                for topic in response.topics {
                    for it in topic.partitions {
                        let key = super::partition(&topic.name, it.partition_index);
                        answers.push((key, check(it.error_code).map(|()| it.low_watermark)));
                    }
                }
                Ok(answers)
            })
            .await
    }
}
