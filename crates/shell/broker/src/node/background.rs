//! What a node does beside answering: signs of life, lazy syncs, checkpoints.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use headwater_base::config::node::NodeConfig;
use headwater_base::error_code::ErrorCode;
use headwater_runtime::{Runtime, TaskHandle};

use super::registration;
use crate::boot;
use crate::broker::Broker;
use crate::data::{self, DataDirectories};
use crate::log_directory::LogDirectory;

/// How often a node looks whether it has a directory left.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Starts them all.
pub(super) fn spawn(
    broker: &Arc<Broker>,
    config: &NodeConfig,
    data: &Arc<DataDirectories>,
) -> Vec<TaskHandle<()>> {
    let runtime = &broker.runtime;
    let interval = u64::try_from(config.broker_heartbeat_interval_ms()).unwrap_or(2_000).max(1);
    let alive = registration::stay_alive(Arc::clone(broker), Duration::from_millis(interval));
    let mut tasks = vec![runtime.spawn_local("heartbeat", alive)];
    for directory in data.all() {
        let committer = Arc::clone(&directory.committer);
        tasks.push(runtime.spawn_local("lazy syncs", committer.run_lazy_timer(runtime.clone())));
        let closing = close_with(Arc::clone(broker), Arc::clone(directory));
        tasks.push(runtime.spawn_local("directory failure", closing));
    }
    let interval = Duration::from_millis(config.log_flush_offset_checkpoint_interval_ms().max(1));
    let checkpoints = checkpoints(Arc::clone(broker), Arc::clone(data), interval);
    tasks.push(runtime.spawn_local("checkpoints", checkpoints));
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

/// Tells everybody who waits for a partition of a directory that went offline, at once and not at their deadlines.
async fn close_with(broker: Arc<Broker>, directory: Arc<LogDirectory>) {
    directory.failed().await;
    for partition in broker.partitions.all() {
        if Arc::ptr_eq(&partition.directory, &directory) {
            partition.close(ErrorCode::KafkaStorageError).wake();
        }
    }
}

/// Makes everything durable and writes the recovery points, again and again.
async fn checkpoints(broker: Arc<Broker>, data: Arc<DataDirectories>, interval: Duration) {
    loop {
        broker.runtime.sleep(interval).await;
        for directory in data.all().filter(|directory| directory.failure().is_none()) {
            let (broker, shared) = (Arc::clone(&broker), Arc::clone(directory));
            directory.io.run(move || checkpoint(&broker, &shared)).await;
        }
    }
}

/// Makes the logs of a directory durable with all that belongs to them, and writes down up to where.
fn checkpoint(broker: &Broker, directory: &Arc<LogDirectory>) {
    // Long after the start: what a power loss left half-done is put right by now.
    boot::note(&*directory.disk, broker.runtime.boot_id().as_deref());
    let mut logs = BTreeMap::new();
    let mut moved = false;
    for partition in broker.partitions.all() {
        if !Arc::ptr_eq(&partition.directory, directory) {
            continue;
        }
        match partition.checkpoint() {
            Ok(changed) => moved |= changed,
            Err(error) if directory.failure().is_none() && error.is_no_space() => {
                tracing::warn!(dir = %directory.path, %error, "no space for a checkpoint; the next one may have it");
                return;
            }
            Err(error) => {
                directory.fail(&format!("a checkpoint failed: {error}"));
                return;
            }
        }
        let stood = partition.standing();
        if stood.recovery_point.0 > 0 {
            logs.insert(partition.name.clone(), stood);
        }
    }
    if !moved {
        return;
    }
    match data::write_checkpoints(&*directory.disk, &logs) {
        Ok(()) => {}
        Err(error) if error.is_no_space() => {
            tracing::warn!(dir = %directory.path, %error, "no space for a checkpoint; the next one may have it");
        }
        Err(error) => directory.fail(&format!("a checkpoint failed: {error}")),
    }
}

/// Ends when every log directory is offline.
pub(super) async fn all_directories_failed(runtime: &Runtime, data: &DataDirectories) -> String {
    loop {
        runtime.sleep(LOOK_EVERY).await;
        if data.all().all(|directory| directory.failure().is_some()) {
            return "all log directories are offline".to_owned();
        }
    }
}
