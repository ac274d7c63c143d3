//! What `headwater start` configures by itself.

use std::collections::BTreeMap;

/// Keys that cannot change while a node of Kafka's runs and that [`cluster_level_defaults`] writes all the same: the
/// cluster's own defaults belong to the cluster, not into a file on every node.
pub(super) const AT_BOOTSTRAP: &[&str] = &[
    "default.replication.factor",
    "group.initial.rebalance.delay.ms",
    "offsets.topic.replication.factor",
    "share.coordinator.state.topic.min.isr",
    "share.coordinator.state.topic.replication.factor",
    "transaction.state.log.min.isr",
    "transaction.state.log.replication.factor",
];

/// What a cluster of `nodes` brokers that was made by `headwater start` has at cluster level from its first record on:
/// up to three replicas of everything, two of them in sync where there are two, and no wait for a group's first
/// members. Only what differs from Kafka's defaults.
#[must_use]
pub fn cluster_level_defaults(nodes: usize) -> BTreeMap<String, String> {
    let replicas = nodes.clamp(1, 3).to_string();
    let in_sync = nodes.clamp(1, 2).to_string();
    let wanted = [
        ("default.replication.factor", &replicas),
        ("min.insync.replicas", &in_sync),
        ("group.initial.rebalance.delay.ms", &"0".to_owned()),
        ("offsets.topic.replication.factor", &replicas),
        ("transaction.state.log.replication.factor", &replicas),
        ("transaction.state.log.min.isr", &in_sync),
        ("share.coordinator.state.topic.replication.factor", &replicas),
        ("share.coordinator.state.topic.min.isr", &in_sync),
    ];
    wanted
        .into_iter()
        .filter(|(name, value)| {
            super::definition(name).is_none_or(|row| row.default_value().to_string() != **value)
        })
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect()
}

/// The configuration of a single node that is broker and controller, listening at `listen` (`host:port`) with its data
/// in `directory`.
#[must_use]
pub fn start_properties(listen: &str, directory: &str) -> BTreeMap<String, String> {
    let listeners = format!("PLAINTEXT://{listen},CONTROLLER://127.0.0.1:0");
    [
        ("node.id", "1"),
        ("process.roles", "broker,controller"),
        ("listeners", &listeners),
        ("controller.listener.names", "CONTROLLER"),
        ("controller.quorum.bootstrap.servers", "127.0.0.1:0"),
        ("log.dirs", directory),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}
