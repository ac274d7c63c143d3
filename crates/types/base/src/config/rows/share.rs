//! Share groups and their state.

use crate::config::definition::{Definition, int, is, list, short, text};

/// The rows.
#[rustfmt::skip]
pub(in crate::config) const ROWS: &[Definition] = &[
    int("group.share.assignment.interval.ms", is("1000")).at_least(0.0).cluster_wide()
        .doc("Shortest time between two assignments of a share group."),
    list("group.share.assignors", is("simple")).list_of(&[])
        .doc("Assignors of share groups."),
    int("group.share.delivery.count.limit", is("5")).between(2.0, 10.0)
        .doc("How often a record is delivered before it is given up."),
    int("group.share.heartbeat.interval.ms", is("5000")).at_least(1.0)
        .doc("Time between two heartbeats of a share member."),
    int("group.share.initialize.retry.interval.ms", is("30000")).at_least(1.0).low().internal()
        .doc("Pause before share state is initialized again."),
    int("group.share.max.assignment.interval.ms", is("15000")).at_least(0.0)
        .doc("Largest assignment interval a share group may set."),
    int("group.share.max.delivery.count.limit", is("10")).between(5.0, 25.0)
        .doc("Largest delivery count a share group may set."),
    int("group.share.max.heartbeat.interval.ms", is("15000")).at_least(1.0)
        .doc("Largest heartbeat interval a share group may set."),
    int("group.share.max.partition.max.record.locks", is("4000")).between(2000.0, 10000.0)
        .doc("Largest number of locks a share group may set."),
    int("group.share.max.record.lock.duration.ms", is("60000")).between(30000.0, 3600000.0)
        .doc("Longest lock a share group may set."),
    int("group.share.max.session.timeout.ms", is("60000")).at_least(1.0)
        .doc("Largest session timeout a share group may set."),
    int("group.share.max.share.sessions", is("2000")).at_least(1.0)
        .doc("Most share sessions of a broker."),
    int("group.share.max.size", is("200")).between(1.0, 1000.0)
        .doc("Most members of a share group."),
    int("group.share.min.assignment.interval.ms", is("0")).at_least(0.0)
        .doc("Smallest assignment interval a share group may set."),
    int("group.share.min.delivery.count.limit", is("2")).between(2.0, 5.0)
        .doc("Smallest delivery count a share group may set."),
    int("group.share.min.heartbeat.interval.ms", is("5000")).at_least(1.0)
        .doc("Smallest heartbeat interval a share group may set."),
    int("group.share.min.partition.max.record.locks", is("100")).between(100.0, 2000.0)
        .doc("Smallest number of locks a share group may set."),
    int("group.share.min.record.lock.duration.ms", is("15000")).between(1000.0, 30000.0)
        .doc("Shortest lock a share group may set."),
    int("group.share.min.session.timeout.ms", is("45000")).at_least(1.0)
        .doc("Smallest session timeout a share group may set."),
    int("group.share.partition.max.record.locks", is("2000")).between(100.0, 10000.0)
        .doc("Records of a partition that may be locked at once."),
    text("group.share.persister.class.name", is("org.apache.kafka.server.share.persister.DefaultStatePersister")).internal()
        .doc("Java class that stores share state."),
    int("group.share.record.lock.duration.ms", is("30000")).between(1000.0, 3600000.0)
        .doc("How long a delivered record stays locked."),
    int("group.share.session.timeout.ms", is("45000")).at_least(1.0)
        .doc("Silence after which a share member is removed."),
    int("share.coordinator.append.linger.ms", is("-1")).at_least(-1.0)
        .doc("How long the share coordinator collects records; -1 adapts."),
    int("share.coordinator.cached.buffer.max.bytes", is("1048588")).at_least(524288.0).cluster_wide()
        .doc("Largest buffer that the share coordinator keeps."),
    int("share.coordinator.cold.partition.snapshot.interval.ms", is("300000")).at_least(1.0).low().internal()
        .doc("Age at which unchanged share state is written again."),
    int("share.coordinator.load.buffer.size", is("5242880")).at_least(1.0).high()
        .doc("Bytes read at once when share state is loaded."),
    int("share.coordinator.snapshot.update.records.per.snapshot", is("500")).between(0.0, 500.0)
        .doc("Updates between two snapshots of share state."),
    int("share.coordinator.state.topic.compression.codec", is("0")).high()
        .doc("Codec of the share state topic, as its number."),
    short("share.coordinator.state.topic.min.isr", is("2")).at_least(1.0).high()
        .doc("Replicas of the share state topic that must be in sync."),
    int("share.coordinator.state.topic.num.partitions", is("50")).at_least(1.0).high()
        .doc("Partitions of the share state topic."),
    int("share.coordinator.state.topic.prune.interval.ms", is("300000")).at_least(1.0).low().internal()
        .doc("Time between two prunings of the share state topic."),
    short("share.coordinator.state.topic.replication.factor", is("3")).at_least(1.0).high()
        .doc("Replicas of the share state topic."),
    int("share.coordinator.state.topic.segment.bytes", is("104857600")).at_least(1.0).high()
        .doc("Segment size of the share state topic."),
    int("share.coordinator.threads", is("1")).at_least(1.0)
        .doc("Threads of the share coordinator."),
    int("share.coordinator.write.timeout.ms", is("5000")).at_least(1.0).high()
        .doc("Wait until share state is replicated."),
];
