//! A segment that takes the place of others, and those whose place is taken.

use std::io;
use std::sync::atomic::Ordering;

use super::{Segment, State};
use crate::error::LogError;
use crate::names::{FileKind, Stage, file_name, stage_suffix};

impl Segment {
    /// Gives its files the names of another stage, the `.log` last. Who reads it waits meanwhile.
    pub(crate) fn rename(&self, stage: Stage) -> Result<(), LogError> {
        let mut state = self.lock();
        self.flush_indexes(&mut state)?;
        for kind in [FileKind::TransactionIndex, FileKind::TimeIndex, FileKind::Index, FileKind::Log] {
            let from = self.path(kind);
            let to = format!("{}/{}{}", self.dir, file_name(self.base, kind), stage_suffix(stage));
            self.disk.rename(&from, &to).map_err(LogError::io(&from))?;
        }
        self.stage.store(stage as u8, Ordering::Release);
        // They know their files by name, and are loaded again at the next use.
        state.offsets = None;
        state.times = None;
        Ok(())
    }

    /// Opens nothing any more. Who holds a file may read it to its end.
    pub(crate) fn retire(&self) {
        *self.lock() = State { retired: true, ..State::default() };
    }

    pub(super) fn check_retired(&self, state: &State) -> Result<(), LogError> {
        if state.retired { Err(LogError::Replaced(self.path(FileKind::Log))) } else { Ok(()) }
    }

    /// Whether another segment has its place.
    pub(crate) fn is_retired(&self) -> bool {
        self.lock().retired
    }

    /// Bytes of both indexes: offsets, timestamps.
    pub(crate) fn index_bytes(&self) -> Result<(u64, u64), LogError> {
        let mut state = self.lock();
        self.load_tail(&mut state)?;
        let bytes = |entries: Option<u32>, size: u64| u64::from(entries.unwrap_or(0)) * size;
        let offsets = bytes(state.offsets.as_ref().map(|index| index.len()), 8);
        Ok((offsets, bytes(state.times.as_ref().map(|index| index.len()), 12)))
    }

    /// A failure of the disk while the batches were read.
    pub(crate) fn read_failed(&self, source: io::Error) -> LogError {
        LogError::Io { path: self.path(FileKind::Log), source }
    }
}
