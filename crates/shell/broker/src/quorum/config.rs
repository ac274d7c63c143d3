//! What the quorum's driver is told.

use std::time::Duration;

use headwater_controller::missing::Waivers;
use headwater_controller::{Bootstrap, ControllerConfig};
use headwater_log::LogConfig;
use headwater_raft::snapshot::retention::Limits;
use headwater_raft::{MAX_BATCH_BYTES, VoterNode, VoterSet};

/// Settings of the metadata quorum on this node. The defaults of the numbers are Kafka's.
#[derive(Clone, Debug)]
pub struct QuorumConfig {
    /// This node as a voter.
    pub local: VoterNode,
    /// `controller.quorum.voters`; empty when the voters are in the log (kraft.version 1).
    pub static_voters: VoterSet,
    /// What the controller needs to know.
    pub controller: ControllerConfig,
    /// With what a new cluster begins when the directory has no `bootstrap.checkpoint`.
    pub default_bootstrap: Bootstrap,
    /// What of the cluster the node may go without.
    pub waivers: Waivers,
    /// Whether writes that were not synced may be missing: the machine was started since, or that is not known. If not,
    /// damage in the midst of the log is never taken for a torn tail.
    pub power_lost: bool,
    /// `metadata.log.segment.bytes`.
    pub segment_bytes: u32,
    /// `metadata.log.segment.ms`.
    pub segment_ms: i64,
    /// `metadata.log.max.record.bytes.between.snapshots`.
    pub snapshot_bytes: u64,
    /// `metadata.log.max.snapshot.interval.ms`; zero means that time alone makes no snapshot.
    pub snapshot_interval: Duration,
    /// `metadata.max.retention.bytes` and `metadata.max.retention.ms`.
    pub retention: Limits,
}

impl QuorumConfig {
    /// Kafka's defaults for a node.
    #[must_use]
    pub fn new(local: VoterNode, controller: ControllerConfig) -> Self {
        const DAY_MS: i64 = 24 * 60 * 60 * 1000;
        Self {
            local,
            static_voters: VoterSet::default(),
            controller,
            default_bootstrap: Bootstrap::default(),
            waivers: Waivers::default(),
            power_lost: true,
            segment_bytes: 1 << 30,
            segment_ms: 7 * DAY_MS,
            snapshot_bytes: 20 << 20,
            snapshot_interval: Duration::from_secs(60 * 60),
            retention: Limits { max_bytes: 100 << 20, max_ms: 7 * DAY_MS },
        }
    }

    pub(super) fn log(&self) -> LogConfig {
        LogConfig {
            // A batch must fit into a segment.
            segment_bytes: self.segment_bytes.max(MAX_BATCH_BYTES as u32),
            segment_ms: self.segment_ms,
            retention_ms: -1,
            retention_bytes: -1,
            ..LogConfig::default()
        }
    }
}
