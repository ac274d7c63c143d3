//! Which of the oldest segments may go (`UnifiedLog.deleteOldSegments`).

use headwater_base::Offset;

use super::Log;
use crate::error::LogError;

/// Why segments may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// All their records are older than `retention.ms`.
    Time,
    /// The log is as large as `retention.bytes` also without them.
    Size,
    /// They lie before the log's start.
    Start,
}

impl Reason {
    /// In the order in which the rules are applied; each sees what the ones before it left.
    pub const ALL: [Reason; 3] = [Reason::Start, Reason::Size, Reason::Time];
}

/// A segment that may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doomed {
    /// Its first offset.
    pub base_offset: Offset,
    /// Its bytes of batches.
    pub bytes: u64,
    /// Its age counts from here, in milliseconds: the largest timestamp of its records, or when it was last written.
    pub largest_timestamp: i64,
}

impl Log {
    /// How many of the oldest segments may be deleted now, and by the rule that takes most.
    ///
    /// # Errors
    /// The disk's.
    pub fn deletable_segments(
        &self,
        high_watermark: Offset,
        now_ms: i64,
    ) -> Result<Option<(usize, Reason)>, LogError> {
        let mut most: Option<(usize, Reason)> = None;
        for reason in Reason::ALL {
            let count = self.breached(reason, high_watermark, now_ms)?.len();
            if count > most.map_or(0, |(most, _)| most) {
                most = Some((count, reason));
            }
        }
        Ok(most)
    }

    /// The oldest segments that one rule lets go now. Only those that end at or before `high_watermark` count, so that the
    /// log never begins behind it. The active one counts by time and size, unless it is empty.
    ///
    /// # Errors
    /// The disk's.
    pub fn breached(
        &self,
        reason: Reason,
        high_watermark: Offset,
        now_ms: i64,
    ) -> Result<Vec<Doomed>, LogError> {
        let off = match reason {
            Reason::Time => self.config.retention_ms < 0,
            Reason::Size => self.config.retention_bytes < 0,
            Reason::Start => {
                self.log_start_offset <= self.segments.first().map_or(Offset(i64::MAX), |it| it.base())
            }
        };
        let mut doomed = Vec::new();
        if off {
            return Ok(doomed);
        }
        let mut over = match reason {
            Reason::Size => self.size_bytes()?.saturating_sub(self.config.retention_bytes as u64),
            _ => 0,
        };
        for (index, segment) in self.segments.iter().enumerate() {
            let next = self.segments.get(index + 1).map(|next| next.base());
            let bytes = segment.size()?;
            if next.unwrap_or(self.log_end_offset) > high_watermark || (next.is_none() && bytes == 0) {
                break;
            }
            let largest_timestamp = segment.largest_timestamp()?;
            let goes = match reason {
                Reason::Time => largest_timestamp
                    .is_some_and(|largest| now_ms.saturating_sub(largest) > self.config.retention_ms),
                Reason::Size => bytes <= over,
                Reason::Start => next.is_some_and(|next| next <= self.log_start_offset),
            };
            if !goes {
                break;
            }
            over = over.saturating_sub(bytes);
            let largest_timestamp = largest_timestamp.unwrap_or(-1);
            doomed.push(Doomed { base_offset: segment.base(), bytes, largest_timestamp });
        }
        Ok(doomed)
    }
}
