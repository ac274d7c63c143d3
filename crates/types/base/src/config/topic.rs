//! Topic configuration: which keys exist, which values are valid, what holds for a topic
//! (`org.apache.kafka.storage.internals.log.LogConfig`).

use std::collections::BTreeMap;

use super::definition::Definition;
use super::rows;
use super::value::{ConfigError, Value};

/// All topic keys.
pub fn definitions() -> impl Iterator<Item = &'static Definition> {
    rows::topic()
}

/// The row of a topic key.
#[must_use]
pub fn definition(name: &str) -> Option<&'static Definition> {
    rows::topic().find(|row| row.name == name)
}

/// Where a topic key takes its default from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synonym {
    /// The node key.
    pub name: &'static str,
    /// What its value is multiplied with (hours and minutes become milliseconds).
    pub factor: i64,
}

const fn same(name: &'static str) -> Synonym {
    Synonym { name, factor: 1 }
}

const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;

/// The node keys that give a topic key its default, the first that has a value wins
/// (`ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS`). Keys that are not listed have their row's default.
const SYNONYMS: &[(&str, &[Synonym])] = &[
    ("cleanup.policy", &[same("log.cleanup.policy")]),
    ("compression.gzip.level", &[same("compression.gzip.level")]),
    ("compression.lz4.level", &[same("compression.lz4.level")]),
    ("compression.type", &[same("compression.type")]),
    ("compression.zstd.level", &[same("compression.zstd.level")]),
    ("delete.retention.ms", &[same("log.cleaner.delete.retention.ms")]),
    ("file.delete.delay.ms", &[same("log.segment.delete.delay.ms")]),
    ("flush.messages", &[same("log.flush.interval.messages")]),
    ("flush.ms", &[same("log.flush.interval.ms"), same("log.flush.scheduler.interval.ms")]),
    ("headwater.acks.all", &[same("headwater.acks.all")]),
    ("index.interval.bytes", &[same("log.index.interval.bytes")]),
    ("local.retention.bytes", &[same("log.local.retention.bytes")]),
    ("local.retention.ms", &[same("log.local.retention.ms")]),
    ("max.compaction.lag.ms", &[same("log.cleaner.max.compaction.lag.ms")]),
    ("max.message.bytes", &[same("message.max.bytes")]),
    ("message.timestamp.after.max.ms", &[same("log.message.timestamp.after.max.ms")]),
    ("message.timestamp.before.max.ms", &[same("log.message.timestamp.before.max.ms")]),
    ("message.timestamp.type", &[same("log.message.timestamp.type")]),
    ("min.cleanable.dirty.ratio", &[same("log.cleaner.min.cleanable.ratio")]),
    ("min.compaction.lag.ms", &[same("log.cleaner.min.compaction.lag.ms")]),
    ("min.insync.replicas", &[same("min.insync.replicas")]),
    ("preallocate", &[same("log.preallocate")]),
    ("retention.bytes", &[same("log.retention.bytes")]),
    (
        "retention.ms",
        &[
            same("log.retention.ms"),
            Synonym { name: "log.retention.minutes", factor: MINUTE_MS },
            Synonym { name: "log.retention.hours", factor: HOUR_MS },
        ],
    ),
    ("segment.bytes", &[same("log.segment.bytes")]),
    ("segment.index.bytes", &[same("log.index.size.max.bytes")]),
    (
        "segment.jitter.ms",
        &[same("log.roll.jitter.ms"), Synonym { name: "log.roll.jitter.hours", factor: HOUR_MS }],
    ),
    ("segment.ms", &[same("log.roll.ms"), Synonym { name: "log.roll.hours", factor: HOUR_MS }]),
    ("unclean.leader.election.enable", &[same("unclean.leader.election.enable")]),
];

/// The node keys behind a topic key, the strongest first.
#[must_use]
pub fn synonyms(name: &str) -> &'static [Synonym] {
    SYNONYMS.iter().find(|(key, _)| *key == name).map_or(&[], |(_, synonyms)| synonyms)
}

/// Checks one key and its value.
///
/// # Errors
/// The reference's message (error code `INVALID_CONFIG`) when the key is unknown or the value invalid.
pub fn validate(name: &str, value: &str) -> Result<(), String> {
    parse(name, value).map(|_| ()).map_err(|error| error.0)
}

fn parse(name: &str, value: &str) -> Result<Value, ConfigError> {
    let row = definition(name).ok_or_else(|| ConfigError(format!("Unknown topic config name: {name}")))?;
    row.parse(value)
}

/// Checks everything that is set on a topic together, as `CreateTopics` and changes of configuration do. `None` is a
/// null on the wire; `defaults` holds the values that the node gives to keys which are not set (`NodeConfig`).
///
/// # Errors
/// The reference's message (error code `INVALID_CONFIG`).
pub fn validate_all(
    overrides: &BTreeMap<String, Option<String>>,
    defaults: &dyn Fn(&str) -> Value,
) -> Result<(), String> {
    let nulls: Vec<&str> =
        overrides.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name.as_str()).collect();
    if !nulls.is_empty() {
        return Err(format!("Null value not supported for topic configs: {}", nulls.join(",")));
    }
    if let Some(name) = overrides.keys().find(|name| definition(name).is_none()) {
        return Err(format!("Unknown topic config name: {name}"));
    }
    let mut values = BTreeMap::new();
    for (name, value) in overrides {
        let value = parse(name, value.as_deref().unwrap_or_default()).map_err(|error| error.0)?;
        values.insert(name.as_str(), value);
    }
    let effective = |name: &str| values.get(name).cloned().unwrap_or_else(|| default(name, defaults));
    if let (Value::Integer(least), Value::Integer(most)) =
        (effective("min.compaction.lag.ms"), effective("max.compaction.lag.ms"))
        && least > most
    {
        return Err(format!(
            "conflict topic config setting min.compaction.lag.ms ({least}) > max.compaction.lag.ms ({most})"
        ));
    }
    if effective("remote.storage.enable") == Value::Boolean(true) {
        return Err(
            "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with \
                    remote log storage."
                .to_owned(),
        );
    }
    Ok(())
}

/// The value of a key that is not set on the topic: the first synonym that has one, else the row's default. `node`
/// gives the value of a node key, its default included.
#[must_use]
pub fn default(name: &str, node: &dyn Fn(&str) -> Value) -> Value {
    for synonym in synonyms(name) {
        match node(synonym.name) {
            Value::Null => {}
            Value::Integer(value) => {
                let scaled = value.saturating_mul(synonym.factor);
                // Any negative retention means "for ever", whatever its unit was.
                return Value::Integer(if name == "retention.ms" { scaled.max(-1) } else { scaled });
            }
            value => return value,
        }
    }
    definition(name).map_or(Value::Null, Definition::default_value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::node;

    fn node_default(name: &str) -> Value {
        node::definition(name).map_or(Value::Null, Definition::default_value)
    }

    fn all(pairs: &[(&str, Option<&str>)]) -> Result<(), String> {
        let overrides =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned))).collect();
        validate_all(&overrides, &node_default)
    }

    #[test]
    fn messages_are_kafkas() {
        assert_eq!(validate("retention.ms", "1000"), Ok(()));
        assert_eq!(validate("nonsense", "1"), Err("Unknown topic config name: nonsense".to_owned()));
        let message = "Invalid value abc for configuration retention.ms: Not a number of type LONG";
        assert_eq!(validate("retention.ms", "abc"), Err(message.to_owned()));
        let message = "Invalid value 0 for configuration min.insync.replicas: Value must be at least 1";
        assert_eq!(validate("min.insync.replicas", "0"), Err(message.to_owned()));
    }

    #[test]
    fn sets_are_checked_together() {
        assert_eq!(all(&[("cleanup.policy", Some("compact")), ("segment.bytes", Some("1048576"))]), Ok(()));
        let message = "Null value not supported for topic configs: retention.ms,segment.ms";
        assert_eq!(
            all(&[("retention.ms", None), ("segment.ms", None), ("x", Some(""))]),
            Err(message.to_owned())
        );
        let message = "conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)";
        let lags = [("min.compaction.lag.ms", Some("10")), ("max.compaction.lag.ms", Some("5"))];
        assert_eq!(all(&lags), Err(message.to_owned()));
        assert!(all(&[("remote.storage.enable", Some("true"))]).is_err());
    }

    #[test]
    fn defaults_come_from_the_first_synonym_with_a_value() {
        assert_eq!(default("retention.ms", &node_default), Value::Integer(604_800_000));
        let minutes = |name: &str| match name {
            "log.retention.minutes" => Value::Integer(2),
            other => node_default(other),
        };
        assert_eq!(default("retention.ms", &minutes), Value::Integer(120_000));
        let for_ever = |name: &str| match name {
            "log.retention.hours" => Value::Integer(-1),
            other => node_default(other),
        };
        assert_eq!(default("retention.ms", &for_ever), Value::Integer(-1));
        assert_eq!(default("remote.storage.enable", &node_default), Value::Boolean(false));
    }

    #[test]
    fn every_default_agrees_with_its_synonyms_default() {
        for row in definitions() {
            let default = default(row.name, &node_default);
            assert_eq!(default, row.default_value(), "{}", row.name);
            for synonym in synonyms(row.name) {
                assert!(node::definition(synonym.name).is_some(), "{}", synonym.name);
            }
        }
    }
}
