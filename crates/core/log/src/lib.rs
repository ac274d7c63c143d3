//! One partition's log on a disk: segments, indexes, checkpoints, producer state, recovery.

pub mod disk;

pub use disk::{Disk, DiskFile, MemDisk, OpenMode};
