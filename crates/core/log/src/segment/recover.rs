//! Recovery of one segment after a stop that was not clean.
//!
//! The walk begins at the last index entry before the recovery point that fits the batches, and verifies checksums and
//! offsets from there. Where it breaks there are two cases:
//!
//! - *A torn tail:* nothing valid follows. The segment is cut there; zeros at the end of the last one stay, as room for
//!   what comes.
//! - *Damage:* valid batches follow, here or in a later segment. When the machine kept running (only the process died)
//!   no write can be missing in the middle, so this is damage, and cutting would lose what was promised: an error.
//!   When the power may have been lost (or a sync failed), unsynced writes may be missing in the middle. They leave sectors of zeros: then
//!   nothing behind was promised and the segment is cut; without a sector of zeros it is damage again.

use std::io;
use std::sync::Arc;

use headwater_base::{LeaderEpoch, Offset};
use headwater_records::{BatchHeader, BatchView, HEADER_SIZE};

use super::scan::{BatchScan, Break, Located};
use super::{Segment, State, TimestampOffset};
use crate::disk::DiskFile;
use crate::error::LogError;
use crate::index::IndexFile;
use crate::index::offset::OffsetEntry;
use crate::index::time::TimeEntry;
use crate::names::FileKind;

/// What recovery cut off a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The file, relative to the log directory.
    pub file: String,
    /// Byte position of the cut: the end of the last whole batch.
    pub position: u64,
    /// Bytes that were cut.
    pub bytes: u64,
    /// The offset after the last whole batch.
    pub end_offset: Offset,
    /// What was found there.
    pub found: String,
    /// Whether valid batches behind a hole that a power loss left were dropped too.
    pub beyond_hole: bool,
}

/// What a recovery is told.
pub(crate) struct Task {
    /// Everything before was synced, indexes included.
    pub(crate) recovery_point: Offset,
    /// All records before were synced, and compaction may have taken some of them out.
    pub(crate) compacted_to: Offset,
    /// Whether unsynced writes may be missing.
    pub(crate) power_lost: bool,
    /// Base offset of the next segment, if there is one.
    pub(crate) next_base: Option<Offset>,
}

impl Task {
    /// Whether all records of the segment were synced: none of them can be missing for lack of a sync.
    fn is_settled(&self) -> bool {
        self.next_base.is_some_and(|base| base <= self.recovery_point.max(self.compacted_to))
    }
}

/// What a recovery found.
pub(crate) struct Recovered {
    /// The offset after the last batch.
    pub(crate) end_offset: Offset,
    pub(crate) cut: Option<Cut>,
    /// Bytes that were read and verified.
    pub(crate) scanned: u64,
    /// Whether an index was missing or did not fit.
    pub(crate) rebuilt: bool,
    /// Whether segments behind must go because something between is missing.
    pub(crate) gap: bool,
}

const SECTOR: u64 = 512;
const SEARCH_CHUNK: usize = 1 << 20;

impl Segment {
    /// See the module. `see` is called for every batch that was walked.
    pub(crate) fn recover(
        &self,
        task: &Task,
        see: &mut dyn FnMut(&BatchHeader),
    ) -> Result<Recovered, LogError> {
        let mut state = self.lock();
        *state = State::default();
        let file = self.log_file(&mut state)?;
        let len = file.len().map_err(self.failed(FileKind::Log))?;
        state.size = Some(len);
        state.allocated = len;
        state.aborted = None;
        let (start, expected, rebuilt) = match self.trusted_start(&mut state, task.recovery_point, len)? {
            Some(located) => (located.position, located.header.base_offset, false),
            None => {
                state.start_indexes(self);
                (0, self.base, true)
            }
        };
        let mut scan = BatchScan::new(file.clone(), start, len, expected);
        let mut jump = None;
        let broken = loop {
            let expected = scan.expected();
            match scan.next().map_err(self.failed(FileKind::Log))? {
                None => break None,
                Some(Err(broken)) => break Some(broken),
                Some(Ok(located)) => {
                    if located.header.base_offset != expected {
                        jump = Some((located, expected));
                    }
                    see(&located.header);
                    self.note(&mut state, located);
                }
            }
        };
        let (position, end_offset) = (scan.position(), scan.expected());
        let overlaps = task.next_base.is_some_and(|base| base < end_offset);
        self.check_jump(jump, broken.as_ref(), overlaps)?;
        // Compaction leaves gaps between segments, but only where everything is durable.
        let gap =
            task.power_lost && !task.is_settled() && task.next_base.is_some_and(|base| base != end_offset);
        let (cut, room) = match broken {
            Some(broken) => {
                // Space that was reserved and not used, or a length that came to the disk before its bytes. It may be a
                // gigabyte, and zeros are told much faster than the absence of batches.
                let padding = is_zero(&file, position, len).map_err(self.failed(FileKind::Log))?;
                if padding && task.next_base.is_none() && !ends_inside_batch(&broken) {
                    // Nothing was lost, and nothing can come back between the batches that will be written there.
                    (None, len)
                } else {
                    let cut = self.judge(&file, task, position..len, padding, end_offset, &broken)?;
                    (Some(cut), position)
                }
            }
            None => (None, position),
        };
        if task.power_lost {
            rewrite(&file, start, position).map_err(self.failed(FileKind::Log))?;
        }
        self.finish(&mut state, &file, position, room)?;
        Ok(Recovered {
            end_offset,
            gap: gap || cut.as_ref().is_some_and(|cut| cut.beyond_hole),
            cut,
            scanned: position - start,
            // The indexes of a short segment have no entries: walking it built nothing.
            rebuilt: rebuilt && state.offsets.as_ref().is_some_and(|offsets| offsets.len() > 0),
        })
    }

    /// The batch of the last index entry before the recovery point, with the indexes cut to it; `None` when the whole
    /// segment has to be walked.
    fn trusted_start(
        &self,
        state: &mut State,
        recovery_point: Offset,
        len: u64,
    ) -> Result<Option<Located>, LogError> {
        if recovery_point <= self.base {
            return Ok(None);
        }
        let offsets = IndexFile::<OffsetEntry>::load(self.disk.clone(), self.path(FileKind::Index));
        let times = IndexFile::<TimeEntry>::load(self.disk.clone(), self.path(FileKind::TimeIndex));
        let offsets = offsets.map_err(self.failed(FileKind::Index))?;
        let times = times.map_err(self.failed(FileKind::TimeIndex))?;
        let (Some(mut offsets), Some(mut times)) = (offsets, times) else { return Ok(None) };
        let limit = self.relative(recovery_point);
        let slot = offsets.partition_point(|entry| entry.relative_offset < limit);
        let Some(slot) = slot.map_err(self.failed(FileKind::Index))?.checked_sub(1) else { return Ok(None) };
        offsets.truncate(slot + 1).map_err(self.failed(FileKind::Index))?;
        let Some(entry) = offsets.last() else { return Ok(None) };
        let kept = times.partition_point(|time| time.relative_offset <= entry.relative_offset);
        let kept = kept.map_err(self.failed(FileKind::TimeIndex))?;
        times.truncate(kept).map_err(self.failed(FileKind::TimeIndex))?;
        if !super::rebuild::are_sane(&mut offsets, &mut times, len).map_err(self.failed(FileKind::Index))? {
            return Ok(None);
        }
        let file = self.log_file(state)?;
        let mut scan = BatchScan::new(file, u64::from(entry.position), len, self.base);
        let Some(Ok(located)) = scan.next().map_err(self.failed(FileKind::Log))? else { return Ok(None) };
        if self.relative(located.header.last_offset()) != entry.relative_offset {
            return Ok(None);
        }
        let max = match times.last() {
            Some(time) => TimestampOffset {
                timestamp: time.timestamp,
                offset: self.base + i64::from(time.relative_offset),
            },
            None => TimestampOffset { timestamp: -1, offset: self.base },
        };
        // With the entry of this batch the time index got the largest timestamp up to it. One of blanks has none.
        if located.header.max_timestamp > max.timestamp {
            return Ok(None);
        }
        state.max_timestamp = Some(max);
        state.offsets = Some(offsets);
        state.times = Some(times);
        Ok(Some(located))
    }

    /// The base offset is not covered by the checksum. Where offsets have jumped ahead, and a later batch has the offset
    /// that should have come, or the next segment `overlaps`, it was the jump that is damaged.
    fn check_jump(
        &self,
        jump: Option<(Located, Offset)>,
        broken: Option<&Break>,
        overlaps: bool,
    ) -> Result<(), LogError> {
        let Some((located, expected)) = jump else { return Ok(()) };
        let found = located.header.base_offset;
        let back = matches!(broken, Some(Break::Offsets { found, .. }) if *found > expected);
        if back || overlaps || found - self.base > i64::from(i32::MAX) {
            let expected_text = format!("base offset {expected}");
            return Err(self.damaged(located.position, expected, &expected_text, format!("{found}")));
        }
        Ok(())
    }

    /// Tells a torn tail from damage; `padding` says that the tail is zeros.
    fn judge(
        &self,
        file: &Arc<dyn DiskFile>,
        task: &Task,
        tail: std::ops::Range<u64>,
        padding: bool,
        expected: Offset,
        broken: &Break,
    ) -> Result<Cut, LogError> {
        let failed = || self.failed(FileKind::Log);
        let std::ops::Range { start: position, end: len } = tail;
        let follows =
            if padding { None } else { next_valid(file, position + 1, len, expected).map_err(failed())? };
        let complete = padding && (task.next_base == Some(expected) || task.is_settled());
        let beyond_hole = follows.is_some() || (task.next_base.is_some() && !complete);
        if beyond_hole {
            let hole_end = follows.unwrap_or(len);
            let zeros = task.power_lost
                && !task.is_settled()
                && has_zero_sector(file, position, hole_end).map_err(failed())?;
            // A file that ends too early has lost the length with the bytes.
            let shortened =
                task.power_lost && !task.is_settled() && follows.is_none() && ends_inside_batch(broken);
            if !zeros && !shortened {
                let behind = match follows {
                    Some(at) => format!("{broken}, and a valid batch at byte {at}"),
                    None => format!("{broken}, and a later segment"),
                };
                return Err(self.damaged(position, expected, "a batch", behind));
            }
        }
        Ok(Cut {
            file: self.path(FileKind::Log),
            position,
            bytes: len - position,
            end_offset: expected,
            found: broken.to_string(),
            beyond_hole,
        })
    }

    fn finish(
        &self,
        state: &mut State,
        file: &Arc<dyn DiskFile>,
        end: u64,
        room: u64,
    ) -> Result<(), LogError> {
        if room < state.allocated {
            // Made durable, so that nothing of it can come back between bytes that are written there later.
            file.truncate(room).and_then(|()| file.sync_data()).map_err(self.failed(FileKind::Log))?;
        }
        state.size = Some(end);
        state.allocated = room;
        self.flush_indexes(state)
    }

    /// Cuts the segment so that it ends before `offset`, durably. A batch that holds `offset` goes as a whole. Gives the
    /// offset after what is left.
    pub(crate) fn truncate(&self, offset: Offset) -> Result<(), LogError> {
        let mut state = self.lock();
        let size = self.valid_size(&mut state)?;
        self.load_tail(&mut state)?;
        let Some(first_cut) = self.locate_in(&mut state, offset, size)? else { return Ok(()) };
        let file = self.log_file(&mut state)?;
        let position = first_cut.position;
        file.truncate(position).and_then(|()| file.sync_data()).map_err(self.failed(FileKind::Log))?;
        state.size = Some(position);
        state.allocated = position;
        state.recent.clear();
        state.max_timestamp = None;
        let relative = self.relative(first_cut.header.base_offset);
        if let Some(offsets) = &mut state.offsets {
            let kept = offsets.partition_point(|entry| u64::from(entry.position) < position);
            kept.and_then(|kept| offsets.truncate(kept)).map_err(self.failed(FileKind::Index))?;
        }
        if let Some(times) = &mut state.times {
            let kept = times.partition_point(|entry| entry.relative_offset < relative);
            kept.and_then(|kept| times.truncate(kept)).map_err(self.failed(FileKind::TimeIndex))?;
        }
        if position == 0 {
            state.first_timestamp = None;
        }
        self.flush_indexes(&mut state)?;
        self.load_tail(&mut state)
    }
}

fn ends_inside_batch(broken: &Break) -> bool {
    matches!(broken, Break::NoBatch(headwater_records::BatchError::Truncated { .. }))
}

/// Writes what is there once more. After a sync that failed the page cache holds bytes that are on no disk and count as
/// clean: the next sync would say that all is well and write nothing.
fn rewrite(file: &Arc<dyn DiskFile>, start: u64, end: u64) -> io::Result<()> {
    let mut position = start;
    let mut chunk = vec![0; (end - start).min(SEARCH_CHUNK as u64) as usize];
    while position < end {
        let wanted = (end - position).min(chunk.len() as u64) as usize;
        let read = file.read_at(&mut chunk[..wanted], position)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        file.write_at(&chunk[..read], position)?;
        position += read as u64;
    }
    Ok(())
}

/// Whether the region holds only zeros.
fn is_zero(file: &Arc<dyn DiskFile>, start: u64, end: u64) -> io::Result<bool> {
    let mut position = start;
    let mut chunk = vec![0; (end - start).min(SEARCH_CHUNK as u64) as usize];
    let zeros = chunk.clone();
    while position < end {
        let read = file.read_at(&mut chunk, position)?;
        // Compared as a whole: a loop over bytes takes ten times as long.
        if read == 0 || chunk[..read] != zeros[..read] {
            return Ok(false);
        }
        position += read as u64;
    }
    Ok(true)
}

/// Whether a part of the region that a disk would have written at once holds only zeros.
fn has_zero_sector(file: &Arc<dyn DiskFile>, start: u64, end: u64) -> io::Result<bool> {
    let mut position = start;
    let mut sector = [0; SECTOR as usize];
    while position < end {
        let len = ((position / SECTOR + 1) * SECTOR).min(end) - position;
        let bytes = &mut sector[..len as usize];
        let read = file.read_at(bytes, position)?;
        if bytes[..read].iter().all(|byte| *byte == 0) {
            return Ok(true);
        }
        position += len;
    }
    Ok(false)
}

/// The position of the first valid batch from `start` on whose offsets can follow `expected`.
fn next_valid(file: &Arc<dyn DiskFile>, start: u64, end: u64, expected: Offset) -> io::Result<Option<u64>> {
    let mut window = Vec::new();
    let mut position = start;
    while position + HEADER_SIZE as u64 <= end {
        window.resize((end - position).min(SEARCH_CHUNK as u64) as usize, 0);
        let read = file.read_at(&mut window, position)?;
        window.truncate(read);
        if window.len() < HEADER_SIZE {
            return Ok(None);
        }
        let last = window.len() - HEADER_SIZE;
        for at in 0..=last {
            let candidate = position + at as u64;
            if window[at + 16] == 2 && may_follow(&window[at..], end - candidate, expected) {
                let header = BatchHeader::parse(&window[at..]).map_or(0, |header| header.size());
                let mut bytes = vec![0; header];
                let read = file.read_at(&mut bytes, candidate)?;
                if BatchView::parse(&bytes[..read]).is_ok_and(|batch| batch.verify_crc().is_ok()) {
                    return Ok(Some(candidate));
                }
            }
        }
        position += last as u64 + 1;
    }
    Ok(None)
}

/// Whether a header is worth the checksum of its batch.
fn may_follow(bytes: &[u8], left: u64, expected: Offset) -> bool {
    BatchHeader::parse(bytes).is_ok_and(|header| {
        header.size() as u64 <= left
            && header.base_offset > expected
            && header.base_offset - expected <= i64::from(i32::MAX)
            && header.last_offset_delta >= 0
            && header.record_count >= 0
            && header.leader_epoch >= LeaderEpoch::NONE
    })
}
