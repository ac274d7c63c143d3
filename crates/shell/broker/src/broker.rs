//! What the requests of all connections share.
//!
//! A [`Broker`] is put together by [`node`](crate::node), and read by every handler. It decides nothing: partitions know
//! their logs, the quorum knows the metadata, and the machines know their rules.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use headwater_base::config::node::NodeConfig;
use headwater_base::error_code::ErrorCode;
use headwater_base::{NodeId, Uuid};
use headwater_metadata::Image;
use headwater_runtime::sync::{MemoryPool, Permits};
use headwater_runtime::{IoPool, Runtime};

use crate::cleaner::Cleaner;
use crate::coordinator::GroupCoordinators;
use crate::data::DataDirectories;
use crate::live_config::LiveConfig;
use crate::loggers::Loggers;
use crate::machine::fetch_session::FetchSessions;
use crate::metrics::Metrics;
use crate::moves::Moves;
use crate::partition::Partition;
use crate::partition::table::{PartitionTable, TopicPartitions};
use crate::producer_ids::ProducerIds;
use crate::quorum::QuorumHandle;

/// Upper bounds and switches that handlers obey.
#[derive(Debug)]
pub struct Limits {
    /// `socket.request.max.bytes`: the longest frame.
    pub request_max_bytes: i32,
    /// `queued.max.request.bytes`: memory for frames that do not fit a core's scratch buffer.
    pub request_memory_bytes: u64,
    /// `fetch.max.bytes`: the most that one fetch answers with.
    pub fetch_max_bytes: u64,
    /// `max.incremental.fetch.session.cache.slots`.
    pub fetch_sessions: usize,
    /// `auto.create.topics.enable`.
    pub auto_create_topics: bool,
    /// `connections.max.idle.ms`; zero or less is never.
    pub idle_ms: i64,
    /// `max.connections.per.ip.overrides`, names resolved; they change while the node runs.
    pub max_connections_overrides: ArcSwap<BTreeMap<IpAddr, usize>>,
}

impl Limits {
    /// Most connections from one address.
    #[must_use]
    pub fn connections_from(&self, address: IpAddr, config: &NodeConfig) -> usize {
        let limit = self.max_connections_overrides.load().get(&address.to_canonical()).copied();
        limit.unwrap_or(config.network.max_connections_per_ip)
    }
}

/// Share of the request memory that fetches and the traffic among nodes have for themselves, so that they go on while
/// producers fill the rest.
const RESERVED_SHARE: u64 = 8;

/// See the module.
pub struct Broker {
    /// The ground.
    pub runtime: Runtime,
    /// This node.
    pub node_id: NodeId,
    /// `cluster.id`.
    pub cluster_id: String,
    /// The configuration as it holds now.
    pub config: Arc<LiveConfig>,
    /// The levels of the log.
    pub loggers: Loggers,
    /// Upper bounds.
    pub limits: Limits,
    /// The log directories.
    pub data: Arc<DataDirectories>,
    /// Partitions on their way between them.
    pub moves: Moves,
    /// The partitions of this node.
    pub partitions: Arc<PartitionTable>,
    /// Threads that bring cold ranges into the page cache.
    pub cold_reads: IoPool,
    /// What compaction is at.
    pub cleaner: Cleaner,
    /// Blocks of producer ids.
    pub producer_ids: ProducerIds,
    /// Groups and committed offsets.
    pub groups: Arc<GroupCoordinators>,
    /// The metadata.
    pub quorum: QuorumHandle,
    /// What is counted.
    pub metrics: Metrics,
    /// One at a time fetches a new block of producer ids.
    pub(crate) refilling: Permits,
    broker_epoch: AtomicI64,
    fetch_sessions: Mutex<FetchSessions>,
    memory: MemoryPool,
    memory_reserved: MemoryPool,
}

/// What a broker is made of.
pub struct Parts {
    /// The ground.
    pub runtime: Runtime,
    /// The configuration.
    pub config: Arc<LiveConfig>,
    /// Upper bounds.
    pub limits: Limits,
    /// The metadata.
    pub quorum: QuorumHandle,
    /// The log directories.
    pub data: Arc<DataDirectories>,
    /// The partitions of this node.
    pub partitions: Arc<PartitionTable>,
    /// Groups and committed offsets.
    pub groups: Arc<GroupCoordinators>,
    /// Threads that bring cold ranges into the page cache.
    pub cold_reads: IoPool,
}

impl Broker {
    /// A broker that is not registered yet.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        let Parts { runtime, config, limits, quorum, data, partitions, groups, cold_reads } = parts;
        let names = config.file().listeners.bound.iter().map(|listener| listener.name.as_str());
        let started = (runtime.now(), runtime.wall_clock_ms());
        let metrics = Metrics::new(runtime.cores(), names, started);
        Arc::new(Self {
            runtime,
            metrics,
            node_id: config.file().node_id,
            config,
            loggers: Loggers::default(),
            cluster_id: data.cluster_id.clone(),
            moves: Moves::new(data.all().count()),
            data,
            partitions,
            groups,
            cold_reads,
            cleaner: Cleaner::default(),
            producer_ids: ProducerIds::default(),
            quorum,
            refilling: Permits::new(1),
            broker_epoch: AtomicI64::new(-1),
            fetch_sessions: Mutex::new(FetchSessions::new(limits.fetch_sessions)),
            memory: MemoryPool::new(limits.request_memory_bytes),
            memory_reserved: MemoryPool::new(limits.request_memory_bytes / RESERVED_SHARE),
            limits,
        })
    }

    /// The metadata as of now.
    #[must_use]
    pub fn image(&self) -> Arc<Image> {
        self.quorum.image()
    }

    /// The epoch that this broker's registration has; −1 before there is one.
    #[must_use]
    pub fn broker_epoch(&self) -> i64 {
        self.broker_epoch.load(Ordering::Acquire)
    }

    /// Takes note of a registration.
    pub fn registered(&self, epoch: i64) {
        self.broker_epoch.store(epoch, Ordering::Release);
    }

    /// The memory that a frame is charged to, from its first bytes.
    #[must_use]
    pub fn memory_for(&self, frame: &[u8]) -> &MemoryPool {
        // Only Produce carries much of other people's data.
        if frame.starts_with(&[0, 0]) { &self.memory } else { &self.memory_reserved }
    }

    /// The request memory as a whole: bytes in all, and free.
    #[must_use]
    pub fn memory_left(&self) -> (u64, u64) {
        let pools = [&self.memory, &self.memory_reserved];
        (pools.iter().map(|pool| pool.capacity()).sum(), pools.iter().map(|pool| pool.available()).sum())
    }

    /// The fetch sessions.
    pub fn fetch_sessions(&self) -> MutexGuard<'_, FetchSessions> {
        self.fetch_sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A partition that this node leads, by name.
    ///
    /// # Errors
    /// UNKNOWN_TOPIC_OR_PARTITION, or why the partition cannot be had here.
    pub fn partition(&self, topic: &str, index: i32) -> Result<Arc<Partition>, ErrorCode> {
        let topic = self.partitions.topic(topic).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        in_topic(&topic, index)
    }

    /// A partition that this node leads, by its topic's id.
    ///
    /// # Errors
    /// UNKNOWN_TOPIC_ID, or why the partition cannot be had here.
    pub fn partition_by_id(&self, topic: Uuid, index: i32) -> Result<Arc<Partition>, ErrorCode> {
        let topic = self.partitions.topic_by_id(topic).ok_or(ErrorCode::UnknownTopicId)?;
        in_topic(&topic, index)
    }
}

fn in_topic(topic: &TopicPartitions, index: i32) -> Result<Arc<Partition>, ErrorCode> {
    let index = usize::try_from(index).map_err(|_| ErrorCode::UnknownTopicOrPartition)?;
    let partition = topic.partitions.get(index).ok_or(ErrorCode::UnknownTopicOrPartition)?;
    let partition = partition.as_ref().ok_or(ErrorCode::KafkaStorageError)?;
    if partition.directory().failure().is_some() {
        // Also when the controller has taken the leadership away already: nobody else has the partition.
        return Err(ErrorCode::KafkaStorageError);
    }
    if partition.leads() { Ok(Arc::clone(partition)) } else { Err(ErrorCode::NotLeaderOrFollower) }
}
