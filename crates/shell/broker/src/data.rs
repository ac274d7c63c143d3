//! The log directories of a node as a whole: locked, identified, and what their checkpoints say.
//!
//! Opening a directory reads `meta.properties`, the checkpoints and the names of the folders, but no log, and changes
//! nothing. Then the node begins ([`DataDirectories::begin`]): the mark of a clean stop and folders that a deletion left
//! behind are removed; those of topics that the metadata does not know are left alone until somebody
//! takes them ([`DataDirectories::take_unclaimed`]).
//!
//! A directory whose disk fails at the start is offline from the beginning, and the node goes on with the others; but not
//! without that of the metadata log, nor with one that is another's, in use or not formatted.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use headwater_base::config::node::NodeConfig;
use headwater_base::{NodeId, Offset, TopicIdPartition, TopicPartition, Uuid};
use headwater_log::checkpoint::OffsetsByPartition;
use headwater_log::dir::{self, Checkpoint, Folders, MetaProperties, MetaPropertiesError};
use headwater_log::disk::Disk;
use headwater_log::{LogError, OpenContext};
use headwater_metadata::directory::is_reserved;
use headwater_runtime::sync::Notify;
use headwater_runtime::{DirLock, Runtime};

use crate::boot::{self, Since};
use crate::committer::MAX_SYNCS;
use crate::log_directory::{LogDirectory, Threads};

/// Threads of a directory for syncs and slow appends; more than syncs may take.
const IO_THREADS: usize = MAX_SYNCS + 4;
/// Threads of a directory for what takes long; at least, and at most where `num.recovery.threads.per.data.dir` wants more.
const BACKGROUND_THREADS: std::ops::RangeInclusive<usize> = 4..=64;
/// Jobs that may wait for such a thread before whoever brings more has to wait.
const IO_QUEUE: usize = 4_096;

/// Partitions that are not there yet and have a directory chosen.
const MAX_PREFERRED: usize = 10_000;

/// Why a node's directories cannot be used.
#[derive(Debug)]
pub enum DataError {
    /// The system said no.
    Io(String, io::Error),
    /// A file cannot be read or written.
    Log(String, LogError),
    /// Another process has the directory.
    Locked(String),
    /// There is no `meta.properties`.
    NotFormatted(String),
    /// `meta.properties` is not this node's.
    Identity(String),
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DataError::Io(what, source) => write!(f, "{what}: {source}"),
            DataError::Log(path, source) => write!(f, "{path}: {source}"),
            DataError::Locked(path) => write!(
                f,
                "{path}: another process uses this directory (its file .lock is locked); stop it first, or choose \
                 another directory"
            ),
            DataError::NotFormatted(path) => write!(
                f,
                "{path}: no meta.properties is here; format the directory first with `headwater storage format`"
            ),
            DataError::Identity(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for DataError {}

impl DataError {
    /// Whether a disk failed, and not a person.
    fn is_of_disk(&self) -> bool {
        matches!(self, DataError::Io(..) | DataError::Log(_, LogError::Io { .. }))
    }
}

/// What a directory's checkpoints say of a log.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// There is something to open.
    pub has_folder: bool,
    /// The node stopped cleanly, so that nothing has to be looked at.
    pub clean: bool,
    /// What was not synced may be missing.
    pub power_lost: bool,
    /// Everything below is durable and whole.
    pub recovery_point: Offset,
    /// First offset that was not deleted.
    pub log_start_offset: Offset,
}

/// Where a replica came to lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The replica.
    pub partition: TopicIdPartition,
    /// Id of the directory.
    pub directory: Uuid,
}

impl Known {
    /// What the opening of the log has to know.
    #[must_use]
    pub fn context(&self, topic_id: Option<Uuid>, now_ms: i64) -> OpenContext {
        OpenContext {
            topic_id,
            clean_shutdown: self.clean,
            power_lost: self.power_lost,
            recovery_point: self.recovery_point,
            log_start_offset: self.log_start_offset,
            now_ms,
        }
    }
}

struct Directory {
    shared: Arc<LogDirectory>,
    clean: bool,
    power_lost: bool,
    recovery_points: OffsetsByPartition,
    log_starts: OffsetsByPartition,
    /// Folders of partitions that nobody has opened yet.
    unclaimed: Mutex<BTreeSet<TopicPartition>>,
    /// Folders of partitions on their way here.
    futures: Mutex<Vec<(String, TopicPartition)>>,
    /// Folders that a deletion left behind.
    deleting: Vec<String>,
    _lock: DirLock,
}

/// See the module.
pub struct DataDirectories {
    directories: Vec<Directory>,
    /// Disk of the metadata log.
    pub metadata: Arc<LogDirectory>,
    /// `cluster.id`.
    pub cluster_id: String,
    /// Told when a directory has gone offline. For one waiter.
    pub failures: Notify,
    /// Paths that could not be read at the start.
    unreadable: Vec<String>,
    /// Replicas whose place the controller does not know yet.
    placed: Mutex<Vec<Placed>>,
    placing: Notify,
    /// Paths of directories for partitions that are not there yet.
    preferred: Mutex<BTreeMap<TopicPartition, String>>,
    _metadata_lock: Option<DirLock>,
}

impl DataDirectories {
    /// Locks and reads all directories of a node.
    ///
    /// # Errors
    /// See [`DataError`]; nothing has been changed then.
    pub fn open(runtime: &Runtime, config: &NodeConfig) -> Result<Self, DataError> {
        let mut directories = Vec::new();
        let mut unreadable = Vec::new();
        let mut cluster_id = None;
        for path in &config.log_dirs {
            let opened = open_root(runtime, path, config.node_id).and_then(|(lock, disk, meta)| {
                agree(&mut cluster_id, path, &meta)?;
                Directory::open(runtime, path, lock, disk, &meta, config)
            });
            match opened {
                Ok(directory) => directories.push(directory),
                Err(error) if error.is_of_disk() && *path != config.metadata_log_dir => {
                    tracing::error!(dir = %path, %error, "log directory is offline from the start");
                    unreadable.push(path.clone());
                }
                Err(error) => return Err(error),
            }
        }
        let of_metadata =
            directories.iter().find(|directory| directory.shared.path == config.metadata_log_dir);
        let (metadata, metadata_lock) = match of_metadata {
            Some(directory) => (Arc::clone(&directory.shared), None),
            None => {
                let path = &config.metadata_log_dir;
                let (lock, disk, meta) = open_root(runtime, path, config.node_id)?;
                agree(&mut cluster_id, path, &meta)?;
                let id = meta.directory_id.unwrap_or(Uuid::ZERO);
                (shared(runtime, path, id, disk, config)?, Some(lock))
            }
        };
        Ok(Self {
            directories,
            metadata,
            cluster_id: cluster_id.unwrap_or_default(),
            failures: Notify::new(),
            unreadable,
            placed: Mutex::default(),
            placing: Notify::new(),
            preferred: Mutex::default(),
            _metadata_lock: metadata_lock,
        })
    }

    /// Makes the directories this node's own until it stops. Before this, whoever refuses to start has changed nothing;
    /// nothing may be appended to a partition before.
    ///
    /// # Errors
    /// What the disk of the metadata log says. Another directory goes offline.
    pub fn begin(&self) -> Result<(), DataError> {
        self.directories.iter().try_for_each(|directory| match directory.begin() {
            Err(source) if Arc::ptr_eq(&directory.shared, &self.metadata) => {
                Err(DataError::Log(directory.shared.path.clone(), source))
            }
            Err(source) => {
                directory.shared.fail(&format!("it cannot be changed: {source}"));
                Ok(())
            }
            Ok(()) => Ok(()),
        })
    }

    /// Whether what was not synced of the metadata log may be missing.
    #[must_use]
    pub fn metadata_power_lost(&self) -> bool {
        let of_metadata = |directory: &&Directory| Arc::ptr_eq(&directory.shared, &self.metadata);
        self.directories.iter().find(of_metadata).is_none_or(|directory| directory.power_lost)
    }

    /// The directories for partitions.
    pub fn all(&self) -> impl Iterator<Item = &Arc<LogDirectory>> {
        self.directories.iter().map(|directory| &directory.shared)
    }

    /// The directories for partitions and that of the metadata log, each once.
    pub fn watched(&self) -> impl Iterator<Item = &Arc<LogDirectory>> {
        let apart = self.all().all(|directory| !Arc::ptr_eq(directory, &self.metadata));
        self.all().chain(apart.then_some(&self.metadata))
    }

    /// The directories whose logs were looked through at the start, because nobody had stopped them in order.
    pub fn recovered(&self) -> impl Iterator<Item = &Arc<LogDirectory>> {
        self.directories.iter().filter(|directory| !directory.clean).map(|directory| &directory.shared)
    }

    /// Ids of the directories that went offline since the start.
    #[must_use]
    pub fn offline(&self) -> Vec<Uuid> {
        self.all().filter(|directory| directory.failure().is_some()).map(|directory| directory.id).collect()
    }

    /// Takes note of a replica that does not lie where the controller thinks.
    pub fn place_differs(&self, placed: Placed) {
        self.placed.lock().unwrap_or_else(PoisonError::into_inner).push(placed);
        self.placing.notify_one();
    }

    /// Waits for such notes and takes them. For one waiter.
    pub async fn placed(&self) -> Vec<Placed> {
        loop {
            let placed = std::mem::take(&mut *self.placed.lock().unwrap_or_else(PoisonError::into_inner));
            if !placed.is_empty() {
                return placed;
            }
            self.placing.notified().await;
        }
    }

    /// One of them, for work that belongs to none in particular.
    #[must_use]
    pub fn any(&self) -> &Arc<LogDirectory> {
        self.directories.first().map_or(&self.metadata, |directory| &directory.shared)
    }

    /// Where a partition lies or is to lie, and what is known of its log: the directory that has its folder, else the one
    /// that the metadata assigns, else the one that an administrator chose, else the one with the fewest partitions.
    /// `None` when that directory is offline, or all are, or where the records may lie in a directory that cannot be read:
    /// nothing may begin anew in their place.
    #[must_use]
    pub fn place(&self, partition: &TopicPartition, assigned: Uuid) -> Option<(Arc<LogDirectory>, Known)> {
        let is_assigned = |it: &&Directory| it.shared.id == assigned;
        // A kill in the middle of a move can leave two folders: the assigned one is complete then. The other one stays
        // unclaimed and is set aside.
        let mut holders = self.directories.iter().filter(|it| it.holds(partition));
        let holder = holders.clone().find(is_assigned).or_else(|| holders.next());
        let has_folder = holder.is_some_and(|it| it.claim(partition));
        let found = holder.or_else(|| self.directories.iter().find(is_assigned));
        if found.is_none() && !self.unreadable.is_empty() && !is_reserved(assigned) {
            return None;
        }
        let directory = found.or_else(|| self.preferred(partition)).or_else(|| {
            let online = self.directories.iter().filter(|it| it.shared.failure().is_none());
            online.min_by_key(|it| it.shared.replicas())
        })?;
        if directory.shared.failure().is_some() {
            return None;
        }
        directory.shared.replica_came();
        Some((Arc::clone(&directory.shared), directory.known(partition, has_folder)))
    }

    fn preferred(&self, partition: &TopicPartition) -> Option<&Directory> {
        let mut preferred = self.preferred.lock().unwrap_or_else(PoisonError::into_inner);
        let path = preferred.remove(partition)?;
        self.directories.iter().find(|it| it.shared.path == path && it.shared.failure().is_none())
    }

    /// Remembers in which directory a partition is to lie that is not there yet. Forgotten at the stop, as by the
    /// reference, and when there are too many.
    pub fn prefer(&self, partition: TopicPartition, directory: &LogDirectory) {
        let mut preferred = self.preferred.lock().unwrap_or_else(PoisonError::into_inner);
        if preferred.len() < MAX_PREFERRED {
            preferred.insert(partition, directory.path.clone());
        }
    }

    /// Moves that a stop or a kill has interrupted: where the partition was on its way to, and the folder there.
    #[must_use]
    pub fn take_futures(&self) -> Vec<(Arc<LogDirectory>, String, TopicPartition, bool)> {
        let mut found = Vec::new();
        for directory in &self.directories {
            let mut futures = directory.futures.lock().unwrap_or_else(PoisonError::into_inner);
            for (folder, name) in futures.drain(..) {
                found.push((Arc::clone(&directory.shared), folder, name, directory.power_lost));
            }
        }
        found
    }

    /// Folders of partitions that the metadata did not ask for. They count as gone from now on.
    #[must_use]
    pub fn take_unclaimed(&self) -> Vec<(Arc<LogDirectory>, TopicPartition, Known)> {
        let mut found = Vec::new();
        for directory in &self.directories {
            let mut unclaimed = directory.unclaimed.lock().unwrap_or_else(PoisonError::into_inner);
            let taken = std::mem::take(&mut *unclaimed);
            found.extend(taken.into_iter().map(|name| {
                let known = directory.known(&name, true);
                (Arc::clone(&directory.shared), name, known)
            }));
        }
        found
    }
}

impl Directory {
    fn open(
        runtime: &Runtime,
        path: &str,
        lock: DirLock,
        disk: Arc<dyn Disk>,
        meta: &MetaProperties,
        config: &NodeConfig,
    ) -> Result<Self, DataError> {
        let failed = |source| DataError::Log(path.to_owned(), source);
        let clean = dir::read_clean_shutdown(&*disk).map_err(failed)?.is_some();
        let since = boot::since(&*disk, runtime.boot_id().as_deref());
        if !clean && since == Since::Unknown {
            boot::renew_names(&*disk).map_err(|source| DataError::Io(path.to_owned(), source))?;
        }
        let folders = dir::scan(&*disk).map_err(failed)?;
        if !clean && was_used(&*disk, &folders).map_err(failed)? {
            tracing::info!(dir = %path, "no clean stop: logs are looked through behind their recovery points");
        }
        if !clean {
            // Behind a kill the folders' names may lie in memory alone, and nobody syncs them again.
            disk.sync_dir("").map_err(|source| DataError::Io(path.to_owned(), source))?;
        }
        let partitions = folders.partitions.into_iter().map(|(_, name)| name);
        let unclaimed = partitions.filter(|name| name.topic != headwater_raft::METADATA_TOPIC).collect();
        let recovery_points = offsets(&*disk, path, Checkpoint::RecoveryPoint)?;
        let log_starts = offsets(&*disk, path, Checkpoint::LogStartOffset)?;
        let shared = shared(runtime, path, meta.directory_id.unwrap_or(Uuid::ZERO), disk, config)?;
        let cleaner_offsets = offsets(&*shared.disk, path, Checkpoint::CleanerOffset)?;
        shared.checkpoints.found(&recovery_points, &log_starts, cleaner_offsets);
        Ok(Self {
            clean,
            power_lost: !clean && since != Since::Running,
            recovery_points,
            log_starts,
            unclaimed: Mutex::new(unclaimed),
            futures: Mutex::new(folders.future),
            deleting: folders.deleting,
            shared,
            _lock: lock,
        })
    }

    /// From here on a kill leaves an unclean directory.
    fn begin(&self) -> Result<(), LogError> {
        let disk = &*self.shared.disk;
        if self.clean {
            dir::remove_clean_shutdown(disk)?;
        }
        for folder in &self.deleting {
            dir::remove_folder(disk, folder)?;
            tracing::info!(dir = %self.shared.path, %folder, "removed what a deletion left behind");
        }
        Ok(())
    }

    fn holds(&self, partition: &TopicPartition) -> bool {
        self.unclaimed.lock().unwrap_or_else(PoisonError::into_inner).contains(partition)
    }

    /// True if the partition has a folder here; nobody else claims it then.
    fn claim(&self, partition: &TopicPartition) -> bool {
        self.unclaimed.lock().unwrap_or_else(PoisonError::into_inner).remove(partition)
    }

    fn known(&self, partition: &TopicPartition, has_folder: bool) -> Known {
        let of = |offsets: &OffsetsByPartition| offsets.get(partition).copied().unwrap_or(Offset::ZERO);
        Known {
            has_folder,
            clean: self.clean,
            power_lost: self.power_lost,
            recovery_point: of(&self.recovery_points),
            log_start_offset: of(&self.log_starts),
        }
    }
}

/// False for a directory that was only formatted: it holds no log, at most the checkpoint that a quorum begins with.
fn was_used(disk: &dyn Disk, folders: &Folders) -> Result<bool, LogError> {
    for (folder, partition) in &folders.partitions {
        if partition.topic != headwater_raft::METADATA_TOPIC {
            return Ok(true);
        }
        let files = disk.list(folder).map_err(|source| LogError::Io { path: folder.clone(), source })?;
        if files.iter().any(|file| file.name.ends_with(".log")) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn shared(
    runtime: &Runtime,
    path: &str,
    id: Uuid,
    disk: Arc<dyn Disk>,
    config: &NodeConfig,
) -> Result<Arc<LogDirectory>, DataError> {
    let wanted = config.num_recovery_threads_per_data_dir();
    let background = wanted.clamp(*BACKGROUND_THREADS.start(), *BACKGROUND_THREADS.end());
    let pool = |name, threads| {
        let started = runtime.io_pool(name, threads, IO_QUEUE);
        started.map_err(|source| DataError::Io(format!("{path}: threads for files"), source))
    };
    let threads = Threads { io: pool("io", IO_THREADS)?, background: pool("background", background)? };
    Ok(LogDirectory::new(runtime, path.to_owned(), id, disk, threads, config.log_dir_reserve_bytes()))
}

fn open_root(
    runtime: &Runtime,
    path: &str,
    node_id: NodeId,
) -> Result<(DirLock, Arc<dyn Disk>, MetaProperties), DataError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => DataError::NotFormatted(path.to_owned()),
        io::ErrorKind::ResourceBusy => DataError::Locked(path.to_owned()),
        _ => DataError::Io(path.to_owned(), source),
    };
    let root = Path::new(path);
    let disk = runtime.disk(root).map_err(failed)?;
    let meta = dir::read_meta_properties(&*disk).map_err(|error| match error {
        MetaPropertiesError::Missing => DataError::NotFormatted(path.to_owned()),
        MetaPropertiesError::Log(error) => DataError::Log(path.to_owned(), error),
        other => DataError::Identity(format!("{path}: {other}")),
    })?;
    if meta.node_id != node_id {
        return Err(DataError::Identity(format!(
            "{path}: Stored node id {} doesn't match previous node id {node_id} in meta.properties. If you moved your \
             data, make sure your configured node id matches",
            meta.node_id
        )));
    }
    let lock = runtime.lock_dir(root).map_err(failed)?;
    Ok((lock, disk, meta))
}

fn agree(cluster_id: &mut Option<String>, path: &str, meta: &MetaProperties) -> Result<(), DataError> {
    let known = cluster_id.get_or_insert_with(|| meta.cluster_id.clone());
    if *known == meta.cluster_id {
        Ok(())
    } else {
        Err(DataError::Identity(format!(
            "{path}: cluster.id is {}, that of another directory {known}",
            meta.cluster_id
        )))
    }
}

fn offsets(disk: &dyn Disk, path: &str, file: Checkpoint) -> Result<OffsetsByPartition, DataError> {
    let (offsets, damage) = file.read(disk).map_err(|source| DataError::Log(path.to_owned(), source))?;
    if let Some(error) = damage {
        // Without it logs are looked through from their beginnings: slower, and as good.
        tracing::warn!(dir = %path, file = file.file_name(), %error, "checkpoint cannot be read and is done without");
    }
    Ok(offsets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use headwater_log::MemDisk;
    use headwater_log::disk::OpenMode;

    #[test]
    fn a_directory_that_was_only_formatted_was_not_used() {
        let disk = MemDisk::new();
        let used = |disk: &MemDisk| was_used(disk, &dir::scan(disk).expect("scan")).expect("look");
        assert!(!used(&disk));
        disk.create_dir("__cluster_metadata-0").expect("folder");
        let file = |name: &str| disk.open(&format!("__cluster_metadata-0/{name}"), OpenMode::CreateNew);
        file("00000000000000000000-0000000000.checkpoint").expect("file");
        assert!(!used(&disk));
        file("00000000000000000000.log").expect("file");
        assert!(used(&disk));

        let disk = MemDisk::new();
        disk.create_dir("flights-0").expect("folder");
        assert!(used(&disk));
    }
}
