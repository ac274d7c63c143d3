//! From offsets to batches.

use headwater_base::Offset;
use headwater_records::BatchHeader;

use super::scan::{Break, HeaderScan, check_offsets};
use super::{Located, Segment, State};
use crate::error::LogError;
use crate::names::FileKind;

/// What a walk calls: with a header, and a way to the whole batch.
pub(crate) type See<'a> =
    &'a mut dyn FnMut(&BatchHeader, &mut dyn FnMut() -> Result<Vec<u8>, LogError>) -> Result<(), LogError>;

impl Segment {
    /// The batch that holds `target`, or the first behind it; `None` when none begins before byte `end`.
    pub(crate) fn locate(&self, target: Offset, end: u64) -> Result<Option<Located>, LogError> {
        let mut state = self.lock();
        let end = end.min(self.valid_size(&mut state)?);
        self.locate_in(&mut state, target, end)
    }

    pub(super) fn locate_in(
        &self,
        state: &mut State,
        target: Offset,
        end: u64,
    ) -> Result<Option<Located>, LogError> {
        if let Some(first) = state.recent.front()
            && first.header.base_offset <= target
        {
            let slot = state.recent.partition_point(|batch| batch.header.last_offset() < target);
            return Ok(state.recent.get(slot).filter(|batch| batch.end() <= end).copied());
        }
        self.load_tail(state)?;
        if let Some(found) = self.search(state, target, end)? {
            return Ok(found);
        }
        self.rebuild_indexes(state)?;
        match self.search(state, target, end)? {
            Some(found) => Ok(found),
            None => {
                Err(self.damaged(0, self.base, "batches that fit the index just built", "others".to_owned()))
            }
        }
    }

    /// The batch of `target` by index and walk. The outer `None`: the index does not fit the batches.
    #[allow(clippy::option_option)]
    fn search(
        &self,
        state: &mut State,
        target: Offset,
        end: u64,
    ) -> Result<Option<Option<Located>>, LogError> {
        let relative = self.relative(target);
        let Some(offsets) = &mut state.offsets else { return Ok(Some(None)) };
        let failed = self.failed(FileKind::Index);
        let mut floor = || {
            let after = offsets.partition_point(|entry| entry.relative_offset <= relative)?;
            after.checked_sub(1).map(|slot| offsets.read(slot)).transpose()
        };
        let entry = if target < self.base { None } else { floor().map_err(failed)? };
        let start = entry.map_or(0, |entry| u64::from(entry.position));
        let mut scan = HeaderScan::lookup(self.log_file(state)?, start, end);
        let mut entry = entry;
        loop {
            match scan.next().map_err(self.failed(FileKind::Log))? {
                None => return Ok(Some(None)),
                Some(Err(_)) if entry.is_some() => return Ok(None),
                Some(Err(broken)) => return Err(self.broken(scan.position(), target, &broken)),
                Some(Ok(located)) => {
                    if let Some(entry) = entry.take()
                        && self.relative(located.header.last_offset()) != entry.relative_offset
                    {
                        return Ok(None);
                    }
                    if located.header.last_offset() >= target {
                        return Ok(Some(Some(located)));
                    }
                }
            }
        }
    }

    /// The largest position up to `limit`, behind `start`, at which the indexes know a batch to begin.
    pub(crate) fn aligned_end(&self, start: u64, limit: u64) -> Result<Option<u64>, LogError> {
        let mut state = self.lock();
        let known = state.recent.iter().rev().find(|batch| batch.end() <= limit).map(Located::end);
        if let Some(end) = known.filter(|end| *end > start) {
            return Ok(Some(end));
        }
        self.load_tail(&mut state)?;
        let Some(offsets) = &mut state.offsets else { return Ok(None) };
        let mut last_before = || {
            let after = offsets.partition_point(|entry| u64::from(entry.position) <= limit)?;
            after.checked_sub(1).map(|slot| offsets.read(slot)).transpose()
        };
        let entry = last_before().map_err(self.failed(FileKind::Index))?;
        Ok(entry.map(|entry| u64::from(entry.position)).filter(|position| *position > start))
    }

    /// An offset that is not smaller than any in the bytes before `position`, if the index knows one.
    pub(crate) fn offset_behind(&self, position: u64) -> Result<Option<Offset>, LogError> {
        let mut state = self.lock();
        self.load_tail(&mut state)?;
        let Some(offsets) = &mut state.offsets else { return Ok(None) };
        let mut first_behind = || {
            let slot = offsets.partition_point(|entry| u64::from(entry.position) < position)?;
            (slot < offsets.len()).then(|| offsets.read(slot)).transpose()
        };
        let entry = first_behind().map_err(self.failed(FileKind::Index))?;
        Ok(entry.map(|entry| self.base + i64::from(entry.relative_offset)))
    }

    /// The offset after the last batch, by a walk from the last index entry; the base offset when there is none.
    pub(crate) fn next_offset(&self) -> Result<Offset, LogError> {
        let mut state = self.lock();
        let end = self.valid_size(&mut state)?;
        self.load_tail(&mut state)?;
        Ok(state.recent.back().map_or(self.base, |last| last.header.next_offset())).inspect(|_| {
            debug_assert!(state.recent.back().is_none_or(|last| last.end() == end));
        })
    }

    /// Calls `see` for every batch that ends behind `from`, with a way to its bytes.
    pub(crate) fn walk(&self, from: Offset, see: See<'_>) -> Result<(), LogError> {
        let start = if from <= self.base {
            0
        } else {
            self.locate(from, u64::MAX)?.map_or(u64::MAX, |at| at.position)
        };
        self.walk_bytes(start, u64::MAX, see)
    }

    /// As [`Segment::walk`], between positions at which batches begin.
    pub(crate) fn walk_bytes(&self, start: u64, end: u64, see: See<'_>) -> Result<(), LogError> {
        let (file, size) = {
            let mut state = self.lock();
            (self.log_file(&mut state)?, self.valid_size(&mut state)?)
        };
        let end = end.min(size);
        let mut scan = HeaderScan::walk(file, start, end);
        let mut expected = self.base;
        while let Some(found) = scan.next().map_err(self.failed(FileKind::Log))? {
            let checked =
                found.and_then(|located| check_offsets(&located.header, expected).map(|()| located));
            let located = checked.map_err(|broken| self.broken(scan.position(), expected, &broken))?;
            expected = located.header.next_offset();
            let mut batch = || scan.batch(&located).map(<[u8]>::to_vec).map_err(self.failed(FileKind::Log));
            see(&located.header, &mut batch)?;
        }
        Ok(())
    }

    pub(super) fn broken(&self, position: u64, offset: Offset, broken: &Break) -> LogError {
        self.damaged(position, offset, "a batch", broken.to_string())
    }

    pub(crate) fn damaged(&self, position: u64, offset: Offset, expected: &str, found: String) -> LogError {
        LogError::Corrupt {
            file: self.path(FileKind::Log),
            position,
            offset,
            expected: expected.to_owned(),
            found,
        }
    }
}
