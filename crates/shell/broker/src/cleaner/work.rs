//! One compaction, from its beginning to its checkpoint.

use std::sync::Arc;

use headwater_log::LogError;
use headwater_log::compact::{BYTES_PER_ENTRY, Compaction, CompactionLimits, Outcome, Step};

use super::choose::Chosen;
use crate::broker::Broker;
use crate::log_directory::LogDirectory;
use crate::node::background;
use crate::partition::Partition;

/// About so many bytes are read and written before others get the I/O thread.
const PIECE_BYTES: u64 = 1 << 20;
/// The least that is read at once.
const MIN_IO_BYTES: usize = 4 << 10;

/// A compaction on its way from one I/O thread to the next.
struct Under {
    compaction: Compaction,
    /// Files of segments that were replaced.
    old: Vec<String>,
}

/// Compacts a log. False when it could not be done, and is not to be tried again at once.
pub(super) async fn compact(broker: &Arc<Broker>, chosen: Chosen, hash_key: [u64; 2]) -> bool {
    let began = broker.runtime.now();
    let (partition, directory) = (Arc::clone(&chosen.partition), Arc::clone(&chosen.directory));
    match through(broker, &chosen, hash_key).await {
        Ok(outcome) => {
            let seconds = broker.runtime.now().since(began).as_secs();
            say(broker, &chosen, &outcome, seconds);
            // With room for no key at all the next one would get no further.
            outcome.first_dirty > chosen.range.first_dirty
        }
        Err(error) => {
            failed(broker, &directory, &partition, &error);
            false
        }
    }
}

async fn through(broker: &Arc<Broker>, chosen: &Chosen, hash_key: [u64; 2]) -> Result<Outcome, LogError> {
    let Chosen { partition, directory, range, now_ms } = chosen;
    let (range, now_ms) = (*range, *now_ms);
    let config = broker.config.current().cleaner();
    let share = |bytes: u64| bytes / config.threads.max(1) as u64;
    let slots = share(config.dedupe_buffer_size).min(i32::MAX as u64) as usize / BYTES_PER_ENTRY;
    let io_bytes = usize::try_from(share(config.io_buffer_size) / 2).unwrap_or(usize::MAX).max(MIN_IO_BYTES);
    let limits = CompactionLimits { slots, load_factor: config.load_factor, io_bytes, hash_key };
    let (log, on_disk, broker_of_job) = (Arc::clone(partition), Arc::clone(directory), Arc::clone(broker));
    let mut under = directory
        .background
        .run(move || {
            // Only what lies before the recovery point may be replaced, and a start goes by what the file says.
            if on_disk.checkpoints.recovery_point(&log.name) < range.first_uncleanable {
                background::checkpoint(&broker_of_job, &on_disk);
            }
            log.compaction(range, limits, now_ms).map(|compaction| Under { compaction, old: Vec::new() })
        })
        .await?;
    loop {
        let rate = || broker.config.current().cleaner().io_max_bytes_per_second;
        // A slow rate in small pieces, so that it is kept to at every moment.
        let piece = (rate() / 10.0).clamp(1.0, PIECE_BYTES as f64) as u64;
        let (log, on_disk) = (Arc::clone(partition), Arc::clone(directory));
        let moving = broker.moves.of(partition).is_some();
        let (came_back, step) = directory
            .background
            .run(move || {
                let step = if moving {
                    Err(LogError::Replaced(log.name.to_string()))
                } else if on_disk.has_room(piece) {
                    log.compact(&mut under.compaction, piece, &mut under.old)
                } else {
                    Err(no_room(&log))
                };
                if step.is_err() {
                    under.compaction.abandon();
                }
                (under, step)
            })
            .await;
        under = came_back;
        remove_later(broker, chosen, std::mem::take(&mut under.old));
        match step? {
            Step::Moved(bytes) => broker.cleaner.throttle.moved(&broker.runtime, bytes, rate).await,
            Step::Over(outcome) => {
                let (log, on_disk) = (Arc::clone(partition), Arc::clone(directory));
                let write = move || {
                    let offset = Some(outcome.first_dirty);
                    on_disk.checkpoints.write_cleaner_offset(&*on_disk.disk, &log, offset)
                };
                directory.background.run(write).await?;
                return Ok(outcome);
            }
            Step::Ready(_) => unreachable!("the partition has seen to it"),
        }
    }
}

/// What is left of the disk is for what makes room again.
fn no_room(partition: &Partition) -> LogError {
    let source =
        std::io::Error::new(std::io::ErrorKind::StorageFull, "what is left of the disk is a reserve");
    LogError::Io { path: partition.name.to_string(), source }
}

/// Removes the files of old segments, when readers had their time (`file.delete.delay.ms`).
fn remove_later(broker: &Broker, chosen: &Chosen, paths: Vec<String>) {
    if paths.is_empty() {
        return;
    }
    let (runtime, directory) = (broker.runtime.clone(), Arc::clone(&chosen.directory));
    let delay = chosen.partition.delete_delay();
    broker.runtime.spawn_detached("delete replaced segments", async move {
        runtime.sleep(delay).await;
        let disk = Arc::clone(&directory.disk);
        // What is not removed, or lies in a folder that was deleted meanwhile, goes with the folder or at the next start.
        let remove = move || paths.iter().for_each(|path| drop(disk.remove_file(path)));
        directory.background.run(remove).await;
    });
}

/// What follows when a log cannot be compacted.
pub(super) fn failed(broker: &Broker, directory: &LogDirectory, partition: &Partition, error: &LogError) {
    if partition.standing().is_none() || directory.failure().is_some() {
        // Deleted, or the node stops: whatever happened is no news.
        return;
    }
    match error {
        LogError::Replaced(_) => {
            tracing::info!(partition = %partition.name, "compaction given up: the log has changed meanwhile");
        }
        LogError::Io { .. } => {
            directory.checkpoint_failed(error, &format!("compaction of {}", partition.name));
        }
        LogError::Poisoned(_) => directory.fail(&format!("compaction of {} failed: {error}", partition.name)),
        LogError::Corrupt { .. } | LogError::InconsistentTopicId { .. } => {
            tracing::warn!(
                partition = %partition.name, dir = %directory.path, %error,
                "Unexpected error when cleaning log. Marking its partition as uncleanable"
            );
            broker.cleaner.state().uncleanable.insert(partition.id, directory.path.clone());
        }
    }
}

fn say(broker: &Broker, chosen: &Chosen, outcome: &Outcome, seconds: u64) {
    let done = &outcome.statistics;
    let percent = |part: u64, whole: u64| (100 * part / whole.max(1)) as u32;
    {
        let gauges = &mut broker.cleaner.state().gauges;
        gauges.max_buffer_utilization_percent = (100.0 * done.map_utilization) as u32;
        gauges.cleaner_recopy_percent = percent(done.bytes_written, done.bytes_read);
        gauges.max_clean_time_secs = seconds;
    }
    tracing::info!(
        partition = %chosen.partition.name,
        dirty_section = %format_args!("[{}, {}]", chosen.range.first_dirty, outcome.first_dirty),
        start_bytes = done.bytes_read,
        start_records = done.records_read,
        end_bytes = done.bytes_written,
        end_records = done.records_retained,
        keys = done.map_entries,
        seconds,
        "Log cleaner cleaned log"
    );
    if done.records_invalid > 0 {
        tracing::warn!(
            partition = %chosen.partition.name,
            "Found {} invalid messages during compaction.", done.records_invalid
        );
    }
}
