//! From timestamps to offsets.

use headwater_base::{LeaderEpoch, Offset};
use headwater_records::{BatchView, Scratch};

use super::scan::HeaderScan;
use super::{Located, Segment, State, TimestampOffset};
use crate::error::LogError;
use crate::names::FileKind;

/// Bytes that the records of one batch may have uncompressed when they are searched for a timestamp.
const RECORDS_LIMIT: usize = 256 << 20;

impl Segment {
    /// The largest timestamp of the segment, −1 when none has one.
    pub(crate) fn max_timestamp(&self) -> Result<TimestampOffset, LogError> {
        let mut state = self.lock();
        self.load_tail(&mut state)?;
        Ok(state.max_timestamp.unwrap_or(TimestampOffset { timestamp: -1, offset: self.base }))
    }

    /// What the segment's age counts from: the largest timestamp, or where no record has one the time of the last write,
    /// if the disk knows it.
    pub(crate) fn largest_timestamp(&self) -> Result<Option<i64>, LogError> {
        let max = self.max_timestamp()?.timestamp;
        if max >= 0 {
            return Ok(Some(max));
        }
        let mut state = self.lock();
        self.log_file(&mut state)?.modified_ms().map_err(self.failed(FileKind::Log))
    }

    /// The largest timestamp of the first batch: how long a segment lives counts from it.
    pub(crate) fn first_timestamp(&self) -> Result<Option<i64>, LogError> {
        let mut state = self.lock();
        if state.first_timestamp.is_none() {
            let size = self.valid_size(&mut state)?;
            let mut scan = HeaderScan::lookup(self.log_file(&mut state)?, 0, size);
            let first = scan.next().map_err(self.failed(FileKind::Log))?;
            state.first_timestamp = first.and_then(Result::ok).map(|located| located.header.max_timestamp);
        }
        Ok(state.first_timestamp)
    }

    /// The first record from `from` on whose timestamp is not smaller than `timestamp`.
    pub(crate) fn find_by_timestamp(
        &self,
        timestamp: i64,
        from: Offset,
    ) -> Result<Option<(TimestampOffset, LeaderEpoch)>, LogError> {
        let mut state = self.lock();
        let size = self.valid_size(&mut state)?;
        self.load_tail(&mut state)?;
        let start = match self.start_for_timestamp(&mut state, timestamp, from, size)? {
            Some(start) => start,
            None => {
                self.rebuild_indexes(&mut state)?;
                self.start_for_timestamp(&mut state, timestamp, from, size)?.unwrap_or(0)
            }
        };
        let mut scan = HeaderScan::lookup(self.log_file(&mut state)?, start, size);
        while let Some(found) = scan.next().map_err(self.failed(FileKind::Log))? {
            let located = found.map_err(|broken| self.broken(scan.position(), from, &broken))?;
            if located.header.max_timestamp < timestamp || located.header.last_offset() < from {
                continue;
            }
            let fits = |at: i64, offset: Offset| at >= timestamp && offset >= from;
            if let Some(found) = self.find_record(&mut state, &located, fits)? {
                return Ok(Some((found, located.header.leader_epoch)));
            }
        }
        Ok(None)
    }

    /// Where a search for a timestamp may start; `None` when the time index does not fit the batches.
    fn start_for_timestamp(
        &self,
        state: &mut State,
        timestamp: i64,
        from: Offset,
        size: u64,
    ) -> Result<Option<u64>, LogError> {
        let Some(times) = &mut state.times else { return Ok(Some(0)) };
        let mut floor = || {
            let after = times.partition_point(|entry| entry.timestamp <= timestamp)?;
            after.checked_sub(1).map(|slot| times.read(slot)).transpose()
        };
        let entry = floor().map_err(self.failed(FileKind::TimeIndex))?;
        let mut start = 0;
        if let Some(entry) = entry {
            let offset = self.base + i64::from(entry.relative_offset);
            match self.locate_in(state, offset, size)? {
                Some(located) if located.header.max_timestamp == entry.timestamp => start = located.position,
                _ => return Ok(None),
            }
        }
        if from > self.base
            && let Some(located) = self.locate_in(state, from, size)?
        {
            start = start.max(located.position);
        }
        Ok(Some(start))
    }

    /// The first record that has the segment's largest timestamp.
    pub(crate) fn find_max_timestamp(
        &self,
        max: TimestampOffset,
    ) -> Result<Option<(TimestampOffset, LeaderEpoch)>, LogError> {
        let mut state = self.lock();
        let size = self.valid_size(&mut state)?;
        let Some(located) = self.locate_in(&mut state, max.offset, size)? else { return Ok(None) };
        let found = self.find_record(&mut state, &located, |at, _| at == max.timestamp)?;
        Ok(found.map(|found| (found, located.header.leader_epoch)))
    }

    fn find_record(
        &self,
        state: &mut State,
        located: &Located,
        fits: impl Fn(i64, Offset) -> bool,
    ) -> Result<Option<TimestampOffset>, LogError> {
        let mut bytes = vec![0; located.header.size()];
        let read = self.log_file(state)?.read_at(&mut bytes, located.position);
        bytes.truncate(read.map_err(self.failed(FileKind::Log))?);
        let damaged = |found: String| {
            self.damaged(located.position, located.header.base_offset, "readable records", found)
        };
        let batch = BatchView::parse(&bytes).map_err(|error| damaged(error.to_string()))?;
        batch.verify_crc().map_err(|error| damaged(error.to_string()))?;
        let mut space = Vec::new();
        let records = batch.records(&mut Scratch::new(), &mut space, RECORDS_LIMIT);
        for record in records.map_err(|error| damaged(error.to_string()))? {
            let record = record.map_err(|error| damaged(error.to_string()))?;
            if fits(record.timestamp, record.offset) {
                return Ok(Some(TimestampOffset { timestamp: record.timestamp, offset: record.offset }));
            }
        }
        Ok(None)
    }
}
