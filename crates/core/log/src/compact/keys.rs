//! The first pass: keys of the dirty part go into the map (`Cleaner.buildOffsetMap`).

use std::sync::Arc;

use headwater_base::Offset;
use headwater_records::control::ControlType;
use headwater_records::{BatchView, RecordsError};

use super::filter::{RECORDS_LIMIT, Workspace};
use super::offset_map::OffsetMap;
use super::transactions::CleanedTransactions;
use super::{Cleanable, LogView};
use crate::error::LogError;
use crate::segment::Segment;
use crate::segment::scan::HeaderScan;

/// How a control batch begins; the outer `None` for one without records.
#[allow(clippy::option_option)]
pub(super) fn control_kind(
    batch: &BatchView<'_>,
    workspace: &mut Workspace,
) -> Result<Option<Option<ControlType>>, RecordsError> {
    let Workspace { scratch, space, .. } = workspace;
    let Some(record) = batch.records(scratch, space, RECORDS_LIMIT)?.next() else { return Ok(None) };
    Ok(Some(record?.key.and_then(ControlType::from_key)))
}

/// A walk over one segment's batches that goes on where it stopped.
pub(super) struct Walk {
    pub(super) segment: Arc<Segment>,
    scan: HeaderScan,
    expected: Offset,
}

impl Walk {
    /// Over the batches from the one that holds `from` on.
    pub(super) fn new(segment: &Arc<Segment>, from: Offset, chunk: usize) -> Result<Walk, LogError> {
        let size = segment.size()?;
        let start = match from <= segment.base() {
            true => 0,
            false => segment.locate(from, size)?.map_or(size, |located| located.position),
        };
        let scan = HeaderScan::new(segment.file()?, start, size, chunk);
        Ok(Walk { segment: segment.clone(), scan, expected: segment.base() })
    }

    /// Gives whole batches to `see` until about `bytes` are read, it says no, or the segment ends: then `None`, else how
    /// many were read.
    pub(super) fn go_on(
        &mut self,
        bytes: u64,
        see: &mut dyn FnMut(&BatchView<'_>) -> Result<bool, RecordsError>,
    ) -> Result<Option<u64>, LogError> {
        let from = self.scan.position();
        loop {
            let before = self.scan.position();
            let damaged = |offset: Offset, found: String| {
                self.segment.damaged(before, offset, "a batch that can be read", found)
            };
            let next = self.scan.next().map_err(|source| self.segment.read_failed(source))?;
            let located = match next {
                None => return Ok((before > from).then_some(before - from)),
                Some(found) => found.map_err(|broken| damaged(self.expected, broken.to_string()))?,
            };
            let base = located.header.base_offset;
            if base < self.expected || located.header.last_offset_delta < 0 {
                return Err(damaged(self.expected, format!("offset {base}")));
            }
            self.expected = located.header.next_offset();
            let bytes_of = self.scan.batch(&located).map_err(|source| self.segment.read_failed(source))?;
            let batch = BatchView::parse(bytes_of).map_err(|error| damaged(base, error.to_string()))?;
            batch.verify_crc().map_err(|error| damaged(base, error.to_string()))?;
            let wanted = see(&batch).map_err(|error| damaged(base, error.to_string()))?;
            let read = self.scan.position() - from;
            if !wanted || read >= bytes {
                return Ok(Some(read));
            }
        }
    }
}

/// The pass as far as it has got.
pub(super) struct KeyPass {
    /// The dirty segments, each with the offset at which the next one begins.
    segments: Vec<(Arc<Segment>, Offset)>,
    at: usize,
    walk: Option<Walk>,
    transactions: CleanedTransactions,
    first_dirty: Offset,
    full: bool,
}

impl KeyPass {
    pub(super) fn new(
        segments: &[Arc<Segment>],
        range: &Cleanable,
        view: &dyn LogView,
    ) -> Result<KeyPass, LogError> {
        let (start, end) = (range.first_dirty, range.first_uncleanable);
        let first = segments.partition_point(|segment| segment.base() <= start).saturating_sub(1);
        let last = segments.partition_point(|segment| segment.base() < end).max(first);
        let next_base = |index: usize| if index + 1 < last { segments[index + 1].base() } else { end };
        let dirty = (first..last).map(|index| (segments[index].clone(), next_base(index))).collect();
        let mut transactions = CleanedTransactions::default();
        transactions.add(view.aborted_transactions(start, end)?);
        Ok(KeyPass { segments: dirty, at: 0, walk: None, transactions, first_dirty: start, full: false })
    }

    /// Reads a piece. `None` when the pass is over.
    pub(super) fn step(
        &mut self,
        map: &mut OffsetMap,
        workspace: &mut Workspace,
        chunk: usize,
    ) -> Result<Option<u64>, LogError> {
        if self.full {
            return Ok(None);
        }
        let Some((segment, next_base)) = self.segments.get(self.at) else { return Ok(None) };
        let mut walk = match self.walk.take() {
            Some(walk) => walk,
            None => Walk::new(segment, self.first_dirty, chunk)?,
        };
        let (transactions, first_dirty) = (&mut self.transactions, self.first_dirty);
        let mut full = false;
        let read = walk.go_on(chunk as u64, &mut |batch| {
            full = !take_in(batch, first_dirty, transactions, map, workspace)?;
            Ok(!full)
        })?;
        self.full = full;
        match read {
            Some(bytes) => {
                self.walk = Some(walk);
                Ok(Some(bytes))
            }
            None => {
                // Offsets may be missing at the end of a segment.
                map.set_latest_offset(*next_base + -1);
                self.at += 1;
                Ok(Some(0))
            }
        }
    }
}

/// Puts a batch's keys into the map; false when it was full before the end.
fn take_in(
    batch: &BatchView<'_>,
    first_dirty: Offset,
    transactions: &mut CleanedTransactions,
    map: &mut OffsetMap,
    workspace: &mut Workspace,
) -> Result<bool, RecordsError> {
    if batch.is_control() {
        let kind = control_kind(batch, workspace)?;
        transactions.on_control(batch.header(), kind);
    } else if !transactions.on_data(batch.header()) {
        let Workspace { scratch, space, .. } = workspace;
        for record in batch.records(scratch, space, RECORDS_LIMIT)? {
            let record = record?;
            let Some(key) = record.key.filter(|_| record.offset >= first_dirty) else { continue };
            if map.is_full() {
                return Ok(false);
            }
            map.put(key, record.offset);
        }
    }
    if batch.last_offset() >= first_dirty {
        map.set_latest_offset(batch.last_offset());
    }
    Ok(true)
}
