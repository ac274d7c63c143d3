//! A partition that this node leads: its log, its high watermark, and who waits for it.
//!
//! A partition knows no request and no socket. Producers and consumers come in through [`Partition::append`]
//! (`append.rs`) and [`Partition::read`] (`read.rs`); the committer through [`Partition::sync`] (`sync.rs`); the
//! metadata through `lifecycle.rs`. Upward goes one signal only: waiters are woken at progress.
//!
//! Everything that changes lies under one short lock. Where the directory is slow, appends queue in front of that lock
//! and an I/O thread makes them, in the order in which they came (`append.rs`).
//!
//! In disk mode the high watermark is the durable end of the log, in memory mode its end.

mod append;
mod compaction;
mod counts;
mod lifecycle;
mod moving;
mod read;
mod retention;
mod settings;
mod sync;
pub mod table;
mod waiters;

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use headwater_base::error_code::ErrorCode;
use headwater_base::{LeaderEpoch, Offset, TopicIdPartition, TopicPartition};
use headwater_log::Log;

use crate::committer::SyncState;
use crate::log_directory::LogDirectory;

pub use append::{Acks, AppendOutcome, Appended, Appending, Refused, Wish};
pub use counts::{Counts, Standing};
pub use lifecycle::Stopped;
pub use moving::{Copied, Swapped};
pub use read::{FetchBound, PartitionRead, ReadRequest};
pub use retention::Retired;
pub use settings::PartitionSettings;
pub use waiters::{Committed, ParkedFetch, Wakes};

use append::AppendQueue;
use waiters::Waiters;

/// A replica of a partition on this node.
pub struct Partition {
    /// Topic and index by name.
    pub name: TopicPartition,
    /// Topic and index by id.
    pub id: TopicIdPartition,
    /// Where its files lie; changes when it is moved between the node's directories.
    directory: ArcSwap<LogDirectory>,
    leader_epoch: AtomicI32,
    settings: ArcSwap<PartitionSettings>,
    queue: Mutex<AppendQueue>,
    state: Mutex<State>,
    aside: counts::Aside,
    /// Held while the disk syncs: of two syncs of one file, the second would not hear of the first one's failure.
    syncing: Mutex<()>,
    /// Held while segments leave the log or are replaced: retention, compaction, the end of a move. Taken before all other
    /// locks.
    reshaping: Mutex<()>,
}

struct State {
    log: Log,
    high_watermark: Offset,
    /// Why the partition serves nobody any more.
    closed: Option<ErrorCode>,
    sync: SyncState,
    /// When the oldest record was appended that is not synced, wall clock in milliseconds.
    unflushed_since_ms: Option<i64>,
    waiters: Waiters,
    counts: Counts,
}

impl State {
    /// A directory that went offline serves nobody from that moment on.
    fn check_open(&self, partition: &Partition) -> Result<(), ErrorCode> {
        match self.closed {
            Some(why) => Err(why),
            None if partition.directory().failure().is_some() => Err(ErrorCode::KafkaStorageError),
            None => Ok(()),
        }
    }
}

impl Partition {
    /// A partition over an open log. It leads once it is told to. What a killed process wrote may lie in the page cache
    /// alone: it becomes visible when it is synced, which starts here.
    #[must_use]
    pub fn new(
        name: TopicPartition,
        id: TopicIdPartition,
        directory: Arc<LogDirectory>,
        log: Log,
        settings: PartitionSettings,
    ) -> Arc<Self> {
        let high_watermark = log.durable_offset();
        let state = State {
            log,
            high_watermark,
            closed: None,
            sync: SyncState::Clean,
            unflushed_since_ms: None,
            waiters: Waiters::default(),
            counts: Counts::default(),
        };
        let partition = Arc::new(Self {
            name,
            id,
            directory: ArcSwap::new(directory),
            leader_epoch: AtomicI32::new(LeaderEpoch::NONE.0),
            settings: ArcSwap::from_pointee(settings),
            queue: Mutex::default(),
            state: Mutex::new(state),
            aside: counts::Aside::default(),
            syncing: Mutex::default(),
            reshaping: Mutex::default(),
        });
        partition.sync_what_was_found();
        partition
    }

    /// Where its files lie.
    #[must_use]
    pub fn directory(&self) -> Arc<LogDirectory> {
        self.directory.load_full()
    }

    /// The epoch in which this node leads the partition.
    #[must_use]
    pub fn leader_epoch(&self) -> LeaderEpoch {
        LeaderEpoch(self.leader_epoch.load(Ordering::Acquire))
    }

    /// Whether this node leads the partition.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.leader_epoch() != LeaderEpoch::NONE
    }

    /// Keeps everybody else from taking segments out of the log, replacing them or renaming its folder. Waits for as long
    /// as it takes to rename some files.
    pub(crate) fn reshaping(&self) -> MutexGuard<'_, ()> {
        self.reshaping.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A panic anywhere stops the process, so a poisoned lock is never seen by a survivor.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Compares the epoch that a client believes in with ours (KIP-320).
    ///
    /// # Errors
    /// FENCED_LEADER_EPOCH for an older, UNKNOWN_LEADER_EPOCH for a newer one.
    pub fn check_epoch(&self, client: LeaderEpoch) -> Result<(), ErrorCode> {
        let ours = self.leader_epoch();
        match client {
            LeaderEpoch::NONE => Ok(()),
            epoch if epoch < ours => Err(ErrorCode::FencedLeaderEpoch),
            epoch if epoch > ours => Err(ErrorCode::UnknownLeaderEpoch),
            _ => Ok(()),
        }
    }
}
