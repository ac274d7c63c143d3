//! The log of one partition.

mod append;
mod close;
pub(crate) mod compacted;
mod open;
mod producers;
mod read;
mod removal;
mod retention;
mod sync;
mod timestamps;
mod truncate;

use std::sync::Arc;

use headwater_base::{LeaderEpoch, Offset, Uuid};

use crate::config::LogConfig;
use crate::disk::Disk;
use crate::epochs::LeaderEpochs;
use crate::error::LogError;
use crate::producer::ProducerState;
use crate::segment::Segment;

pub use append::{Append, AppendContext, AppendError, Appended};
pub use open::{OpenContext, RecoveryReport};
pub use read::{LogSlice, ReadPlan};
pub use removal::Removal;
pub use retention::{Doomed, Reason};
pub use sync::{SyncKind, SyncPlan};

/// See the crate. One owner changes it; what only reads takes `&self`.
pub struct Log {
    disk: Arc<dyn Disk>,
    dir: Arc<str>,
    config: LogConfig,
    topic_id: Option<Uuid>,
    /// Whether `partition.metadata` is on disk.
    topic_id_written: bool,
    /// Oldest first. The last one is the active one, unless the log never had a record: then there is none.
    segments: Arc<Vec<Arc<Segment>>>,
    log_start_offset: Offset,
    log_end_offset: Offset,
    /// When the active segment was created or opened, in milliseconds.
    active_since_ms: i64,
    epochs: LeaderEpochs,
    producers: ProducerState,
    sync: sync::SyncState,
    /// Whether the active segment's files may be other than a stop in order leaves them.
    unsettled: bool,
    /// Somebody replaces segments: none is taken out meanwhile.
    claimed: bool,
    /// What [`crate::names::COMPACTED`] says.
    compacted_to: Offset,
    /// The folder could not be created yet.
    folder_is_missing: bool,
    poisoned: Option<String>,
}

impl Log {
    /// The folder, relative to the log directory.
    #[must_use]
    pub fn dir_name(&self) -> &str {
        &self.dir
    }

    /// The topic's id, once it is known.
    #[must_use]
    pub fn topic_id(&self) -> Option<Uuid> {
        self.topic_id
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &LogConfig {
        &self.config
    }

    /// Takes new settings; they hold from the next append on.
    pub fn set_config(&mut self, config: LogConfig) {
        self.config = config;
    }

    /// The first offset that can be read.
    #[must_use]
    pub fn log_start_offset(&self) -> Offset {
        self.log_start_offset
    }

    /// The offset that the next record gets.
    #[must_use]
    pub fn log_end_offset(&self) -> Offset {
        self.log_end_offset
    }

    /// How far a `read_committed` consumer may read: the first offset of an undecided transaction, or the high
    /// watermark.
    #[must_use]
    pub fn last_stable_offset(&self, high_watermark: Offset) -> Offset {
        let unstable = self.producers.first_unstable_offset(high_watermark);
        unstable.map_or(high_watermark, |offset| offset.max(self.log_start_offset).min(high_watermark))
    }

    /// Tells the high watermark, so that decided transactions below it can be forgotten.
    pub fn on_high_watermark(&mut self, high_watermark: Offset) {
        self.producers.on_high_watermark(high_watermark);
    }

    /// What is known of the producers.
    #[must_use]
    pub fn producers(&self) -> &ProducerState {
        &self.producers
    }

    /// Forgets producers that have been silent for `producer_id_expiration_ms`.
    pub fn expire_producers(&mut self, now_ms: i64) {
        self.producers.remove_expired(now_ms, self.config.producer_id_expiration_ms);
    }

    /// The leader epochs and where they start.
    #[must_use]
    pub fn epochs(&self) -> &LeaderEpochs {
        &self.epochs
    }

    /// The newest leader epoch, from batches or [`Log::assign_epoch`].
    #[must_use]
    pub fn latest_epoch(&self) -> Option<LeaderEpoch> {
        self.epochs.latest().map(|entry| entry.epoch)
    }

    /// What OffsetForLeaderEpoch answers; see [`LeaderEpochs::end_offset_for`].
    #[must_use]
    pub fn end_offset_for_epoch(&self, epoch: LeaderEpoch) -> Option<(LeaderEpoch, Offset)> {
        self.epochs.end_offset_for(epoch, self.log_end_offset)
    }

    /// Notes that a leader epoch starts at the end of the log: what a new leader does before it appends.
    pub fn assign_epoch(&mut self, epoch: LeaderEpoch) {
        if self.epochs.assign(epoch, self.log_end_offset) {
            self.sync.epochs_changed();
        }
    }

    /// Bytes of all segments.
    ///
    /// # Errors
    /// The disk's.
    pub fn size_bytes(&self) -> Result<u64, LogError> {
        self.segments.iter().map(|segment| segment.size()).sum()
    }

    /// Bytes from `offset` on: what a follower that has all before has still to get.
    ///
    /// # Errors
    /// The disk's.
    pub fn bytes_from(&self, offset: Offset) -> Result<u64, LogError> {
        let mut bytes = 0;
        for (index, segment) in self.segments.iter().enumerate().rev() {
            let size = segment.size()?;
            let start = segment.locate(offset, size)?.map_or(size, |located| located.position);
            bytes += size - start;
            if segment.base() <= offset || index == 0 {
                break;
            }
        }
        Ok(bytes)
    }

    /// How many segments there are.
    #[must_use]
    pub fn segment_count(&self) -> usize {
        self.segments.len()
    }

    /// Base offsets of the segments, oldest first.
    pub fn segment_bases(&self) -> impl ExactSizeIterator<Item = Offset> + '_ {
        self.segments.iter().map(|segment| segment.base())
    }

    /// Refuses all further changes, for instance after a sync that failed: what is in memory may not be on disk.
    pub fn poison(&mut self, why: &str) {
        self.poisoned.get_or_insert_with(|| why.to_owned());
    }

    fn check_poison(&self) -> Result<(), LogError> {
        match &self.poisoned {
            Some(why) => Err(LogError::Poisoned(why.clone())),
            None => Ok(()),
        }
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.poisoned.is_none()
    }

    fn active(&self) -> Option<&Arc<Segment>> {
        self.segments.last()
    }

    /// Index of the segment that holds `offset`, if it is held at all; the first one for smaller offsets.
    fn segment_for(&self, offset: Offset) -> usize {
        self.segments.partition_point(|segment| segment.base() <= offset).saturating_sub(1)
    }

    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.dir)
    }
}
