//! What a partition takes from its topic's configuration.

use headwater_base::TopicPartition;
use headwater_base::config::{AcksAll, CompressionType, TimestampType, TopicConfigValues};
use headwater_log::LogConfig;
use headwater_records::validate::{Rules, decompressed_limit};
use headwater_records::{Codec, Compression};

/// The most that a log writes ahead in zeros, where syncs are small.
const HEADROOM_BYTES: u32 = 1 << 20;

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionSettings {
    /// The topic's effective configuration.
    pub topic: TopicConfigValues,
    /// `producer.id.expiration.ms` of the node.
    pub producer_id_expiration_ms: i64,
}

impl PartitionSettings {
    /// True if acks=all promises the disk.
    #[must_use]
    pub fn acks_on_disk(&self) -> bool {
        self.topic.headwater_acks_all == AcksAll::Disk
    }

    /// What a batch that comes now must be like.
    #[must_use]
    pub fn rules<'a>(&self, name: &'a TopicPartition, produce_version: i16, now_ms: i64) -> Rules<'a> {
        let topic = &self.topic;
        Rules {
            topic_partition: name,
            produce_version,
            max_message_bytes: topic.max_message_bytes,
            max_decompressed_bytes: decompressed_limit(topic.max_message_bytes),
            compacted: topic.cleanup_compact,
            timestamp_type: match topic.message_timestamp_type {
                TimestampType::CreateTime => headwater_records::TimestampType::CreateTime,
                TimestampType::LogAppendTime => headwater_records::TimestampType::LogAppendTime,
            },
            timestamp_before_max_ms: topic.message_timestamp_before_max_ms,
            timestamp_after_max_ms: topic.message_timestamp_after_max_ms,
            compression: compression(topic.compression_type),
            now_ms,
        }
    }

    /// What the log takes from it.
    #[must_use]
    pub fn log_config(&self) -> LogConfig {
        let topic = &self.topic;
        // Without `delete` nothing goes by itself but what lies before the log's start.
        let unless_kept = |limit| if topic.cleanup_delete { limit } else { -1 };
        let segment_bytes = u32::try_from(topic.segment_bytes).unwrap_or(u32::MAX);
        // What has to be compacted by a time must have left the active segment before.
        let must_roll = topic.cleanup_compact && topic.max_compaction_lag_ms > 0;
        let most_ms = if must_roll { topic.max_compaction_lag_ms } else { i64::MAX };
        LogConfig {
            segment_bytes,
            segment_ms: topic.segment_ms.min(most_ms),
            segment_jitter_ms: topic.segment_jitter_ms,
            segment_index_bytes: u32::try_from(topic.segment_index_bytes).unwrap_or(u32::MAX),
            index_interval_bytes: u32::try_from(topic.index_interval_bytes).unwrap_or(u32::MAX),
            retention_ms: unless_kept(topic.retention_ms),
            retention_bytes: unless_kept(topic.retention_bytes),
            min_compaction_lag_ms: topic.min_compaction_lag_ms,
            max_compaction_lag_ms: topic.max_compaction_lag_ms,
            delete_retention_ms: topic.delete_retention_ms,
            producer_id_expiration_ms: self.producer_id_expiration_ms,
            preallocate_bytes: if topic.preallocate { segment_bytes } else { 0 },
            headroom_bytes: HEADROOM_BYTES,
        }
    }
}

fn compression(kind: CompressionType) -> Option<Compression> {
    let with = |codec, level| Some(Compression { codec, level });
    match kind {
        CompressionType::Producer => None,
        CompressionType::Uncompressed => with(Codec::None, None),
        CompressionType::Gzip(level) => with(Codec::Gzip, Some(level)),
        CompressionType::Snappy => with(Codec::Snappy, None),
        CompressionType::Lz4(level) => with(Codec::Lz4, Some(level)),
        CompressionType::Zstd(level) => with(Codec::Zstd, Some(level)),
    }
}
