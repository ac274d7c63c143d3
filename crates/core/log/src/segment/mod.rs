//! One segment: a `.log` file and its indexes.
//!
//! A segment is shared between the log, which appends to the newest one, and readers, which may look batches up without
//! holding the log. Files are opened at first use and given back by [`Segment::close`].

mod append;
mod lookup;
mod rebuild;
pub(crate) mod recover;
mod replace;
pub(crate) mod scan;
mod timestamps;

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use headwater_base::Offset;

use crate::disk::{Disk, DiskFile, OpenMode};
use crate::error::LogError;
use crate::index::IndexFile;
use crate::index::offset::OffsetEntry;
use crate::index::time::TimeEntry;
use crate::names::{FileKind, Stage, file_name, stage_suffix};
use crate::producer::AbortedTransaction;

pub(crate) use append::Ahead;
pub(crate) use scan::Located;

/// A timestamp and the offset that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampOffset {
    /// Milliseconds.
    pub timestamp: i64,
    /// The offset.
    pub offset: Offset,
}

/// How many of the newest batches a segment remembers, so that readers at the end need not search.
const RECENT_BATCHES: usize = 32;

/// See the module.
pub(crate) struct Segment {
    disk: Arc<dyn Disk>,
    dir: Arc<str>,
    base: Offset,
    index_interval_bytes: u32,
    /// What its files' names end in; see `replace.rs`.
    stage: AtomicU8,
    state: Mutex<State>,
}

#[derive(Default)]
pub(crate) struct State {
    log: Option<Arc<dyn DiskFile>>,
    /// Bytes of valid batches; the file may be longer when space is preallocated. `None` until the file was asked.
    size: Option<u64>,
    /// Bytes that the file is known to have.
    allocated: u64,
    /// Zeros could not be written ahead once.
    no_headroom: bool,
    offsets: Option<IndexFile<OffsetEntry>>,
    times: Option<IndexFile<TimeEntry>>,
    /// Aborted transactions, once read.
    aborted: Option<Vec<AbortedTransaction>>,
    /// How many of them the file has.
    aborted_stored: usize,
    /// Largest timestamp so far and the last offset of its batch, once known.
    max_timestamp: Option<TimestampOffset>,
    /// Bytes since the last entry of the offset index.
    unindexed_bytes: u64,
    /// The largest timestamp of the first batch, once known.
    first_timestamp: Option<i64>,
    recent: VecDeque<Located>,
    /// The names of its files belong to others, or will: nothing is opened any more.
    retired: bool,
}

impl Segment {
    pub(crate) fn new(
        disk: Arc<dyn Disk>,
        dir: Arc<str>,
        base: Offset,
        index_interval_bytes: u32,
    ) -> Segment {
        let stage = AtomicU8::new(Stage::Final as u8);
        Segment { disk, dir, base, index_interval_bytes, stage, state: Mutex::default() }
    }

    /// A new, empty segment with its `.log` file. One that is made beside the log is [`Stage::Cleaned`].
    pub(crate) fn create(
        disk: Arc<dyn Disk>,
        dir: Arc<str>,
        base: Offset,
        index_interval_bytes: u32,
        stage: Stage,
    ) -> Result<Segment, LogError> {
        let segment = Segment::new(disk, dir, base, index_interval_bytes);
        segment.stage.store(stage as u8, Ordering::Release);
        {
            let mut state = segment.lock();
            let path = segment.path(FileKind::Log);
            let file = segment.disk.open(&path, OpenMode::Create).map_err(LogError::io(&path))?;
            if !file.is_empty().map_err(LogError::io(&path))? {
                // Left by an attempt that failed half-way, or by a power loss: nothing refers to it.
                file.truncate(0).map_err(LogError::io(&path))?;
            }
            state.log = Some(file);
            state.size = Some(0);
            state.offsets = Some(IndexFile::empty(segment.disk.clone(), segment.path(FileKind::Index)));
            state.times = Some(IndexFile::empty(segment.disk.clone(), segment.path(FileKind::TimeIndex)));
            state.aborted = Some(Vec::new());
            state.max_timestamp = Some(TimestampOffset { timestamp: -1, offset: base });
        }
        Ok(segment)
    }

    pub(crate) fn base(&self) -> Offset {
        self.base
    }

    /// The path of one of its files.
    pub(crate) fn path(&self, kind: FileKind) -> String {
        format!("{}/{}{}", self.dir, file_name(self.base, kind), stage_suffix(self.stage()))
    }

    fn stage(&self) -> Stage {
        let number = self.stage.load(Ordering::Acquire);
        Stage::ALL.into_iter().find(|stage| *stage as u8 == number).expect("only stages are stored")
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, kind: FileKind) -> impl FnOnce(io::Error) -> LogError {
        let path = self.path(kind);
        move |source| LogError::Io { path, source }
    }

    fn relative(&self, offset: Offset) -> u32 {
        (offset - self.base).clamp(0, i64::from(u32::MAX)) as u32
    }

    /// The open `.log` file.
    pub(crate) fn file(&self) -> Result<Arc<dyn DiskFile>, LogError> {
        self.log_file(&mut self.lock())
    }

    fn log_file(&self, state: &mut State) -> Result<Arc<dyn DiskFile>, LogError> {
        if let Some(file) = &state.log {
            return Ok(file.clone());
        }
        self.check_retired(state)?;
        let file = self.disk.open(&self.path(FileKind::Log), OpenMode::Existing);
        let file = file.map_err(self.failed(FileKind::Log))?;
        state.log = Some(file.clone());
        Ok(file)
    }

    /// Bytes of valid batches. Whoever only asks for sizes leaves no file open behind him.
    pub(crate) fn size(&self) -> Result<u64, LogError> {
        let mut state = self.lock();
        let was_open = state.log.is_some();
        let size = self.valid_size(&mut state);
        if !was_open {
            state.log = None;
        }
        size
    }

    fn valid_size(&self, state: &mut State) -> Result<u64, LogError> {
        if let Some(size) = state.size {
            return Ok(size);
        }
        let size = self.log_file(state)?.len().map_err(self.failed(FileKind::Log))?;
        state.size = Some(size);
        state.allocated = size;
        Ok(size)
    }

    /// Gives the file handles back, and what only saves reading. Waiting index entries are written first; those that
    /// cannot be stay in memory. Never more than one file is opened for that, after one was closed: a process that has
    /// no handle left gets them back this way.
    pub(crate) fn close(&self) -> Result<(), LogError> {
        let mut state = self.lock();
        state.log = None;
        state.recent = VecDeque::new();
        let times = state.times.as_mut().map_or(Ok(()), IndexFile::finish);
        let offsets = state.offsets.as_mut().map_or(Ok(()), IndexFile::finish);
        self.flush_aborted(&mut state)?;
        if state.aborted.as_ref().is_some_and(|aborted| !aborted.is_empty()) {
            state.aborted = None;
        }
        times.map_err(self.failed(FileKind::TimeIndex))?;
        offsets.map_err(self.failed(FileKind::Index))
    }

    /// Whether any of its files is open.
    pub(crate) fn is_open(&self) -> bool {
        let state = self.lock();
        state.log.is_some()
            || state.offsets.as_ref().is_some_and(IndexFile::is_open)
            || state.times.as_ref().is_some_and(IndexFile::is_open)
    }
}
