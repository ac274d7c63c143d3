//! One log directory: what lies in it beside the partitions' folders, and how to find those.
//!
//! The lock on `.lock` is the runtime's: it needs the operating system.

mod clean_shutdown;
mod meta_properties;

use std::io;

use headwater_base::TopicPartition;

use crate::checkpoint::{CheckpointError, OffsetsByPartition, format_offsets, parse_offsets};
use crate::disk::{Disk, read_whole, replace_whole};
use crate::error::LogError;
use crate::names::{
    CLEANER_OFFSET_CHECKPOINT, Folder, HIGH_WATERMARK_CHECKPOINT, LOG_START_OFFSET_CHECKPOINT,
    RECOVERY_POINT_CHECKPOINT, parse_folder_name,
};

pub use clean_shutdown::{CleanShutdown, read_clean_shutdown, remove_clean_shutdown, write_clean_shutdown};
pub use meta_properties::{MetaProperties, MetaPropertiesError, read_meta_properties, write_meta_properties};

/// Files of a log directory are not longer than this.
const MAX_FILE: u64 = 256 << 20;

/// The checkpoints of a log directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checkpoint {
    /// `recovery-point-offset-checkpoint`: what a start need not look at.
    RecoveryPoint,
    /// `log-start-offset-checkpoint`: starts that lie behind the first segment's.
    LogStartOffset,
    /// `replication-offset-checkpoint`: high watermarks.
    HighWatermark,
    /// `cleaner-offset-checkpoint`: where compactions go on.
    CleanerOffset,
}

impl Checkpoint {
    /// The file's name.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Checkpoint::RecoveryPoint => RECOVERY_POINT_CHECKPOINT,
            Checkpoint::LogStartOffset => LOG_START_OFFSET_CHECKPOINT,
            Checkpoint::HighWatermark => HIGH_WATERMARK_CHECKPOINT,
            Checkpoint::CleanerOffset => CLEANER_OFFSET_CHECKPOINT,
        }
    }

    /// Reads it. A file that is missing or damaged has no entries, which is always safe: the second value says what was
    /// wrong with it.
    ///
    /// # Errors
    /// The disk's.
    pub fn read(self, disk: &dyn Disk) -> Result<(OffsetsByPartition, Option<CheckpointError>), LogError> {
        let name = self.file_name();
        let bytes = read_whole(disk, name, MAX_FILE).map_err(LogError::io(name))?;
        match parse_offsets(&bytes.unwrap_or_default()) {
            Ok(offsets) => Ok((offsets, None)),
            Err(error) => Ok((OffsetsByPartition::new(), Some(error))),
        }
    }

    /// Replaces it, atomically and durably.
    ///
    /// # Errors
    /// The disk's.
    pub fn write(self, disk: &dyn Disk, offsets: &OffsetsByPartition) -> Result<(), LogError> {
        let name = self.file_name();
        replace_whole(disk, name, &format_offsets(offsets)).map_err(LogError::io(name))
    }
}

/// The folders of a log directory, by what they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folders {
    /// Partitions, by folder name.
    pub partitions: Vec<(String, TopicPartition)>,
    /// Partitions whose deletion has begun: their folders may be removed.
    pub deleting: Vec<String>,
    /// Partitions that were on their way here from another log directory, by folder name.
    pub future: Vec<(String, TopicPartition)>,
    /// Partitions that a start found to be nobody's.
    pub stray: Vec<String>,
    /// None of Kafka's.
    pub other: Vec<String>,
}

/// Lists the folders of a log directory.
///
/// # Errors
/// The disk's.
pub fn scan(disk: &dyn Disk) -> Result<Folders, LogError> {
    let mut folders = Folders::default();
    for entry in disk.list("").map_err(LogError::io(""))? {
        if !entry.is_dir {
            continue;
        }
        match parse_folder_name(&entry.name) {
            Folder::Partition(partition) => folders.partitions.push((entry.name, partition)),
            Folder::Deleting(_) => folders.deleting.push(entry.name),
            Folder::Future(partition) => folders.future.push((entry.name, partition)),
            Folder::Stray(_) => folders.stray.push(entry.name),
            Folder::Other => folders.other.push(entry.name),
        }
    }
    Ok(folders)
}

/// Renames a partition's folder so that it counts as deleted, durably: then the name is free for a new partition. The
/// files go with [`remove_folder`], when nobody reads them any more.
///
/// # Errors
/// The disk's.
pub fn mark_deleted(disk: &dyn Disk, folder: &str, deleted_name: &str) -> Result<(), LogError> {
    disk.rename(folder, deleted_name).map_err(LogError::io(folder))?;
    disk.sync_dir("").map_err(LogError::io(""))
}

/// Removes a folder with all that is in it.
///
/// # Errors
/// The disk's; what is left can be removed later.
pub fn remove_folder(disk: &dyn Disk, folder: &str) -> Result<(), LogError> {
    for entry in disk.list(folder).map_err(LogError::io(folder))? {
        let path = format!("{folder}/{}", entry.name);
        if entry.is_dir {
            remove_folder(disk, &path)?;
        } else {
            disk.remove_file(&path).map_err(LogError::io(&path))?;
        }
    }
    disk.remove_dir(folder).map_err(LogError::io(folder))
}

fn remove_durably(disk: &dyn Disk, name: &str) -> Result<(), LogError> {
    match disk.remove_file(name) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(LogError::io(name)(error)),
        Ok(()) => disk.sync_dir("").map_err(LogError::io("")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::{MemDisk, OpenMode};
    use headwater_base::{Offset, PartitionIndex};

    fn partition(topic: &str, index: i32) -> TopicPartition {
        TopicPartition { topic: topic.to_owned(), partition: PartitionIndex(index) }
    }

    #[test]
    fn folders_are_told_apart_and_go() {
        let disk = MemDisk::new();
        for name in ["a-0", "a-1", "__cluster_metadata-0", "lost+found"] {
            disk.create_dir(name).unwrap();
        }
        disk.open("meta.properties", OpenMode::Create).unwrap();
        disk.open("a-1/x", OpenMode::Create).unwrap();
        let gone = crate::names::delete_folder_name(&partition("a", 1), 7);
        mark_deleted(&disk, "a-1", &gone).unwrap();
        let folders = scan(&disk).unwrap();
        let names: Vec<&str> = folders.partitions.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["__cluster_metadata-0", "a-0"]);
        assert_eq!(
            (folders.deleting.as_slice(), folders.other.as_slice()),
            (&[gone.clone()][..], &["lost+found".to_owned()][..])
        );
        remove_folder(&disk, &gone).unwrap();
        assert!(scan(&disk).unwrap().deleting.is_empty());
    }

    #[test]
    fn d16_a_checkpoint_is_old_or_new_at_every_crash_point() {
        let offsets = |offset| OffsetsByPartition::from([(partition("a", 0), Offset(offset))]);
        let disk = MemDisk::new();
        Checkpoint::RecoveryPoint.write(&disk, &offsets(1)).unwrap();
        for changes in 0.. {
            for seed in 0..20 {
                let copy = disk.fork();
                copy.fail_after_changes(changes);
                let done = Checkpoint::RecoveryPoint.write(&copy, &offsets(2)).is_ok();
                copy.power_loss(seed);
                let (found, damage) = Checkpoint::RecoveryPoint.read(&copy).unwrap();
                assert_eq!(damage, None);
                assert!(found == offsets(2) || (!done && found == offsets(1)), "{changes} {seed}: {found:?}");
            }
            let copy = disk.fork();
            copy.fail_after_changes(changes);
            if Checkpoint::RecoveryPoint.write(&copy, &offsets(2)).is_ok() {
                assert!(changes > 4);
                break;
            }
        }
    }
}
