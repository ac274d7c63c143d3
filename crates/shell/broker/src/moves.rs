//! Moving partitions between the node's log directories (KIP-113, `ReplicaAlterLogDirsThread`).
//!
//! ```text
//! copying    batches go from the log into a folder `…-future` of the other directory, while clients read and write
//! assigned   the controller knows the new directory (AssignReplicasToDirs)
//! exchanged  appends are held back, the rest is copied and synced, the folder gets the partition's name
//! ```
//!
//! A kill leaves either the old folder beside a future one, and the copying goes on at the next start, or two folders
//! with the partition's name, of which the assigned one counts. What the copy has and the log has lost, is cut by epochs.

mod copy;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use headwater_base::error_code::ErrorCode;
use headwater_base::{Offset, TopicIdPartition};
use headwater_log::{Log, LogError, OpenContext, dir, names};
use headwater_metadata::directory::is_reserved;
use headwater_runtime::IoPool;
use headwater_runtime::sync::Permits;

use crate::broker::Broker;
use crate::data::Placed;
use crate::folders;
use crate::log_directory::LogDirectory;
use crate::node::registration;
use crate::partition::{Partition, Swapped};

/// How long between two looks whether appends or syncs have come to rest.
const REST: Duration = Duration::from_millis(1);
/// How often that is looked for before the exchange is put off.
const REST_LOOKS: usize = 5_000;
/// How long a failed exchange waits before the next try.
const RETRY: Duration = Duration::from_secs(1);

/// The moves of a node.
pub struct Moves {
    running: Mutex<BTreeMap<TopicIdPartition, Arc<Move>>>,
    /// As many copy side by side as there are directories.
    turns: Permits,
}

/// A partition on its way.
pub struct Move {
    /// The partition.
    pub partition: Arc<Partition>,
    /// Where to.
    pub target: Arc<LogDirectory>,
    folder: String,
    /// The copy; none when the move is over.
    log: Mutex<Option<Log>>,
    over: AtomicBool,
}

/// Why a move ended without being done.
enum Failure {
    /// Somebody ended it.
    Over,
    /// The log that is copied cannot be read, or the controller refuses.
    Source(String),
    /// The copy cannot be written.
    Target(LogError),
}

impl Move {
    fn log(&self) -> MutexGuard<'_, Option<Log>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// End offset and bytes of the copy.
    #[must_use]
    pub fn standing(&self) -> Option<(Offset, u64)> {
        let log = self.log();
        let log = log.as_ref()?;
        Some((log.log_end_offset(), log.size_bytes().unwrap_or(0)))
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }
}

impl Moves {
    /// No moves, in a node with so many directories.
    #[must_use]
    pub fn new(directories: usize) -> Self {
        Self { running: Mutex::default(), turns: Permits::new(directories.max(1) as u64) }
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<TopicIdPartition, Arc<Move>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The move of a partition.
    #[must_use]
    pub fn of(&self, partition: &Partition) -> Option<Arc<Move>> {
        self.running().get(&partition.id).cloned()
    }

    /// All moves.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Move>> {
        self.running().values().cloned().collect()
    }

    /// Takes a move out of the list, if it is still this one. Who did it cleans up.
    fn take(&self, moving: &Arc<Move>) -> bool {
        let mut running = self.running();
        let same = running.get(&moving.partition.id).is_some_and(|known| Arc::ptr_eq(known, moving));
        if same {
            running.remove(&moving.partition.id);
        }
        moving.over.store(true, Ordering::Release);
        same
    }
}

/// Begins to move a partition, or ends its move where it is to stay. Answers when the move is begun.
///
/// # Errors
/// KAFKA_STORAGE_ERROR, INVALID_TOPIC_EXCEPTION for a name that is too long.
pub async fn alter(
    broker: &Arc<Broker>,
    partition: &Arc<Partition>,
    target: &Arc<LogDirectory>,
) -> Result<(), ErrorCode> {
    if let Some(moving) = broker.moves.of(partition) {
        if Arc::ptr_eq(&moving.target, target) {
            return Ok(());
        }
        tracing::info!(partition = %partition.name, to = %moving.target.path, "Stopped moving");
        cancel(broker, moving).await;
    }
    if Arc::ptr_eq(&partition.directory(), target) {
        return Ok(());
    }
    if broker.data.all().any(|directory| directory.failure().is_some()) {
        return Err(ErrorCode::KafkaStorageError);
    }
    let Some(folder) = names::future_folder_name(&partition.name, folders::unique(&broker.runtime)) else {
        return Err(ErrorCode::InvalidTopicException);
    };
    let (disk, name, of_job) = (Arc::clone(&target.disk), folder.clone(), Arc::clone(partition));
    let now_ms = broker.runtime.wall_clock_ms();
    let create = move || Log::create(disk, &name, of_job.log_config(), Some(of_job.id.topic_id), now_ms);
    match target.background.run(create).await {
        Ok(log) => {
            tracing::info!(partition = %partition.name, from = %partition.directory().path, to = %target.path,
                "Created log for future replica, moving");
            begin(broker, Arc::clone(partition), Arc::clone(target), folder, log);
            Ok(())
        }
        Err(error) => {
            target.checkpoint_failed(&error, "creating the folder of a move");
            Err(ErrorCode::KafkaStorageError)
        }
    }
}

fn begin(
    broker: &Arc<Broker>,
    partition: Arc<Partition>,
    target: Arc<LogDirectory>,
    folder: String,
    log: Log,
) {
    let id = partition.id;
    target.replica_came();
    let log = Mutex::new(Some(log));
    let moving = Arc::new(Move { partition, target, folder, log, over: AtomicBool::new(false) });
    let before = broker.moves.running().insert(id, Arc::clone(&moving));
    let (of_task, runtime) = (Arc::clone(broker), broker.runtime.clone());
    runtime.spawn_on(runtime.control_core(), "move", move |_| async move {
        if let Some(before) = before {
            // Two requests crossed; the later one counts.
            before.over.store(true, Ordering::Release);
            discard(&of_task, &before).await;
        }
        run(of_task, moving).await;
    });
}

/// Takes the moves up again that a stop or a kill has interrupted.
pub fn resume(broker: &Arc<Broker>) {
    for (directory, folder, name, power_lost) in broker.data.take_futures() {
        let partition = usize::try_from(name.partition.0)
            .ok()
            .and_then(|index| broker.partitions.topic(&name.topic)?.partitions.get(index)?.clone());
        let wanted = partition.filter(|partition| {
            !Arc::ptr_eq(&partition.directory(), &directory) && broker.moves.of(partition).is_none()
        });
        let context = OpenContext::unclean(Offset::ZERO, power_lost, broker.runtime.wall_clock_ms());
        let opened = wanted.and_then(|partition| {
            let context = OpenContext { topic_id: Some(partition.id.topic_id), ..context };
            let disk = Arc::clone(&directory.disk);
            match Log::open(disk, &folder, partition.log_config(), &context) {
                Ok((log, _)) => Some((partition, log)),
                Err(error) => {
                    tracing::warn!(dir = %directory.path, %folder, %error, "an interrupted move begins anew");
                    None
                }
            }
        });
        match opened {
            Some((partition, log)) => {
                tracing::info!(partition = %name, to = %directory.path, copied_to = %log.log_end_offset(),
                    "Resumed moving");
                begin(broker, partition, directory, folder, log);
            }
            None => {
                tracing::info!(dir = %directory.path, %folder, "the folder of a move that is over is removed");
                folders::remove_later(&broker.runtime, &directory, vec![folder], Duration::ZERO);
            }
        }
    }
}

/// Ends a move; its folder goes.
pub async fn cancel(broker: &Arc<Broker>, moving: Arc<Move>) {
    if broker.moves.take(&moving) {
        discard(broker, &moving).await;
    }
}

/// Leaves all copies as a stop in order leaves logs; they go on at the next start.
pub fn stop(moves: &Moves) {
    for moving in moves.all() {
        moving.over.store(true, Ordering::Release);
        if let Some(mut log) = moving.log().take()
            && let Err(error) = log.close()
        {
            tracing::warn!(partition = %moving.partition.name, %error, "cannot close the copy of a move");
        }
    }
}

async fn discard(broker: &Broker, moving: &Arc<Move>) {
    let of_job = Arc::clone(moving);
    let (disk, folder) = (Arc::clone(&moving.target.disk), moving.folder.clone());
    let renamed = names::delete_folder_name(&moving.partition.name, folders::unique(&broker.runtime));
    let remove = move || {
        // Waits for a step of the copying that is under way.
        drop(of_job.log().take());
        if !disk.exists(&folder).unwrap_or(false) {
            return Ok(());
        }
        dir::mark_deleted(&*disk, &folder, &renamed).and_then(|()| dir::remove_folder(&*disk, &renamed))
    };
    if let Err(error) = moving.target.background.run(remove).await {
        moving.target.checkpoint_failed(&error, "removing the folder of a move");
    }
    // Unless the exchange was faster.
    if !Arc::ptr_eq(&moving.partition.directory(), &moving.target) {
        moving.target.replica_went();
    }
}

async fn run(broker: Arc<Broker>, moving: Arc<Move>) {
    let turn = broker.moves.turns.acquire(1).await;
    let outcome = drive(&broker, &moving).await;
    drop(turn);
    let name = &moving.partition.name;
    match outcome {
        Ok(()) => {
            tracing::info!(partition = %name, dir = %moving.target.path, "Successfully replaced current replica \
                with future replica");
            broker.moves.take(&moving);
        }
        Err(Failure::Over) => {}
        Err(Failure::Source(why)) => {
            tracing::warn!(partition = %name, to = %moving.target.path, %why, "the move is given up");
            cancel(&broker, moving).await;
        }
        Err(Failure::Target(error)) => {
            moving.target.checkpoint_failed(&error, "moving a partition");
            cancel(&broker, moving).await;
        }
    }
}

async fn drive(broker: &Arc<Broker>, moving: &Arc<Move>) -> Result<(), Failure> {
    // A compaction that is under way sees the move and ends; none begins as long as it is there.
    while broker.cleaner.is_at(moving.partition.id) && !moving.is_over() {
        broker.runtime.sleep(REST).await;
    }
    in_background(moving, copy::align).await?;
    catch_up(broker, moving).await?;
    // Everything that is copied becomes durable before appends are held back.
    in_background(moving, copy::settle).await?;
    let placed = [Placed { partition: moving.partition.id, directory: moving.target.id }];
    if !is_reserved(moving.target.id)
        && let Err(why) = registration::assign(broker, &placed).await
    {
        return Err(Failure::Source(format!("the controller does not take it: {why}")));
    }
    loop {
        catch_up(broker, moving).await?;
        in_background(moving, copy::settle).await?;
        match exchange(broker, moving).await? {
            Swapped::Done => return Ok(()),
            Swapped::Refused(why) => {
                if moving.is_over() {
                    return Err(Failure::Over);
                }
                tracing::info!(partition = %moving.partition.name, %why, "the exchange of replicas is tried again");
                broker.runtime.sleep(RETRY).await;
            }
        }
    }
}

async fn in_background<T: Send + 'static>(
    moving: &Arc<Move>,
    step: fn(&Move) -> Result<T, Failure>,
) -> Result<T, Failure> {
    in_pool(moving, &moving.target.background, step).await
}

async fn in_pool<T: Send + 'static>(
    moving: &Arc<Move>,
    pool: &IoPool,
    step: fn(&Move) -> Result<T, Failure>,
) -> Result<T, Failure> {
    if moving.is_over() {
        return Err(Failure::Over);
    }
    if let Some(why) = moving.target.failure() {
        return Err(Failure::Source(why.to_owned()));
    }
    let of_job = Arc::clone(moving);
    pool.run(move || step(&of_job)).await
}

/// Copies until the copy has what the log has.
async fn catch_up(broker: &Arc<Broker>, moving: &Arc<Move>) -> Result<(), Failure> {
    while let Some(bytes) = in_background(moving, copy::step).await? {
        let pause = copy::pause(&broker.config.current(), bytes);
        if !pause.is_zero() {
            broker.runtime.sleep(pause).await;
        }
    }
    Ok(())
}

async fn exchange(broker: &Arc<Broker>, moving: &Arc<Move>) -> Result<Swapped, Failure> {
    let partition = &moving.partition;
    let mut looks = 0..REST_LOOKS;
    while !partition.pause_appends() {
        if looks.next().is_none() {
            return Ok(Swapped::Refused("appends do not come to rest"));
        }
        broker.runtime.sleep(REST).await;
    }
    while !partition.is_at_rest() {
        if looks.next().is_none() {
            partition.resume_appends(&broker.runtime);
            return Ok(Swapped::Refused("syncs do not come to rest"));
        }
        broker.runtime.sleep(REST).await;
    }
    let source = partition.directory();
    // Appends wait for this.
    let swapped = in_pool(moving, &moving.target.io, copy::finish).await;
    if matches!(swapped, Ok(Swapped::Done)) {
        source.replica_went();
        let cleaned = source.checkpoints.cleaner_offset(&partition.name);
        let target = &moving.target;
        if let Some(cleaned) = cleaned
            && let Err(error) =
                target.checkpoints.write_cleaner_offset(&*target.disk, partition, Some(cleaned))
        {
            target.checkpoint_failed(&error, "the cleaner's checkpoint");
        }
        folders::delete(&broker.runtime, &source, &partition.name.to_string(), partition);
        let gone = std::collections::BTreeSet::from([partition.name.clone()]);
        if let Err(error) = source.checkpoints.forget(&*source.disk, &gone) {
            source.checkpoint_failed(&error, "forgetting a partition that was moved");
        }
    }
    partition.resume_appends(&broker.runtime);
    swapped
}
