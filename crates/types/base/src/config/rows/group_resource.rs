//! Keys of groups. What a group does not set, the node's key of the same name behind `group.` says.

use crate::config::definition::Check::{OffsetReset, OneOf};
use crate::config::definition::{Definition, boolean, int, is, text};

/// The rows.
#[rustfmt::skip]
pub(in crate::config) const ROWS: &[Definition] = &[
    int("consumer.assignment.interval.ms", is("1000")).at_least(0.0).group().used()
        .doc("Shortest time between two assignments of the group."),
    int("consumer.heartbeat.interval.ms", is("5000")).at_least(1.0).group().used()
        .doc("Time between two heartbeats of a member."),
    int("consumer.session.timeout.ms", is("45000")).at_least(1.0).group().used()
        .doc("Silence after which a member is removed."),
    int("share.assignment.interval.ms", is("1000")).at_least(0.0).group()
        .doc("Shortest time between two assignments of the share group."),
    text("share.auto.offset.reset", is("latest")).check(OffsetReset).group()
        .doc("Where a share group begins to read: earliest, latest, or so long before now."),
    int("share.delivery.count.limit", is("5")).at_least(2.0).group()
        .doc("Deliveries of a record before it is given up."),
    int("share.heartbeat.interval.ms", is("5000")).at_least(1.0).group()
        .doc("Time between two heartbeats of a member of the share group."),
    text("share.isolation.level", is("read_uncommitted")).check(OneOf(&["read_committed", "read_uncommitted"])).group()
        .doc("Whether records of open and aborted transactions are delivered."),
    int("share.partition.max.record.locks", is("2000")).at_least(100.0).group()
        .doc("Most records of a partition that are out at a time."),
    int("share.record.lock.duration.ms", is("30000")).at_least(1000.0).group()
        .doc("How long a member has to acknowledge a record."),
    boolean("share.renew.acknowledge.enable", is("true")).group()
        .doc("Whether a member may ask for more time for a record."),
    int("share.session.timeout.ms", is("45000")).at_least(1.0).group()
        .doc("Silence after which a member of the share group is removed."),
    int("streams.assignment.interval.ms", is("1000")).at_least(0.0).group()
        .doc("Shortest time between two assignments of the streams group."),
    int("streams.heartbeat.interval.ms", is("5000")).at_least(1.0).group()
        .doc("Time between two heartbeats of a member of the streams group."),
    int("streams.initial.rebalance.delay.ms", is("3000")).at_least(0.0).group()
        .doc("How long a new streams group waits for more members."),
    int("streams.num.standby.replicas", is("0")).at_least(0.0).group()
        .doc("Standby copies of each task."),
    int("streams.session.timeout.ms", is("45000")).at_least(1.0).group()
        .doc("Silence after which a member of the streams group is removed."),
];
