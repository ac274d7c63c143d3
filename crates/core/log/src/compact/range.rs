//! What of a log may be compacted now (`LogCleanerManager.cleanableOffsets`, `LogToClean`).

use std::sync::Arc;

use headwater_base::Offset;

use crate::error::LogError;
use crate::log::Log;
use crate::segment::Segment;

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cleanable {
    /// Where the last compaction has ended.
    pub first_dirty: Offset,
    /// The first segment that must stay as it is.
    pub first_uncleanable: Offset,
    /// Why the checkpoint was not believed, if it was not: `first_dirty` belongs in its place.
    pub reset: Option<Reset>,
    /// Bytes before `first_dirty`.
    pub clean_bytes: u64,
    /// Bytes from there on that may be compacted.
    pub cleanable_bytes: u64,
    /// How long records wait beyond `max.compaction.lag.ms`, in milliseconds.
    pub overdue_ms: i64,
}

/// Why a checkpoint was not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// It lies before the log.
    BeforeStart,
    /// It lies behind the log.
    BehindEnd,
}

impl Cleanable {
    /// All bytes that a compaction would read.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.clean_bytes + self.cleanable_bytes
    }

    /// Share of the bytes that was never compacted, 0 to 1.
    #[must_use]
    pub fn dirty_ratio(&self) -> f64 {
        match self.total_bytes() {
            0 => 0.0,
            total => self.cleanable_bytes as f64 / total as f64,
        }
    }

    /// Whether it is worth it, or has to be.
    #[must_use]
    pub fn is_due(&self, min_ratio: f64) -> bool {
        self.cleanable_bytes > 0 && (self.overdue_ms > 0 || self.dirty_ratio() > min_ratio)
    }
}

/// Where a log stood at a moment: enough to say what of it may be compacted, without the log.
pub struct Extent {
    segments: Arc<Vec<Arc<Segment>>>,
    start: Offset,
    end: Offset,
    last_stable: Offset,
    min_lag_ms: i64,
    max_lag_ms: i64,
}

impl Log {
    /// Where the log stands now.
    #[must_use]
    pub fn extent(&self, high_watermark: Offset) -> Extent {
        Extent {
            segments: self.shared_segments(),
            start: self.log_start_offset(),
            end: self.log_end_offset(),
            last_stable: self.last_stable_offset(high_watermark),
            min_lag_ms: self.config().min_compaction_lag_ms.max(0),
            max_lag_ms: self.config().max_compaction_lag_ms.max(0),
        }
    }
}

impl Extent {
    /// What may be compacted now, given where the last compaction has ended. `None` when the log has no segment. Looks
    /// into files that nobody has looked into before.
    ///
    /// # Errors
    /// The disk's; [`LogError::Replaced`] when segments have left the log meanwhile.
    pub fn cleanable(&self, checkpoint: Option<Offset>, now_ms: i64) -> Result<Option<Cleanable>, LogError> {
        let Some(active) = self.segments.last().map(|active| active.base()) else { return Ok(None) };
        let (first_dirty, reset) = match checkpoint.unwrap_or(self.start) {
            at if at < self.start => (self.start, Some(Reset::BeforeStart)),
            at if at > self.end => (self.start, Some(Reset::BehindEnd)),
            at => (at, None),
        };
        let mut uncleanable = active.min(self.last_stable);
        if self.min_lag_ms > 0
            && let Some(young) = self.first_younger(first_dirty, now_ms.saturating_sub(self.min_lag_ms))?
        {
            uncleanable = uncleanable.min(young);
        }
        let inactive = self.inactive_from(uncleanable.max(first_dirty));
        let first_uncleanable = inactive.first().map_or(active, |segment| segment.base());
        let before = |upper: Offset| self.segments.partition_point(|segment| segment.base() < upper);
        let dirty = self.index_of(first_dirty.min(first_uncleanable)).min(before(first_uncleanable));
        let bytes = |from: usize, to: usize| -> Result<u64, LogError> {
            self.segments[from..to].iter().map(|segment| segment.size()).sum()
        };
        Ok(Some(Cleanable {
            first_dirty,
            first_uncleanable,
            reset,
            clean_bytes: bytes(0, before(first_dirty))?,
            cleanable_bytes: bytes(dirty, before(first_uncleanable))?,
            overdue_ms: self.overdue_ms(first_dirty, now_ms)?,
        }))
    }

    /// Index of the segment that holds `offset`, if it is held at all; the first one for smaller offsets.
    fn index_of(&self, offset: Offset) -> usize {
        self.segments.partition_point(|segment| segment.base() <= offset).saturating_sub(1)
    }

    /// The segments from the one that holds `from` on, without the active one.
    fn inactive_from(&self, from: Offset) -> &[Arc<Segment>] {
        match self.segments.split_last() {
            Some((active, others)) if from < active.base() => &others[self.index_of(from)..],
            _ => &[],
        }
    }

    /// Base of the first dirty segment that has records of after `time_ms`.
    fn first_younger(&self, first_dirty: Offset, time_ms: i64) -> Result<Option<Offset>, LogError> {
        for segment in self.inactive_from(first_dirty) {
            // What nobody knows the age of is never old enough; where nothing is left nothing has to wait.
            let young = segment.largest_timestamp()?.is_none_or(|largest| largest > time_ms);
            if young && segment.size()? > 0 {
                return Ok(Some(segment.base()));
            }
        }
        Ok(None)
    }

    fn overdue_ms(&self, first_dirty: Offset, now_ms: i64) -> Result<i64, LogError> {
        let limit = now_ms.saturating_sub(self.max_lag_ms);
        let mut earliest = i64::MAX;
        // Without a limit nothing is ever overdue, and no file is opened to learn that.
        let dirty = if self.max_lag_ms == i64::MAX { &[] } else { self.inactive_from(first_dirty) };
        for segment in dirty {
            if let Some(first) = segment.first_timestamp()?.filter(|first| *first > 0) {
                earliest = earliest.min(first);
            }
        }
        Ok(if earliest < limit { limit - earliest } else { 0 })
    }
}
