//! Cutting the log at its end or its beginning.

use std::sync::Arc;

use headwater_base::Offset;

use super::Log;
use crate::error::LogError;
use crate::names::{FileKind, Stage, parse_file_name};
use crate::producer::ProducerState;
use crate::segment::Segment;

impl Log {
    /// Cuts the log so that it ends before `offset`. A batch that holds `offset` goes as a whole, so the new end may be
    /// smaller. What was cut is durably gone when this returns. Recovery point and log start may have become smaller, and
    /// must be in their checkpoints before anything is appended.
    ///
    /// # Errors
    /// The disk's; then the log refuses further changes.
    pub fn truncate_to(&mut self, offset: Offset, now_ms: i64) -> Result<(), LogError> {
        self.check_poison()?;
        self.check_claim()?;
        if offset >= self.log_end_offset {
            return Ok(());
        }
        if self.segments.first().is_none_or(|first| first.base() > offset) {
            return self.truncate_fully_and_start_at(offset, now_ms);
        }
        let result = self.truncate_within(offset, now_ms);
        if let Err(error) = &result {
            self.poison(&error.to_string());
        }
        result
    }

    fn truncate_within(&mut self, offset: Offset, now_ms: i64) -> Result<(), LogError> {
        let keep = self.segment_for(offset) + 1;
        // From the end on, so that a crash in between leaves no hole.
        let cut: Vec<Arc<Segment>> = self.segments[keep..].iter().rev().cloned().collect();
        for segment in &cut {
            self.remove_segment(segment)?;
        }
        Arc::make_mut(&mut self.segments).truncate(keep);
        let active = self.segments[keep - 1].clone();
        active.truncate(offset)?;
        let end = active.next_offset()?;
        self.remove_snapshots(|at| at > end)?;
        self.log_end_offset = end;
        self.unsettled = true;
        self.log_start_offset = self.log_start_offset.min(end);
        self.active_since_ms = now_ms;
        if self.epochs.truncate_from_end(end) {
            self.sync.epochs_changed();
        }
        self.sync.truncated(end);
        self.drop_aborted_from(end)?;
        for file in active.files()? {
            file.sync_data().map_err(LogError::io(&self.dir))?;
        }
        self.disk.sync_dir(&self.dir).map_err(LogError::io(&self.dir))?;
        self.producers = self.load_producers(end, now_ms)?;
        self.forget_compacted(end)
    }

    fn drop_aborted_from(&self, end: Offset) -> Result<(), LogError> {
        let Some(active) = self.active() else { return Ok(()) };
        if let Some(mut aborted) = active.aborted()? {
            let before = aborted.len();
            aborted.retain(|entry| entry.last_offset < end);
            if aborted.len() < before {
                active.set_aborted(aborted)?;
            }
        }
        Ok(())
    }

    /// Drops everything and lets the log begin, and end, at `offset`: what a follower does whose leader's log begins
    /// behind its own end. As with [`Log::truncate_to`], the recovery point has to be written afterwards.
    ///
    /// # Errors
    /// The disk's; then the log refuses further changes.
    pub fn truncate_fully_and_start_at(&mut self, offset: Offset, now_ms: i64) -> Result<(), LogError> {
        self.check_poison()?;
        self.check_claim()?;
        let result = self.drop_all();
        if let Err(error) = &result {
            self.poison(&error.to_string());
        }
        result?;
        self.log_start_offset = offset;
        self.log_end_offset = offset;
        self.active_since_ms = now_ms;
        self.epochs.clear();
        self.producers = ProducerState::starting_at(offset);
        self.sync.truncated(offset);
        self.sync.start_moved(offset);
        self.sync.epochs_changed();
        Ok(())
    }

    fn drop_all(&mut self) -> Result<(), LogError> {
        let segments = std::mem::take(&mut self.segments);
        for segment in segments.iter().rev() {
            self.remove_segment(segment)?;
        }
        self.remove_snapshots(|_| true)?;
        self.forget_compacted(Offset::ZERO)?;
        self.disk.sync_dir(&self.dir).map_err(LogError::io(&self.dir))
    }

    /// Removes a segment's files, the batches first and durably, so that segments go one after another whatever
    /// happens: indexes without batches are swept at the next start.
    pub(super) fn remove_segment(&self, segment: &Segment) -> Result<(), LogError> {
        self.remove_if_there(&segment.path(FileKind::Log))?;
        self.disk.sync_dir(&self.dir).map_err(LogError::io(&self.dir))?;
        for kind in [FileKind::Index, FileKind::TimeIndex, FileKind::TransactionIndex] {
            self.remove_if_there(&segment.path(kind))?;
        }
        Ok(())
    }

    pub(super) fn remove_snapshots(&self, which: impl Fn(Offset) -> bool) -> Result<(), LogError> {
        for entry in self.disk.list(&self.dir).map_err(LogError::io(&self.dir))? {
            if let Some((offset, FileKind::Snapshot, Stage::Final)) = parse_file_name(&entry.name)
                && which(offset)
            {
                self.remove_if_there(&self.path(&entry.name))?;
            }
        }
        Ok(())
    }

    pub(super) fn remove_if_there(&self, path: &str) -> Result<(), LogError> {
        match self.disk.remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(LogError::io(path)(error)),
            _ => Ok(()),
        }
    }
}
