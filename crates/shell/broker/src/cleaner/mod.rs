//! Compaction in the background (`LogCleaner`): chooses the dirtiest log, works on it a piece at a time on the I/O threads
//! of its directory, and begins again.
//!
//! ```text
//! choose.rs    which log is next, and what of it
//! work.rs      one compaction from its beginning to its checkpoint
//! throttle.rs  so many bytes a second, all compactions together
//! ```
//!
//! The configuration is read anew for each choice, so every key of `log.cleaner.` may change at any time. Between two
//! pieces a compaction holds nothing: a partition that is closed, deleted or truncated meanwhile ends it.
//!
//! A log that cannot be compacted because of what is in it is set aside until the next start, with one line that says
//! why; the others go on.

mod choose;
mod throttle;
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use headwater_base::TopicIdPartition;
use headwater_runtime::sync::Notify;

use crate::broker::Broker;
use throttle::Throttle;

/// What compaction has done and is at, for whoever watches. Names as Kafka's gauges.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CleanerGauges {
    /// Dirty share of the dirtiest log, in percent.
    pub max_dirty_percent: u32,
    /// When a log was last looked for, wall clock in milliseconds; 0 for never.
    pub last_run_ms: i64,
    /// Share of the map that the last compaction used, in percent.
    pub max_buffer_utilization_percent: u32,
    /// Share of the bytes that the last compaction wrote again, in percent.
    pub cleaner_recopy_percent: u32,
    /// How long the last compaction took, in seconds.
    pub max_clean_time_secs: u64,
    /// How long records wait beyond `max.compaction.lag.ms`, in seconds.
    pub max_compaction_delay_secs: u64,
}

#[derive(Default)]
struct State {
    gauges: CleanerGauges,
    in_progress: BTreeSet<TopicIdPartition>,
    /// With the directory's path.
    uncleanable: BTreeMap<TopicIdPartition, String>,
}

/// What compaction is at. See the module.
#[derive(Default)]
pub struct Cleaner {
    state: Mutex<State>,
    throttle: Throttle,
    /// A compaction has ended.
    ended: Notify,
}

impl Cleaner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The gauges.
    #[must_use]
    pub fn gauges(&self) -> CleanerGauges {
        self.state().gauges
    }

    /// Whether a partition is being compacted.
    #[must_use]
    pub fn is_at(&self, partition: TopicIdPartition) -> bool {
        self.state().in_progress.contains(&partition)
    }

    /// Partitions that were set aside, with the path of their directory.
    #[must_use]
    pub fn uncleanable(&self) -> BTreeMap<TopicIdPartition, String> {
        self.state().uncleanable.clone()
    }
}

/// Compacts for as long as the node runs.
pub(crate) async fn run(broker: Arc<Broker>) {
    let runtime = broker.runtime.clone();
    let hash_key = [runtime.random_u64(), runtime.random_u64()];
    loop {
        let config = broker.config.current().cleaner();
        let busy = broker.cleaner.state().in_progress.len();
        let chosen = if busy < config.threads { choose::next(&broker).await } else { None };
        let backoff = runtime.sleep(Duration::from_millis(config.backoff_ms.max(1)));
        match chosen {
            Some(chosen) => {
                let (broker, id) = (Arc::clone(&broker), chosen.partition.id);
                broker.cleaner.state().in_progress.insert(id);
                runtime.spawn_detached("compact a log", async move {
                    let again = work::compact(&broker, chosen, hash_key).await;
                    if !again {
                        // What went wrong would go wrong at once again.
                        broker.runtime.sleep(Duration::from_millis(config.backoff_ms.max(1))).await;
                    }
                    broker.cleaner.state().in_progress.remove(&id);
                    broker.cleaner.ended.notify_one();
                });
            }
            None => {
                headwater_runtime::sync::select2(backoff, broker.cleaner.ended.notified()).await;
            }
        }
    }
}
