//! Makes appends durable: one committer per log directory.
//!
//! The contract is two calls: a partition says [`Committer::appended`], and later hears
//! [`Partition::synced`](crate::partition::Partition::synced). What lies between is the committer's own business.
//!
//! * Somebody waits for the append (acks=all, a parked fetch, ListOffsets(latest)): the partition is synced at once.
//! * Nobody waits: after [`LAZY_DELAY`] or [`LAZY_BYTES`], whichever comes first.
//!
//! Who waits for a few partitions does not wait behind somebody's thousands: those of a request for many partitions, and
//! those that nobody waits for, stand in a queue of their own ([`Urgency::Bulk`]), and the two take turns.
//!
//! Syncs run on the directory's I/O threads, at most [`MAX_SYNCS`] side by side; appends that arrive while their
//! partition is being synced are taken together by the next sync. A partition stands in at most one queue: its own
//! [`SyncState`], kept under its own lock, says in which. The lock order is partition, then committer.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use headwater_runtime::sync::Notify;
use headwater_runtime::{IoPool, Runtime, Tick};

use crate::metrics::Histogram;
use crate::partition::Partition;

/// How long an append that nobody waits for may stay unsynced.
pub const LAZY_DELAY: Duration = Duration::from_millis(10);
/// How many bytes that nobody waits for may stay unsynced in a directory.
pub const LAZY_BYTES: u64 = 8 * 1024 * 1024;
/// Syncs of one directory that run side by side. Each waits for the disk, which does many at once: with as many dirty
/// logs, twelve get twice as much done as four.
pub const MAX_SYNCS: usize = 12;

/// How soon an append is to be synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Nobody waits for it.
    Lazy,
    /// Somebody waits for it among many.
    Bulk,
    /// Somebody waits for it.
    Urgent,
}

/// Where a partition stands with its committer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncState {
    /// Everything is durable.
    Clean,
    /// Something is not, and nobody waits for it.
    Lazy,
    /// In the urgent queue or that of the many.
    Queued,
    /// A sync is under way; what it began with is all there is.
    Syncing,
    /// A sync is under way, and something was appended since.
    SyncingMore {
        /// How soon what was appended since is to follow.
        urgency: Urgency,
    },
}

#[derive(Default)]
struct Queues {
    urgent: VecDeque<Arc<Partition>>,
    bulk: VecDeque<Arc<Partition>>,
    /// Whose turn it is, if both have some.
    bulk_is_next: bool,
    lazy: Vec<Arc<Partition>>,
    lazy_bytes: u64,
    workers: usize,
}

impl Queues {
    fn waiting(&self) -> usize {
        self.urgent.len() + self.bulk.len()
    }

    fn pop(&mut self) -> Option<Arc<Partition>> {
        let bulk = self.urgent.is_empty() || (self.bulk_is_next && !self.bulk.is_empty());
        self.bulk_is_next = !bulk;
        if bulk { self.bulk.pop_front() } else { self.urgent.pop_front() }
    }
}

/// See the module.
pub struct Committer {
    queues: Mutex<Queues>,
    io: IoPool,
    lazy_began: Notify,
    runtime: Runtime,
    /// How long syncs took (`kafka.log:type=LogFlushStats`).
    pub syncs: Histogram,
}

impl Committer {
    /// A committer that syncs on the threads of `io`.
    #[must_use]
    pub fn new(runtime: Runtime, io: IoPool) -> Arc<Self> {
        let (queues, lazy_began, syncs) = (Mutex::default(), Notify::new(), Histogram::default());
        Arc::new(Self { queues, io, lazy_began, runtime, syncs })
    }

    /// The directory's time.
    #[must_use]
    pub fn now(&self) -> Tick {
        self.runtime.now()
    }

    /// Runs a sync, and notes how long it took.
    pub fn timed<T>(&self, sync: impl FnOnce() -> T) -> T {
        let began = self.runtime.now();
        let outcome = sync();
        self.syncs.record_shared(self.runtime.now().since(began));
        outcome
    }

    /// Partitions that wait for a sync: at once, and when its time has come.
    #[must_use]
    pub fn waiting(&self) -> (usize, usize) {
        let queues = self.queues();
        (queues.waiting(), queues.lazy.len())
    }

    fn queues(&self) -> std::sync::MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of an append of `bytes` to `partition`, whose lock the caller holds, and gives its new state.
    pub fn appended(
        self: &Arc<Self>,
        partition: &Arc<Partition>,
        state: SyncState,
        bytes: u64,
        urgency: Urgency,
    ) -> SyncState {
        match state {
            SyncState::Queued => SyncState::Queued,
            SyncState::Syncing => SyncState::SyncingMore { urgency },
            SyncState::SyncingMore { urgency: already } => {
                SyncState::SyncingMore { urgency: already.max(urgency) }
            }
            SyncState::Clean | SyncState::Lazy if urgency > Urgency::Lazy => {
                self.push(Arc::clone(partition), urgency);
                SyncState::Queued
            }
            SyncState::Clean => self.push_lazy(Some(Arc::clone(partition)), bytes),
            SyncState::Lazy => self.push_lazy(None, bytes),
        }
    }

    fn push(self: &Arc<Self>, partition: Arc<Partition>, urgency: Urgency) {
        let mut queues = self.queues();
        let queue = if urgency == Urgency::Urgent { &mut queues.urgent } else { &mut queues.bulk };
        queue.push_back(partition);
        self.staff(&mut queues);
    }

    fn push_lazy(self: &Arc<Self>, partition: Option<Arc<Partition>>, bytes: u64) -> SyncState {
        let mut queues = self.queues();
        if let Some(partition) = partition {
            if queues.lazy.is_empty() {
                self.lazy_began.notify_one();
            }
            queues.lazy.push(partition);
        }
        queues.lazy_bytes += bytes;
        if queues.lazy_bytes >= LAZY_BYTES {
            self.promote(&mut queues);
        }
        SyncState::Lazy
    }

    /// Moves the lazy ones to the queue of the many. Those that became urgent meanwhile are found clean by their sync.
    fn promote(self: &Arc<Self>, queues: &mut Queues) {
        let Queues { lazy, bulk, .. } = queues;
        bulk.extend(lazy.drain(..));
        queues.lazy_bytes = 0;
        self.staff(queues);
    }

    /// Puts one more thread to work if there is work and a thread may be had. Those at work are each in a sync of their
    /// own, and nobody who waits should wait for somebody else's.
    fn staff(self: &Arc<Self>, queues: &mut Queues) {
        if queues.workers < MAX_SYNCS && queues.waiting() > 0 {
            queues.workers += 1;
            let committer = Arc::clone(self);
            self.io.submit_now(Box::new(move || committer.work()));
        }
    }

    /// What an I/O thread does: syncs partitions until there are none.
    fn work(self: Arc<Self>) {
        loop {
            let partition = {
                let mut queues = self.queues();
                match queues.pop() {
                    Some(partition) => {
                        self.staff(&mut queues);
                        partition
                    }
                    None => {
                        queues.workers -= 1;
                        return;
                    }
                }
            };
            partition.sync(&self);
        }
    }

    /// Promotes what has been lazy for [`LAZY_DELAY`]; runs as long as the node does, and sleeps while all is clean.
    pub async fn run_lazy_timer(self: Arc<Self>, runtime: Runtime) {
        loop {
            self.lazy_began.notified().await;
            runtime.sleep(LAZY_DELAY).await;
            self.promote(&mut self.queues());
        }
    }
}
