//! What is counted of a partition (`kafka.server:type=BrokerTopicMetrics`, there by topic).
//!
//! What happens under the partition's lock is counted there, in plain numbers. The rest is counted beside it, with
//! atomics: bytes that leave when the lock is long free, and requests that were refused.

use std::ops::AddAssign;

use headwater_base::Offset;
use headwater_base::error_code::ErrorCode;

use super::Partition;
use crate::metrics::Counter;

/// Counts since the partition was opened; sums of such.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records that producers sent, those of repeated batches included.
    pub messages_in: u64,
    /// Bytes of their batches.
    pub bytes_in: u64,
    /// Bytes of batches that consumers got.
    pub bytes_out: u64,
    /// Parts of Produce requests.
    pub produce_requests: u64,
    /// Those refused for what Kafka calls unexpected: bad records, sequences and epochs of producers.
    pub failed_produce_requests: u64,
    /// Reads, those of fetches that waited included.
    pub fetch_requests: u64,
    /// Those that the disk failed.
    pub failed_fetch_requests: u64,
    /// Bytes of batches that were refused.
    pub bytes_rejected: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.messages_in += other.messages_in;
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
        self.produce_requests += other.produce_requests;
        self.failed_produce_requests += other.failed_produce_requests;
        self.fetch_requests += other.fetch_requests;
        self.failed_fetch_requests += other.failed_fetch_requests;
        self.bytes_rejected += other.bytes_rejected;
    }
}

/// What is counted without the lock.
#[derive(Debug, Default)]
pub(super) struct Aside {
    bytes_out: Counter,
    refused: Counter,
    bytes_rejected: Counter,
    failed_produce: Counter,
    failed_fetch: Counter,
}

/// How a partition stands at some moment.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// What was counted.
    pub counts: Counts,
    /// First offset.
    pub log_start_offset: Offset,
    /// Offset behind the last record.
    pub log_end_offset: Offset,
    /// Bytes of all segments; 0 where the disk does not say.
    pub size_bytes: u64,
    /// How many segments there are.
    pub segments: usize,
    /// It serves.
    pub online: bool,
}

impl Partition {
    /// Bytes of this partition left for a consumer.
    pub fn sent(&self, bytes: u64) {
        self.aside.bytes_out.add_shared(bytes);
    }

    /// A batch of so many bytes was refused.
    pub(super) fn count_refused(&self, code: ErrorCode, bytes: u64) {
        self.aside.refused.add_shared(1);
        self.aside.bytes_rejected.add_shared(bytes);
        // Kafka counts only what it does not expect.
        let expected = matches!(
            code,
            ErrorCode::UnknownTopicOrPartition
                | ErrorCode::UnknownTopicId
                | ErrorCode::NotLeaderOrFollower
                | ErrorCode::MessageTooLarge
                | ErrorCode::RecordListTooLarge
                | ErrorCode::CorruptMessage
                | ErrorCode::KafkaStorageError
        );
        if !expected {
            self.aside.failed_produce.add_shared(1);
        }
    }

    pub(super) fn count_failed_fetch(&self) {
        self.aside.failed_fetch.add_shared(1);
    }

    /// What was counted so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.with_aside(self.state().counts)
    }

    fn with_aside(&self, counts: Counts) -> Counts {
        let aside = &self.aside;
        Counts {
            bytes_out: aside.bytes_out.get(),
            produce_requests: counts.produce_requests + aside.refused.get(),
            failed_produce_requests: aside.failed_produce.get(),
            failed_fetch_requests: aside.failed_fetch.get(),
            bytes_rejected: aside.bytes_rejected.get(),
            ..counts
        }
    }

    /// How the partition stands. May ask the disk for sizes that nobody has asked for yet.
    #[must_use]
    pub fn look(&self) -> Standing {
        let state = self.state();
        Standing {
            counts: self.with_aside(state.counts),
            log_start_offset: state.log.log_start_offset(),
            log_end_offset: state.log.log_end_offset(),
            size_bytes: state.log.size_bytes().unwrap_or(0),
            segments: state.log.segment_count(),
            online: state.check_open(self).is_ok(),
        }
    }
}
