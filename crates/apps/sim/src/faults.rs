//! Which faults a seed has. Each seed turns a random part of them on, so that some run into each other and none hides
//! behind the others.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use headwater_log::disk::{Fault, FaultKind};
use headwater_runtime::Random;
use headwater_runtime::sim::SimConfig;

use crate::cluster::Shape;
use crate::workload::topics::NewTopic;

/// How a life of the node is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// The process is killed.
    Kill,
    /// The power goes.
    PowerLoss,
    /// After so many more changes the disk takes no more; then the power goes.
    PowerLossAfterChanges(u64),
    /// It is told to stop. It may be killed while it does.
    Stop {
        /// What happens so long after it was told, if it still runs then.
        interrupted: Option<(Duration, bool)>,
        /// The power goes afterwards.
        then_dark: bool,
    },
}

/// The faults of one seed.
#[derive(Clone, Debug)]
pub struct Swarm {
    /// Lives that end badly before the last one.
    pub lives: u64,
    /// A life lasts up to so long.
    pub longest_life: Duration,
    /// Some lives end while the node starts.
    pub early_deaths: bool,
    /// Kills.
    pub kills: bool,
    /// Power losses.
    pub power_losses: bool,
    /// Stops in order.
    pub stops: bool,
    /// Connections break.
    pub resets: bool,
    /// The network stands still for a while.
    pub cuts: bool,
    /// Errors of the disk.
    pub disk_errors: bool,
    /// The disk is full for a while.
    pub full_disk: bool,
    /// Appends count as slow for a while.
    pub slow_appends: bool,
    /// The wall clock jumps.
    pub clock_jumps: bool,
    /// Between two lives files that only help are removed or filled with rubbish.
    pub damage: bool,
    /// Consumer groups.
    pub groups: u64,
}

impl Swarm {
    /// No faults at all, in so many lives.
    #[must_use]
    pub fn none(lives: u64) -> Self {
        Self {
            lives,
            longest_life: Duration::from_millis(150),
            early_deaths: false,
            kills: false,
            power_losses: false,
            stops: false,
            resets: false,
            cuts: false,
            disk_errors: false,
            full_disk: false,
            slow_appends: false,
            clock_jumps: false,
            damage: false,
            groups: 0,
        }
    }

    /// The faults of a seed.
    #[must_use]
    pub fn roll(random: &mut Random) -> Self {
        let mut swarm = Self {
            lives: 1 + random.below(5),
            longest_life: Duration::from_millis(50 + random.below(250)),
            early_deaths: random.chance(2),
            kills: random.chance(2),
            power_losses: !random.chance(4),
            stops: random.chance(2),
            resets: random.chance(3),
            cuts: random.chance(6),
            disk_errors: random.chance(6),
            full_disk: random.chance(8),
            slow_appends: random.chance(3),
            clock_jumps: random.chance(5),
            damage: random.chance(5),
            groups: [0, 0, 1, 2][random.below(4) as usize],
        };
        if !(swarm.kills || swarm.power_losses || swarm.stops) {
            swarm.power_losses = true;
        }
        swarm
    }

    /// How the next life ends.
    pub fn death(&self, random: &mut Random) -> Death {
        loop {
            match random.below(5) {
                0 if self.kills => return Death::Kill,
                1 if self.power_losses => return Death::PowerLoss,
                2 if self.power_losses => return Death::PowerLossAfterChanges(random.below(60)),
                3 if self.stops => {
                    let within = Duration::from_micros(random.below(30_000));
                    let interrupted = random.chance(3).then(|| (within, random.chance(2)));
                    return Death::Stop { interrupted, then_dark: random.chance(2) };
                }
                _ => {}
            }
        }
    }

    /// How long the next life lasts before that.
    pub fn lasts(&self, random: &mut Random) -> Duration {
        if self.early_deaths && random.chance(3) {
            return Duration::from_micros(random.below(25_000));
        }
        Duration::from_nanos(random.below(self.longest_life.as_nanos() as u64))
    }
}

/// An error that the disk will give.
pub fn disk_error(random: &mut Random) -> Fault {
    let kinds = [FaultKind::Read, FaultKind::Write, FaultKind::Sync, FaultKind::Sync, FaultKind::Change];
    let paths = ["", "", "steady", "__cluster_metadata", ".log", ".snapshot"];
    Fault {
        kind: kinds[random.below(kinds.len() as u64) as usize],
        path: paths[random.below(paths.len() as u64) as usize].to_owned(),
        after: random.below(40),
        times: if random.chance(2) { 1 } else { u64::MAX },
        error: io::ErrorKind::Other,
    }
}

/// The chances of the world.
pub fn sim_config(random: &mut Random) -> SimConfig {
    let mut config = SimConfig::default();
    if random.chance(3) {
        config.slow_job_one_in = 3;
        config.slow_job_delay = Duration::from_millis(10 + random.below(200));
    }
    if random.chance(3) {
        config.network_delay.1 = Duration::from_millis(1 + random.below(15));
    }
    if random.chance(4) {
        config.socket_buffer = 2_000 + random.below(4_000) as usize;
    }
    config
}

/// What the node is like.
pub fn shape(random: &mut Random) -> Shape {
    let mut overrides = BTreeMap::new();
    let mut set = |name: &str, value: String| overrides.insert(name.to_owned(), value);
    let checkpoint_ms = [5, 40, 60_000][random.below(3) as usize];
    set("log.flush.offset.checkpoint.interval.ms", checkpoint_ms.to_string());
    if random.chance(2) {
        set("metadata.log.max.record.bytes.between.snapshots", (200 + random.below(2_000)).to_string());
    }
    set("log.cleaner.backoff.ms", (1 + random.below(30)).to_string());
    if random.chance(2) {
        // A map that is soon full, and small pieces.
        let few = 5 + random.below(40);
        set("log.cleaner.io.buffer.load.factor", format!("0.000{few:03}"));
        set("log.cleaner.io.buffer.size", (1_000 + random.below(20_000)).to_string());
    }
    if random.chance(3) {
        set("log.cleaner.threads", (1 + random.below(3)).to_string());
        set("log.cleaner.io.max.bytes.per.second", (1_000_000 + random.below(50_000_000)).to_string());
    }
    if random.chance(4) {
        set("broker.heartbeat.interval.ms", "50".to_owned());
    }
    groups(random, &mut overrides);
    Shape { cores: 1 + random.below(3) as usize, directories: 1 + usize::from(random.chance(4)), overrides }
}

/// Groups and their offsets: short sessions, few partitions.
fn groups(random: &mut Random, overrides: &mut BTreeMap<String, String>) {
    let mut set = |name: &str, value: String| overrides.insert(name.to_owned(), value);
    set("offsets.topic.replication.factor", "1".to_owned());
    set("offsets.topic.num.partitions", (1 + random.below(3)).to_string());
    set("offsets.load.buffer.size", (1 + random.below(5_000)).to_string());
    set("offsets.retention.check.interval.ms", (20 + random.below(500)).to_string());
    set("group.min.session.timeout.ms", "10".to_owned());
    set("group.consumer.min.session.timeout.ms", "50".to_owned());
    set("group.consumer.session.timeout.ms", (100 + random.below(500)).to_string());
    set("group.consumer.min.heartbeat.interval.ms", "1".to_owned());
    set("group.consumer.heartbeat.interval.ms", (5 + random.below(40)).to_string());
    set("group.consumer.assignment.interval.ms", random.below(100).to_string());
    set("group.initial.rebalance.delay.ms", random.below(60).to_string());
}

/// The topic of offsets, as somebody may make it before the first group: segments are soon full and compacted.
pub fn offsets_topic(random: &mut Random) -> NewTopic {
    let configs = [
        ("cleanup.policy", "compact".to_owned()),
        ("internal.segment.bytes", (2_500 + random.below(15_000)).to_string()),
        ("min.cleanable.dirty.ratio", format!("0.{}", random.below(9))),
        ("delete.retention.ms", random.below(100).to_string()),
        ("file.delete.delay.ms", random.below(100).to_string()),
    ];
    let configs = configs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    NewTopic { name: "__consumer_offsets".to_owned(), partitions: 1 + random.below(3) as i32, configs }
}

/// The configuration of a topic.
pub fn topic_configs(random: &mut Random) -> BTreeMap<String, String> {
    let mut configs = BTreeMap::new();
    let mut set = |name: &str, value: String| configs.insert(name.to_owned(), value);
    if random.chance(2) {
        set("internal.segment.bytes", (60_000 + random.below(100_000)).to_string());
    }
    if random.chance(3) {
        set("segment.index.bytes", (8 + random.below(80)).to_string());
        set("index.interval.bytes", random.below(2_000).to_string());
    }
    if random.chance(4) {
        set("segment.ms", (1 + random.below(100)).to_string());
    }
    if random.chance(4) {
        let codecs = ["uncompressed", "gzip", "snappy", "lz4", "zstd"];
        set("compression.type", codecs[random.below(5) as usize].to_owned());
    }
    if random.chance(4) {
        set("message.timestamp.type", "LogAppendTime".to_owned());
    }
    if random.chance(5) {
        set("headwater.acks.all", "memory".to_owned());
    }
    if random.chance(2) {
        compacted(random, &mut configs);
    }
    configs
}

/// Compacts often, and drops tombstones soon.
fn compacted(random: &mut Random, configs: &mut BTreeMap<String, String>) {
    let mut set = |name: &str, value: String| configs.insert(name.to_owned(), value);
    set("cleanup.policy", "compact".to_owned());
    set("segment.ms", (1 + random.below(60)).to_string());
    set("min.cleanable.dirty.ratio", format!("0.{}", random.below(5)));
    set("delete.retention.ms", random.below(100).to_string());
    set("file.delete.delay.ms", random.below(100).to_string());
    if random.chance(3) {
        set("max.compaction.lag.ms", (20 + random.below(100)).to_string());
    } else if random.chance(3) {
        set("min.compaction.lag.ms", random.below(100).to_string());
    }
}
