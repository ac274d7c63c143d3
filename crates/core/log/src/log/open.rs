//! Opening a log: sweeping what was left half-done, recovery, epochs, producers.

use std::sync::Arc;

use headwater_base::{LeaderEpoch, Offset, Uuid};
use headwater_records::BatchHeader;

use super::Log;
use super::sync::SyncState;
use crate::checkpoint::{format_partition_metadata, parse_epochs, parse_partition_metadata};
use crate::config::LogConfig;
use crate::disk::{Disk, OpenMode, read_whole};
use crate::epochs::LeaderEpochs;
use crate::error::LogError;
use crate::names::{LEADER_EPOCH_CHECKPOINT, PARTITION_METADATA};
use crate::producer::ProducerState;
use crate::segment::Segment;
use crate::segment::recover::{Cut, Task};
use crate::sweep::{Swept, sweep};

/// Text files of a partition's folder are not longer than this.
const MAX_TEXT: u64 = 64 << 20;

/// What a log's opening has to know from outside its folder.
#[derive(Clone, Copy, Debug)]
pub struct OpenContext {
    /// The topic's id, if metadata are known.
    pub topic_id: Option<Uuid>,
    /// Whether the process that used the directory last stopped in order.
    pub clean_shutdown: bool,
    /// Whether writes that were not synced may be missing: the machine was started since, or that is not known.
    pub power_lost: bool,
    /// From `recovery-point-offset-checkpoint`; 0 when it has no entry.
    pub recovery_point: Offset,
    /// From `log-start-offset-checkpoint`; 0 when it has no entry.
    pub log_start_offset: Offset,
    /// Wall clock in milliseconds.
    pub now_ms: i64,
}

impl OpenContext {
    /// After an orderly stop, with nothing known from checkpoints.
    #[must_use]
    pub fn clean(now_ms: i64) -> OpenContext {
        OpenContext {
            topic_id: None,
            clean_shutdown: true,
            power_lost: false,
            recovery_point: Offset::ZERO,
            log_start_offset: Offset::ZERO,
            now_ms,
        }
    }

    /// After anything else.
    #[must_use]
    pub fn unclean(recovery_point: Offset, power_lost: bool, now_ms: i64) -> OpenContext {
        OpenContext { clean_shutdown: false, power_lost, recovery_point, ..OpenContext::clean(now_ms) }
    }
}

/// What was found and done while a log was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecoveryReport {
    /// Bytes of batches that were read and verified.
    pub scanned_bytes: u64,
    /// What was cut off.
    pub cuts: Vec<Cut>,
    /// Segments that were dropped because something before them was missing, by base offset.
    pub dropped_segments: Vec<Offset>,
    /// Files that were built again.
    pub rebuilt: Vec<String>,
    /// Files that were removed or renamed because an operation had been interrupted.
    pub swept: Vec<String>,
    /// The recovery point, when the log ends before it: records that were durable are not there.
    pub missing_before: Option<Offset>,
}

impl RecoveryReport {
    /// Whether anything was lost, cut or repaired.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.cuts.is_empty()
            && self.dropped_segments.is_empty()
            && self.rebuilt.is_empty()
            && self.missing_before.is_none()
    }

    /// A sentence for each thing that an operator should know.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for cut in &self.cuts {
            let more = if cut.beyond_hole { ", and valid batches behind a hole" } else { "" };
            lines.push(format!(
                "{}: cut {} bytes at byte {} ({}){more}; the log goes on at offset {}",
                cut.file, cut.bytes, cut.position, cut.found, cut.end_offset
            ));
        }
        for base in &self.dropped_segments {
            lines.push(format!("dropped the segment at offset {base}: what comes before it is missing"));
        }
        for file in &self.rebuilt {
            lines.push(format!("{file}: built again from the batches"));
        }
        if let Some(recovery_point) = self.missing_before {
            lines.push(format!(
                "the log ends before its recovery point {recovery_point}: records are missing"
            ));
        }
        lines
    }
}

impl Log {
    /// Creates the folder of a new, empty log; where there is no room for it, before the first append. No file is written before the first append, nothing is synced: the first
    /// [`super::SyncPlan`] covers the folder, unless the caller syncs the log directory for many new logs at once and
    /// says so by [`Log::folder_is_durable`].
    ///
    /// # Errors
    /// The disk's; `AlreadyExists` when there is such a folder.
    pub fn create(
        disk: Arc<dyn Disk>,
        dir_name: &str,
        config: LogConfig,
        topic_id: Option<Uuid>,
        now_ms: i64,
    ) -> Result<Log, LogError> {
        let mut log = Log::empty(disk, dir_name, config, now_ms);
        log.topic_id = topic_id;
        log.folder_is_missing = true;
        match log.create_folder() {
            // The first append tries again: on a full disk a partition begins to work when there is room.
            Err(error) if error.is_passing() => Ok(log),
            outcome => outcome.map(|()| log),
        }
    }

    /// Creates the folder, if it is not there yet.
    pub(super) fn create_folder(&mut self) -> Result<(), LogError> {
        if self.folder_is_missing {
            self.disk.create_dir(&self.dir).map_err(LogError::io(&self.dir))?;
            self.folder_is_missing = false;
            self.sync.folder_is_new();
        }
        Ok(())
    }

    fn empty(disk: Arc<dyn Disk>, dir_name: &str, config: LogConfig, now_ms: i64) -> Log {
        Log {
            disk,
            dir: dir_name.into(),
            config,
            topic_id: None,
            topic_id_written: false,
            segments: Arc::default(),
            log_start_offset: Offset::ZERO,
            log_end_offset: Offset::ZERO,
            active_since_ms: now_ms,
            epochs: LeaderEpochs::default(),
            producers: ProducerState::default(),
            sync: SyncState::default(),
            unsettled: true,
            claimed: false,
            compacted_to: Offset::ZERO,
            folder_is_missing: false,
            poisoned: None,
        }
    }

    /// Opens the log in a folder.
    ///
    /// # Errors
    /// [`LogError::Corrupt`] when records that were durable are damaged; [`LogError::InconsistentTopicId`]; the disk's.
    pub fn open(
        disk: Arc<dyn Disk>,
        dir_name: &str,
        config: LogConfig,
        context: &OpenContext,
    ) -> Result<(Log, RecoveryReport), LogError> {
        let mut report = RecoveryReport::default();
        let swept = sweep(disk.as_ref(), dir_name, &mut report.swept)?;
        let mut log = Log::empty(disk, dir_name, config, context.now_ms);
        log.load_topic_id(&swept, context.topic_id)?;
        let interval = log.config.index_interval_bytes;
        let segment =
            |base: &Offset| Arc::new(Segment::new(log.disk.clone(), log.dir.clone(), *base, interval));
        log.segments = Arc::new(swept.bases.iter().map(segment).collect());
        let first = swept.bases.first().copied().unwrap_or_default();
        log.log_start_offset = context.log_start_offset.max(first);
        log.load_compacted()?;
        let trusted = log.load_epochs(&swept, context, &mut report)?;
        log.find_end(context, trusted, &mut report)?;
        if log.epochs.entries().is_empty() {
            // An empty log, as the reference leaves it, has none to build.
            report.rebuilt.retain(|file| !file.ends_with(LEADER_EPOCH_CHECKPOINT));
        }
        log.settle_start(context, &mut report)?;
        if log.epochs.truncate_from_end(log.log_end_offset)
            | log.epochs.truncate_from_start(log.log_start_offset)
        {
            log.sync.epochs_changed();
        }
        if log.segments.is_empty() && swept.has_snapshots() {
            // Of records that a power loss has taken back.
            log.remove_snapshots(|_| true)?;
        }
        log.open_producers(context, &mut report)?;
        log.unsettled = !context.clean_shutdown;
        log.close_idle()?;
        Ok((log, report))
    }

    /// The folder's name is durable, because the log directory was synced after [`Log::create`].
    pub fn folder_is_durable(&mut self) {
        self.sync.folder_is_durable();
    }

    fn load_topic_id(&mut self, swept: &Swept, expected: Option<Uuid>) -> Result<(), LogError> {
        self.topic_id = expected;
        if !swept.has(PARTITION_METADATA) {
            return Ok(());
        }
        let path = self.path(PARTITION_METADATA);
        let bytes = read_whole(self.disk.as_ref(), &path, MAX_TEXT).map_err(LogError::io(&path))?;
        // A file that a power loss has torn is written again before the next append.
        let Some(found) = bytes.and_then(|bytes| parse_partition_metadata(&bytes)) else { return Ok(()) };
        match expected {
            Some(expected) if expected != found => {
                Err(LogError::InconsistentTopicId { folder: self.dir.to_string(), expected, found })
            }
            _ => {
                self.topic_id = Some(found);
                self.topic_id_written = true;
                Ok(())
            }
        }
    }

    /// Whether the folder does not say yet whose it is. A new log's does not: thousands may be created at once. Its
    /// first checkpoint says it, since the reference sets folders aside that do not, and the first append.
    pub(super) fn lacks_topic_id(&self) -> bool {
        self.topic_id.is_some() && !self.topic_id_written && !self.folder_is_missing
    }

    /// Writes `partition.metadata` before the first record, so that whoever finds records knows whose they are.
    pub(super) fn write_topic_id(&mut self) -> Result<(), LogError> {
        let Some(topic_id) = self.topic_id.filter(|_| !self.topic_id_written) else { return Ok(()) };
        let path = self.path(PARTITION_METADATA);
        let temporary = format!("{path}.tmp");
        let file = self.disk.open(&temporary, OpenMode::Create).map_err(LogError::io(&temporary))?;
        let written = file.truncate(0).and_then(|()| file.write_at(&format_partition_metadata(topic_id), 0));
        written.map_err(LogError::io(&temporary))?;
        self.disk.rename(&temporary, &path).map_err(LogError::io(&path))?;
        self.topic_id_written = true;
        self.sync.topic_id_written();
        Ok(())
    }

    /// Takes the topic's id when it becomes known after the opening.
    ///
    /// # Errors
    /// [`LogError::InconsistentTopicId`] when the folder belongs to another one.
    pub fn set_topic_id(&mut self, topic_id: Uuid) -> Result<(), LogError> {
        match self.topic_id {
            Some(found) if found != topic_id => {
                Err(LogError::InconsistentTopicId { folder: self.dir.to_string(), expected: topic_id, found })
            }
            _ => {
                self.topic_id = Some(topic_id);
                Ok(())
            }
        }
    }

    /// Loads the epochs; false when they have to be collected from all batches.
    fn load_epochs(
        &mut self,
        swept: &Swept,
        context: &OpenContext,
        report: &mut RecoveryReport,
    ) -> Result<bool, LogError> {
        let path = self.path(LEADER_EPOCH_CHECKPOINT);
        let bytes = if swept.has(LEADER_EPOCH_CHECKPOINT) {
            read_whole(self.disk.as_ref(), &path, MAX_TEXT).map_err(LogError::io(&path))?
        } else {
            None
        };
        let entries = bytes.and_then(|bytes| parse_epochs(&bytes).ok());
        if let Some(epochs) = entries.and_then(LeaderEpochs::from_entries) {
            // An empty list beside batches is what is left of a file that was never written whole.
            let empty = epochs.entries().is_empty() && !self.segments.is_empty();
            self.epochs = epochs;
            if !empty {
                return Ok(true);
            }
        }
        // Recovery from the first batch on sees them all.
        let first = self.segments.first().map(|first| first.base());
        let walked = !context.clean_shutdown && first.is_some_and(|first| context.recovery_point <= first);
        if first.is_none() || walked {
            return Ok(true);
        }
        report.rebuilt.push(path);
        Ok(false)
    }

    /// Finds the log's end: by the last batches after an orderly stop, else by recovery.
    fn find_end(
        &mut self,
        context: &OpenContext,
        epochs_trusted: bool,
        report: &mut RecoveryReport,
    ) -> Result<(), LogError> {
        let recovery_point = context.recovery_point;
        let Some(active) = self.active().cloned() else {
            self.log_end_offset = self.log_start_offset;
            self.sync = SyncState::starting_at(self.log_end_offset);
            // Nothing was ever synced here, so the folder's own name may not have been either.
            self.sync.folder_may_be_new();
            return Ok(());
        };
        if context.clean_shutdown {
            self.log_end_offset = active.next_offset()?;
            if !epochs_trusted {
                self.collect_epochs(self.segments.len())?;
            }
            self.sync = SyncState::starting_at(self.log_end_offset);
            if !epochs_trusted {
                self.sync.epochs_changed();
            }
        } else {
            let mut first = self.segment_for(recovery_point);
            if first > 0 && self.segments[first].base() == recovery_point {
                // Its records were durable, but perhaps not what was done to the file when it was sealed.
                first -= 1;
            }
            if !epochs_trusted {
                self.collect_epochs(first)?;
            }
            let walk_from = if epochs_trusted { recovery_point } else { Offset::ZERO };
            self.sync = SyncState::starting_at(recovery_point);
            self.recover(first, walk_from, context.power_lost, report)?;
            self.sync.truncated(self.log_end_offset);
            let covered = active.base() < recovery_point && self.log_end_offset <= recovery_point;
            if !covered || !report.is_quiet() {
                // What is behind the recovery point was perhaps never synced, names and epochs included.
                self.sync.folder_may_be_new();
                self.sync.names_changed();
                self.sync.epochs_changed();
            }
        }
        if recovery_point > self.log_end_offset.max(self.log_start_offset) {
            report.missing_before = Some(recovery_point);
        }
        Ok(())
    }

    fn recover(
        &mut self,
        first: usize,
        recovery_point: Offset,
        power_lost: bool,
        report: &mut RecoveryReport,
    ) -> Result<(), LogError> {
        let segments = self.segments.clone();
        let mut epochs = std::mem::take(&mut self.epochs);
        for (index, segment) in segments.iter().enumerate().skip(first) {
            let next_base = segments.get(index + 1).map(|next| next.base());
            let task = Task { recovery_point, compacted_to: self.compacted_to, power_lost, next_base };
            let found = segment.recover(&task, &mut |header| see_epoch(&mut epochs, header))?;
            report.scanned_bytes += found.scanned;
            self.log_end_offset = found.end_offset;
            if found.rebuilt && recovery_point > segment.base() {
                report.rebuilt.push(segment.path(crate::names::FileKind::Index));
            }
            report.cuts.extend(found.cut);
            if next_base.is_some() && found.gap {
                for late in segments[index + 1..].iter().rev() {
                    report.dropped_segments.push(late.base());
                    self.remove_segment(late)?;
                }
                Arc::make_mut(&mut self.segments).truncate(index + 1);
                break;
            }
            if next_base.is_some() {
                segment.seal()?;
                self.sync.sealed(segment.clone());
            }
        }
        self.epochs = epochs;
        Ok(())
    }

    /// A log whose start was moved behind all that is left begins anew there.
    fn settle_start(&mut self, context: &OpenContext, report: &mut RecoveryReport) -> Result<(), LogError> {
        if self.log_end_offset >= self.log_start_offset {
            return Ok(());
        }
        let start = self.log_start_offset;
        for segment in self.segments.iter() {
            report.dropped_segments.push(segment.base());
        }
        self.truncate_fully_and_start_at(start, context.now_ms)
    }

    /// Collects the epochs of the first `count` segments from their batches.
    fn collect_epochs(&mut self, count: usize) -> Result<(), LogError> {
        let mut epochs = LeaderEpochs::default();
        for segment in &self.segments[..count] {
            segment.walk(Offset::ZERO, &mut |header, _| {
                see_epoch(&mut epochs, header);
                Ok(())
            })?;
        }
        self.epochs = epochs;
        Ok(())
    }
}

fn see_epoch(epochs: &mut LeaderEpochs, header: &BatchHeader) {
    let newer = epochs.latest().is_none_or(|latest| header.leader_epoch > latest.epoch);
    if header.leader_epoch > LeaderEpoch::NONE && newer {
        epochs.assign(header.leader_epoch, header.base_offset);
    }
}
