//! Whether the machine was switched on anew since a log directory was last used.
//!
//! A killed process leaves everything it wrote in the page cache; a power loss leaves what was synced, and of the rest
//! any part. Recovery has to know: behind a kill, damage in the middle of a log is damage, behind a power loss it can be
//! a write that was never promised. So a process notes the machine's boot id in the directory, when its logs are
//! recovered. The note needs no sync: if it is lost, the power was.

use std::io;

use headwater_log::disk::{Disk, OpenMode, read_whole};

/// The note's file.
const FILE: &str = ".headwater_boot";
/// A boot id is short; anything longer is none.
const MAX_BYTES: u64 = 1024;

/// What the note tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// The machine went on: what was written is in the page cache or on the disk.
    Running,
    /// The machine was switched on anew: what is there now is on the disk.
    Rebooted,
    /// Nobody knows, as when a sync failed and the process was started again: what is there now may be in the page cache
    /// alone, and counted as written.
    Unknown,
}

/// Compares the note with `current`. A note that differs goes: until all logs are recovered, a start that is cut short
/// must not let the next one think that only a process has died.
pub fn since(disk: &dyn Disk, current: Option<&str>) -> Since {
    let noted = read_whole(disk, FILE, MAX_BYTES).ok().flatten();
    if noted.is_some() && noted.as_deref() == current.map(str::as_bytes) {
        return Since::Running;
    }
    forget(disk);
    if noted.is_some() && current.is_some() { Since::Rebooted } else { Since::Unknown }
}

/// Writes the note, once everything in the directory has been recovered.
pub fn note(disk: &dyn Disk, current: Option<&str>) {
    let Some(current) = current else { return };
    if since(disk, Some(current)) != Since::Running
        && let Ok(file) = disk.open(FILE, OpenMode::CreateNew)
        && file.write_at(current.as_bytes(), 0).is_err()
    {
        forget(disk);
    }
}

/// Takes the note away, so that the next start trusts nothing that was not synced.
pub fn forget(disk: &dyn Disk) {
    // Where even that fails the directory does not open again either.
    let _ = disk.remove_file(FILE);
}

/// What a name has behind it while it is made anew.
const RENEWED: &str = ".renewed";

/// Makes every name in the directory's folders, and those of the folders, anew, and durable.
///
/// After a failed sync of a folder the system may count its names as written which are not; another sync would say that
/// all is well (as with the pages of a file, which recovery writes again). A name that is changed and changed back is
/// written for certain. A process that dies meanwhile leaves a name with `.renewed` behind it, and no note: the next
/// start comes here again and puts it right.
///
/// # Errors
/// What the disk says.
pub fn renew_names(disk: &dyn Disk) -> io::Result<()> {
    for folder in renew(disk, "", true)? {
        renew(disk, &folder, false)?;
        disk.sync_dir(&folder)?;
    }
    disk.sync_dir("")
}

/// Renews the names of all folders, or of all files, in a folder, and gives them.
fn renew(disk: &dyn Disk, folder: &str, folders: bool) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in disk.list(folder)?.into_iter().filter(|entry| entry.is_dir == folders) {
        let path = if folder.is_empty() { entry.name } else { format!("{folder}/{}", entry.name) };
        match path.strip_suffix(RENEWED) {
            Some(name) => {
                disk.rename(&path, name)?;
                if !folders && disk.exists(&path)? {
                    // Two names of one file, for which a rename does nothing.
                    disk.remove_file(&path)?;
                }
                names.push(name.to_owned());
            }
            None => {
                let between = format!("{path}{RENEWED}");
                disk.rename(&path, &between)?;
                disk.rename(&between, &path)?;
                names.push(path);
            }
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use headwater_base::Offset;
    use headwater_log::disk::{Fault, FaultKind};
    use headwater_log::{AppendContext, Log, LogConfig, MemDisk, OpenContext, SyncKind};
    use headwater_records::{BatchBuilder, BatchOptions};
    use std::sync::Arc;

    const DIR: &str = "t-0";

    fn append_and_sync(log: &mut Log, disk: &MemDisk) -> io::Result<()> {
        let mut builder = BatchBuilder::new(BatchOptions::default());
        builder.append(1, None, Some(b"value"), &[]);
        let context = AppendContext::client(headwater_base::LeaderEpoch(0), 1);
        log.append_as_leader(&mut builder.build(), &context).expect("append");
        let plan = log.dirty(SyncKind::Data).expect("plan");
        plan.run(disk)?;
        log.mark_durable(&plan);
        Ok(())
    }

    /// A log whose folder, or the folder's own name, could not be synced; then the process is killed and started again, and
    /// something is acknowledged. Gives how many of `seeds` power losses take that away.
    fn losses(failing: &str, renews: bool, seeds: std::ops::Range<u64>) -> usize {
        let lost = |seed: &u64| {
            let disk = MemDisk::new();
            let shared: Arc<dyn Disk> = Arc::new(disk.clone());
            let mut log = Log::create(Arc::clone(&shared), DIR, LogConfig::default(), None, 1).expect("log");
            let sync = |path: &str| Fault {
                kind: FaultKind::Sync,
                path: path.to_owned(),
                after: 0,
                times: 1,
                error: io::ErrorKind::Other,
            };
            // The folder of the log is synced before the one that it lies in, and after its files.
            let after = u64::from(failing.is_empty()) + 1;
            disk.inject(Fault { after, ..sync("") });
            append_and_sync(&mut log, &disk).expect_err("the fault hits");
            drop(log);
            forget(&disk);
            disk.process_crash();
            assert_eq!(since(&disk, Some("a")), Since::Unknown);
            if renews {
                renew_names(&disk).expect("renewed");
            }
            let context = OpenContext::unclean(Offset::ZERO, true, 1);
            let (mut log, _) = Log::open(shared, DIR, LogConfig::default(), &context).expect("open");
            append_and_sync(&mut log, &disk).expect("the disk is well again");
            disk.power_loss(*seed);
            let again: Arc<dyn Disk> = Arc::new(disk.clone());
            Log::open(again, DIR, LogConfig::default(), &context)
                .map_or(true, |(log, _)| log.log_end_offset() != Offset(2))
        };
        seeds.filter(lost).count()
    }

    #[test]
    fn d4_names_that_a_failed_sync_left_in_memory_are_written_again() {
        for failing in [DIR, ""] {
            assert_eq!(losses(failing, true, 0..50), 0, "{failing:?}");
            assert!(losses(failing, false, 0..50) > 0, "without the renewal the same test finds losses");
        }
    }

    #[test]
    fn d16_renewing_is_put_right_after_every_crash_point() {
        let prepared = || {
            let disk = MemDisk::new();
            for folder in ["t-0", "u-1"] {
                disk.create_dir(folder).expect("folder");
                for name in ["a.log", "a.index"] {
                    let file = disk.open(&format!("{folder}/{name}"), OpenMode::CreateNew).expect("file");
                    file.write_at(name.as_bytes(), 0).expect("write");
                    file.sync_data().expect("sync");
                }
                disk.sync_dir(folder).expect("sync");
            }
            disk.sync_dir("").expect("sync");
            disk
        };
        for point in 0.. {
            let mut whole = false;
            for seed in 0..8 {
                let disk = prepared();
                disk.fail_after_changes(point);
                whole = renew_names(&disk).is_ok();
                if seed == 0 {
                    disk.process_crash()
                } else {
                    disk.power_loss(seed)
                }
                renew_names(&disk).expect("the second time");
                for folder in ["t-0", "u-1"] {
                    let names: Vec<String> =
                        disk.list(folder).expect("list").into_iter().map(|it| it.name).collect();
                    assert_eq!(names, ["a.index", "a.log"], "point {point}, seed {seed}");
                    let bytes = read_whole(&disk, &format!("{folder}/a.log"), 100).expect("read");
                    assert_eq!(bytes.as_deref(), Some(&b"a.log"[..]));
                }
                assert_eq!(disk.list("").expect("list").len(), 2, "point {point}, seed {seed}");
            }
            if whole {
                return;
            }
        }
    }

    #[test]
    fn the_note_says_whether_the_machine_went_on() {
        let disk = MemDisk::new();
        assert_eq!(since(&disk, Some("a")), Since::Unknown, "no note yet");
        assert_eq!(since(&disk, Some("a")), Since::Unknown, "the first start was cut short");
        note(&disk, Some("a"));
        note(&disk, Some("a"));
        assert_eq!(since(&disk, Some("a")), Since::Running);
        assert_eq!(since(&disk, Some("b")), Since::Rebooted);
        assert_eq!(since(&disk, Some("b")), Since::Unknown, "nor does the old note stay");
        note(&disk, Some("b"));
        assert_eq!(since(&disk, Some("b")), Since::Running);
        assert_eq!(since(&disk, None), Since::Unknown, "the system does not say");
        note(&disk, None);
        assert_eq!(since(&disk, Some("b")), Since::Unknown);
        note(&disk, Some("b"));
        forget(&disk);
        assert_eq!(since(&disk, Some("b")), Since::Unknown);
    }
}
