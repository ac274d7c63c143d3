//! What the metadata log lays over a node's file (`kafka.server.DynamicBrokerConfig`).

use std::collections::BTreeMap;

use super::{NodeConfig, definition, network, rules, start};
use crate::config::definition::{Definition, Scope};

/// Node keys that say the same in different units: one that is set takes the place of the others.
const SAME: &[&[&str]] = &[
    &["log.roll.ms", "log.roll.hours"],
    &["log.roll.jitter.ms", "log.roll.jitter.hours"],
    &["log.retention.ms", "log.retention.minutes", "log.retention.hours"],
];

/// The other node keys that say the same as this one, and this one, the finest unit first. A key without others is alone.
#[must_use]
pub fn same_keys(name: &str) -> &'static [&'static str] {
    SAME.iter().find(|keys| keys.contains(&name)).copied().unwrap_or(&[])
}

impl NodeConfig {
    /// The same node with dynamic configuration over it: `all` is that of all brokers, `own` that of this one, which
    /// wins. Keys that cannot change while a node runs stay as they are, except the defaults that
    /// [`cluster_level_defaults`](super::cluster_level_defaults) writes. Returns one sentence for each entry that was
    /// passed over; when the values contradict each other, all are.
    #[must_use]
    pub fn with_dynamic(
        &self,
        all: &BTreeMap<String, String>,
        own: &BTreeMap<String, String>,
    ) -> (Self, Vec<String>) {
        let mut config = self.clone();
        let mut passed_over = Vec::new();
        for (entries, of_one) in [(all, false), (own, true)] {
            for (name, text) in entries {
                match definition(name).filter(|row| may_set(row, of_one)).map(|row| (row, row.parse(text))) {
                    Some((row, Ok(value))) => {
                        same_keys(name).iter().for_each(|same| config.values.forget(same));
                        config.values.insert(row, value);
                    }
                    Some((_, Err(error))) => passed_over.push(error.to_string()),
                    None => passed_over.push(format!("{name} cannot be set at this level")),
                }
            }
        }
        match rules::check_numbers(&config.values).and_then(|()| network(&config.values)) {
            Ok(network) => config.network = network,
            Err(error) => {
                passed_over.push(format!("{error}; the file alone holds"));
                config = self.clone();
            }
        }
        (config, passed_over)
    }
}

fn may_set(row: &Definition, of_one: bool) -> bool {
    match row.scope {
        Scope::ClusterWide => true,
        Scope::PerBroker => of_one,
        Scope::ReadOnly | Scope::Topic => start::AT_BOOTSTRAP.contains(&row.name),
    }
}
