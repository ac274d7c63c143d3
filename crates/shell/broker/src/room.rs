//! Room for records: a directory's file system keeps a reserve that records do not touch.
//!
//! When a disk fills up, records are refused before anything else is: the metadata log, indexes, checkpoints and deletions
//! still have room, so that an administrator can delete something, and the node goes on by itself when he has. Asking the
//! file system costs a microsecond; far from the reserve it is asked once in many appends.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use headwater_log::disk::{Disk, Space};

/// The reserve where none is configured, unless [`RESERVED_SHARE`] of the file system is less.
pub const RESERVE_BYTES: u64 = 64 << 20;
/// See [`RESERVE_BYTES`].
pub const RESERVED_SHARE: u64 = 20;
/// How much is appended at most between two looks at the file system.
const LOOK_BYTES: u64 = 16 << 20;
/// Of the room that is left, so much is taken between two looks: other directories and programs take from it too.
const LOOK_SHARE: u64 = 8;

/// See the module.
pub struct Room {
    reserve: Option<u64>,
    /// What may be appended before the next look.
    left: AtomicI64,
    full: AtomicBool,
}

impl Room {
    /// With a configured reserve, or one that suits the file system.
    #[must_use]
    pub fn new(reserve: Option<u64>) -> Self {
        Self { reserve, left: AtomicI64::new(0), full: AtomicBool::new(false) }
    }

    /// Takes room for `bytes`, if there is.
    pub fn take(&self, bytes: u64, disk: &dyn Disk, path: &str) -> bool {
        let wanted = i64::try_from(bytes).unwrap_or(i64::MAX);
        if self.left.fetch_sub(wanted, Ordering::Relaxed) >= wanted {
            return true;
        }
        // A disk that cannot say is asked again by the append itself.
        let Ok(Some(space)) = disk.space() else {
            self.left.store(LOOK_BYTES as i64, Ordering::Relaxed);
            return true;
        };
        let spare = space.free.saturating_sub(self.reserve(space));
        let has_room = bytes <= spare;
        let next = if has_room { LOOK_BYTES.min((spare - bytes) / LOOK_SHARE) } else { 0 };
        self.left.store(next as i64, Ordering::Relaxed);
        self.tell(has_room, space, path);
        has_room
    }

    fn reserve(&self, space: Space) -> u64 {
        self.reserve.unwrap_or_else(|| RESERVE_BYTES.min(space.total / RESERVED_SHARE))
    }

    /// One line when it begins, one when it ends.
    fn tell(&self, has_room: bool, space: Space, path: &str) {
        let Space { free, .. } = space;
        let reserve = self.reserve(space);
        match (self.full.swap(!has_room, Ordering::Relaxed), has_room) {
            (false, false) => {
                tracing::error!(dir = %path, free, reserve, "no room: records are refused until there is");
            }
            (true, true) => tracing::warn!(dir = %path, free, reserve, "there is room again"),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use headwater_log::MemDisk;
    use headwater_log::disk::{DirEntry, DiskFile, OpenMode};
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;

    /// A disk that is asked for nothing but its room.
    struct Sized(MemDisk, AtomicU64, AtomicU64);

    impl Disk for Sized {
        fn open(&self, path: &str, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>> {
            self.0.open(path, mode)
        }
        fn list(&self, dir: &str) -> io::Result<Vec<DirEntry>> {
            self.0.list(dir)
        }
        fn exists(&self, path: &str) -> io::Result<bool> {
            self.0.exists(path)
        }
        fn create_dir(&self, path: &str) -> io::Result<()> {
            self.0.create_dir(path)
        }
        fn rename(&self, from: &str, to: &str) -> io::Result<()> {
            self.0.rename(from, to)
        }
        fn remove_file(&self, path: &str) -> io::Result<()> {
            self.0.remove_file(path)
        }
        fn remove_dir(&self, path: &str) -> io::Result<()> {
            self.0.remove_dir(path)
        }
        fn sync_dir(&self, dir: &str) -> io::Result<()> {
            self.0.sync_dir(dir)
        }
        fn space(&self) -> io::Result<Option<Space>> {
            self.2.fetch_add(1, Ordering::Relaxed);
            Ok(Some(Space { total: 1000 << 20, free: self.1.load(Ordering::Relaxed) }))
        }
    }

    #[test]
    fn d6_records_never_touch_the_reserve_and_go_on_when_there_is_room() {
        let disk = Sized(MemDisk::new(), AtomicU64::new(200 << 20), AtomicU64::new(0));
        let room = Room::new(None);
        let mut taken = 0;
        while room.take(10_000, &disk, "d") {
            disk.1.fetch_sub(10_000, Ordering::Relaxed);
            taken += 1;
        }
        let reserve = (1000 << 20) / 20;
        let free = disk.1.load(Ordering::Relaxed);
        assert!((reserve..reserve + 10_000).contains(&free), "{free}");
        assert!(disk.2.load(Ordering::Relaxed) < taken / 50, "it is not asked for each append");
        assert!(!room.take(10_000, &disk, "d"));
        disk.1.fetch_add(20_000, Ordering::Relaxed);
        assert!(room.take(10_000, &disk, "d"), "it recovers by itself");
    }

    #[test]
    fn a_configured_reserve_holds() {
        let disk = Sized(MemDisk::new(), AtomicU64::new(10), AtomicU64::new(0));
        assert!(Room::new(Some(0)).take(10, &disk, "d"));
        assert!(!Room::new(Some(1)).take(10, &disk, "d"));
        assert!(Room::new(None).take(10, &MemDisk::new(), "d"), "a disk that does not say has room");
    }
}
