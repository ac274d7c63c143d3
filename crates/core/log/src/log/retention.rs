//! Which of the oldest segments may go.

use headwater_base::Offset;

use super::Log;
use crate::error::LogError;

/// Why segments may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// All their records are older than `retention.ms`.
    Time,
    /// The log is larger than `retention.bytes` without them.
    Size,
    /// They lie before the log's start.
    Start,
}

impl Log {
    /// How many of the oldest segments may be deleted now, and why. Only segments that end at or before `high_watermark`
    /// count. The active one counts only by time.
    ///
    /// # Errors
    /// The disk's.
    pub fn deletable_segments(
        &self,
        high_watermark: Offset,
        now_ms: i64,
    ) -> Result<Option<(usize, Reason)>, LogError> {
        let ends = self.segment_bases().skip(1).chain([self.log_end_offset]);
        let candidates = ends.take(self.segments.len()).take_while(|end| *end <= high_watermark).count();
        let before_start =
            self.segment_bases().skip(1).take_while(|next| *next <= self.log_start_offset).count();
        let by_time = self.count_by_time(candidates, now_ms)?;
        let by_size = self.count_by_size(candidates.min(self.segments.len().saturating_sub(1)))?;
        let reasons = [(by_time, Reason::Time), (by_size, Reason::Size), (before_start, Reason::Start)];
        let most = reasons.into_iter().rev().max_by_key(|(count, _)| *count);
        Ok(most.filter(|(count, _)| *count > 0))
    }

    fn count_by_time(&self, candidates: usize, now_ms: i64) -> Result<usize, LogError> {
        if self.config.retention_ms < 0 {
            return Ok(0);
        }
        for (index, segment) in self.segments[..candidates].iter().enumerate() {
            // A segment without timestamps is kept: nothing says how old it is.
            let max = segment.max_timestamp()?.timestamp;
            if max < 0 || now_ms.saturating_sub(max) <= self.config.retention_ms {
                return Ok(index);
            }
        }
        Ok(candidates)
    }

    fn count_by_size(&self, candidates: usize) -> Result<usize, LogError> {
        if self.config.retention_bytes < 0 {
            return Ok(0);
        }
        let mut over = self.size_bytes()?.saturating_sub(self.config.retention_bytes as u64);
        for (index, segment) in self.segments[..candidates].iter().enumerate() {
            let size = segment.size()?;
            if size > over {
                return Ok(index);
            }
            over -= size;
        }
        Ok(candidates)
    }
}
