//! The tables: one file per area, one row per key.
//!
//! Names, types, defaults, rules and scopes are those of Apache Kafka 4.3.1; a test asks the reference for each
//! (`xtask`, module `config`). The sentences are ours.

mod cleaner;
mod client_metrics;
mod group;
mod group_resource;
mod identity;
mod log;
mod metrics;
mod network;
mod ours;
mod quota;
mod remote;
mod replication;
mod sasl;
mod share;
mod tls;
mod topic;
mod topics;
mod transaction;

use super::definition::Definition;

/// Every table of node keys.
const NODE: &[&[Definition]] = &[
    identity::ROWS,
    network::ROWS,
    log::ROWS,
    cleaner::ROWS,
    topics::ROWS,
    replication::ROWS,
    group::ROWS,
    share::ROWS,
    transaction::ROWS,
    remote::ROWS,
    quota::ROWS,
    sasl::ROWS,
    tls::ROWS,
    metrics::ROWS,
    ours::NODE,
];

/// Every table of topic keys.
const TOPIC: &[&[Definition]] = &[topic::ROWS, ours::TOPIC];

/// All node keys.
pub(super) fn node() -> impl Iterator<Item = &'static Definition> {
    NODE.iter().copied().flatten()
}

/// All topic keys.
pub(super) fn topic() -> impl Iterator<Item = &'static Definition> {
    TOPIC.iter().copied().flatten()
}

/// All keys of groups.
pub(super) fn group() -> impl Iterator<Item = &'static Definition> {
    group_resource::ROWS.iter()
}

/// All keys of subscriptions to client metrics.
pub(super) fn client_metrics() -> impl Iterator<Item = &'static Definition> {
    client_metrics::ROWS.iter()
}
