//! Compacted files take the place of those that they were made from (`UnifiedLog.replaceSegments`).
//!
//! | step | done                                              | the log's lock | after a crash the log has             |
//! |------|---------------------------------------------------|----------------|---------------------------------------|
//! | 0    | `.cleaned` files written, all synced              |                | the old segments                      |
//! | 1    | claimed: nothing else touches the files           | held           | the old segments                      |
//! | 1b   | up to where offsets may be missing is written     |                | the old segments                      |
//! | 2    | `.cleaned` → `.swap`, the `.log` last, synced     |                | the old segments, or as after 3       |
//! | 3    | the new segment is in the log                     | held           | the new one (a start goes on with it) |
//! | 4    | old → `.deleted`, oldest first, each synced       |                | the new one, and at most some last    |
//! |      |                                                   |                | ones of the old, behind its records   |
//! | 5    | `.swap` → the final names, synced                 |                | the new one                           |
//! | 6    | released                                          | held           | the new one                           |
//!
//! In 4 the order counts: as long as a segment lies there, so do all that followed it. Else a record could come back
//! whose tombstone was in a segment that did not.
//!
//! Only what lies before the recovery point is replaced; see `log/compacted.rs`.

use std::sync::Arc;

use headwater_base::Offset;

use crate::disk::Disk;
use crate::error::LogError;
use crate::log::Log;
use crate::log::compacted::note_compacted;
use crate::names::{FileKind, Stage, file_name, stage_suffix};
use crate::segment::Segment;

/// In this order: a `.log` comes last in, so that its indexes are there when it is.
const KINDS: [FileKind; 4] =
    [FileKind::TransactionIndex, FileKind::TimeIndex, FileKind::Index, FileKind::Log];

/// How the owner of a log lets somebody change it for a short while.
pub type WithLog<'a> = &'a mut dyn FnMut(&mut dyn FnMut(&mut Log));

/// A new segment, complete, and those that it stands for.
pub struct Replacement {
    disk: Arc<dyn Disk>,
    dir: Arc<str>,
    new: Arc<Segment>,
    old: Vec<Arc<Segment>>,
}

impl Replacement {
    pub(super) fn new(
        disk: Arc<dyn Disk>,
        dir: Arc<str>,
        new: Arc<Segment>,
        old: Vec<Arc<Segment>>,
    ) -> Replacement {
        Replacement { disk, dir, new, old }
    }

    /// Base offsets of the segments that go.
    pub fn bases(&self) -> impl ExactSizeIterator<Item = Offset> + '_ {
        self.old.iter().map(|segment| segment.base())
    }

    /// Puts the new segment into its place, while the log goes on. Waits for syncs, so not for a thread with other duties.
    /// Gives the files that have to be removed when readers had their time; they may also be left to the next start.
    ///
    /// # Errors
    /// [`LogError::Replaced`] when the log has changed since, or is not durable that far: nothing has happened then. The
    /// disk's: then the log refuses further changes.
    pub fn run(&self, with_log: WithLog<'_>) -> Result<Vec<String>, LogError> {
        let mut claimed = None;
        with_log(&mut |log| claimed = log.claim(&self.old));
        let Some((end, compacted_to)) = claimed else {
            let _ = remove_stage(self.disk.as_ref(), &self.dir, self.new.base(), Stage::Cleaned);
            return Err(LogError::Replaced(self.new.path(FileKind::Log)));
        };
        if end > compacted_to
            && let Err(error) = note_compacted(self.disk.as_ref(), &self.dir, end)
        {
            // Nothing has happened yet.
            with_log(&mut |log| log.release(None));
            let _ = remove_stage(self.disk.as_ref(), &self.dir, self.new.base(), Stage::Cleaned);
            return Err(error);
        }
        let mut result = self.new.rename(Stage::Swap).and_then(|()| self.sync_names());
        if result.is_ok() {
            with_log(&mut |log| {
                log.install(&self.old, &self.new);
                log.set_compacted_to(end.max(compacted_to));
            });
            result = self.rename_old().and_then(|()| self.new.rename(Stage::Final));
            result = result.and_then(|()| self.sync_names());
        }
        with_log(&mut |log| log.release(result.as_ref().err()));
        result?;
        self.remove_snapshots()?;
        let paths = |segment: &Arc<Segment>| KINDS.map(|kind| deleted(&segment.path(kind)));
        Ok(self.old.iter().flat_map(paths).collect())
    }

    fn sync_names(&self) -> Result<(), LogError> {
        self.disk.sync_dir(&self.dir).map_err(LogError::io(&self.dir))
    }

    fn rename_old(&self) -> Result<(), LogError> {
        for segment in &self.old {
            for kind in KINDS.iter().rev() {
                let path = segment.path(*kind);
                match self.disk.rename(&path, &deleted(&path)) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                        return Err(LogError::io(&path)(error));
                    }
                    _ => {}
                }
            }
            self.sync_names()?;
        }
        Ok(())
    }

    /// The snapshots of segments that are no more; the first one's belongs to the new one.
    fn remove_snapshots(&self) -> Result<(), LogError> {
        for segment in &self.old[1..] {
            let path = format!("{}/{}", self.dir, file_name(segment.base(), FileKind::Snapshot));
            remove(self.disk.as_ref(), &path)?;
        }
        Ok(())
    }
}

fn deleted(path: &str) -> String {
    format!("{path}{}", stage_suffix(Stage::Deleted))
}

fn remove(disk: &dyn Disk, path: &str) -> Result<(), LogError> {
    match disk.remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(LogError::io(path)(error)),
        _ => Ok(()),
    }
}

/// Removes the files of a segment at a stage, as far as they are there.
pub(super) fn remove_stage(disk: &dyn Disk, dir: &str, base: Offset, stage: Stage) -> Result<(), LogError> {
    KINDS.iter().try_for_each(|kind| {
        remove(disk, &format!("{dir}/{}{}", file_name(base, *kind), stage_suffix(stage)))
    })
}

impl Log {
    /// Whether segments may be replaced: they are all still there, none is the active one, and everything up to behind
    /// them is before the recovery point. Then nothing else takes segments out until [`Log::release`]. Gives where the next
    /// segment begins, and up to where the log was compacted before.
    fn claim(&mut self, old: &[Arc<Segment>]) -> Option<(Offset, Offset)> {
        let segments = self.segments();
        let at = segments.iter().position(|segment| Arc::ptr_eq(segment, &old[0]))?;
        let end = segments.get(at + old.len())?.base();
        let there = segments[at..].iter().zip(old).all(|(here, there)| Arc::ptr_eq(here, there));
        if !there || end > self.recovery_point() || self.is_claimed() || !self.is_sound() {
            return None;
        }
        self.set_claimed(true);
        Some((end, self.compacted_to()))
    }

    /// Readers that have planned with the old segments look again.
    fn install(&mut self, old: &[Arc<Segment>], new: &Arc<Segment>) {
        old.iter().for_each(|segment| segment.retire());
        self.replace_segments(old, new);
    }

    fn release(&mut self, failure: Option<&LogError>) {
        if let Some(error) = failure {
            self.poison(&error.to_string());
        }
        self.set_claimed(false);
    }
}
