//! Taking segments out at the beginning of a log.
//!
//! Under the log's lock they only leave the log ([`Log::delete_segments`]). Their files follow without the lock
//! ([`Removal`]): first they are renamed, oldest first, then, when readers had their time, removed. Files that a crash
//! leaves behind are segments again at the next start, and never with a hole behind them.

use std::io;
use std::sync::Arc;

use headwater_base::Offset;

use super::Log;
use crate::disk::{Disk, OpenMode};
use crate::error::LogError;
use crate::names::{FileKind, Stage, parse_file_name};
use crate::segment::Segment;

/// Files of segments that are no longer part of the log.
#[must_use = "the files stay until somebody removes them"]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removal {
    dir: String,
    /// A snapshot of producers that stands for the segments from now on.
    keep: Option<String>,
    /// The files of each segment, oldest first.
    files: Vec<Vec<String>>,
    first_left: Offset,
    /// Bytes of the segments that are gone.
    pub bytes: u64,
    /// How many segments are gone.
    pub segments: usize,
}

impl Removal {
    /// Renames the files to `.deleted`, so that no start takes them for segments, and removes what else belongs to them.
    /// Waits for syncs: a segment that a power loss brings back must not come back before a hole.
    ///
    /// # Errors
    /// The disk's first one. Segments that kept their names come back at the next start.
    pub fn rename(&self, disk: &dyn Disk) -> io::Result<()> {
        if self.files.is_empty() {
            return Ok(());
        }
        if let Some(path) = &self.keep {
            match disk.open(path, OpenMode::Existing).and_then(|file| file.sync_data()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        for files in &self.files {
            // Before the first one: the name of the segment that begins now where all were to go.
            disk.sync_dir(&self.dir)?;
            for path in files {
                match disk.rename(path, &deleted(path)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
        }
        disk.sync_dir(&self.dir)?;
        for entry in disk.list(&self.dir)? {
            if let Some((offset, FileKind::Snapshot, Stage::Final)) = parse_file_name(&entry.name)
                && offset < self.first_left
            {
                remove(disk, &format!("{}/{}", self.dir, entry.name))?;
            }
        }
        Ok(())
    }

    /// Removes the renamed files.
    ///
    /// # Errors
    /// The disk's first one; the others are tried all the same. What is not removed goes at the next start.
    pub fn remove(&self, disk: &dyn Disk) -> io::Result<()> {
        let mut result = Ok(());
        for path in self.files.iter().flatten() {
            let removed = remove(disk, &deleted(path));
            if result.is_ok() {
                result = removed;
            }
        }
        result
    }

    /// Both, one after the other.
    ///
    /// # Errors
    /// As [`Removal::rename`] and [`Removal::remove`].
    pub fn run(&self, disk: &dyn Disk) -> io::Result<()> {
        self.rename(disk)?;
        self.remove(disk)
    }
}

fn deleted(path: &str) -> String {
    format!("{path}.deleted")
}

fn remove(disk: &dyn Disk, path: &str) -> io::Result<()> {
    match disk.remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl Log {
    /// Takes the oldest segments out of the log, `count` of them, or as many as are durable: one that a power loss would
    /// bring back torn would cut off what follows it. If the active one is among them, a new one is begun. The log's start
    /// moves with them. Their files go with the [`Removal`], without the log; until they are renamed, the log must not be
    /// truncated nor closed for a clean stop, or they might stand before a hole. Nothing goes while compaction puts new
    /// segments into their places; readers that have planned with those that go have to look again.
    ///
    /// # Errors
    /// The disk's; then no segment is gone.
    pub fn delete_segments(&mut self, count: usize, now_ms: i64) -> Result<Removal, LogError> {
        self.check_poison()?;
        let durable = self.durable_offset();
        if count >= self.segments.len() && self.log_end_offset <= durable {
            self.roll(now_ms)?;
        }
        let durable = self.segment_bases().skip(1).take_while(|next| *next <= durable).count();
        let count = if self.is_claimed() { 0 } else { count.min(durable) };
        let mut removal = Removal { dir: self.dir.to_string(), ..Removal::default() };
        if count == 0 {
            return Ok(removal);
        }
        let start = self.segments[count].base();
        for segment in &self.segments[..count] {
            removal.bytes += segment.size()?;
        }
        removal.keep = self.keep_producers(start)?;
        (removal.segments, removal.first_left) = (count, start);
        let gone: Vec<Arc<Segment>> = Arc::make_mut(&mut self.segments).drain(..count).collect();
        const KINDS: [FileKind; 4] =
            [FileKind::Log, FileKind::Index, FileKind::TimeIndex, FileKind::TransactionIndex];
        removal.files = gone.iter().map(|segment| KINDS.map(|kind| segment.path(kind)).to_vec()).collect();
        gone.iter().for_each(|segment| segment.retire());
        self.sync.deleted(start);
        self.increase_log_start_offset(start)?;
        Ok(removal)
    }

    /// Lets the log begin at `offset`, which must not lie behind the high watermark. True when it began before. No file
    /// goes yet; see [`Log::delete_segments`]. The new start belongs into `log-start-offset-checkpoint`.
    ///
    /// # Errors
    /// [`LogError::Poisoned`] after an earlier failure.
    pub fn increase_log_start_offset(&mut self, offset: Offset) -> Result<bool, LogError> {
        self.check_poison()?;
        if offset <= self.log_start_offset || offset > self.log_end_offset {
            return Ok(false);
        }
        self.log_start_offset = offset;
        if self.epochs.truncate_from_start(offset) {
            self.sync.epochs_changed();
        }
        self.producers.on_log_start_offset(offset);
        Ok(true)
    }
}
