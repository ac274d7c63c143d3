//! What has to be synced, and what has been.
//!
//! The log itself never waits for the disk: it says what a committer must sync, and is told when that is done.
//!
//! - [`SyncKind::Data`] makes the records durable that were appended: the `.log` files, and the folder if a file is new.
//! - [`SyncKind::Checkpoint`] makes all durable that a start may rely on without looking: also indexes, snapshots,
//!   epochs. Only it moves the recovery point.

use std::io;
use std::sync::Arc;

use headwater_base::Offset;

use super::Log;
use crate::checkpoint::format_epochs;
use crate::disk::{Disk, DiskFile, OpenMode, replace_whole};
use crate::error::LogError;
use crate::names::{FileKind, LEADER_EPOCH_CHECKPOINT, PARTITION_METADATA, file_name};
use crate::segment::Segment;

/// How much a sync covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncKind {
    /// The records.
    Data,
    /// Everything.
    Checkpoint,
}

/// A sync to be carried out, without the log's lock.
pub struct SyncPlan {
    kind: SyncKind,
    files: Vec<Arc<dyn DiskFile>>,
    replace: Vec<(String, Vec<u8>)>,
    dirs: Vec<String>,
    end_offset: Offset,
    /// Counts of the changes that the plan covers.
    names: u64,
    epochs: u64,
    truncations: u64,
    seals: u64,
}

impl SyncPlan {
    /// What it covers.
    #[must_use]
    pub fn kind(&self) -> SyncKind {
        self.kind
    }

    /// All records before this offset are durable when it is done.
    #[must_use]
    pub fn end_offset(&self) -> Offset {
        self.end_offset
    }

    /// The files to sync.
    #[must_use]
    pub fn files(&self) -> &[Arc<dyn DiskFile>] {
        &self.files
    }

    pub(super) fn add_files(&mut self, files: Vec<Arc<dyn DiskFile>>) {
        self.files.extend(files);
    }

    /// The folders to sync after the files, relative to the log directory; `""` is the log directory itself.
    #[must_use]
    pub fn dirs(&self) -> &[String] {
        &self.dirs
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.dirs.is_empty() && self.replace.is_empty()
    }

    /// Carries it out, one step after another. A committer may instead sync [`SyncPlan::files`] of many plans in
    /// parallel and then call [`SyncPlan::finish`].
    ///
    /// # Errors
    /// The first failure of the disk. Nothing of the plan counts as durable then, and it must not be tried again.
    pub fn run(&self, disk: &dyn Disk) -> io::Result<()> {
        self.files.iter().try_for_each(|file| file.sync_data())?;
        self.finish(disk)
    }

    /// What follows after all [`SyncPlan::files`] are synced: files that are replaced as a whole, and the folders.
    ///
    /// # Errors
    /// As [`SyncPlan::run`].
    pub fn finish(&self, disk: &dyn Disk) -> io::Result<()> {
        for (path, bytes) in &self.replace {
            replace_whole(disk, path, bytes)?;
        }
        // Whatever the disk calls it, a failed sync is not one of the failures that pass.
        let for_good = |error: io::Error| io::Error::other(error.to_string());
        self.dirs.iter().try_for_each(|dir| disk.sync_dir(dir).map_err(for_good))
    }
}

/// What of a log is not durable yet.
#[derive(Default)]
pub(super) struct SyncState {
    /// Records before are durable.
    durable: Offset,
    /// Everything before is durable, indexes included.
    recovery_point: Offset,
    /// Changes of names in the folder, and how many of them are synced.
    names: u64,
    names_synced: u64,
    epochs: u64,
    epochs_synced: u64,
    /// Whether the folder itself is new.
    folder_is_new: bool,
    /// Counts truncations: a plan made before one says nothing about what came after it.
    truncations: u64,
    /// The snapshot of the last checkpoint, and those written since.
    snapshots: Vec<Offset>,
    topic_id_is_new: bool,
    /// Segments that were sealed since the last sync, and since the last checkpoint: sealing may have cut reserved space
    /// off and written index entries, also where all records were durable before.
    sealed: Vec<Sealed>,
    sealed_since_checkpoint: Vec<Sealed>,
    seals: u64,
    /// Bytes since the last plan to sync records, and whether those before it were few.
    appended: u64,
    small_steps: bool,
}

/// A sync of up to so many bytes is a small one: to write that much twice costs less than a commit of the file system's
/// journal.
const SMALL_STEP: u64 = 128 << 10;

/// A sealed segment, and how many were sealed before it and with it.
type Sealed = (u64, Arc<Segment>);

impl SyncState {
    pub(super) fn starting_at(durable: Offset) -> SyncState {
        SyncState { durable, recovery_point: durable, ..SyncState::default() }
    }

    pub(super) fn appended(&mut self, bytes: u64) {
        self.appended += bytes;
    }

    /// Whether the last sync of records had few bytes to sync.
    pub(super) fn is_in_small_steps(&self) -> bool {
        self.small_steps
    }

    pub(super) fn names_changed(&mut self) {
        self.names += 1;
    }

    pub(super) fn has_unsynced_names(&self) -> bool {
        self.names != self.names_synced
    }

    /// The folder was synced, but not the folder that it lies in.
    pub(super) fn names_synced(&mut self) {
        if !self.folder_is_new {
            self.names_synced = self.names;
        }
    }

    pub(super) fn epochs_changed(&mut self) {
        self.epochs += 1;
    }

    pub(super) fn folder_is_new(&mut self) {
        self.folder_is_new = true;
        self.names += 1;
    }

    /// The next sync of names covers the folder's own.
    pub(super) fn folder_may_be_new(&mut self) {
        self.folder_is_new = true;
    }

    pub(super) fn folder_is_durable(&mut self) {
        self.folder_is_new = false;
    }

    pub(super) fn topic_id_written(&mut self) {
        self.topic_id_is_new = true;
        self.names += 1;
    }

    pub(super) fn snapshot_written(&mut self, offset: Offset) {
        self.snapshots.push(offset);
        self.names += 1;
    }

    pub(super) fn sealed(&mut self, segment: Arc<Segment>) {
        self.seals += 1;
        self.sealed.push((self.seals, segment.clone()));
        self.sealed_since_checkpoint.push((self.seals, segment));
    }

    pub(super) fn truncated(&mut self, end_offset: Offset) {
        self.durable = self.durable.min(end_offset);
        self.recovery_point = self.recovery_point.min(end_offset);
        self.snapshots.retain(|offset| *offset <= end_offset);
        self.truncations += 1;
        self.sealed.retain(|(_, segment)| segment.base() < end_offset);
        self.sealed_since_checkpoint.retain(|(_, segment)| segment.base() < end_offset);
    }

    /// Segments that are no longer part of the log need no sync.
    pub(super) fn deleted(&mut self, log_start: Offset) {
        self.sealed.retain(|(_, segment)| segment.base() >= log_start);
        self.sealed_since_checkpoint.retain(|(_, segment)| segment.base() >= log_start);
    }

    /// Segments whose place others have taken, which are durable, need no sync.
    pub(super) fn replaced(&mut self, old: &[Arc<Segment>]) {
        let stays = |(_, segment): &Sealed| !old.iter().any(|gone| Arc::ptr_eq(gone, segment));
        self.sealed.retain(stays);
        self.sealed_since_checkpoint.retain(stays);
    }

    pub(super) fn start_moved(&mut self, log_start_offset: Offset) {
        self.durable = self.durable.max(log_start_offset);
        self.recovery_point = self.recovery_point.max(log_start_offset);
    }
}

/// Both lists as one, without repetition.
fn covered<'a>(segments: &'a [Arc<Segment>], sealed: &'a [Sealed]) -> impl Iterator<Item = &'a Arc<Segment>> {
    let first = segments.first().map_or(Offset(i64::MAX), |first| first.base());
    sealed.iter().map(|(_, segment)| segment).filter(move |segment| segment.base() < first).chain(segments)
}

impl Log {
    /// Records before this offset survive a power loss.
    #[must_use]
    pub fn durable_offset(&self) -> Offset {
        self.sync.durable
    }

    /// A start has to look only at what lies behind: what belongs into `recovery-point-offset-checkpoint`.
    #[must_use]
    pub fn recovery_point(&self) -> Offset {
        self.sync.recovery_point
    }

    /// Whether a sync would have anything to do.
    #[must_use]
    pub fn is_dirty(&self, kind: SyncKind) -> bool {
        let sync = &self.sync;
        let data =
            sync.durable < self.log_end_offset || sync.names != sync.names_synced || !sync.sealed.is_empty();
        match kind {
            SyncKind::Data => data,
            SyncKind::Checkpoint => {
                data || sync.recovery_point < self.log_end_offset
                    || self.lacks_topic_id()
                    || sync.epochs != sync.epochs_synced
                    || !sync.sealed_since_checkpoint.is_empty()
            }
        }
    }

    /// What has to be synced. For a checkpoint, index entries that wait in memory, a snapshot of the producers and the
    /// topic's id are written first. A checkpoint syncs several files, so it is for logs that have grown by much, not for every sync.
    ///
    /// # Errors
    /// The disk's.
    pub fn dirty(&mut self, kind: SyncKind) -> Result<SyncPlan, LogError> {
        if kind == SyncKind::Checkpoint && self.sync.recovery_point < self.log_end_offset {
            self.write_snapshot()?;
        }
        if kind == SyncKind::Checkpoint && self.lacks_topic_id() {
            self.write_topic_id()?;
        }
        if kind == SyncKind::Data {
            self.sync.small_steps = std::mem::take(&mut self.sync.appended) <= SMALL_STEP;
        }
        let sync = &self.sync;
        let mut plan = SyncPlan {
            kind,
            files: Vec::new(),
            replace: Vec::new(),
            dirs: Vec::new(),
            end_offset: self.log_end_offset,
            names: sync.names,
            epochs: sync.epochs,
            truncations: sync.truncations,
            seals: sync.seals,
        };
        match kind {
            SyncKind::Data => {
                for segment in covered(self.segments_from(sync.durable), &sync.sealed) {
                    plan.files.push(segment.file()?);
                }
            }
            SyncKind::Checkpoint => self.add_checkpoint(&mut plan)?,
        }
        if sync.names != sync.names_synced {
            plan.dirs.push(self.dir.to_string());
            if sync.folder_is_new {
                plan.dirs.push(String::new());
            }
        }
        Ok(plan)
    }

    /// The segments that hold offsets from `offset` to the end.
    fn segments_from(&self, offset: Offset) -> &[Arc<Segment>] {
        if offset >= self.log_end_offset { &[] } else { &self.segments[self.segment_for(offset)..] }
    }

    fn add_checkpoint(&self, plan: &mut SyncPlan) -> Result<(), LogError> {
        let sync = &self.sync;
        for segment in covered(self.segments_from(sync.recovery_point), &sync.sealed_since_checkpoint) {
            plan.files.append(&mut segment.files()?);
        }
        let mut names: Vec<String> =
            sync.snapshots.iter().map(|offset| file_name(*offset, FileKind::Snapshot)).collect();
        if sync.topic_id_is_new {
            names.push(PARTITION_METADATA.to_owned());
        }
        for name in names {
            let path = self.path(&name);
            match self.disk.open(&path, OpenMode::Existing) {
                Ok(file) => plan.files.push(file),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(LogError::io(&path)(error)),
            }
        }
        if sync.epochs != sync.epochs_synced {
            plan.replace.push((self.path(LEADER_EPOCH_CHECKPOINT), format_epochs(self.epochs.entries())));
        }
        Ok(())
    }

    /// Takes note that a plan was carried out.
    pub fn mark_durable(&mut self, plan: &SyncPlan) {
        let sync = &mut self.sync;
        sync.names_synced = sync.names_synced.max(plan.names);
        if sync.names == sync.names_synced {
            sync.folder_is_new = false;
        }
        if plan.truncations != sync.truncations {
            return;
        }
        sync.sealed.retain(|(seal, _)| *seal > plan.seals);
        if plan.kind == SyncKind::Checkpoint {
            sync.sealed_since_checkpoint.retain(|(seal, _)| *seal > plan.seals);
        }
        sync.durable = sync.durable.max(plan.end_offset);
        if plan.kind == SyncKind::Checkpoint {
            sync.recovery_point = sync.recovery_point.max(plan.end_offset);
            sync.epochs_synced = sync.epochs_synced.max(plan.epochs);
            if sync.names == plan.names {
                sync.topic_id_is_new = false;
                self.drop_old_snapshots();
            }
        }
    }

    /// Of the snapshots since the last checkpoint only the newest is needed, and those of segments.
    fn drop_old_snapshots(&mut self) {
        let keep = self.sync.snapshots.pop();
        for offset in std::mem::replace(&mut self.sync.snapshots, keep.into_iter().collect()) {
            let of_segment = self.segments.binary_search_by_key(&offset, |segment| segment.base()).is_ok();
            if !of_segment {
                // One that stays is swept at the next start.
                let _ = self.remove_if_there(&self.path(&file_name(offset, FileKind::Snapshot)));
            }
        }
    }
}
