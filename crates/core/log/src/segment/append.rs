//! Appending to the active segment, and sealing it.

use std::io::{self, IoSlice};
use std::sync::Arc;

use headwater_base::Offset;
use headwater_records::BatchHeader;

use super::{Located, RECENT_BATCHES, Segment, State, TimestampOffset};
use crate::disk::{DiskFile, OpenMode};
use crate::error::LogError;
use crate::index::offset::OffsetEntry;
use crate::index::time::TimeEntry;
use crate::index::{IndexFile, transaction};
use crate::names::FileKind;
use crate::producer::AbortedTransaction;

/// What an append does for those that follow.
#[derive(Clone, Copy)]
pub(crate) struct Ahead {
    /// Space is reserved in steps of so many bytes; 0 for none.
    pub(crate) preallocate: u64,
    /// Zeros are written ahead in steps of up to so many bytes; 0 for none.
    pub(crate) zeros: u64,
    /// No zeros are written from here on.
    pub(crate) limit: u64,
}

impl Ahead {
    /// Nothing is done.
    pub(crate) const NOTHING: Ahead = Ahead { preallocate: 0, zeros: 0, limit: 0 };
}

/// The least that is written ahead.
const LEAST_HEADROOM: u64 = 32 << 10;
const PAGE: u64 = 4 << 10;
static ZEROS: [u8; 16 << 10] = [0; 16 << 10];

/// Writes zeros from `start` to `end`.
fn write_zeros(file: &Arc<dyn DiskFile>, start: u64, end: u64) -> io::Result<()> {
    let mut left = (end - start) as usize;
    let mut parts = Vec::with_capacity(left / ZEROS.len() + 1);
    while left > 0 {
        let part = left.min(ZEROS.len());
        parts.push(IoSlice::new(&ZEROS[..part]));
        left -= part;
    }
    file.write_vectored_at(&parts, start)
}

impl Segment {
    /// Writes `bytes`, which are the batches `headers`, behind what is there. On failure nothing has changed, except
    /// that the file may have to be cut back, which was tried: the second value says whether that failed too.
    pub(crate) fn append(
        &self,
        bytes: &[u8],
        headers: &[BatchHeader],
        ahead: Ahead,
    ) -> Result<(), (LogError, bool)> {
        let mut state = self.lock();
        let sound = |error| (error, false);
        let position = self.valid_size(&mut state).map_err(sound)?;
        self.load_tail(&mut state).map_err(sound)?;
        let file = self.log_file(&mut state).map_err(sound)?;
        let end = position + bytes.len() as u64;
        if end > state.allocated {
            self.make_room(&file, &mut state, position, end, ahead)?;
        }
        if let Err(source) = file.write_at(bytes, position) {
            // What was cut must not come back between later bytes, so the cut is made durable.
            let cut = file.truncate(position).and_then(|()| file.sync_data());
            state.allocated = position;
            return Err((self.failed(FileKind::Log)(source), cut.is_err()));
        }
        state.size = Some(end);
        state.allocated = state.allocated.max(end);
        let mut position = position;
        for header in headers {
            self.note(&mut state, Located { position, header: *header });
            position += header.size() as u64;
        }
        // An index entry that cannot be written now stays in memory; seal and checkpoint report it.
        let full = |state: &State| state.offsets.as_ref().is_some_and(|offsets| offsets.wants_flush());
        if full(&state) {
            let _ = self.flush_indexes(&mut state);
        }
        Ok(())
    }

    /// Sees to space behind `end`, where an append that begins at `position` will end.
    fn make_room(
        &self,
        file: &Arc<dyn DiskFile>,
        state: &mut State,
        position: u64,
        end: u64,
        ahead: Ahead,
    ) -> Result<(), (LogError, bool)> {
        if let Some(blocks) = end.checked_div(ahead.preallocate) {
            let wanted = (blocks + 1) * ahead.preallocate;
            file.allocate(wanted).map_err(|source| (self.failed(FileKind::Log)(source), false))?;
            state.allocated = wanted;
            return Ok(());
        }
        if ahead.zeros == 0 || state.no_headroom {
            return Ok(());
        }
        // As much as there is already: a log that gets a few records takes little, and no byte is written more than twice.
        let step = position.clamp(LEAST_HEADROOM.min(ahead.zeros), ahead.zeros);
        let wanted = (end + step).next_multiple_of(PAGE).min(ahead.limit);
        if wanted <= end {
            return Ok(());
        }
        if write_zeros(file, end, wanted).is_ok() {
            state.allocated = wanted;
            return Ok(());
        }
        // The records may have room where the zeros had none. Not tried again: a full disk would be asked at every append.
        state.no_headroom = true;
        state.allocated = position;
        file.truncate(position).map_err(|source| (self.failed(FileKind::Log)(source), true))
    }

    /// Takes a batch that lies in the file into the indexes.
    pub(super) fn note(&self, state: &mut State, located: Located) {
        let header = &located.header;
        let max = state.max_timestamp.get_or_insert(TimestampOffset { timestamp: -1, offset: self.base });
        if header.max_timestamp > max.timestamp {
            *max = TimestampOffset { timestamp: header.max_timestamp, offset: header.last_offset() };
        }
        let max = *max;
        if located.position == 0 {
            state.first_timestamp = Some(header.max_timestamp);
        }
        if state.unindexed_bytes > u64::from(self.index_interval_bytes) {
            let relative_offset = self.relative(header.last_offset());
            if let Some(offsets) = &mut state.offsets {
                offsets.push(OffsetEntry { relative_offset, position: located.position as u32 });
            }
            self.note_time(state, max);
            state.unindexed_bytes = 0;
        }
        state.unindexed_bytes += header.size() as u64;
        if state.recent.len() == RECENT_BATCHES {
            state.recent.pop_front();
        }
        state.recent.push_back(located);
    }

    fn note_time(&self, state: &mut State, max: TimestampOffset) {
        let Some(times) = &mut state.times else { return };
        let newer = times.last().map_or(max.timestamp >= 0, |last| max.timestamp > last.timestamp);
        if newer {
            let relative_offset = self.relative(max.offset);
            times.push(TimeEntry { timestamp: max.timestamp, relative_offset });
        }
    }

    pub(super) fn flush_indexes(&self, state: &mut State) -> Result<(), LogError> {
        if let Some(times) = &mut state.times {
            times.flush().map_err(self.failed(FileKind::TimeIndex))?;
        }
        if let Some(offsets) = &mut state.offsets {
            offsets.flush().map_err(self.failed(FileKind::Index))?;
        }
        self.flush_aborted(state)
    }

    pub(super) fn flush_aborted(&self, state: &mut State) -> Result<(), LogError> {
        let Some(aborted) = &state.aborted else { return Ok(()) };
        if state.aborted_stored == aborted.len() {
            return Ok(());
        }
        let mut bytes = Vec::new();
        aborted[state.aborted_stored..].iter().for_each(|entry| transaction::encode(entry, &mut bytes));
        let position = (state.aborted_stored * transaction::ENTRY_SIZE) as u64;
        let written = self.transaction_index()?.write_at(&bytes, position);
        written.map_err(self.failed(FileKind::TransactionIndex))?;
        state.aborted_stored = aborted.len();
        Ok(())
    }

    /// Takes aborted transactions into the index. One that cannot be written now waits in memory, like other entries.
    pub(crate) fn add_aborted(&self, entries: &[AbortedTransaction]) -> Result<(), LogError> {
        let mut state = self.lock();
        self.load_aborted(&mut state)?.extend_from_slice(entries);
        let _ = self.flush_aborted(&mut state);
        Ok(())
    }

    /// Whether the segment cannot take `size` more bytes up to `last_offset`, by offsets and index sizes.
    pub(crate) fn is_full(&self, last_offset: Offset, max_index_bytes: u32) -> Result<bool, LogError> {
        let mut state = self.lock();
        self.load_tail(&mut state)?;
        let entries = |len: Option<u32>, size: u32| len.is_some_and(|len| len >= max_index_bytes / size);
        let full = entries(state.offsets.as_ref().map(|index| index.len()), 8)
            || entries(state.times.as_ref().map(|index| index.len()), 12);
        Ok(full || last_offset - self.base > i64::from(i32::MAX))
    }

    /// Writes everything that waits in memory, so that the files are complete and Kafka finds nothing missing. True when
    /// a file has changed.
    pub(crate) fn seal(&self) -> Result<bool, LogError> {
        let mut state = self.lock();
        self.load_tail(&mut state)?;
        let size = self.valid_size(&mut state)?;
        let padded = state.allocated > size;
        if padded {
            let file = self.log_file(&mut state)?;
            file.truncate(size).map_err(self.failed(FileKind::Log))?;
            state.allocated = size;
        }
        if let Some(max) = state.max_timestamp {
            self.note_time(&mut state, max);
        }
        let waiting = state.offsets.as_ref().is_some_and(IndexFile::wants_write)
            || state.times.as_ref().is_some_and(IndexFile::wants_write);
        self.flush_indexes(&mut state)?;
        self.transaction_index()?;
        Ok(padded || waiting)
    }

    /// The file of the transaction index. One that exists says that there are no other aborted transactions; one that
    /// is missing says nothing.
    fn transaction_index(&self) -> Result<Arc<dyn DiskFile>, LogError> {
        let path = self.path(FileKind::TransactionIndex);
        self.disk.open(&path, OpenMode::Create).map_err(LogError::io(&path))
    }

    /// The files of the segment, for a sync of all of it. The handles of the indexes are given back: many thousands of
    /// logs are checkpointed in turn, and each would keep three.
    pub(crate) fn files(&self) -> Result<Vec<Arc<dyn DiskFile>>, LogError> {
        let mut state = self.lock();
        self.load_tail(&mut state)?;
        self.flush_indexes(&mut state)?;
        let mut files = vec![self.log_file(&mut state)?];
        if let Some(offsets) = &mut state.offsets {
            files.push(offsets.file().map_err(self.failed(FileKind::Index))?);
            offsets.close();
        }
        if let Some(times) = &mut state.times {
            files.push(times.file().map_err(self.failed(FileKind::TimeIndex))?);
            times.close();
        }
        files.push(self.transaction_index()?);
        Ok(files)
    }
}
