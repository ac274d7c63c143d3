//! Group coordinators: one shard for each partition of `__consumer_offsets` that this node leads.
//!
//! A group belongs to the partition that its id's hash says. The partition's shard ([`shard`]) is one task that owns the
//! machine (`headwater_group`); requests reach it through a queue, in the order in which they came. Shards follow the
//! metadata: a new leader epoch begins a new shard, which reads the partition first.

mod held;
mod load;
mod offsets_topic;
mod shard;
mod tally;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use headwater_base::LeaderEpoch;
use headwater_base::error_code::ErrorCode;
use headwater_group::{Answer, Input};
use headwater_metadata::{Image, Loaded};
use headwater_runtime::sync::{Closed, Notify, mpsc, oneshot};
use headwater_runtime::{LocalBoxFuture, Runtime, Tick};

use crate::line_limit::LineLimit;
use crate::live_config::LiveConfig;
use crate::partition::Partition;
use crate::partition::table::PartitionTable;
use crate::quorum::Subscriber;

pub(crate) use shard::group_config;
pub use tally::{Census, EventCounts, Tally};

/// The topic that holds groups and offsets.
pub const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// Requests that may wait for one shard; more are told to come back later.
const QUEUE: usize = 4_096;

/// How long whoever counts groups waits for a shard.
const CENSUS_PATIENCE: Duration = Duration::from_secs(1);

/// A request on its way to a shard. Nobody waits for what the node itself asks.
struct Message {
    what: What,
    sent: Tick,
}

#[expect(clippy::large_enum_variant, reason = "nearly every message is the large one")]
enum What {
    Input(Input, Option<oneshot::Sender<Answer>>),
    /// What the shard holds, without how it stands.
    Census(oneshot::Sender<Census>),
}

/// A shard, from outside.
struct Handle {
    epoch: LeaderEpoch,
    queue: mpsc::Sender<Message>,
    ready: Arc<Ready>,
}

impl Handle {
    fn send(&self, sent: Tick, what: What) -> Result<(), ErrorCode> {
        self.ready.queued.fetch_add(1, Ordering::Relaxed);
        self.queue.try_send(Message { what, sent }).map_err(|error| {
            self.ready.queued.fetch_sub(1, Ordering::Relaxed);
            match error {
                mpsc::TrySendError::Full(_) => ErrorCode::CoordinatorNotAvailable,
                mpsc::TrySendError::Closed(_) => ErrorCode::NotCoordinator,
            }
        })
    }
}

/// Tells that a shard has read its partition.
#[derive(Default)]
struct Ready {
    is: AtomicBool,
    becomes: Notify,
    /// The shard's queue was full when topics changed.
    missed_topics: AtomicBool,
    /// It could not be read.
    failed: AtomicBool,
    /// Requests that wait in the queue.
    queued: AtomicUsize,
    /// How long reading took, in milliseconds.
    load_ms: AtomicU64,
}

impl Ready {
    fn set(&self) {
        self.is.store(true, Ordering::Release);
        self.becomes.notify_waiters();
    }

    fn get(&self) -> bool {
        self.is.load(Ordering::Acquire)
    }

    async fn wait(&self) {
        let becomes = self.becomes.notified();
        if !self.get() {
            becomes.await;
        }
    }
}

/// The metadata as it is now, for all shards.
#[derive(Clone, Default)]
struct SharedImage(Arc<Mutex<Arc<Image>>>);

impl SharedImage {
    fn get(&self) -> Arc<Image> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, image: &Image) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(image.clone());
    }
}

/// See the module.
pub struct GroupCoordinators {
    runtime: Runtime,
    config: Arc<LiveConfig>,
    table: Arc<PartitionTable>,
    image: SharedImage,
    shards: Mutex<BTreeMap<i32, Handle>>,
    /// Lines about a topic that cannot be made, which each client asks for again and again.
    lines: LineLimit,
    /// What all shards count.
    pub tally: Arc<Tally>,
}

impl GroupCoordinators {
    /// Coordinators of a node whose metadata is not read yet.
    #[must_use]
    pub fn new(runtime: Runtime, config: Arc<LiveConfig>, table: Arc<PartitionTable>) -> Arc<Self> {
        Arc::new(Self {
            runtime,
            config,
            table,
            image: SharedImage::default(),
            shards: Mutex::default(),
            lines: LineLimit::new(),
            tally: Arc::default(),
        })
    }

    fn shards(&self) -> MutexGuard<'_, BTreeMap<i32, Handle>> {
        self.shards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The partition that a group belongs to; `None` while the topic does not exist.
    #[must_use]
    pub fn partition_for(&self, group: &str) -> Option<i32> {
        let count = i32::try_from(self.table.topic(OFFSETS_TOPIC)?.partitions.len()).ok()?;
        (count > 0).then(|| java_hash(group) % count)
    }

    /// Asks a group's coordinator. The request has its place in the queue when this returns; the future is its answer.
    pub fn ask(
        &self,
        group: &str,
        input: Input,
    ) -> impl Future<Output = Result<Answer, ErrorCode>> + 'static + use<> {
        let queued = self.partition_for(group).ok_or(ErrorCode::NotCoordinator);
        let queued = queued.and_then(|partition| self.send(partition, input));
        async move {
            // A shard that ends answers nobody: its successor may be elsewhere.
            queued?.await.unwrap_or(Err(ErrorCode::NotCoordinator))
        }
    }

    /// Waits until the shard of a group has read its partition, or `patience` is over.
    pub async fn settled(&self, group: &str, patience: Duration) {
        let ready = {
            let partition = self.partition_for(group);
            let shards = self.shards();
            partition.and_then(|partition| shards.get(&partition)).map(|shard| Arc::clone(&shard.ready))
        };
        if let Some(ready) = ready {
            // Who loses patience hears COORDINATOR_LOAD_IN_PROGRESS from the coordinator itself.
            let _ = self.runtime.timeout(patience, ready.wait()).await;
        }
    }

    fn send(
        &self,
        partition: i32,
        input: Input,
    ) -> Result<impl Future<Output = Result<Result<Answer, ErrorCode>, Closed>> + use<>, ErrorCode> {
        let shards = self.shards();
        let shard = shards.get(&partition).ok_or(ErrorCode::NotCoordinator)?;
        if !shard.ready.get() {
            return Err(ErrorCode::CoordinatorLoadInProgress);
        }
        let (reply, answer) = oneshot::channel();
        shard.send(self.runtime.now(), What::Input(input, Some(reply)))?;
        Ok(async move { answer.await.map(failure_out) })
    }

    /// Asks all shards of this node the same.
    pub fn ask_all(
        &self,
        input: &Input,
    ) -> impl Future<Output = Result<Vec<Answer>, ErrorCode>> + 'static + use<> {
        let partitions: Vec<i32> = self.shards().keys().copied().collect();
        let asked: Result<Vec<_>, ErrorCode> =
            partitions.into_iter().map(|partition| self.send(partition, input.clone())).collect();
        async move {
            let mut answers = Vec::new();
            for answer in asked? {
                answers.push(answer.await.unwrap_or(Err(ErrorCode::NotCoordinator))?);
            }
            Ok(answers)
        }
    }

    /// What the shards of this node hold, and how they stand.
    pub async fn census(&self) -> Census {
        let mut census = Census::default();
        let mut asked = Vec::new();
        for shard in self.shards().values() {
            let (reply, answer) = oneshot::channel();
            census.queued += shard.ready.queued.load(Ordering::Relaxed);
            if shard.ready.failed.load(Ordering::Acquire) {
                census.failed += 1;
            } else if !shard.ready.get() {
                census.loading += 1;
            } else if shard.send(self.runtime.now(), What::Census(reply)).is_ok() {
                census.load_ms.push(shard.ready.load_ms.load(Ordering::Relaxed));
                asked.push(answer);
            }
        }
        census.active = asked.len();
        for answer in asked {
            // A shard that ends in between holds nothing any more; one that waits for its disk holds nobody up.
            let Ok(answered) = self.runtime.timeout(CENSUS_PATIENCE, answer).await else { break };
            let Ok(part) = answered else { continue };
            census.offsets += part.offsets;
            for (kind, count) in part.groups {
                *census.groups.entry(kind).or_default() += count;
            }
        }
        census
    }

    /// Tells all shards something.
    fn tell_all(&self, input: &Input) {
        for (partition, shard) in &*self.shards() {
            if shard.send(self.runtime.now(), What::Input(input.clone(), None)).is_err() {
                tracing::warn!(partition, "a coordinator is too busy to hear which topics changed");
                shard.ready.missed_topics.store(true, Ordering::Release);
            }
        }
    }

    /// Begins and ends shards as the metadata says.
    fn follow(self: &Arc<Self>) {
        let topic = self.table.topic(OFFSETS_TOPIC);
        let partitions = topic.iter().flat_map(|topic| topic.partitions.iter().enumerate());
        let led: BTreeMap<i32, Arc<Partition>> = partitions
            .filter_map(|(index, partition)| {
                let partition = partition.as_ref().filter(|partition| partition.leads())?;
                Some((i32::try_from(index).ok()?, Arc::clone(partition)))
            })
            .collect();
        let mut shards = self.shards();
        // A dropped queue ends its shard.
        shards.retain(|index, shard| led.get(index).is_some_and(|led| led.leader_epoch() == shard.epoch));
        for (index, partition) in led {
            shards.entry(index).or_insert_with(|| self.begin(index, partition));
        }
    }

    fn begin(&self, index: i32, partition: Arc<Partition>) -> Handle {
        let (queue, requests) = mpsc::channel(QUEUE);
        let ready = Arc::<Ready>::default();
        let handle = Handle { epoch: partition.leader_epoch(), queue, ready: Arc::clone(&ready) };
        let core = usize::try_from(index).unwrap_or(0) % self.runtime.cores().max(1);
        let surroundings = shard::Surroundings {
            config: Arc::clone(&self.config),
            image: self.image.clone(),
            partition,
            tally: Arc::clone(&self.tally),
        };
        self.runtime.spawn_on(core, "group coordinator", move |runtime| {
            Box::pin(shard::run(runtime, surroundings, requests, ready))
        });
        handle
    }
}

fn failure_out(answer: Answer) -> Result<Answer, ErrorCode> {
    match answer {
        Answer::Failed(error) => Err(error),
        answer => Ok(answer),
    }
}

/// Has the coordinators follow the metadata. Comes behind the replicas.
pub struct Follower(pub Arc<GroupCoordinators>);

impl Subscriber for Follower {
    fn publish<'a>(&'a mut self, loaded: &'a Loaded) -> LocalBoxFuture<'a, ()> {
        Box::pin(async move {
            let Loaded { image, changes, .. } = loaded;
            let deleted: Vec<Arc<str>> = changes
                .deleted_topics
                .values()
                .filter(|topic| image.topics.by_name(&topic.name).is_none())
                .map(|topic| Arc::clone(&topic.name))
                .collect();
            let changed = changes.partitions.keys().filter_map(|id| image.topics.by_id(*id));
            let changed = changed.map(|topic| &topic.name).chain(changes.created_topics.values());
            let gone = changes.deleted_topics.values().map(|topic| &topic.name);
            let names: BTreeSet<Arc<str>> = changed.chain(gone).map(Arc::clone).collect();
            self.0.image.set(image);
            self.0.follow();
            if !deleted.is_empty() {
                self.0.tell_all(&Input::TopicsDeleted(deleted));
            }
            if !names.is_empty() {
                let names = names.into_iter().collect();
                self.0.tell_all(&Input::TopicsChanged { names, created: !changes.created_topics.is_empty() });
            }
        })
    }
}

/// Java's `String.hashCode`, without its sign as `Utils.abs` takes it.
fn java_hash(text: &str) -> i32 {
    let hash =
        text.encode_utf16().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    hash & i32::MAX
}

#[cfg(test)]
mod tests {
    use super::java_hash;

    #[test]
    fn hashes_as_java() {
        assert_eq!(java_hash(""), 0);
        assert_eq!(java_hash("group"), 98_629_247);
        // "polygenelubricants".hashCode() is Integer.MIN_VALUE.
        assert_eq!(java_hash("polygenelubricants"), 0);
        // Two UTF-16 units for one character.
        assert_eq!(java_hash("hello, \u{1f600}"), 1_197_204_905);
    }
}
