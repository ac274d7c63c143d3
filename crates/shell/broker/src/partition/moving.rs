//! A partition that is moved between the node's log directories: what it is copied from, and the moment at which the copy
//! takes its place (`Partition.maybeReplaceCurrentWithFutureReplica`).
//!
//! For that moment appends are held back: they queue as in front of a slow directory. Reads go on. Then all syncs come to
//! their ends, the copy takes over what is left, and log and directory change under the partition's lock.

use std::sync::{Arc, PoisonError};

use headwater_base::{LeaderEpoch, Offset};
use headwater_log::{Log, LogError, ReadError};
use headwater_runtime::Runtime;

use super::Partition;
use crate::committer::SyncState;
use crate::log_directory::LogDirectory;

/// What a copy gets next.
pub enum Copied {
    /// Whole batches.
    Batches(Vec<u8>),
    /// It has everything.
    Nothing,
    /// What it has is not in the log any more: the log begins behind it, here.
    BeginsAt(Offset),
    /// It has what the log has lost, which ends here.
    EndsAt(Offset),
    /// The partition serves nobody any more.
    Closed,
}

/// How an exchange ended.
pub enum Swapped {
    /// The partition lies in the other directory.
    Done,
    /// It is not the partition's place to be moved any more: it is closed, or the copy is not the same.
    Refused(&'static str),
}

impl Partition {
    /// Batches from `from` on, up to the log's end.
    ///
    /// # Errors
    /// The disk's.
    pub fn copy_from(&self, from: Offset, max_bytes: u64) -> Result<Copied, LogError> {
        let plan = {
            let state = self.state();
            if state.check_open(self).is_err() {
                return Ok(Copied::Closed);
            }
            let end = state.log.log_end_offset();
            match state.log.plan_read(from, end) {
                Ok(Some(plan)) => plan,
                Ok(None) => return Ok(Copied::Nothing),
                Err(ReadError::OffsetOutOfRange { log_start_offset, .. }) if from < log_start_offset => {
                    return Ok(Copied::BeginsAt(log_start_offset));
                }
                Err(ReadError::OffsetOutOfRange { .. }) => return Ok(Copied::EndsAt(end)),
                Err(ReadError::Log(error)) => return Err(error),
            }
        };
        let Some(slice) = plan.resolve(max_bytes, true)? else { return Ok(Copied::Nothing) };
        let mut bytes = vec![0; usize::try_from(slice.len).unwrap_or(0)];
        let failed = |source| LogError::Io { path: self.name.to_string(), source };
        let read = slice.file.read_at(&mut bytes, slice.position).map_err(failed)?;
        bytes.truncate(read);
        bytes.truncate(whole_batches(&bytes));
        Ok(if bytes.is_empty() { Copied::Nothing } else { Copied::Batches(bytes) })
    }

    /// Where log and copy part: the end of the copy's last epoch here, or the log's start when it is not known.
    #[must_use]
    pub fn end_of_copied_epoch(&self, epoch: Option<LeaderEpoch>) -> Offset {
        let state = self.state();
        let found = epoch.and_then(|epoch| state.log.end_offset_for_epoch(epoch));
        found.map_or(state.log.log_start_offset(), |(_, end)| end)
    }

    /// First and end offset of the log.
    #[must_use]
    pub fn extent(&self) -> (Offset, Offset) {
        let state = self.state();
        (state.log.log_start_offset(), state.log.log_end_offset())
    }

    /// Holds appends back until [`Partition::resume_appends`]. False while others hold them back.
    #[must_use]
    pub fn pause_appends(&self) -> bool {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        !std::mem::replace(&mut queue.staffed, true)
    }

    /// Makes the appends that came meanwhile, on an I/O thread.
    pub fn resume_appends(self: &Arc<Self>, runtime: &Runtime) {
        let (partition, runtime) = (Arc::clone(self), runtime.clone());
        self.directory().io.submit_now(Box::new(move || partition.work_off(&runtime)));
    }

    /// Whether no sync is under way nor waits; if one does, it is hurried.
    #[must_use]
    pub fn is_at_rest(self: &Arc<Self>) -> bool {
        let mut state = self.state();
        self.hurry(&mut state);
        state.sync == SyncState::Clean
    }

    /// Puts a copy in the log's place. Appends are paused and syncs at rest; the copy is durable, and `open` gives its log
    /// once its folder has the partition's name.
    ///
    /// # Errors
    /// What `open` says; the partition is as it was.
    pub fn exchange(
        &self,
        directory: &Arc<LogDirectory>,
        open: impl FnOnce() -> Result<Log, LogError>,
    ) -> Result<Swapped, LogError> {
        let _syncing = self.syncing.lock().unwrap_or_else(PoisonError::into_inner);
        let expected = {
            let state = self.state();
            if state.check_open(self).is_err() {
                return Ok(Swapped::Refused("the partition is closed"));
            }
            if state.log.is_claimed() {
                return Ok(Swapped::Refused("segments are being compacted"));
            }
            (state.log.log_start_offset(), state.log.log_end_offset())
        };
        let mut log = open()?;
        if (log.log_start_offset(), log.log_end_offset()) != expected {
            return Ok(Swapped::Refused("the copy is not the same"));
        }
        let mut state = self.state();
        if state.check_open(self).is_err() || state.log.is_claimed() {
            return Ok(Swapped::Refused("the partition is closed or being compacted"));
        }
        log.on_high_watermark(state.high_watermark);
        log.set_config(self.settings.load().log_config());
        state.log = log;
        state.unflushed_since_ms = None;
        self.directory.store(Arc::clone(directory));
        Ok(Swapped::Done)
    }
}

/// Bytes of the whole batches at the beginning.
fn whole_batches(bytes: &[u8]) -> usize {
    let mut whole = 0;
    for batch in headwater_records::batches(bytes) {
        let Ok(batch) = batch else { break };
        whole += batch.header().size();
    }
    whole
}
