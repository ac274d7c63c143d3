//! Copies of partitions on other brokers.

use crate::config::definition::{Definition, NULL, boolean, int, is, long, text};

/// The rows.
#[rustfmt::skip]
pub(in crate::config) const ROWS: &[Definition] = &[
    long("replica.lag.time.max.ms", is("30000")).high()
        .doc("Time after which a follower that lags leaves the ISR."),
    int("replica.fetch.min.bytes", is("1")).high()
        .doc("Bytes a follower waits for."),
    int("replica.fetch.wait.max.ms", is("500")).high()
        .doc("How long a follower waits."),
    int("replica.fetch.max.bytes", is("1048576")).at_least(0.0)
        .doc("Most bytes per partition in a follower's fetch."),
    int("replica.fetch.response.max.bytes", is("10485760")).at_least(0.0)
        .doc("Most bytes in a follower's fetch."),
    int("replica.fetch.backoff.ms", is("1000")).at_least(0.0)
        .doc("Pause of a follower after an error."),
    long("replica.high.watermark.checkpoint.interval.ms", is("5000")).high()
        .doc("Time between two writings of the high watermarks."),
    int("replica.socket.receive.buffer.bytes", is("65536")).high()
        .doc("Receive buffer of a follower's socket."),
    int("replica.socket.timeout.ms", is("30000")).high()
        .doc("Wait of a follower for an answer."),
    text("replica.selector.class", NULL)
        .doc("Java class that picks the replica a consumer reads from."),
    int("num.replica.fetchers", is("1")).at_least(1.0).high().cluster_wide()
        .doc("Connections of a follower to each leader."),
    boolean("auto.leader.rebalance.enable", is("true")).high()
        .doc("Gives leadership back to preferred replicas by itself."),
    long("leader.imbalance.check.interval.seconds", is("300")).at_least(1.0).high()
        .doc("Time between two looks for misplaced leaders."),
    boolean("unclean.leader.election.enable", is("false")).high().cluster_wide().used()
        .doc("Lets a replica outside the ISR lead when none inside is left; records may be lost."),
    long("unclean.leader.election.interval.ms", is("300000")).at_least(1.0).internal()
        .doc("Time between two looks for partitions without leader."),
    boolean("controlled.shutdown.enable", is("true"))
        .doc("Hands leadership over before a broker stops."),
];
