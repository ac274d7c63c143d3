//! Compaction: of each key the last record is kept (`Cleaner`, `LogCleanerManager` of Apache Kafka).
//!
//! ```text
//! range.rs     what may be compacted now, and how urgent it is
//! keys.rs      first pass, over the dirty part: key → last offset (offset_map.rs), as many keys as memory allows
//! groups.rs    segments that become one
//! filter.rs    second pass, over everything before: which records and batches stay
//! job.rs       both passes as a machine that reads a piece at a step
//! swap.rs      new files take the place of old ones, under a log that goes on
//! ```
//!
//! Invariants
//! - The last record of a key is never dropped, except a tombstone whose delete horizon has passed.
//! - What a crash leaves is the log before, or with some prefix of it compacted: a tombstone never goes before the records
//!   that it deletes.
//! - Memory: the map has [`CompactionLimits::slots`] entries at most, buffers grow to the largest batch.
//!
//! What it does not know: clocks, threads, how often; it is told the time once, at the beginning.

mod filter;
mod groups;
mod hash;
mod job;
mod keys;
mod offset_map;
mod range;
mod swap;
mod transactions;

use std::collections::BTreeMap;

use headwater_base::{Offset, ProducerEpoch, ProducerId};

use crate::error::LogError;
use crate::log::Log;
use crate::producer::AbortedTransaction;

pub use job::{Compaction, CompactionLimits, Outcome, Statistics, Step};
pub use offset_map::BYTES_PER_ENTRY;
pub use range::{Cleanable, Extent, Reset};
pub use swap::Replacement;

/// What the state of a producer hangs on in the log: this batch is never dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastRecord {
    /// Its last data; `None` when the log has none of its epoch, and then the markers of the epoch count.
    pub last_data_offset: Option<Offset>,
    /// Its epoch.
    pub epoch: ProducerEpoch,
}

/// Producers by id, with what must be kept of them.
pub type LastRecords = BTreeMap<ProducerId, LastRecord>;

/// What a compaction asks of the log as it is at that moment. Each call is short.
pub trait LogView {
    /// The producers that are remembered.
    fn last_records(&self) -> LastRecords;

    /// See [`Log::aborted_transactions`].
    ///
    /// # Errors
    /// The disk's.
    fn aborted_transactions(&self, from: Offset, upper: Offset) -> Result<Vec<AbortedTransaction>, LogError>;
}

impl LogView for Log {
    fn last_records(&self) -> LastRecords {
        let last = |(id, entry): (ProducerId, &crate::producer::entry::ProducerEntry)| {
            let last_data_offset = entry.last_batch().map(|batch| batch.last_offset).filter(|at| at.0 >= 0);
            (id, LastRecord { last_data_offset, epoch: entry.epoch })
        };
        self.producers().iter().map(last).collect()
    }

    fn aborted_transactions(&self, from: Offset, upper: Offset) -> Result<Vec<AbortedTransaction>, LogError> {
        Log::aborted_transactions(self, from, upper)
    }
}
