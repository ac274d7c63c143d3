//! Keys of Headwater's own. All begin with `headwater.`.

use crate::config::definition::Check::OneOf;
use crate::config::definition::{Definition, int, is, text};

/// The rows for nodes.
#[rustfmt::skip]
pub(in crate::config) const NODE: &[Definition] = &[
    text("headwater.acks.all", is("disk")).check(OneOf(&["disk", "memory"])).high().cluster_wide().used()
        .doc("What acks=all waits for: disk (synced on every in-sync replica) or memory (Kafka's promise)."),
    int("headwater.cores", is("0")).at_least(0.0).used()
        .doc("Threads that serve connections, one per core; 0 takes every core."),
];

/// The rows for topics.
#[rustfmt::skip]
pub(in crate::config) const TOPIC: &[Definition] = &[
    text("headwater.acks.all", is("disk")).check(OneOf(&["disk", "memory"])).topic().used()
        .doc("What acks=all waits for: disk (synced on every in-sync replica) or memory (Kafka's promise)."),
];
