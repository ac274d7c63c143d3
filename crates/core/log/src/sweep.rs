//! What an interrupted operation left in a partition's folder (`LogLoader`, its first passes).
//!
//! | name ends in             | meaning                                    | done                                          |
//! |--------------------------|--------------------------------------------|-----------------------------------------------|
//! | `.deleted`               | was being removed                          | removed; not those of KRaft's snapshots       |
//! | `.cleaned`               | compaction had not finished it             | removed                                       |
//! | `.swap`                  | compaction had finished, and was replacing | replaces the segments that it was made from   |
//! | `.tmp`                   | was being written                          | removed                                       |
//! | an index without a log   | its segment was being removed              | removed                                       |

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use headwater_base::Offset;

use crate::disk::Disk;
use crate::error::LogError;
use crate::names::{
    COMPACTED, FileKind, LEADER_EPOCH_CHECKPOINT, PARTITION_METADATA, Stage, parse_file_name,
};
use crate::segment::scan::HeaderScan;

/// What is in the folder after the sweep.
pub(crate) struct Swept {
    /// Base offsets of the segments, growing.
    pub(crate) bases: Vec<Offset>,
    names: BTreeSet<String>,
}

impl Swept {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Whether there is any snapshot of producers.
    pub(crate) fn has_snapshots(&self) -> bool {
        self.names.iter().any(|name| name.ends_with(FileKind::Snapshot.suffix()))
    }
}

/// Puts a folder in order. `log` collects what was done.
pub(crate) fn sweep(disk: &dyn Disk, dir: &str, log: &mut Vec<String>) -> Result<Swept, LogError> {
    let entries = disk.list(dir).map_err(LogError::io(dir))?;
    let mut folder = Folder {
        disk,
        dir,
        names: entries.into_iter().filter(|entry| !entry.is_dir).map(|entry| entry.name).collect(),
        log,
    };
    folder.remove_unfinished()?;
    folder.finish_swaps()?;
    folder.remove_orphans()?;
    let bases: BTreeSet<Offset> = folder.of(Stage::Final, FileKind::Log).into_keys().collect();
    Ok(Swept { bases: bases.into_iter().collect(), names: folder.names })
}

struct Folder<'a> {
    disk: &'a dyn Disk,
    dir: &'a str,
    names: BTreeSet<String>,
    log: &'a mut Vec<String>,
}

impl Folder<'_> {
    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.dir)
    }

    fn of(&self, stage: Stage, kind: FileKind) -> BTreeMap<Offset, String> {
        let wanted = |name: &String| match parse_file_name(name) {
            Some((offset, found_kind, found)) if found_kind == kind && found == stage => {
                Some((offset, name.clone()))
            }
            _ => None,
        };
        self.names.iter().filter_map(wanted).collect()
    }

    fn remove(&mut self, name: &str) -> Result<(), LogError> {
        let path = self.path(name);
        self.disk.remove_file(&path).map_err(LogError::io(&path))?;
        self.names.remove(name);
        self.log.push(format!("removed {path}"));
        Ok(())
    }

    fn remove_all(&mut self, which: impl Fn(&str) -> bool) -> Result<(), LogError> {
        let names: Vec<String> = self.names.iter().filter(|name| which(name)).cloned().collect();
        names.iter().try_for_each(|name| self.remove(name))
    }

    fn remove_unfinished(&mut self) -> Result<(), LogError> {
        let stage = |name: &str| parse_file_name(name).map(|(offset, _, stage)| (offset, stage));
        // A swap file behind a file that was not finished belongs to an operation that was not finished.
        let first_cleaned = self
            .names
            .iter()
            .filter_map(|name| stage(name))
            .filter(|(_, stage)| *stage == Stage::Cleaned)
            .map(|(offset, _)| offset)
            .min();
        self.remove_all(|name| match stage(name) {
            Some((_, Stage::Cleaned | Stage::Deleted)) => true,
            Some((offset, Stage::Swap)) => first_cleaned.is_some_and(|first| offset >= first),
            Some((_, Stage::Final)) => false,
            None => {
                let temporary = name.strip_suffix(".tmp");
                temporary.is_some_and(|name| {
                    [LEADER_EPOCH_CHECKPOINT, PARTITION_METADATA, COMPACTED].contains(&name)
                })
            }
        })
    }

    fn finish_swaps(&mut self) -> Result<(), LogError> {
        let swaps = self.of(Stage::Swap, FileKind::Log);
        let Some(first) = swaps.keys().next().copied() else {
            // Indexes whose log has got its name already.
            return self.rename_swaps();
        };
        let mut end = first;
        for (base, name) in &swaps {
            end = end.max(self.next_offset(*base, name)?);
        }
        self.remove_all(|name| match parse_file_name(name) {
            Some((offset, FileKind::Snapshot, Stage::Final)) => offset > first && offset < end,
            Some((offset, _, Stage::Final)) => offset >= first && offset < end,
            _ => false,
        })?;
        // None of them must come back beside the one that has their records.
        self.disk.sync_dir(self.dir).map_err(LogError::io(self.dir))?;
        self.rename_swaps()
    }

    fn rename_swaps(&mut self) -> Result<(), LogError> {
        let swaps: Vec<String> = self.names.iter().filter(|name| name.ends_with(".swap")).cloned().collect();
        let mut renamed = false;
        for name in swaps {
            let Some(kept) = name.strip_suffix(".swap").filter(|_| parse_file_name(&name).is_some()) else {
                continue;
            };
            let (from, to) = (self.path(&name), self.path(kept));
            self.disk.rename(&from, &to).map_err(LogError::io(&from))?;
            self.log.push(format!("renamed {from} to {to}"));
            self.names.remove(&name);
            self.names.insert(kept.to_owned());
            renamed = true;
        }
        if renamed {
            self.disk.sync_dir(self.dir).map_err(LogError::io(self.dir))?;
        }
        Ok(())
    }

    /// The offset after the last batch of a file that compaction has written.
    fn next_offset(&self, base: Offset, name: &str) -> Result<Offset, LogError> {
        let path = self.path(name);
        let failed = || LogError::io(&path);
        let file = self.disk.open(&path, crate::disk::OpenMode::Existing).map_err(failed())?;
        let end = file.len().map_err(failed())?;
        let mut scan = HeaderScan::walk(Arc::clone(&file), 0, end);
        let mut next = base;
        while let Some(Ok(located)) = scan.next().map_err(failed())? {
            next = located.header.next_offset();
        }
        Ok(next)
    }

    fn remove_orphans(&mut self) -> Result<(), LogError> {
        let logs = self.of(Stage::Final, FileKind::Log);
        self.remove_all(|name| match parse_file_name(name) {
            Some((_, FileKind::Log | FileKind::Snapshot, _)) | None => false,
            Some((offset, _, stage)) => stage == Stage::Final && !logs.contains_key(&offset),
        })
    }
}
