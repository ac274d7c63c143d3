//! Which log is compacted next (`LogCleanerManager.grabFilthiestCompactedLog`): of those that are dirty enough, or whose
//! records wait too long, the one with the largest share of dirty bytes.

use std::sync::Arc;

use headwater_log::compact::{Cleanable, Reset};

use crate::broker::Broker;
use crate::log_directory::LogDirectory;
use crate::partition::Partition;

/// A log, and what of it.
pub(super) struct Chosen {
    pub(super) partition: Arc<Partition>,
    pub(super) directory: Arc<LogDirectory>,
    pub(super) range: Cleanable,
    /// The time that holds for all of the compaction, in milliseconds.
    pub(super) now_ms: i64,
}

/// The next one, if there is one.
pub(super) async fn next(broker: &Arc<Broker>) -> Option<Chosen> {
    let now_ms = broker.runtime.wall_clock_ms();
    let mut candidates = candidates(broker);
    let (mut best, mut most_dirty, mut longest_ms) = (None::<Chosen>, 0.0, 0);
    while let Some((_, directory)) = candidates.first() {
        let directory = Arc::clone(directory);
        let here: Vec<Arc<Partition>> = candidates
            .extract_if(.., |(_, its)| Arc::ptr_eq(its, &directory))
            .map(|(partition, _)| partition)
            .collect();
        let (on_disk, broker_of_job) = (Arc::clone(&directory), Arc::clone(broker));
        let ranges = directory.background.run(move || look(&broker_of_job, &on_disk, here, now_ms)).await;
        for (partition, range) in ranges {
            most_dirty = range.dirty_ratio().max(most_dirty);
            longest_ms = range.overdue_ms.max(longest_ms);
            let due = partition.min_cleanable_ratio().is_some_and(|ratio| range.is_due(ratio));
            let dirtier = best.as_ref().is_none_or(|best| range.dirty_ratio() > best.range.dirty_ratio());
            if due && dirtier {
                best = Some(Chosen { partition, directory: Arc::clone(&directory), range, now_ms });
            }
        }
    }
    let mut state = broker.cleaner.state();
    state.gauges.last_run_ms = now_ms;
    state.gauges.max_dirty_percent = (100.0 * most_dirty) as u32;
    state.gauges.max_compaction_delay_secs = u64::try_from(longest_ms / 1_000).unwrap_or(0);
    best
}

/// The compacted logs that nobody is at, with where they lie.
fn candidates(broker: &Broker) -> Vec<(Arc<Partition>, Arc<LogDirectory>)> {
    let mut partitions = broker.partitions.all();
    partitions.retain(|partition| partition.min_cleanable_ratio().is_some());
    let mut state = broker.cleaner.state();
    // A partition that is gone needs no mark.
    let known = |id| broker.partitions.all().iter().any(|partition| partition.id == id);
    state.uncleanable.retain(|id, _| known(*id));
    partitions.retain(|partition| {
        let aside =
            state.in_progress.contains(&partition.id) || state.uncleanable.contains_key(&partition.id);
        // A copy of what is half compacted could have an old value and not the marker that deleted it.
        !aside && broker.moves.of(partition).is_none()
    });
    let placed = partitions.into_iter().map(|partition| {
        let directory = partition.directory();
        (partition, directory)
    });
    placed.filter(|(_, directory)| directory.failure().is_none()).collect()
}

/// What of these logs may be compacted. Runs on an I/O thread.
fn look(
    broker: &Broker,
    directory: &Arc<LogDirectory>,
    partitions: Vec<Arc<Partition>>,
    now_ms: i64,
) -> Vec<(Arc<Partition>, Cleanable)> {
    let mut found = Vec::new();
    for partition in partitions {
        let checkpoint = directory.checkpoints.cleaner_offset(&partition.name);
        match partition.cleanable(checkpoint, now_ms) {
            Ok(Some(range)) if range.total_bytes() > 0 => {
                if let Some(why) = range.reset {
                    put_right(directory, &partition, &range, why);
                }
                found.push((partition, range));
            }
            Ok(_) => {}
            Err(error) => super::work::failed(broker, directory, &partition, &error),
        }
    }
    found
}

/// A checkpoint that cannot be right gets the place where the next compaction begins.
fn put_right(directory: &LogDirectory, partition: &Partition, range: &Cleanable, why: Reset) {
    let (name, start) = (&partition.name, range.first_dirty);
    match why {
        Reset::BeforeStart if partition.is_deleted_from() => {}
        Reset::BeforeStart => tracing::warn!(
            partition = %name,
            "Resetting first dirty offset to log start offset {start} since the checkpointed offset is invalid."
        ),
        Reset::BehindEnd => tracing::warn!(
            partition = %name,
            "The last checkpoint dirty offset is larger than the log end offset. Resetting to the log start offset {start}."
        ),
    }
    if let Err(error) = directory.checkpoints.write_cleaner_offset(&*directory.disk, partition, Some(start)) {
        directory.checkpoint_failed(&error, "the cleaner's checkpoint");
    }
}
