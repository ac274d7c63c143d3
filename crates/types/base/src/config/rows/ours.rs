//! Keys of Headwater's own. All begin with `headwater.`.

use crate::config::definition::Check::OneOf;
use crate::config::definition::{Definition, int, is, list, long, text};

/// The rows for nodes.
#[rustfmt::skip]
pub(in crate::config) const NODE: &[Definition] = &[
    text("headwater.acks.all", is("disk")).check(OneOf(&["disk", "memory"])).high().cluster_wide().used()
        .doc("What acks=all waits for: disk (synced on every in-sync replica) or memory (Kafka's promise)."),
    text("headwater.metrics.listener", is("127.0.0.1:9404")).used()
        .doc("Where Prometheus asks for metrics, as host:port, or off. The default is passed over where its port is taken."),
    int("headwater.metrics.partitions.max", is("20000")).at_least(0.0).used()
        .doc("Topics and partitions that have metrics of their own; of more, those first by name."),
    int("headwater.cores", is("0")).at_least(0.0).used()
        .doc("Threads that serve connections, one per core; 0 takes every core."),
    list("headwater.lower.features", is("")).maybe_empty_list_of(&["eligible.leader.replicas.version", "group.version", "share.version", "streams.version", "transaction.version"]).used()
        .doc("Features of the cluster that are lowered to level 0 at the start where this build does not implement their level. Without it a node refuses such a cluster."),
    list("headwater.not.enforced", is("")).maybe_empty_list_of(&["client.quotas"]).used()
        .doc("Restrictions in the cluster's metadata that this build does not enforce and a node may start without. They stay in the metadata."),
    long("headwater.log.dir.reserve.bytes", is("-1")).at_least(-1.0).used()
        .doc("Room of each log directory's file system that records leave free, for metadata, indexes and deletions; -1 takes 64 MiB, or a twentieth where that is less."),
];

/// The rows for topics.
#[rustfmt::skip]
pub(in crate::config) const TOPIC: &[Definition] = &[
    text("headwater.acks.all", is("disk")).check(OneOf(&["disk", "memory"])).topic().used()
        .doc("What acks=all waits for: disk (synced on every in-sync replica) or memory (Kafka's promise)."),
];
