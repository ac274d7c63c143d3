//! What leaves a log at its beginning: by age, by size, and because a client deleted it (`UnifiedLog.deleteOldSegments`,
//! `Partition.deleteRecordsOnLeader`).

use std::sync::Arc;
use std::time::Duration;

use headwater_base::Offset;
use headwater_base::error_code::ErrorCode;
use headwater_log::{Doomed, LogError, Reason, Removal, SyncKind};

use super::Partition;
use crate::log_directory::LogDirectory;

/// Segments that left a log: their files are renamed, and may be removed when readers had their time.
pub struct Retired {
    /// Where the files lie.
    pub directory: Arc<LogDirectory>,
    /// The files.
    pub removal: Removal,
    /// How long they stay (`file.delete.delay.ms`).
    pub delay: Duration,
}

impl Partition {
    /// Lets the segments go that the topic's configuration does not keep. Runs on an I/O thread.
    ///
    /// # Errors
    /// What the disk says; after it the segments that kept their names come back at the next start.
    pub fn retain(&self, now_ms: i64) -> Result<Vec<Retired>, LogError> {
        let _reshaping = self.reshaping();
        let directory = self.directory();
        let mut retired = Vec::new();
        for reason in Reason::ALL {
            let (doomed, removal, left) = {
                let mut state = self.state();
                if state.check_open(self).is_err() {
                    return Ok(retired);
                }
                let mut doomed = state.log.breached(reason, state.high_watermark, now_ms)?;
                if doomed.is_empty() {
                    continue;
                }
                let removal = state.log.delete_segments(doomed.len(), now_ms)?;
                if removal.segments == 0 {
                    continue;
                }
                doomed.truncate(removal.segments);
                (doomed, removal, state.log.size_bytes()?)
            };
            self.say(reason, &doomed, left);
            removal
                .rename(&*directory.disk)
                .map_err(|source| LogError::Io { path: self.name.to_string(), source })?;
            let delay = self.delete_delay();
            retired.push(Retired { directory: Arc::clone(&directory), removal, delay });
        }
        let state = self.state();
        if !state.log.is_dirty(SyncKind::Checkpoint) {
            // Looking at them has opened files of logs that rest.
            state.log.close_idle()?;
        }
        Ok(retired)
    }

    /// One line for each segment that goes, with the limit that it broke.
    fn say(&self, reason: Reason, doomed: &[Doomed], left: u64) {
        let settings = self.settings.load();
        let (start, end) = {
            let state = self.state();
            (state.log.log_start_offset(), state.log.log_end_offset())
        };
        let mut left = left + doomed.iter().map(|segment| segment.bytes).sum::<u64>();
        for Doomed { base_offset, bytes, largest_timestamp } in doomed {
            left -= bytes;
            let why = match reason {
                Reason::Time => {
                    let limit = settings.topic.retention_ms;
                    format!(
                        "log retention time {limit}ms breach based on the largest record timestamp in the segment"
                    )
                }
                Reason::Size => {
                    let limit = settings.topic.retention_bytes;
                    format!("log retention size {limit} breach. Log size after deletion will be {left}")
                }
                Reason::Start => format!("log start offset {start} breach"),
            };
            tracing::info!(
                partition = %self.name, %base_offset, bytes, largest_timestamp, log_start_offset = %start,
                log_end_offset = %end, "Deleting segment due to {why}"
            );
        }
    }

    /// Lets the log begin at `offset`, or at the high watermark for −1, and gives the offset at which it begins now on all
    /// replicas (`lowWatermark`). The files go with the next look at the retention.
    ///
    /// # Errors
    /// OFFSET_OUT_OF_RANGE behind the high watermark or for other negative offsets, POLICY_VIOLATION for topics that are
    /// compacted only, or why the partition serves nobody.
    pub fn delete_records(&self, offset: Offset) -> Result<Offset, ErrorCode> {
        let mut state = self.state();
        state.check_open(self)?;
        let topic = &self.settings.load().topic;
        if topic.cleanup_compact && !topic.cleanup_delete {
            return Err(ErrorCode::PolicyViolation);
        }
        let start = if offset == Offset::NONE { state.high_watermark } else { offset };
        if start < Offset::ZERO || start > state.high_watermark {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        match state.log.increase_log_start_offset(start) {
            Ok(moved) => {
                if moved {
                    tracing::info!(
                        partition = %self.name,
                        "Incremented log start offset to {start} due to client delete records request"
                    );
                }
                Ok(state.log.log_start_offset())
            }
            Err(error) => {
                tracing::error!(partition = %self.name, %error, "cannot delete records");
                Err(ErrorCode::KafkaStorageError)
            }
        }
    }
}
