//! Reading what a fetch wants, partition by partition, within its limits.

use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_base::{LeaderEpoch, Offset};

use super::{Fetch, TOPIC_IDS_FROM};
use crate::machine::fetch_session::Wanted;
use crate::partition::{ParkedFetch, Partition, PartitionRead, ReadRequest};

/// What one pass over the partitions gave, in the order of the request.
pub(super) struct Reads {
    /// One for each partition that is wanted.
    pub(super) partitions: Vec<PartitionRead>,
    /// Bytes of records altogether.
    pub(super) bytes: u64,
    /// An error or a diverging epoch, which the client must hear at once.
    pub(super) urgent: bool,
    /// Somewhere records only wait for a sync.
    pub(super) unsynced: bool,
}

impl Fetch {
    /// Reads every partition that is wanted. The first with data may exceed the limits by its first batch, so that
    /// a consumer is never stuck before a large one.
    pub(super) fn read(&self, park: Option<&Arc<ParkedFetch>>) -> Reads {
        let mut reads = Reads {
            partitions: Vec::with_capacity(self.wanted.len()),
            bytes: 0,
            urgent: false,
            unsynced: false,
        };
        let mut left = self.max_bytes;
        for wanted in &self.wanted {
            let read = match self.partition(wanted) {
                Ok(partition) => {
                    let read = partition.read(&self.request(wanted, left, reads.bytes == 0), park);
                    PartitionRead { of: Some(partition), ..read }
                }
                Err(error) => PartitionRead::error(error),
            };
            let bytes = read.bytes();
            left = left.saturating_sub(bytes);
            reads.bytes += bytes;
            reads.urgent |= read.error != ErrorCode::None || read.diverging.is_some();
            // Records behind the bound matter only to whoever has read up to it.
            reads.unsynced |= read.unsynced && bytes == 0;
            reads.partitions.push(read);
        }
        reads
    }

    fn request(&self, wanted: &Wanted, left: u64, first: bool) -> ReadRequest {
        ReadRequest {
            from: Offset(wanted.fetch_offset),
            max_bytes: u64::try_from(wanted.max_bytes).unwrap_or(0).min(left),
            min_one_batch: first,
            bound: self.bound,
            current_leader_epoch: LeaderEpoch(wanted.current_leader_epoch),
            last_fetched_epoch: LeaderEpoch(wanted.last_fetched_epoch),
        }
    }

    pub(super) fn partition(&self, wanted: &Wanted) -> Result<Arc<Partition>, ErrorCode> {
        if self.from_replica {
            // Kafka's word for a replica that the partition does not have.
            return Err(ErrorCode::NotLeaderOrFollower);
        }
        if self.answerer.version >= TOPIC_IDS_FROM {
            self.broker.partition_by_id(wanted.key.topic_id, wanted.key.partition)
        } else {
            self.broker.partition(&wanted.key.topic, wanted.key.partition)
        }
    }

    /// Takes an answered fetch away from its partitions.
    pub(super) fn unpark(&self, parked: &Arc<ParkedFetch>) {
        for wanted in &self.wanted {
            if let Ok(partition) = self.partition(wanted) {
                partition.unpark(parked);
            }
        }
    }
}
