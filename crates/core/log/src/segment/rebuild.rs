//! Loading a segment's indexes, and building them again when they are missing or cannot be right.

use std::collections::VecDeque;
use std::io;

use headwater_base::Offset;

use super::scan::{Break, HeaderScan, check_offsets};
use super::{Segment, State, TimestampOffset};
use crate::disk::{OpenMode, read_whole};
use crate::error::LogError;
use crate::index::offset::OffsetEntry;
use crate::index::time::TimeEntry;
use crate::index::{IndexFile, transaction};
use crate::names::FileKind;
use crate::producer::AbortedTransaction;

/// A transaction index longer than this is taken for garbage.
const MAX_TRANSACTION_INDEX: u64 = 1 << 30;

impl Segment {
    /// Loads the indexes and what follows from the last batches, if that has not been done.
    pub(super) fn load_tail(&self, state: &mut State) -> Result<(), LogError> {
        if state.offsets.is_some() && state.times.is_some() && state.max_timestamp.is_some() {
            return Ok(());
        }
        self.check_retired(state)?;
        if !self.load_indexes(state)? || !self.walk_tail(state)? || !self.last_time_fits(state)? {
            self.rebuild_indexes(state)?;
        }
        Ok(())
    }

    /// Whether the last entry of the time index says what its batch says.
    fn last_time_fits(&self, state: &mut State) -> Result<bool, LogError> {
        let Some(entry) = state.times.as_ref().and_then(IndexFile::last) else { return Ok(true) };
        let size = self.valid_size(state)?;
        let offset = self.base + i64::from(entry.relative_offset);
        let located = self.locate_in(state, offset, size)?;
        Ok(located.is_some_and(|located| located.header.max_timestamp == entry.timestamp))
    }

    /// Opens both index files; false when one is missing or cannot be right.
    fn load_indexes(&self, state: &mut State) -> Result<bool, LogError> {
        let size = self.valid_size(state)?;
        let offsets = IndexFile::<OffsetEntry>::load(self.disk.clone(), self.path(FileKind::Index));
        let times = IndexFile::<TimeEntry>::load(self.disk.clone(), self.path(FileKind::TimeIndex));
        let offsets = offsets.map_err(self.failed(FileKind::Index))?;
        let times = times.map_err(self.failed(FileKind::TimeIndex))?;
        let (Some(mut offsets), Some(mut times)) = (offsets, times) else { return Ok(false) };
        let sane = are_sane(&mut offsets, &mut times, size).map_err(self.failed(FileKind::Index))?;
        state.offsets = Some(offsets);
        state.times = Some(times);
        Ok(sane)
    }

    /// Walks from the last index entry to the end; false when the entry does not fit the batches there.
    fn walk_tail(&self, state: &mut State) -> Result<bool, LogError> {
        let size = self.valid_size(state)?;
        let last = state.offsets.as_ref().and_then(IndexFile::last);
        let start = last.map_or(0, |entry| u64::from(entry.position));
        let mut max = match state.times.as_ref().and_then(IndexFile::last) {
            Some(entry) => TimestampOffset {
                timestamp: entry.timestamp,
                offset: self.base + i64::from(entry.relative_offset),
            },
            None => TimestampOffset { timestamp: -1, offset: self.base },
        };
        let mut scan = HeaderScan::lookup(self.log_file(state)?, start, size);
        let mut recent = VecDeque::new();
        let mut expected = last.map_or(self.base, |entry| self.base + i64::from(entry.relative_offset));
        let mut entry = last;
        while let Some(found) = scan.next().map_err(self.failed(FileKind::Log))? {
            let located = match found {
                Ok(located) => located,
                Err(_) if last.is_some() => return Ok(false),
                Err(broken) => return Err(self.broken(scan.position(), expected, &broken)),
            };
            let header = &located.header;
            let fits = match entry.take() {
                // With the entry of this batch the time index got the largest timestamp up to it.
                Some(entry) => {
                    header.last_offset() == self.base + i64::from(entry.relative_offset)
                        && header.max_timestamp <= max.timestamp
                }
                None => header.base_offset >= expected,
            };
            if !fits {
                return Ok(false);
            }
            expected = header.next_offset();
            if header.max_timestamp > max.timestamp {
                max = TimestampOffset { timestamp: header.max_timestamp, offset: header.last_offset() };
            }
            if recent.len() == super::RECENT_BATCHES {
                recent.pop_front();
            }
            recent.push_back(located);
        }
        // The time index must not speak of offsets that are not there.
        if max.offset >= expected && max.timestamp >= 0 {
            return Ok(false);
        }
        state.recent = recent;
        state.unindexed_bytes = size - start;
        state.max_timestamp = Some(max);
        Ok(true)
    }

    /// Builds both indexes from the batches.
    pub(super) fn rebuild_indexes(&self, state: &mut State) -> Result<(), LogError> {
        let size = self.valid_size(state)?;
        state.start_indexes(self);
        let mut scan = HeaderScan::walk(self.log_file(state)?, 0, size);
        let mut expected = self.base;
        while let Some(found) = scan.next().map_err(self.failed(FileKind::Log))? {
            let checked: Result<_, Break> =
                found.and_then(|located| check_offsets(&located.header, expected).map(|()| located));
            let located = checked.map_err(|broken| self.broken(scan.position(), expected, &broken))?;
            expected = located.header.next_offset();
            self.note(state, located);
        }
        self.flush_indexes(state)
    }

    /// The aborted transactions of the segment, read at first use. A file that cannot be right is an error of kind
    /// `InvalidData`, which the log answers by building the index again.
    pub(super) fn load_aborted<'a>(
        &self,
        state: &'a mut State,
    ) -> Result<&'a mut Vec<AbortedTransaction>, LogError> {
        if state.aborted.is_none() {
            self.check_retired(state)?;
            let failed = self.failed(FileKind::TransactionIndex);
            let path = self.path(FileKind::TransactionIndex);
            let bytes = read_whole(self.disk.as_ref(), &path, MAX_TRANSACTION_INDEX);
            let bytes = bytes.map_err(LogError::io(&path))?.unwrap_or_default();
            let aborted = transaction::decode(&bytes, self.base)
                .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not a transaction index"))
                .map_err(failed)?;
            state.aborted_stored = aborted.len();
            state.aborted = Some(aborted);
        }
        Ok(state.aborted.get_or_insert_default())
    }

    /// Collects the aborted transactions with records from `from` on and before `upper`. True when no later segment can
    /// have more of them. `None` as for [`Segment::aborted`].
    pub(crate) fn collect_aborted(
        &self,
        from: Offset,
        upper: Offset,
        found: &mut Vec<AbortedTransaction>,
    ) -> Result<Option<bool>, LogError> {
        let mut state = self.lock();
        if !self.knows_aborted(&mut state)? {
            return Ok(None);
        }
        let entries = self.load_aborted(&mut state)?;
        let first = entries.partition_point(|entry| entry.last_offset < from);
        for entry in &entries[first..] {
            if entry.first_offset < upper {
                found.push(*entry);
            }
            if entry.last_stable_offset >= upper {
                return Ok(Some(true));
            }
        }
        Ok(Some(false))
    }

    /// Whether the transaction index is there and can be right.
    fn knows_aborted(&self, state: &mut State) -> Result<bool, LogError> {
        if state.aborted.is_some() {
            return Ok(true);
        }
        self.check_retired(state)?;
        let path = self.path(FileKind::TransactionIndex);
        if !self.disk.exists(&path).map_err(LogError::io(&path))? {
            return Ok(false);
        }
        match self.load_aborted(state) {
            Ok(_) => Ok(true),
            Err(LogError::Io { source, .. }) if source.kind() == io::ErrorKind::InvalidData => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The aborted transactions of the segment; `None` when the index cannot be right or is missing: then nobody knows
    /// whether there are some. (Kafka writes no file where there are none; it is written once they were looked for.)
    pub(crate) fn aborted(&self) -> Result<Option<Vec<AbortedTransaction>>, LogError> {
        let mut state = self.lock();
        if !self.knows_aborted(&mut state)? {
            return Ok(None);
        }
        self.load_aborted(&mut state).map(|aborted| Some(aborted.clone()))
    }

    /// Replaces the transaction index, durably: an entry that was taken back must not come back.
    pub(crate) fn set_aborted(&self, entries: Vec<AbortedTransaction>) -> Result<(), LogError> {
        let mut state = self.lock();
        self.check_retired(&state)?;
        let mut bytes = Vec::with_capacity(entries.len() * transaction::ENTRY_SIZE);
        entries.iter().for_each(|entry| transaction::encode(entry, &mut bytes));
        let path = self.path(FileKind::TransactionIndex);
        let file = self.disk.open(&path, OpenMode::Create).map_err(LogError::io(&path))?;
        file.truncate(bytes.len() as u64).map_err(LogError::io(&path))?;
        file.write_at(&bytes, 0).and_then(|()| file.sync_data()).map_err(LogError::io(&path))?;
        state.aborted_stored = entries.len();
        state.aborted = Some(entries);
        Ok(())
    }
}

/// Whether the entries of both indexes grow, and lie within a file of `size` bytes.
pub(super) fn are_sane(
    offsets: &mut IndexFile<OffsetEntry>,
    times: &mut IndexFile<TimeEntry>,
    size: u64,
) -> io::Result<bool> {
    let start = OffsetEntry { relative_offset: 0, position: 0 };
    let grows = |a: &OffsetEntry, b: &OffsetEntry| {
        a.relative_offset < b.relative_offset && a.position < b.position && u64::from(b.position) < size
    };
    if !offsets.is_sorted(start, grows)? {
        return Ok(false);
    }
    let start = TimeEntry { timestamp: -1, relative_offset: 0 };
    times.is_sorted(start, |a, b| a.timestamp < b.timestamp && a.relative_offset <= b.relative_offset)
}

impl State {
    /// Empty indexes, to be filled by a walk from the first batch on.
    pub(super) fn start_indexes(&mut self, segment: &Segment) {
        self.offsets = Some(IndexFile::empty(segment.disk.clone(), segment.path(FileKind::Index)));
        self.times = Some(IndexFile::empty(segment.disk.clone(), segment.path(FileKind::TimeIndex)));
        self.max_timestamp = Some(TimestampOffset { timestamp: -1, offset: segment.base });
        self.unindexed_bytes = 0;
        self.first_timestamp = None;
        self.recent = VecDeque::new();
    }
}
