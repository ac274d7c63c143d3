//! What holds for one topic (`LogConfig`): its own configuration over the node's defaults.

use std::collections::BTreeMap;

use super::topic;
use super::value::Value;

/// Codec in which a topic's batches are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompressionType {
    /// As the producer sent them.
    Producer,
    /// Not compressed.
    Uncompressed,
    /// gzip, with its level; −1 is the codec's default.
    Gzip(i32),
    /// snappy.
    Snappy,
    /// lz4, with its level.
    Lz4(i32),
    /// zstd, with its level.
    Zstd(i32),
}

/// Whose clock a record's timestamp comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampType {
    /// The producer's.
    CreateTime,
    /// The broker's.
    LogAppendTime,
}

/// What an acknowledgement with acks=all promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcksAll {
    /// On disk on every in-sync replica.
    Disk,
    /// In the page cache of every in-sync replica: Kafka's promise.
    Memory,
}

/// The effective configuration of a topic. Times in milliseconds, sizes in bytes; names are the keys'.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // Each field is explained by its row.
pub struct TopicConfigValues {
    pub cleanup_compact: bool,
    pub cleanup_delete: bool,
    pub compression_type: CompressionType,
    pub delete_retention_ms: i64,
    pub file_delete_delay_ms: i64,
    pub flush_messages: i64,
    pub flush_ms: i64,
    pub headwater_acks_all: AcksAll,
    pub index_interval_bytes: i32,
    pub max_compaction_lag_ms: i64,
    pub max_message_bytes: i32,
    pub message_timestamp_after_max_ms: i64,
    pub message_timestamp_before_max_ms: i64,
    pub message_timestamp_type: TimestampType,
    pub min_cleanable_dirty_ratio: f64,
    pub min_compaction_lag_ms: i64,
    pub min_insync_replicas: i32,
    pub preallocate: bool,
    pub retention_bytes: i64,
    pub retention_ms: i64,
    pub segment_bytes: i32,
    pub segment_index_bytes: i32,
    pub segment_jitter_ms: i64,
    pub segment_ms: i64,
    pub unclean_leader_election_enable: bool,
}

impl TopicConfigValues {
    /// The values for a topic that sets `overrides`; `node` gives the value of a node key, its default included. An
    /// override that is unknown or invalid counts as not set: it was valid when it was written.
    #[must_use]
    pub fn of(overrides: &BTreeMap<String, String>, node: &dyn Fn(&str) -> Value) -> Self {
        let it = Effective { overrides, node };
        let policies = it.list("cleanup.policy");
        let has = |policy: &str| policies.iter().any(|it| it == policy);
        Self {
            cleanup_compact: has("compact"),
            cleanup_delete: has("delete"),
            compression_type: it.compression(),
            delete_retention_ms: it.long("delete.retention.ms"),
            file_delete_delay_ms: it.long("file.delete.delay.ms"),
            flush_messages: it.long("flush.messages"),
            flush_ms: it.long("flush.ms"),
            headwater_acks_all: match it.text("headwater.acks.all").as_str() {
                "memory" => AcksAll::Memory,
                _ => AcksAll::Disk,
            },
            index_interval_bytes: it.int("index.interval.bytes"),
            max_compaction_lag_ms: it.long("max.compaction.lag.ms"),
            max_message_bytes: it.int("max.message.bytes"),
            message_timestamp_after_max_ms: it.long("message.timestamp.after.max.ms"),
            message_timestamp_before_max_ms: it.long("message.timestamp.before.max.ms"),
            message_timestamp_type: match it.text("message.timestamp.type").as_str() {
                "LogAppendTime" => TimestampType::LogAppendTime,
                _ => TimestampType::CreateTime,
            },
            min_cleanable_dirty_ratio: match it.value("min.cleanable.dirty.ratio") {
                Value::Double(ratio) => ratio,
                other => unreachable!("a ratio is a double, not {other:?}"),
            },
            min_compaction_lag_ms: it.long("min.compaction.lag.ms"),
            min_insync_replicas: it.int("min.insync.replicas"),
            preallocate: it.boolean("preallocate"),
            retention_bytes: it.long("retention.bytes"),
            retention_ms: it.long("retention.ms"),
            segment_bytes: it.segment_bytes(),
            segment_index_bytes: it.int("segment.index.bytes"),
            segment_jitter_ms: it.long("segment.jitter.ms"),
            segment_ms: it.long("segment.ms"),
            unclean_leader_election_enable: it.boolean("unclean.leader.election.enable"),
        }
    }
}

struct Effective<'a> {
    overrides: &'a BTreeMap<String, String>,
    node: &'a dyn Fn(&str) -> Value,
}

impl Effective<'_> {
    fn value(&self, name: &str) -> Value {
        let set = self.overrides.get(name).zip(topic::definition(name));
        match set.and_then(|(text, row)| row.parse(text).ok()) {
            Some(value) => value,
            None => topic::default(name, self.node),
        }
    }

    fn long(&self, name: &str) -> i64 {
        match self.value(name) {
            Value::Integer(value) => value,
            other => unreachable!("{name} is a number with a default, not {other:?}"),
        }
    }

    fn int(&self, name: &str) -> i32 {
        i32::try_from(self.long(name)).expect("the value of an int key was parsed as 32 bits")
    }

    fn boolean(&self, name: &str) -> bool {
        self.value(name) == Value::Boolean(true)
    }

    fn text(&self, name: &str) -> String {
        self.value(name).to_string()
    }

    fn list(&self, name: &str) -> Vec<String> {
        match self.value(name) {
            Value::List(values) => values,
            _ => Vec::new(),
        }
    }

    /// `internal.segment.bytes` lets tests go below the least size that `segment.bytes` allows.
    fn segment_bytes(&self) -> i32 {
        match self.value("internal.segment.bytes") {
            Value::Integer(_) => self.int("internal.segment.bytes"),
            _ => self.int("segment.bytes"),
        }
    }

    fn compression(&self) -> CompressionType {
        match self.text("compression.type").as_str() {
            "uncompressed" => CompressionType::Uncompressed,
            "gzip" => CompressionType::Gzip(self.int("compression.gzip.level")),
            "snappy" => CompressionType::Snappy,
            "lz4" => CompressionType::Lz4(self.int("compression.lz4.level")),
            "zstd" => CompressionType::Zstd(self.int("compression.zstd.level")),
            _ => CompressionType::Producer,
        }
    }
}
