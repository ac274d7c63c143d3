//! The checkpoints of a log directory as files, kept in step with the partitions that are there.
//!
//! An entry that outlives its partition is dangerous: a new topic of the same name would begin behind its own records. So
//! a partition's entries go before its name is free ([`Checkpoints::forget`]), and nobody writes down where a closed
//! partition stands. One lock is held through each writing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use headwater_base::{Offset, TopicPartition};
use headwater_log::LogError;
use headwater_log::checkpoint::OffsetsByPartition;
use headwater_log::dir::Checkpoint;
use headwater_log::disk::Disk;

use crate::partition::{Partition, Stopped};

/// What the files say.
#[derive(Debug, Default)]
struct Written {
    recovery_points: OffsetsByPartition,
    log_starts: OffsetsByPartition,
    high_watermarks: OffsetsByPartition,
    /// Where compactions go on.
    cleaner_offsets: OffsetsByPartition,
}

/// See the module.
#[derive(Default)]
pub struct Checkpoints {
    written: Mutex<Written>,
    /// Partitions whose start has to be written down.
    moved: Mutex<Vec<Arc<Partition>>>,
}

impl Checkpoints {
    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of what the files said when the directory was opened.
    pub fn found(
        &self,
        recovery_points: &OffsetsByPartition,
        log_starts: &OffsetsByPartition,
        cleaner_offsets: OffsetsByPartition,
    ) {
        let mut written = self.written();
        written.cleaner_offsets = cleaner_offsets;
        written.recovery_points.clone_from(recovery_points);
        written.log_starts.clone_from(log_starts);
        written.high_watermarks.clone_from(recovery_points);
    }

    /// Writes down where these partitions stand, which are all of the directory.
    ///
    /// # Errors
    /// What the disk says.
    pub fn write(&self, disk: &dyn Disk, partitions: &[Arc<Partition>]) -> Result<(), LogError> {
        let mut written = self.written();
        let standing = partitions.iter().filter_map(|it| Some((it.name.clone(), it.standing()?)));
        let logs: BTreeMap<TopicPartition, Stopped> = standing
            .filter(|(_, stood)| stood.recovery_point.0 > 0 || stood.log_start_offset.0 > 0)
            .collect();
        written.replace(disk, &logs)
    }

    /// Writes down where these logs stopped, which are all of the directory.
    ///
    /// # Errors
    /// What the disk says.
    pub fn write_stopped(
        &self,
        disk: &dyn Disk,
        logs: &BTreeMap<TopicPartition, Stopped>,
    ) -> Result<(), LogError> {
        self.written().replace(disk, logs)
    }

    /// Writes down where the logs of these partitions begin, so that it survives a kill. Those who come together share
    /// one writing.
    ///
    /// # Errors
    /// What the disk says.
    pub fn write_starts(
        &self,
        disk: &dyn Disk,
        partitions: impl IntoIterator<Item = Arc<Partition>>,
    ) -> Result<(), LogError> {
        let moved = || self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        moved().extend(partitions);
        let mut written = self.written();
        let waiting = std::mem::take(&mut *moved());
        let mut log_starts = written.log_starts.clone();
        for partition in &waiting {
            if let Some(stood) = partition.standing() {
                log_starts.insert(partition.name.clone(), stood.log_start_offset);
            }
        }
        let result = put(Checkpoint::LogStartOffset, disk, &mut written.log_starts, log_starts);
        if result.is_err() {
            // Who waits behind this one has to hear of it too.
            moved().extend(waiting);
        }
        result
    }

    /// What the file says of a partition's recovery point: what a start after a kill goes by.
    #[must_use]
    pub fn recovery_point(&self, partition: &TopicPartition) -> Offset {
        self.written().recovery_points.get(partition).copied().unwrap_or(Offset::ZERO)
    }

    /// Where the compaction of a partition goes on, if it was ever compacted.
    #[must_use]
    pub fn cleaner_offset(&self, partition: &TopicPartition) -> Option<Offset> {
        self.written().cleaner_offsets.get(partition).copied()
    }

    /// Writes down where the compaction of a partition goes on, or with `None` that nobody knows; nothing of one that
    /// serves nobody any more.
    ///
    /// # Errors
    /// What the disk says.
    pub fn write_cleaner_offset(
        &self,
        disk: &dyn Disk,
        partition: &Partition,
        offset: Option<Offset>,
    ) -> Result<(), LogError> {
        let mut written = self.written();
        if offset.is_some() && partition.standing().is_none() {
            return Ok(());
        }
        let mut wanted = written.cleaner_offsets.clone();
        match offset {
            Some(offset) => wanted.insert(partition.name.clone(), offset),
            None => wanted.remove(&partition.name),
        };
        put(Checkpoint::CleanerOffset, disk, &mut written.cleaner_offsets, wanted)
    }

    /// Writes down where a log begins that is about to get its name in this directory.
    ///
    /// # Errors
    /// What the disk says.
    pub fn put_start(&self, disk: &dyn Disk, name: &TopicPartition, start: Offset) -> Result<(), LogError> {
        let mut written = self.written();
        let mut log_starts = written.log_starts.clone();
        if start > Offset::ZERO {
            log_starts.insert(name.clone(), start);
        }
        put(Checkpoint::LogStartOffset, disk, &mut written.log_starts, log_starts)
    }

    /// Takes out what the files say of partitions that are closed for good.
    ///
    /// # Errors
    /// What the disk says.
    pub fn forget(&self, disk: &dyn Disk, gone: &BTreeSet<TopicPartition>) -> Result<(), LogError> {
        self.keep(disk, |name| !gone.contains(name))
    }

    /// Takes out what the files say of partitions that are not known: what a kill in the middle of a deletion left.
    ///
    /// # Errors
    /// What the disk says.
    pub fn forget_others(
        &self,
        disk: &dyn Disk,
        known: impl Fn(&TopicPartition) -> bool,
    ) -> Result<(), LogError> {
        self.keep(disk, known)
    }

    fn keep(&self, disk: &dyn Disk, which: impl Fn(&TopicPartition) -> bool) -> Result<(), LogError> {
        let mut written = self.written();
        let Written { recovery_points, log_starts, high_watermarks, cleaner_offsets } = &mut *written;
        for (file, offsets) in [
            (Checkpoint::RecoveryPoint, recovery_points),
            (Checkpoint::LogStartOffset, log_starts),
            (Checkpoint::HighWatermark, high_watermarks),
            (Checkpoint::CleanerOffset, cleaner_offsets),
        ] {
            let mut left = offsets.clone();
            left.retain(|name, _| which(name));
            put(file, disk, offsets, left)?;
        }
        Ok(())
    }
}

impl Written {
    fn replace(&mut self, disk: &dyn Disk, logs: &BTreeMap<TopicPartition, Stopped>) -> Result<(), LogError> {
        let of = |offset: fn(&Stopped) -> Offset| {
            logs.iter().map(|(name, stood)| (name.clone(), offset(stood))).collect()
        };
        let Written { recovery_points, log_starts, high_watermarks, .. } = self;
        put(Checkpoint::RecoveryPoint, disk, recovery_points, of(|stood| stood.recovery_point))?;
        put(Checkpoint::LogStartOffset, disk, log_starts, of(|stood| stood.log_start_offset))?;
        put(Checkpoint::HighWatermark, disk, high_watermarks, of(|stood| stood.high_watermark))
    }
}

/// Writes a file, unless it says that already.
fn put(
    file: Checkpoint,
    disk: &dyn Disk,
    written: &mut OffsetsByPartition,
    wanted: OffsetsByPartition,
) -> Result<(), LogError> {
    if *written != wanted {
        file.write(disk, &wanted)?;
        *written = wanted;
    }
    Ok(())
}
