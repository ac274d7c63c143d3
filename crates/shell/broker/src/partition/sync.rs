//! What the committer does with a partition: sync what is dirty, then say so to whoever waits.

use std::sync::{Arc, PoisonError};

use headwater_base::Offset;
use headwater_base::error_code::ErrorCode;
use headwater_log::{LogError, SyncKind, SyncPlan};

use super::{Partition, State, Wakes};
use crate::committer::{Committer, SyncState, Urgency};

impl Partition {
    /// Makes durable what is appended so far. Runs on an I/O thread, without the partition's lock while it waits for
    /// the disk. A sync that fails is not tried again: the kernel may have dropped the pages and would call the next
    /// one a success, so the directory goes offline.
    pub fn sync(self: &Arc<Self>, committer: &Arc<Committer>) {
        let plan = {
            let mut state = self.state();
            match state.sync {
                SyncState::Lazy | SyncState::Queued => {}
                // Already synced with another entry of the queue, or being so right now.
                SyncState::Clean | SyncState::Syncing | SyncState::SyncingMore { .. } => return,
            }
            state.sync = SyncState::Syncing;
            state.log.dirty(SyncKind::Data)
        };
        let _syncing = self.syncing.lock().unwrap_or_else(PoisonError::into_inner);
        let synced = plan.and_then(|plan| committer.timed(|| self.run(&plan)).map(|()| plan));
        let wakes = match synced {
            Ok(plan) => self.synced(&plan, committer),
            Err(error) => {
                self.directory().fail(&format!("a sync failed: {error}"));
                self.close(ErrorCode::KafkaStorageError)
            }
        };
        wakes.wake();
    }

    fn run(&self, plan: &SyncPlan) -> Result<(), LogError> {
        let run = plan.run(&*self.directory().disk);
        run.map_err(|source| LogError::Io { path: self.name.to_string(), source })
    }

    fn synced(self: &Arc<Self>, plan: &SyncPlan, committer: &Arc<Committer>) -> Wakes {
        let mut state = self.state();
        let more = std::mem::replace(&mut state.sync, SyncState::Clean);
        if let Err(why) = state.check_open(self) {
            // Another sync of this directory failed. What this one said may be the answer to nothing.
            return state.waiters.failed(why);
        }
        state.log.mark_durable(plan);
        if let SyncState::SyncingMore { urgency } = more {
            let urgency = if state.waiters.has_fetches() { Urgency::Urgent } else { urgency };
            state.sync = committer.appended(self, SyncState::Clean, 0, urgency);
        }
        state.now_durable()
    }

    /// Starts the first sync, if opening the log found something to sync.
    pub(super) fn sync_what_was_found(self: &Arc<Self>) {
        let mut state = self.state();
        if state.log.durable_offset() < state.log.log_end_offset() {
            state.sync = self.directory().committer.appended(self, SyncState::Clean, 0, Urgency::Bulk);
        }
    }

    /// Makes everything durable that a start relies on, indexes and producer state too, so that the recovery point
    /// moves to the end; false if it was there already. Runs on an I/O thread.
    ///
    /// # Errors
    /// What the disk says; the directory is to be taken offline.
    pub fn checkpoint(&self) -> Result<bool, LogError> {
        let _syncing = self.syncing.lock().unwrap_or_else(PoisonError::into_inner);
        let plan = {
            let mut state = self.state();
            if state.check_open(self).is_err() {
                return Ok(false);
            }
            if !state.log.is_dirty(SyncKind::Checkpoint) {
                // Whoever read it meanwhile left handles open; the next use opens what it needs.
                state.log.close_idle()?;
                return Ok(false);
            }
            state.log.dirty(SyncKind::Checkpoint)?
        };
        if let Err(source) = plan.files().iter().try_for_each(|file| file.sync_data()) {
            let error = LogError::Io { path: self.name.to_string(), source };
            self.directory().fail(&format!("a sync failed: {error}"));
            return Err(error);
        }
        plan.finish(&*self.directory().disk)
            .map_err(|source| LogError::Io { path: self.name.to_string(), source })?;
        let wakes = {
            let mut state = self.state();
            if state.check_open(self).is_err() {
                return Ok(false);
            }
            state.log.mark_durable(&plan);
            if !state.log.is_dirty(SyncKind::Checkpoint) {
                // A log that rests holds no file descriptor. Only now: a handle that is closed over unsynced bytes may
                // take the news of their loss with it.
                state.log.close_idle()?;
            }
            state.now_durable()
        };
        wakes.wake();
        Ok(true)
    }

    /// Syncs soon what was appended more than `flush.ms` ago.
    pub fn flush_if_old(self: &Arc<Self>, now_ms: i64) {
        let mut state = self.state();
        let limit = self.settings.load().topic.flush_ms;
        let old = state.unflushed_since_ms.is_some_and(|since| now_ms.saturating_sub(since) >= limit);
        if old && state.check_open(self).is_ok() {
            state.sync = self.directory().committer.appended(self, state.sync, 0, Urgency::Bulk);
        }
    }

    /// Gives the file handles back of a log whose records are all synced; the next use opens what it needs. Index entries
    /// may be written, not synced, for this; their error, if there is one, is told to the next checkpoint's sync. Where
    /// no handle is left to write them with they wait in memory, and nobody needs to hear of it.
    pub fn rest(&self) {
        let state = self.state();
        if state.check_open(self).is_ok()
            && state.sync == SyncState::Clean
            && let Err(error) = state.log.close_idle()
            && !error.is_passing()
        {
            tracing::warn!(partition = %self.name, %error, "cannot close the files of a log at rest");
        }
    }

    /// Asks for a sync at once, because somebody waits for what is appended already.
    pub(super) fn hurry(self: &Arc<Self>, state: &mut State) {
        if state.sync != SyncState::Clean {
            state.sync = self.directory().committer.appended(self, state.sync, 0, Urgency::Urgent);
        }
    }
}

impl State {
    /// What follows from a sync that was noted: committed records, and the ends of waits for it.
    fn now_durable(&mut self) -> Wakes {
        let durable = self.log.durable_offset();
        if durable == self.log.log_end_offset() {
            self.unflushed_since_ms = None;
        }
        let mut wakes = self.advance_to(durable);
        self.waiters.flushed(durable, &mut wakes);
        wakes
    }

    /// Raises the high watermark, if it is below `end`.
    pub(super) fn advance_to(&mut self, end: Offset) -> Wakes {
        if self.closed.is_some() || end <= self.high_watermark {
            return Wakes::default();
        }
        self.high_watermark = end;
        self.log.on_high_watermark(end);
        self.waiters.advanced(end)
    }
}
