//! Configuration of groups (`org.apache.kafka.coordinator.group.GroupConfig`).

use std::collections::BTreeMap;

use super::definition::Definition;
use super::node;
use super::rows;
use super::value::Value;

/// All keys.
pub fn definitions() -> impl Iterator<Item = &'static Definition> {
    rows::group()
}

/// The row of a key.
#[must_use]
pub fn definition(name: &str) -> Option<&'static Definition> {
    rows::group().find(|row| row.name == name)
}

/// The node key that gives a group key its default, if there is one.
#[must_use]
pub fn synonym(name: &str) -> Option<&'static Definition> {
    node::definitions().find(|row| row.name.strip_prefix("group.") == Some(name))
}

/// The value of a key that is not set on the group; `node` gives the value of a node key, its default included.
#[must_use]
pub fn default(row: &Definition, node: &dyn Fn(&str) -> Value) -> Value {
    synonym(row.name).map_or_else(|| row.default_value(), |synonym| node(synonym.name))
}

/// Keys whose value the node bounds, in the order of the reference: the key, and what its bounds are called between
/// `group.` and the rest.
const BOUNDED: &[(&str, &str, &str)] = &[
    ("consumer", "heartbeat.interval.ms", "heartbeat.interval.ms"),
    ("consumer", "session.timeout.ms", "session.timeout.ms"),
    ("consumer", "assignment.interval.ms", "assignment.interval.ms"),
    ("share", "heartbeat.interval.ms", "heartbeat.interval.ms"),
    ("share", "session.timeout.ms", "session.timeout.ms"),
    ("share", "record.lock.duration.ms", "record.lock.duration.ms"),
    ("share", "delivery.count.limit", "delivery.count.limit"),
    ("share", "partition.max.record.locks", "partition.max.record.locks"),
    ("share", "assignment.interval.ms", "assignment.interval.ms"),
    ("streams", "heartbeat.interval.ms", "heartbeat.interval.ms"),
    ("streams", "session.timeout.ms", "session.timeout.ms"),
    ("streams", "num.standby.replicas", "standby.replicas"),
    ("streams", "assignment.interval.ms", "assignment.interval.ms"),
];

/// Checks everything that is set on a group; `node` gives the value of a node key, its default included.
///
/// # Errors
/// The reference's message (error code `INVALID_CONFIG`).
pub fn validate_all(configs: &BTreeMap<String, String>, node: &dyn Fn(&str) -> Value) -> Result<(), String> {
    if let Some(name) = configs.keys().find(|name| definition(name).is_none()) {
        return Err(format!("Unknown group config name: {name}"));
    }
    let mut values = BTreeMap::new();
    for row in definitions() {
        let value = match configs.get(row.name) {
            Some(text) => row.parse(text).map_err(|error| error.0)?,
            None => default(row, node),
        };
        values.insert(row.name.to_owned(), value);
    }
    let number = |name: &str| match values.get(name) {
        Some(Value::Integer(number)) => *number,
        other => unreachable!("{name} is a number with a default, not {other:?}"),
    };
    for (kind, key, bound) in BOUNDED {
        let name = format!("{kind}.{key}");
        // An interval that the group does not set follows the node's, whatever its bounds.
        if *key == "assignment.interval.ms" && !configs.contains_key(&name) {
            continue;
        }
        let (least, most) = (format!("group.{kind}.min.{bound}"), format!("group.{kind}.max.{bound}"));
        if matches!(node(&least), Value::Integer(least) if number(&name) < least) {
            return Err(format!("{name} must be greater than or equal to {least}"));
        }
        if matches!(node(&most), Value::Integer(most) if number(&name) > most) {
            return Err(format!("{name} must be less than or equal to {most}"));
        }
    }
    for kind in ["consumer", "share", "streams"] {
        let (session, heartbeat) =
            (format!("{kind}.session.timeout.ms"), format!("{kind}.heartbeat.interval.ms"));
        if number(&session) <= number(&heartbeat) {
            return Err(format!("{session} must be greater than {heartbeat}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(pairs: &[(&str, &str)]) -> Option<String> {
        let configs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let node = |name: &str| node::definition(name).map_or(Value::Null, Definition::default_value);
        validate_all(&configs, &node).err()
    }

    #[test]
    fn refusals_are_the_references() {
        assert_eq!(refusal(&[]), None, "the defaults hold together");
        assert_eq!(refusal(&[("consumer.session.timeout.ms", "50000")]), None);
        let said = |text: &str| Some(text.to_owned());
        assert_eq!(refusal(&[("nope", "1")]), said("Unknown group config name: nope"));
        for (name, value, message) in [
            (
                "consumer.session.timeout.ms",
                "5",
                "must be greater than or equal to group.consumer.min.session.timeout.ms",
            ),
            (
                "share.session.timeout.ms",
                "5000000",
                "must be less than or equal to group.share.max.session.timeout.ms",
            ),
            (
                "consumer.heartbeat.interval.ms",
                "5",
                "must be greater than or equal to group.consumer.min.heartbeat.interval.ms",
            ),
            (
                "streams.num.standby.replicas",
                "7",
                "must be less than or equal to group.streams.max.standby.replicas",
            ),
            (
                "consumer.assignment.interval.ms",
                "20000",
                "must be less than or equal to group.consumer.max.assignment.interval.ms",
            ),
        ] {
            assert_eq!(refusal(&[(name, value)]), Some(format!("{name} {message}")));
        }
        let message = "Invalid value x for configuration share.isolation.level: String must be one of: read_committed, \
                       read_uncommitted";
        assert_eq!(refusal(&[("share.isolation.level", "x")]), said(message));
        assert_eq!(refusal(&[("share.auto.offset.reset", "by_duration:PT1H")]), None);
        assert!(refusal(&[("share.auto.offset.reset", "by_duration:-PT1H")]).is_some());
    }

    #[test]
    fn every_bound_is_a_key_of_the_nodes() {
        for (kind, key, bound) in BOUNDED {
            assert!(definition(&format!("{kind}.{key}")).is_some(), "{kind}.{key}");
            let most = format!("group.{kind}.max.{bound}");
            assert!(node::definition(&most).is_some(), "{most}");
        }
    }
}
