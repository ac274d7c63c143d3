//! What of a log may be compacted now (`LogCleanerManager.cleanableOffsets`, `LogToClean`).

use headwater_base::Offset;

use crate::error::LogError;
use crate::log::Log;

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

impl Log {
    /// What may be compacted now, given where the last compaction has ended. `None` when the log has no segment.
    ///
    /// # Errors
    /// The disk's.
    pub fn cleanable(
        &self,
        checkpoint: Option<Offset>,
        high_watermark: Offset,
        now_ms: i64,
    ) -> Result<Option<Cleanable>, LogError> {
        let Some(active) = self.segments().last().map(|active| active.base()) else { return Ok(None) };
        let (start, end) = (self.log_start_offset(), self.log_end_offset());
        let (first_dirty, reset) = match checkpoint.unwrap_or(start) {
            at if at < start => (start, Some(Reset::BeforeStart)),
            at if at > end => (start, Some(Reset::BehindEnd)),
            at => (at, None),
        };
        let mut uncleanable = active.min(self.last_stable_offset(high_watermark));
        let lag_ms = self.config().min_compaction_lag_ms.max(0);
        if lag_ms > 0
            && let Some(young) = self.first_younger(first_dirty, now_ms.saturating_sub(lag_ms))?
        {
            uncleanable = uncleanable.min(young);
        }
        let uncleanable = uncleanable.max(first_dirty);
        let inactive = self.inactive_from(uncleanable);
        let first_uncleanable = inactive.first().map_or(active, |segment| segment.base());
        let before = |upper: Offset| self.segments().partition_point(|segment| segment.base() < upper);
        let dirty = self.segment_index(first_dirty.min(first_uncleanable)).min(before(first_uncleanable));
        let bytes = |from: usize, to: usize| -> Result<u64, LogError> {
            self.segments()[from..to].iter().map(|segment| segment.size()).sum()
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

    /// The segments from the one that holds `from` on, without the active one.
    fn inactive_from(&self, from: Offset) -> &[std::sync::Arc<crate::segment::Segment>] {
        let active = self.segments().len().saturating_sub(1);
        match self.segments().last() {
            Some(last) if from < last.base() => &self.segments()[self.segment_index(from)..active],
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
        let limit = now_ms.saturating_sub(self.config().max_compaction_lag_ms.max(0));
        let mut earliest = i64::MAX;
        for segment in self.inactive_from(first_dirty) {
            if let Some(first) = segment.first_timestamp()?.filter(|first| *first > 0) {
                earliest = earliest.min(first);
            }
        }
        Ok(if earliest < limit { limit - earliest } else { 0 })
    }
}
