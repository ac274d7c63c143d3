//! Consumer groups and their offsets.

use crate::config::definition::Check::OneOfAnyCase;
use crate::config::definition::{Definition, int, is, list, long, short, text};

/// The rows.
#[rustfmt::skip]
pub(in crate::config) const ROWS: &[Definition] = &[
    int("group.consumer.assignment.interval.ms", is("1000")).at_least(0.0).cluster_wide().used()
        .doc("Shortest time between two assignments of a group."),
    list("group.consumer.assignors", is("uniform,range")).list_of(&[]).used()
        .doc("Assignors that the broker offers, best first."),
    int("group.consumer.heartbeat.interval.ms", is("5000")).at_least(1.0).used()
        .doc("Time between two heartbeats of a member."),
    int("group.consumer.max.assignment.interval.ms", is("15000")).at_least(0.0).used()
        .doc("Largest assignment interval a group may set."),
    int("group.consumer.max.heartbeat.interval.ms", is("15000")).at_least(1.0).used()
        .doc("Largest heartbeat interval a group may set."),
    int("group.consumer.max.session.timeout.ms", is("60000")).at_least(1.0).used()
        .doc("Largest session timeout a group may set."),
    int("group.consumer.max.size", is("2147483647")).at_least(1.0).used()
        .doc("Most members of a group."),
    text("group.consumer.migration.policy", is("bidirectional")).check(OneOfAnyCase(&["DISABLED", "DOWNGRADE", "UPGRADE", "BIDIRECTIONAL"])).used()
        .doc("Whether groups move between the classic and the new protocol."),
    int("group.consumer.min.assignment.interval.ms", is("0")).at_least(0.0).used()
        .doc("Smallest assignment interval a group may set."),
    int("group.consumer.min.heartbeat.interval.ms", is("5000")).at_least(1.0).used()
        .doc("Smallest heartbeat interval a group may set."),
    int("group.consumer.min.session.timeout.ms", is("45000")).at_least(1.0).used()
        .doc("Smallest session timeout a group may set."),
    int("group.consumer.regex.refresh.interval.ms", is("600000")).at_least(10000.0).internal().used()
        .doc("Time after which a topic pattern is looked up again."),
    int("group.consumer.session.timeout.ms", is("45000")).at_least(1.0).used()
        .doc("Silence after which a member is removed."),
    int("group.coordinator.append.linger.ms", is("-1")).at_least(-1.0)
        .doc("How long the coordinator collects records; -1 adapts."),
    int("group.coordinator.background.threads", is("2")).at_least(1.0).high()
        .doc("Threads for assignments and patterns."),
    int("group.coordinator.cached.buffer.max.bytes", is("1048588")).at_least(524288.0).cluster_wide()
        .doc("Largest buffer that the coordinator keeps."),
    list("group.coordinator.rebalance.protocols", is("classic,consumer,streams")).list_of(&["consumer", "classic", "share", "streams"]).used()
        .doc("Protocols that groups may use."),
    int("group.coordinator.threads", is("4")).at_least(1.0).high()
        .doc("Threads of the coordinator."),
    int("group.initial.rebalance.delay.ms", is("3000")).used()
        .doc("How long a new classic group waits for more members."),
    int("group.max.session.timeout.ms", is("1800000")).used()
        .doc("Largest session timeout of a classic member."),
    int("group.max.size", is("2147483647")).at_least(1.0).used()
        .doc("Most members of a classic group."),
    int("group.min.session.timeout.ms", is("6000")).used()
        .doc("Smallest session timeout of a classic member."),
    int("group.streams.assignment.interval.ms", is("1000")).at_least(0.0).cluster_wide()
        .doc("Shortest time between two assignments of a streams group."),
    int("group.streams.heartbeat.interval.ms", is("5000")).at_least(1.0)
        .doc("Time between two heartbeats of a streams member."),
    int("group.streams.initial.rebalance.delay.ms", is("3000")).at_least(0.0)
        .doc("How long a new streams group waits for more members."),
    int("group.streams.max.assignment.interval.ms", is("15000")).at_least(0.0)
        .doc("Largest assignment interval a streams group may set."),
    int("group.streams.max.heartbeat.interval.ms", is("15000")).at_least(1.0)
        .doc("Largest heartbeat interval a streams group may set."),
    int("group.streams.max.session.timeout.ms", is("60000")).at_least(1.0)
        .doc("Largest session timeout a streams group may set."),
    int("group.streams.max.size", is("2147483647")).at_least(1.0)
        .doc("Most members of a streams group."),
    int("group.streams.max.standby.replicas", is("2")).at_least(0.0)
        .doc("Most standby copies a streams group may set."),
    int("group.streams.min.assignment.interval.ms", is("0")).at_least(0.0)
        .doc("Smallest assignment interval a streams group may set."),
    int("group.streams.min.heartbeat.interval.ms", is("5000")).at_least(1.0)
        .doc("Smallest heartbeat interval a streams group may set."),
    int("group.streams.min.session.timeout.ms", is("45000")).at_least(1.0)
        .doc("Smallest session timeout a streams group may set."),
    int("group.streams.num.standby.replicas", is("0")).at_least(0.0)
        .doc("Standby copies of each stateful task."),
    int("group.streams.session.timeout.ms", is("45000")).at_least(1.0)
        .doc("Silence after which a streams member is removed."),
    int("offset.metadata.max.bytes", is("4096")).high().used()
        .doc("Largest note beside a committed offset."),
    int("offsets.commit.timeout.ms", is("5000")).at_least(1.0).high().used()
        .doc("Wait until a commit is replicated."),
    int("offsets.load.buffer.size", is("5242880")).at_least(1.0).high().used()
        .doc("Bytes read at once when offsets are loaded."),
    long("offsets.retention.check.interval.ms", is("600000")).at_least(1.0).high().used()
        .doc("Time between two looks for old offsets."),
    int("offsets.retention.minutes", is("10080")).at_least(1.0).high().used()
        .doc("How long offsets of an empty group are kept."),
    int("offsets.topic.compression.codec", is("0")).high().used()
        .doc("Codec of the offsets topic, as its number."),
    int("offsets.topic.num.partitions", is("50")).at_least(1.0).high().used()
        .doc("Partitions of the offsets topic."),
    short("offsets.topic.replication.factor", is("3")).at_least(1.0).high().used()
        .doc("Replicas of the offsets topic."),
    int("offsets.topic.segment.bytes", is("104857600")).at_least(1.0).high().used()
        .doc("Segment size of the offsets topic."),
];
