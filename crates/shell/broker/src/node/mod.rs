//! A node from start to stop.
//!
//! ```text
//! directories → listeners bound → quorum (loads the metadata, becomes leader, activates the controller)
//!   → replicas follow → broker registered and unfenced (new leader epochs) → accepting
//! stop: no more connections → controlled shutdown → logs closed, checkpoints → quorum closed → marked clean
//! ```

pub(crate) mod background;
mod error;
mod metrics;
mod overrides;
pub(crate) mod registration;
mod strays;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use headwater_base::config::node::NodeConfig;
use headwater_base::{TopicPartition, Uuid};
use headwater_controller::ControllerConfig;
use headwater_controller::missing::Waivers;
use headwater_log::{LogError, dir};
use headwater_raft::snapshot::retention;
use headwater_raft::{Endpoint, ReplicaKey, VoterNode, VoterSet};
use headwater_runtime::sync::{Either, select2};
use headwater_runtime::{ListenOptions, Listener, Runtime, TaskHandle};

use crate::api::Scope;
use crate::broker::{Broker, Limits, Parts};
use crate::connection::census::Census;
use crate::connection::listener;
use crate::coordinator::{Follower, GroupCoordinators};
use crate::data::{DataDirectories, DataError};
use crate::live_config::LiveConfig;
use crate::metrics::{NodePhase, Observed};
use crate::moves;
use crate::partition::table::PartitionTable;
use crate::partition::{Partition, Stopped};
use crate::quorum::{self, QuorumConfig, RunningQuorum};
use crate::replicas::Replicas;

pub use error::NodeError;

/// Threads that bring cold ranges of logs into the page cache.
const COLD_READ_THREADS: usize = 4;
/// Cold reads that may wait for such a thread.
const COLD_READ_QUEUE: usize = 4_096;
/// Threads that close logs at the stop.
const STOP_THREADS: usize = 16;

/// How long a start waits for a locked directory, and how long between two tries.
const LOCK_WAIT: Duration = Duration::from_secs(3);
const LOCK_RETRY: Duration = Duration::from_millis(10);

/// A listener that is bound.
#[derive(Clone, Debug)]
pub struct Bound {
    /// Name of the listener.
    pub name: Arc<str>,
    /// What is reached through it.
    pub scope: Scope,
    /// Where it listens; never port 0.
    pub address: SocketAddr,
}

/// A node that serves.
pub struct Node {
    runtime: Runtime,
    broker: Arc<Broker>,
    data: Arc<DataDirectories>,
    quorum: RunningQuorum,
    bound: Vec<Bound>,
    tasks: Vec<TaskHandle<()>>,
    census: Arc<Census>,
    metrics: metrics::Serving,
}

/// Starts a node on formatted directories and returns once it serves. Must be called on the control core.
///
/// # Errors
/// See [`NodeError`].
pub async fn start(runtime: &Runtime, config: NodeConfig) -> Result<Node, NodeError> {
    let metrics = metrics::serve(runtime, &config).await?;
    let data = Arc::new(open_data(runtime, &config).await?);
    let listeners = bind(runtime, &config).await?;
    let bound: Vec<Bound> = listeners.iter().map(|(bound, _)| bound.clone()).collect();
    let table = Arc::new(PartitionTable::default());
    let live = LiveConfig::new(config.clone());
    let replicas = Replicas::new(runtime.clone(), Arc::clone(&live), Arc::clone(&table), Arc::clone(&data));
    let groups = GroupCoordinators::new(runtime.clone(), Arc::clone(&live), Arc::clone(&table));
    let quorum_config = quorum_config(&config, &data, &bound);
    let quorum = quorum::start(
        runtime,
        Arc::clone(&data.metadata),
        quorum_config,
        vec![Box::new(replicas), Box::new(Follower(Arc::clone(&groups)))],
    )
    .await?;
    data.begin()?;
    let cold_reads = runtime
        .io_pool("cold-read", COLD_READ_THREADS, COLD_READ_QUEUE)
        .map_err(|source| NodeError::Io("threads for cold reads".to_owned(), source))?;
    let broker = Broker::new(Parts {
        runtime: runtime.clone(),
        config: live,
        limits: limits(runtime, &config).await?,
        quorum: quorum.handle.clone(),
        data: Arc::clone(&data),
        partitions: table,
        groups,
        cold_reads,
    });
    registration::register_controller(&broker, &config, &bound).await?;
    registration::register(&broker, &config, &data, &bound).await?;
    settle(&broker).await;
    strays::set_aside(&broker);
    strays::forget(&broker);
    moves::resume(&broker);
    let census = Census::new(runtime.cores());
    let mut tasks = background::spawn(&broker, &config, &data);
    for (bound, listener) in listeners {
        let accepting =
            listener::accept(Arc::clone(&broker), listener, bound.name, bound.scope, Arc::clone(&census));
        tasks.push(runtime.spawn_local("accept", accepting));
    }
    let observed = Observed { broker: Arc::clone(&broker), data: Arc::clone(&data) };
    metrics.endpoint.enter(NodePhase::Serving(observed));
    Ok(Node { runtime: runtime.clone(), broker, data, quorum, bound, tasks, census, metrics })
}

impl Node {
    /// The listeners, in the order of the configuration.
    #[must_use]
    pub fn bound(&self) -> &[Bound] {
        &self.bound
    }

    /// Where metrics are asked for, if anywhere.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.address
    }

    /// `cluster.id`.
    #[must_use]
    pub fn cluster_id(&self) -> &str {
        &self.broker.cluster_id
    }

    /// What the requests share.
    #[must_use]
    pub fn broker(&self) -> &Arc<Broker> {
        &self.broker
    }

    /// How many connections there are.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.census.total()
    }

    /// Ends when the node cannot go on, with the reason: its metadata log failed, or all its directories did.
    pub async fn failed(&mut self) -> String {
        let offline = background::directories_failed(&self.data);
        match select2(&mut self.quorum.task, offline).await {
            Either::First(Ok(Err(error))) => error.to_string(),
            Either::First(_) => "the metadata quorum ended".to_owned(),
            Either::Second(why) => why,
        }
    }

    /// Stops: everything acknowledged or not becomes durable, and the next start has nothing to look for.
    ///
    /// # Errors
    /// What the disk says; the directory is left as after a kill then.
    pub async fn stop(self) -> Result<(), NodeError> {
        self.metrics.endpoint.enter(NodePhase::Stopping);
        for task in &self.tasks {
            task.abort();
        }
        registration::controlled_shutdown(&self.broker).await;
        let broker = Arc::clone(&self.broker);
        self.data.any().background.run(move || moves::stop(&broker.moves)).await;
        let mut stopped = self.stop_partitions().await?;
        self.quorum.handle.shutdown().await;
        let epoch = self.broker.broker_epoch();
        let mut outcome = Ok(());
        for directory in self.data.all().filter(|directory| directory.failure().is_none()) {
            let logs = stopped.remove(&directory.path).unwrap_or_default();
            let marked = directory
                .checkpoints
                .write_stopped(&*directory.disk, &logs)
                .and_then(|()| dir::write_clean_shutdown(&*directory.disk, epoch));
            if let Err(error) = marked {
                // The others are stopped in order all the same.
                directory.fail(&format!("it could not be stopped in order: {error}"));
                outcome = Err(NodeError::Log(error));
            }
        }
        outcome
    }

    /// Stops all partitions, many side by side: a log that was written since its last checkpoint takes a handful of
    /// syncs, and syncs that run together share a commit of the file system's journal. A log that cannot be closed takes
    /// its directory offline, and no other.
    async fn stop_partitions(
        &self,
    ) -> Result<BTreeMap<String, BTreeMap<TopicPartition, Stopped>>, NodeError> {
        let threads = self
            .runtime
            .io_pool("stop", STOP_THREADS, STOP_THREADS)
            .map_err(|source| NodeError::Io("threads to stop the partitions".to_owned(), source))?;
        let mut shares: Vec<Vec<Arc<Partition>>> = vec![Vec::new(); STOP_THREADS];
        let online = |partition: &Arc<Partition>| partition.directory().failure().is_none();
        let partitions = self.broker.partitions.all().into_iter().filter(online);
        partitions.enumerate().for_each(|(number, partition)| shares[number % STOP_THREADS].push(partition));
        let mut tasks = Vec::new();
        for share in shares.into_iter().filter(|share| !share.is_empty()) {
            let threads = threads.clone();
            let stop = move || -> Vec<(Arc<Partition>, Result<Stopped, LogError>)> {
                share.iter().map(|partition| (Arc::clone(partition), partition.stop())).collect()
            };
            tasks.push(self.runtime.spawn_local("stop partitions", async move { threads.run(stop).await }));
        }
        let mut stopped: BTreeMap<String, BTreeMap<_, _>> = BTreeMap::new();
        for stopping in tasks {
            let logs = match stopping.await {
                Ok(logs) => logs,
                // Only a ground that ends takes the task away, and this one with it.
                Err(_) => std::future::pending().await,
            };
            for (partition, stood) in logs {
                match stood {
                    Ok(stood) => {
                        let of_directory = stopped.entry(partition.directory().path.clone()).or_default();
                        of_directory.insert(partition.name.clone(), stood);
                    }
                    Err(error) => {
                        let name = &partition.name;
                        partition.directory().fail(&format!("{name} could not be closed: {error}"));
                    }
                }
            }
        }
        Ok(stopped)
    }
}

/// Waits until what a killed process left behind is durable: it becomes visible then, and whoever saw it before the kill
/// shall not see the high watermark go back.
async fn settle(broker: &Broker) {
    let waiting: Vec<_> =
        broker.partitions.all().iter().filter_map(|partition| partition.wait_for_end()).collect();
    for ticket in waiting {
        // A failure is told to those who ask for the partition.
        let _ = ticket.await;
    }
}

/// Opens the directories. One that is locked gets a little time: a process that was just killed holds its lock until its
/// last write to the disk has returned.
async fn open_data(runtime: &Runtime, config: &NodeConfig) -> Result<DataDirectories, DataError> {
    let deadline = runtime.now() + LOCK_WAIT;
    loop {
        match DataDirectories::open(runtime, config) {
            Err(DataError::Locked(_)) if runtime.now() < deadline => runtime.sleep(LOCK_RETRY).await,
            outcome => return outcome,
        }
    }
}

async fn bind(runtime: &Runtime, config: &NodeConfig) -> Result<Vec<(Bound, Listener)>, NodeError> {
    let mut listeners = Vec::new();
    for wanted in &config.listeners.bound {
        let host = if wanted.address.host.is_empty() { "0.0.0.0" } else { &wanted.address.host };
        let failed = |source| NodeError::Listen(wanted.to_string(), source);
        let addresses = runtime.resolve(host, wanted.address.port).await.map_err(failed)?;
        let address = addresses.first().copied().ok_or_else(|| {
            failed(std::io::Error::new(std::io::ErrorKind::NotFound, "the name has no address"))
        })?;
        let options = ListenOptions {
            send_buffer: config.network.socket_send_buffer_bytes.and_then(|bytes| u32::try_from(bytes).ok()),
            receive_buffer: config
                .network
                .socket_receive_buffer_bytes
                .and_then(|bytes| u32::try_from(bytes).ok()),
            backlog: u32::try_from(config.network.socket_listen_backlog_size).unwrap_or(50),
        };
        let listener = runtime.listen(address, options).await.map_err(failed)?;
        let scope =
            if config.listeners.is_controller(&wanted.name) { Scope::Controller } else { Scope::Broker };
        let bound = Bound { name: wanted.name.as_str().into(), scope, address: listener.local_addr() };
        listeners.push((bound, listener));
    }
    Ok(listeners)
}

async fn limits(runtime: &Runtime, config: &NodeConfig) -> Result<Limits, NodeError> {
    let network = &config.network;
    let max_connections_overrides = overrides::resolve(runtime, config).await?;
    Ok(Limits {
        request_max_bytes: i32::try_from(network.socket_request_max_bytes).unwrap_or(i32::MAX),
        request_memory_bytes: network.queued_max_request_bytes as u64,
        fetch_max_bytes: network.fetch_max_bytes as u64,
        fetch_sessions: network.max_incremental_fetch_session_cache_slots,
        auto_create_topics: config.auto_create_topics_enable(),
        idle_ms: network.connections_max_idle_ms.map_or(-1, |ms| i64::try_from(ms).unwrap_or(i64::MAX)),
        max_connections_overrides: ArcSwap::from_pointee(max_connections_overrides),
    })
}

fn quorum_config(config: &NodeConfig, data: &DataDirectories, bound: &[Bound]) -> QuorumConfig {
    let endpoints = config.listeners.advertised_controller.iter().map(|listener| Endpoint {
        name: listener.name.clone(),
        host: listener.address.host.clone(),
        port: actual_port(bound, &listener.name, listener.address.port),
    });
    let voter = |node_id, directory_id, endpoints| VoterNode {
        key: ReplicaKey::new(node_id, directory_id),
        endpoints,
        min_kraft_version: 0,
        max_kraft_version: 1,
    };
    let controller = ControllerConfig {
        node_id: config.node_id,
        cluster_id: data.cluster_id.clone(),
        is_broker: config.roles.broker,
        static_config: config.texts(),
        kraft_version: 0,
    };
    let local = voter(config.node_id, data.metadata.id, endpoints.collect());
    let static_voters = config.quorum.voters.iter().map(|(id, address)| {
        let name = config.listeners.controller_names.first().cloned().unwrap_or_default();
        voter(*id, Uuid::ZERO, vec![Endpoint { name, host: address.host.clone(), port: address.port }])
    });
    let log = &config.metadata_log;
    QuorumConfig {
        static_voters: VoterSet::new(static_voters),
        waivers: Waivers { lower_features: config.lower_features(), not_enforced: config.not_enforced() },
        power_lost: data.metadata_power_lost(),
        segment_bytes: u32::try_from(log.segment_bytes).unwrap_or(1 << 30),
        segment_ms: log.segment_ms,
        snapshot_bytes: u64::try_from(log.max_record_bytes_between_snapshots).unwrap_or(u64::MAX),
        snapshot_interval: Duration::from_millis(u64::try_from(log.max_snapshot_interval_ms).unwrap_or(0)),
        retention: retention::Limits { max_bytes: log.retention_bytes, max_ms: log.retention_ms },
        ..QuorumConfig::new(local, controller)
    }
}

/// The port that a listener really has; configured may be 0.
fn actual_port(bound: &[Bound], name: &str, configured: u16) -> u16 {
    let found = bound.iter().find(|bound| &*bound.name == name);
    if configured == 0 { found.map_or(0, |bound| bound.address.port()) } else { configured }
}
