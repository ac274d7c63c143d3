//! What the configuration says about groups.

/// Limits and times. The driver hands them in with each decision, so that changes hold at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupConfig {
    /// `group.min.session.timeout.ms`.
    pub min_session_timeout_ms: i32,
    /// `group.max.session.timeout.ms`.
    pub max_session_timeout_ms: i32,
    /// `group.initial.rebalance.delay.ms`: how long an empty group waits for more members.
    pub initial_rebalance_delay_ms: i32,
    /// `group.max.size`.
    pub max_size: usize,
    /// `offset.metadata.max.bytes`, which Kafka counts in UTF-16 units.
    pub offset_metadata_max: usize,
    /// `offsets.retention.minutes` in milliseconds.
    pub offsets_retention_ms: i64,
    /// What holds for the consumer protocol.
    pub consumer: ConsumerConfig,
}

/// `group.consumer.*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerConfig {
    /// `group.consumer.session.timeout.ms`, and what a group may set it to.
    pub session_timeout_ms: Bounded,
    /// `group.consumer.heartbeat.interval.ms`, and what a group may set it to.
    pub heartbeat_interval_ms: Bounded,
    /// `group.consumer.assignment.interval.ms`, and what a group may set it to.
    pub assignment_interval_ms: Bounded,
    /// `group.consumer.max.size`.
    pub max_size: usize,
    /// `group.consumer.assignors`: names; the first is the default.
    pub assignors: Vec<String>,
    /// `group.consumer.migration.policy`.
    pub migration: MigrationPolicy,
    /// `group.consumer.regex.refresh.interval.ms`.
    pub regex_refresh_interval_ms: i32,
}

/// A value for all groups, and the bounds of a value of one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounded {
    /// For groups without a value of their own.
    pub default: i32,
    /// The least that counts.
    pub min: i32,
    /// The most that counts.
    pub max: i32,
}

impl Bounded {
    /// A group's own value, held within the bounds, else the default.
    #[must_use]
    pub fn of_group(&self, own: Option<i32>) -> i32 {
        own.map_or(self.default, |own| own.min(self.max).max(self.min))
    }
}

/// In which direction a group with members may change its protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationPolicy {
    /// In none.
    Disabled,
    /// From consumer to classic.
    Downgrade,
    /// From classic to consumer.
    Upgrade,
    /// In both.
    Bidirectional,
}

impl MigrationPolicy {
    /// From classic to consumer?
    #[must_use]
    pub fn upgrades(self) -> bool {
        matches!(self, MigrationPolicy::Upgrade | MigrationPolicy::Bidirectional)
    }

    /// From consumer to classic?
    #[must_use]
    pub fn downgrades(self) -> bool {
        matches!(self, MigrationPolicy::Downgrade | MigrationPolicy::Bidirectional)
    }

    /// The policy of a configured word, in whatever case.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "disabled" => Some(MigrationPolicy::Disabled),
            "downgrade" => Some(MigrationPolicy::Downgrade),
            "upgrade" => Some(MigrationPolicy::Upgrade),
            "bidirectional" => Some(MigrationPolicy::Bidirectional),
            _ => None,
        }
    }
}

impl Default for ConsumerConfig {
    fn default() -> Self {
        Self {
            session_timeout_ms: Bounded { default: 45_000, min: 45_000, max: 60_000 },
            heartbeat_interval_ms: Bounded { default: 5_000, min: 5_000, max: 15_000 },
            assignment_interval_ms: Bounded { default: 1_000, min: 0, max: 15_000 },
            max_size: i32::MAX as usize,
            assignors: vec!["uniform".to_owned(), "range".to_owned()],
            migration: MigrationPolicy::Bidirectional,
            regex_refresh_interval_ms: 600_000,
        }
    }
}

impl Default for GroupConfig {
    fn default() -> Self {
        Self {
            min_session_timeout_ms: 6_000,
            max_session_timeout_ms: 1_800_000,
            initial_rebalance_delay_ms: 3_000,
            max_size: i32::MAX as usize,
            offset_metadata_max: 4_096,
            offsets_retention_ms: 7 * 24 * 60 * 60 * 1_000,
            consumer: ConsumerConfig::default(),
        }
    }
}
