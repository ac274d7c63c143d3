//! Offsets by timestamp.

use headwater_base::{LeaderEpoch, Offset};

use super::Log;
use crate::error::LogError;
use crate::segment::TimestampOffset;

impl Log {
    /// The first record whose timestamp is not smaller than `timestamp` (milliseconds), and the epoch of its batch.
    ///
    /// # Errors
    /// The disk's, or damage.
    pub fn offset_for_timestamp(
        &self,
        timestamp: i64,
    ) -> Result<Option<(TimestampOffset, LeaderEpoch)>, LogError> {
        if self.segments.is_empty() {
            return Ok(None);
        }
        let from = self.log_start_offset;
        for segment in &self.segments[self.segment_for(from)..] {
            if segment.max_timestamp()?.timestamp < timestamp {
                continue;
            }
            if let Some(found) = segment.find_by_timestamp(timestamp, from)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The first record that has the largest timestamp of the log.
    ///
    /// # Errors
    /// The disk's, or damage.
    pub fn max_timestamp(&self) -> Result<Option<(TimestampOffset, LeaderEpoch)>, LogError> {
        let mut best: Option<(TimestampOffset, usize)> = None;
        for (index, segment) in self.segments.iter().enumerate() {
            let max = segment.max_timestamp()?;
            if max.timestamp >= 0 && best.is_none_or(|(best, _)| max.timestamp > best.timestamp) {
                best = Some((max, index));
            }
        }
        match best {
            Some((max, index)) => self.segments[index].find_max_timestamp(max),
            None => Ok(None),
        }
    }

    /// The epoch of the record at the log's start, as ListOffsets(earliest) says it.
    #[must_use]
    pub fn epoch_for_offset(&self, offset: Offset) -> Option<LeaderEpoch> {
        self.epochs.epoch_for_offset(offset)
    }
}
