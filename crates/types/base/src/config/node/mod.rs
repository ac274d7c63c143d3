//! Node configuration: the keys of a node's file and what they amount to (`AbstractKafkaConfig`, `KafkaConfig`).
//!
//! [`NodeConfig::parse`] turns key and value texts into a checked [`NodeConfig`]. Values come from the file (or from
//! `headwater start`), then from dynamic configuration in the metadata log ([`NodeConfig::with_dynamic`]).

mod cleaner;
mod dynamic;
mod dynamic_rules;
mod group_rules;
mod groups;
mod listeners;
mod rules;
mod start;
mod support;
mod values;

use std::collections::BTreeMap;

pub use cleaner::CleanerConfig;
pub use dynamic::{base_name, dynamic_entries, same_keys};
pub use dynamic_rules::{BrokerChange, check_broker_change};
pub use groups::{BoundedValue, ConsumerGroupValues, GroupValues, OffsetsTopic};
pub use listeners::{Listener, Listeners, SecurityProtocol};
pub use rules::Quorum;
pub use start::{cluster_level_defaults, start_properties};
use values::Values;

use super::definition::Definition;
use super::host_port::HostPort;
use super::rows;
use super::topic_values::TopicConfigValues;
use super::value::{ConfigError, Value};
use crate::NodeId;

/// All node keys.
pub fn definitions() -> impl Iterator<Item = &'static Definition> {
    rows::node()
}

/// The row of a node key.
#[must_use]
pub fn definition(name: &str) -> Option<&'static Definition> {
    rows::node().find(|row| row.name == name)
}

/// What a node is; at least one of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles {
    /// Serves clients.
    pub broker: bool,
    /// Votes in the quorum.
    pub controller: bool,
}

/// Limits of connections and requests. Sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkConfig {
    /// Largest request frame.
    pub socket_request_max_bytes: usize,
    /// Send buffer of a socket; `None` leaves it to the system.
    pub socket_send_buffer_bytes: Option<usize>,
    /// Receive buffer of a socket; `None` leaves it to the system.
    pub socket_receive_buffer_bytes: Option<usize>,
    /// Connections that may wait to be accepted.
    pub socket_listen_backlog_size: i32,
    /// Memory for requests that were read and not answered; always bounded, see [`DEFAULT_QUEUED_MAX_REQUEST_BYTES`].
    pub queued_max_request_bytes: usize,
    /// Most connections of the node.
    pub max_connections: usize,
    /// Most new connections in a second.
    pub max_connection_creation_rate: usize,
    /// Most connections from one address.
    pub max_connections_per_ip: usize,
    /// Other limits for single addresses or names.
    pub max_connections_per_ip_overrides: Vec<(String, u32)>,
    /// Idle time after which a connection is closed; `None` never.
    pub connections_max_idle_ms: Option<u64>,
    /// Most bytes in one Fetch answer.
    pub fetch_max_bytes: usize,
    /// Fetch sessions that are remembered.
    pub max_incremental_fetch_session_cache_slots: usize,
}

/// What `queued.max.request.bytes=-1`, Kafka's "no limit", means here. Never less than one largest request.
pub const DEFAULT_QUEUED_MAX_REQUEST_BYTES: usize = 256 << 20;

/// Segments, snapshots and retention of the metadata log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataLogConfig {
    /// Size at which a segment is closed.
    pub segment_bytes: i32,
    /// Age at which a segment is closed.
    pub segment_ms: i64,
    /// Bytes of new records that call for a snapshot.
    pub max_record_bytes_between_snapshots: i64,
    /// Age of changes that calls for a snapshot; 0 never does.
    pub max_snapshot_interval_ms: i64,
    /// Size from which old segments and snapshots go; negative keeps all.
    pub retention_bytes: i64,
    /// Age from which old segments and snapshots go; negative keeps all.
    pub retention_ms: i64,
}

/// A node's configuration, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeConfig {
    /// The node's number.
    pub node_id: NodeId,
    /// What it is.
    pub roles: Roles,
    /// Its rack.
    pub rack: Option<String>,
    /// Where it listens.
    pub listeners: Listeners,
    /// The quorum's members.
    pub quorum: Quorum,
    /// Directories for partitions; at least one.
    pub log_dirs: Vec<String>,
    /// Directory of the metadata log, which may be one of `log_dirs`.
    pub metadata_log_dir: String,
    /// Limits of connections and requests.
    pub network: NetworkConfig,
    /// The metadata log.
    pub metadata_log: MetadataLogConfig,
    /// Where metrics are asked for; `None` nowhere.
    pub metrics_listener: Option<HostPort>,
    /// What is set for single listeners.
    listener_limits: BTreeMap<String, ListenerLimits>,
    values: Values,
    /// What it was given, as it was written.
    texts: BTreeMap<String, String>,
}

/// Limits of one listener (`listener.name.NAME.…`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenerLimits {
    /// `max.connections`.
    pub max_connections: usize,
    /// `max.connection.creation.rate`.
    pub max_connection_creation_rate: usize,
}

impl ListenerLimits {
    const NONE: Self =
        Self { max_connections: i32::MAX as usize, max_connection_creation_rate: i32::MAX as usize };
}

impl NodeConfig {
    /// Reads and checks a configuration. Returns it with one sentence for each key that has no effect.
    ///
    /// # Errors
    /// The reference's message for what the reference refuses, and ours for what would restrict something that this
    /// build cannot restrict.
    pub fn parse(texts: &BTreeMap<String, String>) -> Result<(Self, Vec<String>), ConfigError> {
        let values = Values::parse(texts)?;
        group_rules::check(&values)?;
        let node_id = rules::node_id(&values)?;
        group_rules::check_protocols(&values)?;
        rules::check_numbers(&values)?;
        let roles = roles(&values);
        let quorum = rules::quorum(&values, roles, node_id)?;
        let listeners = listeners::read(&values, roles)?;
        let known: Vec<&str> = listeners.bound.iter().map(|it| it.name.as_str()).collect();
        rules::check_early_start(&values, &known)?;
        let network = network(&values)?;
        let warnings = support::check(texts)?;
        support::check_protocols(&listeners)?;
        let log_dirs = rules::log_dirs(&values);
        let metadata_log_dir = values.maybe_text("metadata.log.dir").unwrap_or_else(|| log_dirs[0].clone());
        let rack = values.maybe_text("broker.rack");
        let metadata_log = metadata_log(&values);
        let config = Self {
            node_id,
            roles,
            rack,
            listeners,
            quorum,
            log_dirs,
            metadata_log_dir,
            network,
            metadata_log,
            listener_limits: listener_limits(texts)?,
            texts: written(texts, node_id),
            metrics_listener: rules::metrics_listener(&values)?,
            values,
        };
        Ok((config, warnings))
    }

    /// The value of any node key, its default included; `Null` for unknown keys.
    #[must_use]
    pub fn value(&self, name: &str) -> Value {
        self.values.value(name)
    }

    /// Every key that was given a value, as text.
    #[must_use]
    pub fn texts(&self) -> BTreeMap<String, String> {
        self.values.texts()
    }

    /// Every key that the file sets, known or not, with its text as it was written. `node.id` and `broker.id` are both
    /// there when one of them is.
    #[must_use]
    pub fn file_texts(&self) -> &BTreeMap<String, String> {
        &self.texts
    }

    /// True when the key was given a value, here or at cluster level.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.values.is_set(name)
    }

    /// What holds for a topic that sets `overrides`. Values that are no longer valid count as not set.
    #[must_use]
    pub fn topic_values(&self, overrides: &BTreeMap<String, String>) -> TopicConfigValues {
        TopicConfigValues::of(overrides, &|name| self.value(name))
    }

    /// The limits of one listener alone.
    #[must_use]
    pub fn listener_limits(&self, listener: &str) -> ListenerLimits {
        self.listener_limits.get(&listener.to_lowercase()).copied().unwrap_or(ListenerLimits::NONE)
    }

    /// Partitions of a topic that is created without a number.
    #[must_use]
    pub fn num_partitions(&self) -> i32 {
        self.values.int("num.partitions")
    }

    /// Replicas of a topic that is created without a number.
    #[must_use]
    pub fn default_replication_factor(&self) -> i16 {
        i16::try_from(self.values.int("default.replication.factor")).unwrap_or(i16::MAX)
    }

    /// Whether asking for a topic's metadata creates it.
    #[must_use]
    pub fn auto_create_topics_enable(&self) -> bool {
        self.values.boolean("auto.create.topics.enable")
    }

    /// Whether topics can be deleted.
    #[must_use]
    pub fn delete_topic_enable(&self) -> bool {
        self.values.boolean("delete.topic.enable")
    }

    /// Threads per directory that load partitions at start.
    #[must_use]
    pub fn num_recovery_threads_per_data_dir(&self) -> usize {
        self.values.size("num.recovery.threads.per.data.dir")
    }

    /// Threads that serve connections; 0 means one for each core.
    #[must_use]
    pub fn cores(&self) -> usize {
        self.values.size("headwater.cores")
    }

    /// Features that may be lowered to level 0 at the start.
    #[must_use]
    pub fn lower_features(&self) -> Vec<String> {
        self.values.list("headwater.lower.features")
    }

    /// Restrictions of the metadata without whose enforcement the node may start.
    #[must_use]
    pub fn not_enforced(&self) -> Vec<String> {
        self.values.list("headwater.not.enforced")
    }

    /// Topics and partitions that have metrics of their own.
    #[must_use]
    pub fn metrics_partitions_max(&self) -> usize {
        self.values.size("headwater.metrics.partitions.max")
    }

    /// Bytes of each log directory's file system that records leave free; `None` takes a part of the file system.
    #[must_use]
    pub fn log_dir_reserve_bytes(&self) -> Option<u64> {
        u64::try_from(self.values.long("headwater.log.dir.reserve.bytes")).ok()
    }

    /// Idle time after which a producer's sequence numbers are forgotten.
    #[must_use]
    pub fn producer_id_expiration_ms(&self) -> i64 {
        self.values.long("producer.id.expiration.ms")
    }

    /// Time between two looks for producers that have been silent for too long.
    #[must_use]
    pub fn producer_id_expiration_check_interval_ms(&self) -> u64 {
        u64::try_from(self.values.int("producer.id.expiration.check.interval.ms")).unwrap_or(0)
    }

    /// Time between two checkpoints of recovery points.
    #[must_use]
    pub fn log_flush_offset_checkpoint_interval_ms(&self) -> u64 {
        u64::try_from(self.values.int("log.flush.offset.checkpoint.interval.ms")).unwrap_or(0)
    }

    /// Time between two checkpoints of log start offsets.
    #[must_use]
    pub fn log_flush_start_offset_checkpoint_interval_ms(&self) -> u64 {
        u64::try_from(self.values.int("log.flush.start.offset.checkpoint.interval.ms")).unwrap_or(0)
    }

    /// Time between two looks for records that have to be synced.
    #[must_use]
    pub fn log_flush_scheduler_interval_ms(&self) -> u64 {
        u64::try_from(self.values.long("log.flush.scheduler.interval.ms")).unwrap_or(1).max(1)
    }

    /// Time between two looks for segments that may go.
    #[must_use]
    pub fn log_retention_check_interval_ms(&self) -> u64 {
        u64::try_from(self.values.long("log.retention.check.interval.ms")).unwrap_or(1)
    }

    /// Time between the start and the first housekeeping.
    #[must_use]
    pub fn log_initial_task_delay_ms(&self) -> u64 {
        u64::try_from(self.values.long("log.initial.task.delay.ms")).unwrap_or(0)
    }

    /// Time between two heartbeats of a broker.
    #[must_use]
    pub fn broker_heartbeat_interval_ms(&self) -> i64 {
        self.values.long("broker.heartbeat.interval.ms")
    }

    /// Silence after which the controller fences a broker.
    #[must_use]
    pub fn broker_session_timeout_ms(&self) -> i64 {
        self.values.long("broker.session.timeout.ms")
    }
}

fn written(texts: &BTreeMap<String, String>, node_id: NodeId) -> BTreeMap<String, String> {
    let mut texts = texts.clone();
    for key in ["node.id", "broker.id"] {
        texts.entry(key.to_owned()).or_insert_with(|| node_id.to_string());
    }
    texts
}

fn roles(values: &Values) -> Roles {
    let roles = values.list("process.roles");
    let has = |role: &str| roles.iter().any(|it| it == role);
    Roles { broker: has("broker"), controller: has("controller") }
}

/// Limits that are set for single listeners, by their names in small letters.
fn listener_limits(
    texts: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, ListenerLimits>, ConfigError> {
    let mut found: BTreeMap<String, ListenerLimits> = BTreeMap::new();
    for (name, text) in texts {
        let Some((listener, key)) = support::of_listener(name) else { continue };
        let Some(Value::Integer(most)) = definition(key).map(|row| row.parse(text)).transpose()? else {
            continue;
        };
        let limits = found.entry(listener.to_owned()).or_insert(ListenerLimits::NONE);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        match key {
            "max.connections" => limits.max_connections = most,
            _ => limits.max_connection_creation_rate = most,
        }
    }
    Ok(found)
}

fn network(values: &Values) -> Result<NetworkConfig, ConfigError> {
    let max_connections_per_ip_overrides = rules::connections(values)?;
    let largest_request = values.size("socket.request.max.bytes");
    let memory = usize::try_from(values.long("queued.max.request.bytes")).unwrap_or(0);
    let memory = if memory == 0 { DEFAULT_QUEUED_MAX_REQUEST_BYTES.max(largest_request) } else { memory };
    Ok(NetworkConfig {
        socket_request_max_bytes: largest_request,
        socket_send_buffer_bytes: usize::try_from(values.int("socket.send.buffer.bytes")).ok(),
        socket_receive_buffer_bytes: usize::try_from(values.int("socket.receive.buffer.bytes")).ok(),
        socket_listen_backlog_size: values.int("socket.listen.backlog.size"),
        queued_max_request_bytes: memory,
        max_connections: values.size("max.connections"),
        max_connection_creation_rate: values.size("max.connection.creation.rate"),
        max_connections_per_ip: values.size("max.connections.per.ip"),
        max_connections_per_ip_overrides,
        connections_max_idle_ms: u64::try_from(values.long("connections.max.idle.ms")).ok(),
        fetch_max_bytes: values.size("fetch.max.bytes"),
        max_incremental_fetch_session_cache_slots: values.size("max.incremental.fetch.session.cache.slots"),
    })
}

fn metadata_log(values: &Values) -> MetadataLogConfig {
    MetadataLogConfig {
        segment_bytes: values.int("metadata.log.segment.bytes"),
        segment_ms: values.long("metadata.log.segment.ms"),
        max_record_bytes_between_snapshots: values.long("metadata.log.max.record.bytes.between.snapshots"),
        max_snapshot_interval_ms: values.long("metadata.log.max.snapshot.interval.ms"),
        retention_bytes: values.long("metadata.max.retention.bytes"),
        retention_ms: values.long("metadata.max.retention.ms"),
    }
}

#[cfg(test)]
mod tests;
