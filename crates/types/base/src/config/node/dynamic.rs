//! What the metadata log lays over a node's file (`kafka.server.DynamicBrokerConfig`).

use std::collections::BTreeMap;

use super::{NodeConfig, definition, listener_limits, network, rules, start, support};
use crate::config::definition::{Definition, Scope};

/// Node keys that say the same in different units: one that is set takes the place of the others.
const SAME: &[&[&str]] = &[
    &["log.roll.ms", "log.roll.hours"],
    &["log.roll.jitter.ms", "log.roll.jitter.hours"],
    &["log.retention.ms", "log.retention.minutes", "log.retention.hours"],
];

/// Keys that come behind a listener's name and a login mechanism's.
const OF_MECHANISMS: &[&str] = &[
    "sasl.jaas.config",
    "sasl.login.callback.handler.class",
    "sasl.login.class",
    "sasl.server.callback.handler.class",
    "connections.max.reauth.ms",
];

/// The node keys that say the same as this one, itself among them, the finest unit first. Empty for a key that is alone.
#[must_use]
pub fn same_keys(name: &str) -> &'static [&'static str] {
    SAME.iter().find(|keys| keys.contains(&name)).copied().unwrap_or(&[])
}

/// What follows `listener.name.NAME.` and, for keys of a login mechanism, the mechanism's name.
#[must_use]
pub fn base_name(name: &str) -> Option<&str> {
    let (_, rest) = name.strip_prefix("listener.name.")?.split_once('.')?;
    Some(
        OF_MECHANISMS
            .iter()
            .find(|key| rest.ends_with(**key))
            .map_or(rest, |key| &rest[rest.len() - key.len()..]),
    )
}

/// Of the entries of a resource those that count: of all brokers or, with `of_one`, of one. Keys that nobody knows do,
/// but have no effect; keys that cannot change while a node runs and values that are none do not.
#[must_use]
pub fn dynamic_entries(entries: &BTreeMap<String, String>, of_one: bool) -> BTreeMap<String, String> {
    let counts = |name: &str, text: &str| match definition(name) {
        Some(row) => may_set(row, of_one) && row.parse(text).is_ok(),
        None => true,
    };
    let counting = entries.iter().filter(|(name, text)| counts(name, text));
    counting.map(|(name, text)| (name.clone(), text.clone())).collect()
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
                if support::of_listener(name).is_some() {
                    continue;
                }
                let Some(row) = definition(name) else {
                    passed_over.push(format!("{name} is not a key of Kafka's or Headwater's"));
                    continue;
                };
                match row.parse(text) {
                    _ if !may_set(row, of_one) => {
                        passed_over.push(format!("{name} cannot be set at this level"));
                    }
                    Ok(value) => {
                        same_keys(name).iter().for_each(|same| config.values.forget(same));
                        config.values.insert(row, value);
                    }
                    Err(error) => passed_over.push(error.to_string()),
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
        let mut texts = self.texts.clone();
        texts.extend(all.iter().chain(own).map(|(name, text)| (name.clone(), text.clone())));
        match listener_limits(&texts) {
            Ok(limits) => config.listener_limits = limits,
            Err(error) => passed_over.push(error.to_string()),
        }
        (config, passed_over)
    }
}

fn may_set(row: &Definition, of_one: bool) -> bool {
    match row.scope {
        Scope::ClusterWide => true,
        Scope::PerBroker => of_one,
        _ => start::AT_BOOTSTRAP.contains(&row.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_behind_a_listener_are_known() {
        assert_eq!(base_name("listener.name.a.max.connections"), Some("max.connections"));
        assert_eq!(base_name("listener.name.a.plain.sasl.jaas.config"), Some("sasl.jaas.config"));
        assert_eq!(base_name("listener.name.a"), None);
        assert_eq!(base_name("max.connections"), None);
    }
}
