//! The producers' state on disk: snapshots, and replaying batches behind them.

use headwater_base::Offset;
use headwater_records::{BatchHeader, BatchView};

use super::Log;
use super::append::{Appended, check_producers};
use super::open::{OpenContext, RecoveryReport};
use crate::disk::{OpenMode, read_whole};
use crate::error::LogError;
use crate::names::{FileKind, Stage, file_name, parse_file_name};
use crate::producer::check::Origin;
use crate::producer::entry::{BATCHES_TO_RETAIN, BatchMetadata};
use crate::producer::{AbortedTransaction, ProducerState, Update, snapshot};

const MAX_SNAPSHOT: u64 = 1 << 30;
/// Bytes before a producer's last batch that are searched for its batches before that.
const LOOK_BACK_BYTES: u64 = 64 << 20;

impl Log {
    /// Offsets of the snapshots in the folder, newest first.
    fn snapshots(&self) -> Result<Vec<Offset>, LogError> {
        let entries = self.disk.list(&self.dir).map_err(LogError::io(&self.dir))?;
        let snapshot = |name: &str| match parse_file_name(name) {
            Some((offset, FileKind::Snapshot, Stage::Final)) => Some(offset),
            _ => None,
        };
        let mut offsets: Vec<Offset> = entries.iter().filter_map(|entry| snapshot(&entry.name)).collect();
        offsets.sort_unstable_by(|a, b| b.cmp(a));
        Ok(offsets)
    }

    /// The newest state that a usable snapshot at or before `limit` has; an empty one at the first segment otherwise.
    fn newest_snapshot(&self, limit: Offset, now_ms: i64) -> Result<ProducerState, LogError> {
        let first = self.segments.first().map_or(self.log_end_offset, |first| first.base());
        for offset in self.snapshots()? {
            if offset > limit || offset < first {
                continue;
            }
            let path = self.path(&file_name(offset, FileKind::Snapshot));
            let bytes = match read_whole(self.disk.as_ref(), &path, MAX_SNAPSHOT) {
                Ok(bytes) => bytes.unwrap_or_default(),
                Err(error) => return Err(LogError::io(&path)(error)),
            };
            match snapshot::decode(&bytes) {
                Ok(entries) => {
                    let expiration = self.config.producer_id_expiration_ms;
                    return Ok(ProducerState::from_snapshot(offset, entries, now_ms, expiration));
                }
                // Nobody will read it again, so nobody shall find it.
                Err(_) => self.remove_if_there(&path)?,
            }
        }
        Ok(ProducerState::starting_at(first))
    }

    /// The state at `end`, from the newest snapshot and the batches behind it.
    pub(super) fn load_producers(&self, end: Offset, now_ms: i64) -> Result<ProducerState, LogError> {
        let state = self.newest_snapshot(end, now_ms)?;
        Ok(self.replay(state, end)?.0)
    }

    /// Takes the batches from the state's end up to `end` into it. Also gives the transactions that they abort.
    pub(super) fn replay(
        &self,
        mut state: ProducerState,
        end: Offset,
    ) -> Result<(ProducerState, Vec<AbortedTransaction>), LogError> {
        let from = state.map_end_offset();
        let mut aborted = Vec::new();
        if self.segments.is_empty() || from >= end {
            return Ok((state, aborted));
        }
        for segment in &self.segments[self.segment_for(from)..] {
            if segment.base() >= end {
                break;
            }
            segment.walk(from, &mut |header, batch| {
                if header.base_offset < from || header.base_offset >= end || !header.has_producer_id() {
                    return Ok(());
                }
                // Only markers have contents that count.
                let whole = if header.is_control() { batch()? } else { Vec::new() };
                aborted.append(&mut take_in(&mut state, header, &whole));
                Ok(())
            })?;
        }
        aborted.append(&mut state.commit(Update::default(), end));
        Ok((state, aborted))
    }

    /// Loads the producers at an opening, and puts the transaction indexes right that recovery could not trust.
    pub(super) fn open_producers(
        &mut self,
        context: &OpenContext,
        report: &mut RecoveryReport,
    ) -> Result<(), LogError> {
        if self.segments.is_empty() {
            self.producers = ProducerState::starting_at(self.log_end_offset);
            return Ok(());
        }
        let end = self.log_end_offset;
        // Snapshots up to the recovery point are durable, and the first segment's is since those before it went.
        let first = self.segments[self.segment_for(self.log_start_offset)].base();
        let limit = if context.clean_shutdown { end } else { end.min(context.recovery_point.max(first)) };
        if !context.clean_shutdown {
            // Later ones may be of a history that a power loss has taken back.
            self.remove_snapshots(|offset| offset > limit)?;
        }
        let mut state = self.newest_snapshot(limit, context.now_ms)?;
        let from = state.map_end_offset();
        if context.clean_shutdown && from < end {
            report.rebuilt.push(self.path(&file_name(end, FileKind::Snapshot)));
        }
        let mut aborted = Vec::new();
        let bases: Vec<Offset> = self.segment_bases().filter(|base| *base > from).collect();
        for boundary in bases.into_iter().chain([end]) {
            let (replayed, mut more) = self.replay(state, boundary)?;
            state = replayed;
            aborted.append(&mut more);
            if !context.clean_shutdown && boundary < end {
                self.write_snapshot_of(&mut state)?;
            }
        }
        self.producers = state;
        if !context.clean_shutdown {
            self.settle_aborted(from, &aborted)?;
        }
        self.remove_stray_snapshots()
    }

    /// Replaces what the transaction indexes say about markers from `from` on.
    fn settle_aborted(&self, from: Offset, replayed: &[AbortedTransaction]) -> Result<(), LogError> {
        // The segment that ends there too: it may have had markers that are cut now.
        for index in self.segment_for(from + -1)..self.segments.len() {
            let segment = &self.segments[index];
            let end = self.segments.get(index + 1).map_or(self.log_end_offset, |next| next.base());
            let stored = match segment.aborted()? {
                Some(stored) => stored,
                None if from <= segment.base() => Vec::new(),
                None => {
                    self.rebuild_aborted(index)?;
                    continue;
                }
            };
            let mut wanted: Vec<_> =
                stored.iter().filter(|entry| entry.last_offset < from).copied().collect();
            let here = |entry: &&AbortedTransaction| {
                entry.last_offset >= from.max(segment.base()) && entry.last_offset < end
            };
            wanted.extend(replayed.iter().filter(here));
            if wanted != stored {
                segment.set_aborted(wanted)?;
            }
        }
        Ok(())
    }

    /// Builds a segment's transaction index again, from the newest snapshot before it.
    pub(super) fn rebuild_aborted(&self, index: usize) -> Result<Vec<AbortedTransaction>, LogError> {
        let segment = &self.segments[index];
        let end = self.segments.get(index + 1).map_or(self.log_end_offset, |next| next.base());
        let state = self.newest_snapshot(segment.base(), i64::MIN)?;
        let (_, mut aborted) = self.replay(state, end)?;
        aborted.retain(|entry| entry.last_offset >= segment.base());
        segment.set_aborted(aborted.clone())?;
        Ok(aborted)
    }

    /// Removes snapshots behind the end, and those that belong neither to a segment nor to the newest state.
    fn remove_stray_snapshots(&self) -> Result<(), LogError> {
        let snapshots = self.snapshots()?;
        let newest = snapshots.iter().find(|offset| **offset <= self.log_end_offset).copied();
        for offset in snapshots {
            let of_segment = self.segments.binary_search_by_key(&offset, |segment| segment.base()).is_ok();
            if offset > self.log_end_offset || !(of_segment || Some(offset) == newest) {
                self.remove_if_there(&self.path(&file_name(offset, FileKind::Snapshot)))?;
            }
        }
        Ok(())
    }

    /// Writes a snapshot of the state at the log's end, unless there is one.
    pub(super) fn write_snapshot(&mut self) -> Result<(), LogError> {
        let mut state = std::mem::take(&mut self.producers);
        let result = self.write_snapshot_of(&mut state);
        self.producers = state;
        result
    }

    fn write_snapshot_of(&mut self, state: &mut ProducerState) -> Result<(), LogError> {
        if !state.needs_snapshot() {
            return Ok(());
        }
        let offset = state.map_end_offset();
        let path = self.path(&file_name(offset, FileKind::Snapshot));
        let file = self.disk.open(&path, OpenMode::Create).map_err(LogError::io(&path))?;
        let written = file.truncate(0).and_then(|()| file.write_at(&state.snapshot(), 0));
        written.map_err(LogError::io(&path))?;
        state.snapshot_taken();
        self.sync.snapshot_written(offset);
        Ok(())
    }

    /// Sees to a snapshot at a segment's base before the segments before it go: what they say about producers is from
    /// then on only there. Gives its path; it has to be durable before their files go.
    pub(super) fn keep_producers(&mut self, base: Offset) -> Result<Option<String>, LogError> {
        let mut state = self.newest_snapshot(base, i64::MIN)?;
        if state.map_end_offset() < base {
            state = self.replay(state, base)?.0;
            self.write_snapshot_of(&mut state)?;
        }
        let path = self.path(&file_name(base, FileKind::Snapshot));
        Ok(self.disk.exists(&path).map_err(LogError::io(&path))?.then_some(path))
    }

    /// Whether a batch that is out of order repeats one that a snapshot did not keep. A snapshot has only the last batch
    /// of each producer; the others are looked up in the log, once for each producer.
    pub(super) fn remember(&mut self, header: &BatchHeader) -> Option<Appended> {
        let entry = self.producers.get(header.producer_id)?;
        if entry.is_complete() || entry.epoch != header.producer_epoch {
            return None;
        }
        let oldest = entry.batches().first()?.first_offset();
        let found = self.look_back(header, oldest).unwrap_or_default();
        let entry = self.producers.complete(header.producer_id, &found)?;
        let batch = entry.find_duplicate(header)?;
        Some(Appended {
            base_offset: batch.first_offset(),
            last_offset: batch.last_offset,
            max_timestamp: batch.timestamp,
        })
    }

    /// The batches of the header's producer and epoch shortly before `oldest`, in order.
    fn look_back(&self, wanted: &BatchHeader, oldest: Offset) -> Result<Vec<BatchMetadata>, LogError> {
        let mut found = Vec::new();
        let mut bytes_left = LOOK_BACK_BYTES;
        for segment in self.segments[..=self.segment_for(oldest)].iter().rev() {
            if found.len() >= BATCHES_TO_RETAIN || bytes_left == 0 {
                break;
            }
            let mut here = Vec::new();
            let size = segment.size()?;
            let end = segment.locate(oldest, size)?.map_or(size, |located| located.position);
            let start = end.saturating_sub(bytes_left);
            bytes_left -= end - start;
            let start = if start == 0 { 0 } else { segment.aligned_end(0, start)?.unwrap_or(0) };
            segment.walk_bytes(start, end, &mut |header, _| {
                let same = header.producer_id == wanted.producer_id
                    && header.producer_epoch == wanted.producer_epoch
                    && !header.is_control();
                if same && header.base_offset < oldest {
                    here.push(BatchMetadata::of(header));
                }
                Ok(())
            })?;
            here.append(&mut found);
            found = here;
        }
        Ok(found)
    }
}

/// Takes one batch of the log into the state.
fn take_in(state: &mut ProducerState, header: &BatchHeader, whole: &[u8]) -> Vec<AbortedTransaction> {
    let mut update = Update::default();
    let checked = if header.is_control() {
        match BatchView::parse(whole) {
            Ok(batch) => check_producers(state, &mut update, &batch, header, Origin::Replication, -1),
            Err(_) => Ok(()),
        }
    } else {
        state.check(&mut update, header, None, Origin::Replication, -1)
    };
    // What is in the log was let in once; a state that does not like it now is still the state of the log.
    let _ = checked;
    state.commit(update, header.next_offset())
}
