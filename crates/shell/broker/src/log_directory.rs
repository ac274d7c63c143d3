//! One of `log.dirs`: its disk, its I/O threads, its committer, and whether it is online.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use headwater_base::Uuid;
use headwater_log::LogError;
use headwater_log::disk::Disk;
use headwater_runtime::sync::Notify;
use headwater_runtime::{IoPool, Runtime};

use crate::boot;
use crate::checkpoints::Checkpoints;
use crate::committer::Committer;
use crate::line_limit::LineLimit;
use crate::room::Room;

/// Appends that took longer than this go through the directory's I/O threads, so that connections of the same core
/// do not wait for the disk.
pub const SLOW_APPEND_MICROS: u32 = 1_000;

/// The threads of a directory.
pub struct Threads {
    /// See [`LogDirectory::io`].
    pub io: IoPool,
    /// See [`LogDirectory::background`].
    pub background: IoPool,
}

/// A log directory in service.
pub struct LogDirectory {
    /// Its path as configured.
    pub path: String,
    /// `directory.id` of its `meta.properties`.
    pub id: Uuid,
    /// The files.
    pub disk: Arc<dyn Disk>,
    /// Threads for what somebody waits for: syncs, slow appends. Nothing that takes long.
    pub io: IoPool,
    /// Threads for what may take long: opening and deleting many logs, checkpoints, compaction, moves, reports.
    pub background: IoPool,
    /// Makes its partitions' appends durable.
    pub committer: Arc<Committer>,
    /// The files that say where its partitions stand.
    pub checkpoints: Checkpoints,
    replicas: AtomicUsize,
    room: Room,
    /// Lines about requests that its partitions refuse.
    refusals: LineLimit,
    failure: OnceLock<String>,
    failed: Notify,
    append_micros: AtomicU32,
}

impl LogDirectory {
    /// A directory that is online. Records leave `reserve` bytes of its file system free; `None` takes what suits it.
    #[must_use]
    pub fn new(
        runtime: &Runtime,
        path: String,
        id: Uuid,
        disk: Arc<dyn Disk>,
        threads: Threads,
        reserve: Option<u64>,
    ) -> Arc<Self> {
        let Threads { io, background } = threads;
        let committer = Committer::new(runtime.clone(), io.clone());
        let append_micros = AtomicU32::new(0);
        Arc::new(Self {
            path,
            id,
            disk,
            io,
            background,
            committer,
            checkpoints: Checkpoints::default(),
            replicas: AtomicUsize::new(0),
            room: Room::new(reserve),
            refusals: LineLimit::new(),
            failure: OnceLock::new(),
            failed: Notify::new(),
            append_micros,
        })
    }

    /// How many partitions lie here or are on their way here.
    #[must_use]
    pub fn replicas(&self) -> usize {
        self.replicas.load(Ordering::Relaxed)
    }

    /// One more.
    pub fn replica_came(&self) {
        self.replicas.fetch_add(1, Ordering::Relaxed);
    }

    /// One less.
    pub fn replica_went(&self) {
        self.replicas.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether a line about a refused request may be logged now, and how many were not since the last one.
    #[must_use]
    pub fn admit_line(&self) -> Option<u64> {
        self.refusals.admit(self.committer.now())
    }

    /// Why the directory is offline, if it is.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }

    /// Takes the directory offline for good: what an operating system says after a failed sync cannot be trusted,
    /// so only a restart, which reads everything again, brings it back.
    pub fn fail(&self, why: &str) {
        if self.failure.set(why.to_owned()).is_ok() {
            // What the system calls written may be lost after this, although it goes on running.
            boot::forget(&*self.disk);
            tracing::error!(dir = %self.path, %why, "log directory goes offline");
            self.failed.notify_one();
        }
    }

    /// What follows when housekeeping failed. A full disk may have room again the next time; everything else says that
    /// the directory cannot be relied on.
    pub fn checkpoint_failed(&self, error: &LogError, what: &str) {
        if self.failure().is_none() && error.is_passing() {
            tracing::warn!(dir = %self.path, %error, "no room for {what}; the next one may have it");
        } else {
            self.fail(&format!("{what} failed: {error}"));
        }
    }

    /// Takes note of the machine's boot id: what a power loss may have left half-done is put right.
    pub fn note_boot(&self, current: Option<&str>) {
        if self.failure().is_none() {
            boot::note(&*self.disk, current);
        }
        if self.failure().is_some() {
            // It went offline meanwhile, and took away the note that was not yet there.
            boot::forget(&*self.disk);
        }
    }

    /// Ends when the directory goes offline. For one waiter.
    pub async fn failed(&self) {
        while self.failure().is_none() {
            self.failed.notified().await;
        }
    }

    /// Whether records of so many bytes may be appended without touching the reserve.
    #[must_use]
    pub fn has_room(&self, bytes: u64) -> bool {
        self.room.take(bytes, &*self.disk, &self.path)
    }

    /// Remembers how long an append took: the worst of late counts, and fades by an eighth with each append.
    pub fn append_took(&self, micros: u32) {
        let before = self.append_micros.load(Ordering::Relaxed);
        self.append_micros.store(micros.max(before - before / 8), Ordering::Relaxed);
    }

    /// True while appends should not be made on a connection's thread.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        self.append_micros.load(Ordering::Relaxed) > SLOW_APPEND_MICROS
    }
}
