//! What the configuration says about groups and their offsets.

use super::NodeConfig;

/// Limits and times of group coordinators, as they hold now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupValues {
    /// `group.min.session.timeout.ms`.
    pub min_session_timeout_ms: i32,
    /// `group.max.session.timeout.ms`.
    pub max_session_timeout_ms: i32,
    /// `group.initial.rebalance.delay.ms`.
    pub initial_rebalance_delay_ms: i32,
    /// `group.max.size`: members of a classic group.
    pub max_size: usize,
    /// `offset.metadata.max.bytes`.
    pub offset_metadata_max: usize,
    /// `offsets.retention.minutes`, in milliseconds.
    pub offsets_retention_ms: i64,
    /// `offsets.retention.check.interval.ms`.
    pub offsets_retention_check_interval_ms: u64,
    /// `offsets.commit.timeout.ms`.
    pub offsets_commit_timeout_ms: u64,
    /// `offsets.load.buffer.size` in bytes.
    pub offsets_load_buffer: usize,
}

/// A value for all groups, and the bounds of a value of one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoundedValue {
    /// For groups without a value of their own.
    pub default: i32,
    /// The least that a group may set.
    pub min: i32,
    /// The most that a group may set.
    pub max: i32,
}

/// What holds for groups of the consumer protocol: `group.consumer.*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerGroupValues {
    /// `session.timeout.ms`.
    pub session_timeout_ms: BoundedValue,
    /// `heartbeat.interval.ms`.
    pub heartbeat_interval_ms: BoundedValue,
    /// `assignment.interval.ms`.
    pub assignment_interval_ms: BoundedValue,
    /// `max.size`.
    pub max_size: usize,
    /// `assignors`.
    pub assignors: Vec<String>,
    /// `migration.policy`.
    pub migration_policy: String,
    /// `regex.refresh.interval.ms`.
    pub regex_refresh_interval_ms: i32,
}

/// The topic `__consumer_offsets`, as it is made when it is first needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetsTopic {
    /// `offsets.topic.num.partitions`.
    pub partitions: i32,
    /// `offsets.topic.replication.factor`.
    pub replication_factor: i16,
    /// `offsets.topic.segment.bytes`.
    pub segment_bytes: i32,
    /// `offsets.topic.compression.codec`, as the codec's number in a batch.
    pub codec: u8,
}

impl NodeConfig {
    /// What holds for groups.
    #[must_use]
    pub fn groups(&self) -> GroupValues {
        let values = &self.values;
        let positive = |name| u64::try_from(values.int(name)).unwrap_or(0);
        GroupValues {
            min_session_timeout_ms: values.int("group.min.session.timeout.ms"),
            max_session_timeout_ms: values.int("group.max.session.timeout.ms"),
            initial_rebalance_delay_ms: values.int("group.initial.rebalance.delay.ms"),
            max_size: values.size("group.max.size"),
            offset_metadata_max: usize::try_from(values.int("offset.metadata.max.bytes")).unwrap_or(0),
            offsets_retention_ms: i64::from(values.int("offsets.retention.minutes")) * 60_000,
            offsets_retention_check_interval_ms: u64::try_from(
                values.long("offsets.retention.check.interval.ms"),
            )
            .unwrap_or(0),
            offsets_commit_timeout_ms: positive("offsets.commit.timeout.ms"),
            offsets_load_buffer: values.size("offsets.load.buffer.size"),
        }
    }

    /// What holds for groups of the consumer protocol.
    #[must_use]
    pub fn consumer_groups(&self) -> ConsumerGroupValues {
        let values = &self.values;
        let bounded = |name: &str| BoundedValue {
            default: values.int(&format!("group.consumer.{name}")),
            min: values.int(&format!("group.consumer.min.{name}")),
            max: values.int(&format!("group.consumer.max.{name}")),
        };
        ConsumerGroupValues {
            session_timeout_ms: bounded("session.timeout.ms"),
            heartbeat_interval_ms: bounded("heartbeat.interval.ms"),
            assignment_interval_ms: bounded("assignment.interval.ms"),
            max_size: values.size("group.consumer.max.size"),
            assignors: values.list("group.consumer.assignors"),
            migration_policy: values.text("group.consumer.migration.policy"),
            regex_refresh_interval_ms: values.int("group.consumer.regex.refresh.interval.ms"),
        }
    }

    /// Whether `group.coordinator.rebalance.protocols` names a protocol.
    #[must_use]
    pub fn serves_group_protocol(&self, name: &str) -> bool {
        self.values.list("group.coordinator.rebalance.protocols").iter().any(|protocol| protocol == name)
    }

    /// How `__consumer_offsets` is made.
    #[must_use]
    pub fn offsets_topic(&self) -> OffsetsTopic {
        let values = &self.values;
        OffsetsTopic {
            partitions: values.int("offsets.topic.num.partitions"),
            replication_factor: i16::try_from(values.int("offsets.topic.replication.factor"))
                .unwrap_or(i16::MAX),
            segment_bytes: values.int("offsets.topic.segment.bytes"),
            codec: u8::try_from(values.int("offsets.topic.compression.codec")).unwrap_or(0),
        }
    }
}
