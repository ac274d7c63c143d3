//! What a node does beside answering: signs of life, lazy syncs, checkpoints, and what follows when a directory fails.

use std::sync::Arc;
use std::time::Duration;

use headwater_base::config::node::NodeConfig;
use headwater_base::error_code::ErrorCode;
use headwater_runtime::{Runtime, TaskHandle};

use super::{overrides, registration};
use crate::broker::Broker;
use crate::cleaner;
use crate::data::DataDirectories;
use crate::log_directory::LogDirectory;
use crate::partition::{Partition, Retired};

/// How long the controller is left alone that did not take a placement.
const ASSIGN_AGAIN: Duration = Duration::from_secs(1);

/// How often a node looks how many files are open.
const FILES_EVERY: Duration = Duration::from_millis(100);
/// Fewer files than these are worth a warning at the start.
const FEW_FILES: u64 = 10_000;

/// Starts them all.
pub(super) fn spawn(
    broker: &Arc<Broker>,
    config: &NodeConfig,
    data: &Arc<DataDirectories>,
) -> Vec<TaskHandle<()>> {
    let runtime = &broker.runtime;
    let interval = u64::try_from(config.broker_heartbeat_interval_ms()).unwrap_or(2_000).max(1);
    let alive =
        registration::stay_alive(Arc::clone(broker), Arc::clone(data), Duration::from_millis(interval));
    let mut tasks = vec![runtime.spawn_local("heartbeat", alive)];
    for directory in data.all() {
        let committer = Arc::clone(&directory.committer);
        tasks.push(runtime.spawn_local("lazy syncs", committer.run_lazy_timer(runtime.clone())));
    }
    for directory in data.watched() {
        let closing = close_with(Arc::clone(broker), Arc::clone(data), Arc::clone(directory));
        tasks.push(runtime.spawn_local("directory failure", closing));
    }
    let placements = report_placements(Arc::clone(broker), Arc::clone(data));
    tasks.push(runtime.spawn_local("placements", placements));
    let interval = Duration::from_millis(config.log_flush_offset_checkpoint_interval_ms().max(1));
    let checkpoints = checkpoints(Arc::clone(broker), Arc::clone(data), interval);
    tasks.push(runtime.spawn_local("checkpoints", checkpoints));
    let interval = Duration::from_millis(config.log_flush_scheduler_interval_ms());
    tasks.push(runtime.spawn_local("flush old records", flush_old(Arc::clone(broker), interval)));
    tasks.push(runtime.spawn_local("close files", close_files(Arc::clone(broker))));
    tasks.push(runtime.spawn_local("limits of addresses", overrides::follow(Arc::clone(broker))));
    let interval = Duration::from_millis(config.log_flush_start_offset_checkpoint_interval_ms().max(1));
    let starts = start_checkpoints(Arc::clone(broker), Arc::clone(data), interval);
    tasks.push(runtime.spawn_local("checkpoints of log starts", starts));
    let delay = Duration::from_millis(config.log_initial_task_delay_ms());
    let interval = Duration::from_millis(config.log_retention_check_interval_ms());
    let retention = retention(Arc::clone(broker), Arc::clone(data), delay, interval);
    tasks.push(runtime.spawn_local("retention", retention));
    if config.cleaner().enable {
        tasks.push(runtime.spawn_local("compaction", cleaner::run(Arc::clone(broker))));
    }
    let interval = Duration::from_millis(config.producer_id_expiration_check_interval_ms().max(1));
    tasks.push(runtime.spawn_local("expire producers", expire_producers(Arc::clone(broker), interval)));
    tasks
}

/// Forgets producers that have been silent for too long, again and again.
async fn expire_producers(broker: Arc<Broker>, interval: Duration) {
    loop {
        broker.runtime.sleep(interval).await;
        let now_ms = broker.runtime.wall_clock_ms();
        for partition in broker.partitions.all() {
            partition.expire_producers(now_ms);
        }
    }
}

/// Tells everybody who waits for a partition of a directory that went offline, at once and not at their deadlines, and
/// the controller, so that nobody is sent to its partitions any more.
async fn close_with(broker: Arc<Broker>, data: Arc<DataDirectories>, directory: Arc<LogDirectory>) {
    directory.failed().await;
    for partition in broker.partitions.all() {
        if Arc::ptr_eq(&partition.directory(), &directory) {
            partition.close(ErrorCode::KafkaStorageError).wake();
        }
    }
    data.failures.notify_one();
    registration::tell_offline(&broker, &data).await;
}

/// Tells the controller where replicas lie whose directory it left to this broker.
async fn report_placements(broker: Arc<Broker>, data: Arc<DataDirectories>) {
    loop {
        let placed = data.placed().await;
        while let Err(why) = registration::assign(&broker, &placed).await {
            tracing::warn!(%why, "the controller did not hear where replicas lie; it is told again");
            broker.runtime.sleep(ASSIGN_AGAIN).await;
        }
    }
}

/// Makes everything durable and writes the recovery points, again and again; for the first time at once where logs were
/// looked through, so that a node that is killed over and over does not look through the same records over and over.
async fn checkpoints(broker: Arc<Broker>, data: Arc<DataDirectories>, interval: Duration) {
    let of = async |directory: &Arc<LogDirectory>| {
        let (broker, shared) = (Arc::clone(&broker), Arc::clone(directory));
        directory.background.run(move || checkpoint(&broker, &shared)).await;
    };
    let online = |directory: &&Arc<LogDirectory>| directory.failure().is_none();
    for directory in data.recovered().filter(online) {
        of(directory).await;
    }
    loop {
        broker.runtime.sleep(interval).await;
        for directory in data.all().filter(online) {
            of(directory).await;
        }
    }
}

/// Makes the logs of a directory durable with all that belongs to them, and writes down up to where.
pub(crate) fn checkpoint(broker: &Broker, directory: &Arc<LogDirectory>) {
    // After the start: what a power loss left half-done is put right by now.
    directory.note_boot(broker.runtime.boot_id().as_deref());
    let partitions = partitions_in(broker, directory);
    for partition in &partitions {
        if let Err(error) = partition.checkpoint() {
            directory.checkpoint_failed(&error, "a checkpoint");
            return;
        }
    }
    if let Err(error) = directory.checkpoints.write(&*directory.disk, &partitions) {
        directory.checkpoint_failed(&error, "a checkpoint");
    }
}

/// Writes down where the logs begin, again and again (`log.flush.start.offset.checkpoint.interval.ms`).
async fn start_checkpoints(broker: Arc<Broker>, data: Arc<DataDirectories>, interval: Duration) {
    loop {
        broker.runtime.sleep(interval).await;
        for directory in data.all().filter(|directory| directory.failure().is_none()) {
            let (broker, shared) = (Arc::clone(&broker), Arc::clone(directory));
            let write = move || {
                let moved = partitions_in(&broker, &shared).into_iter();
                let moved =
                    moved.filter(|it| it.standing().is_some_and(|stood| stood.log_start_offset.0 > 0));
                if let Err(error) = shared.checkpoints.write_starts(&*shared.disk, moved) {
                    shared.checkpoint_failed(&error, "a checkpoint of the log starts");
                }
            };
            directory.background.run(write).await;
        }
    }
}

/// Syncs records that have waited for `flush.ms`, again and again (`log.flush.scheduler.interval.ms`).
async fn flush_old(broker: Arc<Broker>, interval: Duration) {
    loop {
        broker.runtime.sleep(interval).await;
        let now_ms = broker.runtime.wall_clock_ms();
        broker.partitions.all().iter().for_each(|partition| partition.flush_if_old(now_ms));
    }
}

/// Keeps half of the files that may be open free: where tens of thousands of logs are written between two checkpoints,
/// those at rest give theirs back.
async fn close_files(broker: Arc<Broker>) {
    let (_, most) = broker.runtime.open_files();
    if most < FEW_FILES {
        tracing::warn!(
            most,
            "few files may be open at once (ulimit -n); with many partitions, opening them over and over costs time"
        );
    }
    loop {
        broker.runtime.sleep(FILES_EVERY).await;
        let (open, most) = broker.runtime.open_files();
        if open > most / 2 {
            let of_job = Arc::clone(&broker);
            broker
                .data
                .any()
                .background
                .run(move || of_job.partitions.all().iter().for_each(|it| it.rest()))
                .await;
            let (left, _) = broker.runtime.open_files();
            tracing::info!(open, left, most, "closed the files of logs at rest");
        }
    }
}

/// Lets segments go that the topics' configurations do not keep, again and again (`log.retention.check.interval.ms`).
async fn retention(broker: Arc<Broker>, data: Arc<DataDirectories>, delay: Duration, interval: Duration) {
    broker.runtime.sleep(delay).await;
    loop {
        for directory in data.all().filter(|directory| directory.failure().is_none()) {
            let (broker_of_job, shared) = (Arc::clone(&broker), Arc::clone(directory));
            let retired = directory.background.run(move || retain(&broker_of_job, &shared)).await;
            retired.into_iter().for_each(|retired| remove_later(&broker.runtime, retired));
        }
        broker.runtime.sleep(interval).await;
    }
}

fn retain(broker: &Broker, directory: &Arc<LogDirectory>) -> Vec<Retired> {
    let now_ms = broker.runtime.wall_clock_ms();
    let mut all = Vec::new();
    for partition in partitions_in(broker, directory) {
        match partition.retain(now_ms) {
            Ok(mut retired) => all.append(&mut retired),
            Err(error) => {
                directory.checkpoint_failed(&error, "deleting old segments");
                break;
            }
        }
    }
    all
}

/// Removes the files of segments that are gone, when readers had their time (`file.delete.delay.ms`).
fn remove_later(runtime: &Runtime, retired: Retired) {
    let Retired { directory, removal, delay } = retired;
    let clock = runtime.clone();
    runtime.spawn_detached("delete segments", async move {
        clock.sleep(delay).await;
        let disk = Arc::clone(&directory.disk);
        let (segments, bytes) = (removal.segments, removal.bytes);
        match directory.background.run(move || removal.remove(&*disk)).await {
            Ok(()) => tracing::info!(dir = %directory.path, segments, bytes, "Deleted segment files"),
            // They go at the next start.
            Err(error) => {
                tracing::warn!(dir = %directory.path, %error, "cannot remove the files of old segments")
            }
        }
    });
}

fn partitions_in(broker: &Broker, directory: &Arc<LogDirectory>) -> Vec<Arc<Partition>> {
    let mut partitions = broker.partitions.all();
    partitions.retain(|partition| Arc::ptr_eq(&partition.directory(), directory));
    partitions
}

/// Ends when a node cannot go on with the directories that it has left.
pub(super) async fn directories_failed(data: &DataDirectories) -> String {
    loop {
        if let Some(why) = data.metadata.failure() {
            return format!("the directory of the metadata log failed: {}: {why}", data.metadata.path);
        }
        if data.all().all(|directory| directory.failure().is_some()) {
            return "all log directories are offline".to_owned();
        }
        data.failures.notified().await;
    }
}
