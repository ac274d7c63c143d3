//! Whether the machine was switched on anew since a log directory was last used.
//!
//! A killed process leaves everything it wrote in the page cache; a power loss leaves what was synced, and of the rest
//! any part. Recovery has to know: behind a kill, damage in the middle of a log is damage, behind a power loss it can be
//! a write that was never promised. So a process notes the machine's boot id in the directory, when its logs are
//! recovered. The note needs no sync: if it is lost, the power was.

use headwater_log::disk::{Disk, OpenMode, read_whole};

/// The note's file.
const FILE: &str = ".headwater_boot";
/// A boot id is short; anything longer is none.
const MAX_BYTES: u64 = 1024;

/// Compares the note with `current`. True when they differ, or when either is not known. A note that differs goes: until
/// all logs are recovered, a start that is cut short must not let the next one think that only a process has died.
pub fn has_changed(disk: &dyn Disk, current: Option<&str>) -> bool {
    let noted = read_whole(disk, FILE, MAX_BYTES).ok().flatten();
    let same = noted.is_some() && noted.as_deref() == current.map(str::as_bytes);
    if !same {
        forget(disk);
    }
    !same
}

/// Writes the note, once everything in the directory has been recovered.
pub fn note(disk: &dyn Disk, current: Option<&str>) {
    let Some(current) = current else { return };
    if has_changed(disk, Some(current))
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

#[cfg(test)]
mod tests {
    use super::*;
    use headwater_log::MemDisk;

    #[test]
    fn the_note_says_whether_the_machine_went_on() {
        let disk = MemDisk::new();
        assert!(has_changed(&disk, Some("a")), "no note yet");
        assert!(has_changed(&disk, Some("a")), "the first start was cut short");
        note(&disk, Some("a"));
        note(&disk, Some("a"));
        assert!(!has_changed(&disk, Some("a")));
        assert!(has_changed(&disk, Some("b")));
        assert!(has_changed(&disk, Some("b")), "nor does the old note stay");
        note(&disk, Some("b"));
        assert!(!has_changed(&disk, Some("b")));
        assert!(has_changed(&disk, None), "the system does not say");
        note(&disk, None);
        assert!(has_changed(&disk, Some("b")));
        note(&disk, Some("b"));
        forget(&disk);
        assert!(has_changed(&disk, Some("b")));
    }
}
