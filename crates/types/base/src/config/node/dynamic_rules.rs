//! Whether a broker's configuration may change while it runs, and to what (`DynamicBrokerConfig.validate`, with the
//! reconfigurable parts' own rules). The broker that a request reached decides this; the controller takes its word.

use std::collections::BTreeMap;

use super::dynamic::{base_name, same_keys};
use super::{NodeConfig, Values, definition, listeners, network, rules, support};
use crate::config::definition::{Definition, Scope, Support};
use crate::config::java;
use crate::config::value::ConfigError;

type Entries = BTreeMap<String, String>;

/// Keys of TLS that can be set for one listener only (`SslConfigs.RECONFIGURABLE_CONFIGS`).
const FOR_ONE_LISTENER: &[&str] = &[
    "ssl.key.password",
    "ssl.keystore.certificate.chain",
    "ssl.keystore.key",
    "ssl.keystore.location",
    "ssl.keystore.password",
    "ssl.keystore.type",
    "ssl.truststore.certificates",
    "ssl.truststore.location",
    "ssl.truststore.password",
    "ssl.truststore.type",
];

/// Keys behind a listener's name that can be set for all brokers.
const FOR_ALL_BROKERS: &[&str] = &["max.connections", "max.connection.creation.rate", "num.network.threads"];

/// Numbers of threads, which may not change by more than a factor of two at a time.
const THREADS: &[&str] = &[
    "num.io.threads",
    "num.replica.fetchers",
    "num.recovery.threads.per.data.dir",
    "background.threads",
    "num.network.threads",
    "remote.log.reader.threads",
    "remote.log.manager.copier.thread.pool.size",
    "remote.log.manager.expiration.thread.pool.size",
    "remote.log.manager.follower.thread.pool.size",
];

/// What is asked of [`check_broker_change`].
#[derive(Clone, Copy, Debug)]
pub struct BrokerChange<'a> {
    /// What the node was started with.
    pub file: &'a NodeConfig,
    /// What holds now.
    pub current: &'a NodeConfig,
    /// Everything that the resource would set.
    pub entries: &'a Entries,
    /// Whether the resource is one broker, not all.
    pub of_one: bool,
    /// What counts of the other resource: of all brokers when the change is one broker's, else of this broker.
    pub other: &'a Entries,
}

/// Checks a change of dynamic broker configuration.
///
/// # Errors
/// The reference's message (error code `INVALID_REQUEST`), and ours for what this build cannot change or restrict.
pub fn check_broker_change(change: &BrokerChange<'_>) -> Result<(), String> {
    check_names(change)?;
    let values = resulting(change)?;
    check_together(&values, change.file).map_err(|error| error.0)?;
    reconfigurable(&values, change).map_err(|what| {
        format!(
            "Invalid value org.apache.kafka.common.config.ConfigException: {what} for configuration Invalid dynamic \
             configuration"
        )
    })?;
    check_support(&values, change)
}

fn check_names(change: &BrokerChange<'_>) -> Result<(), String> {
    let refuse = |what: &str, mut names: Vec<&str>| {
        if names.is_empty() {
            return Ok(());
        }
        java::hash_set_order(&mut names);
        Err(format!("{what}: [{}]", names.join(", ")))
    };
    let named = |matches: &dyn Fn(&str) -> bool| -> Vec<&str> {
        change.entries.keys().map(String::as_str).filter(|name| matches(name)).collect()
    };
    let of_scope = |name: &str, scope| definition(name).is_some_and(|row| row.scope == scope);
    refuse("Cannot update these configs dynamically", named(&|name| of_scope(name, Scope::ReadOnly)))?;
    refuse(
        "These security configs can be dynamically updated only per-listener using the listener prefix",
        named(&|name| FOR_ONE_LISTENER.contains(&name)),
    )?;
    for (name, text) in change.entries {
        // Behind the prefix of a listener a mechanism's name stays part of the key: such a key has no type.
        let key = match name.strip_prefix("listener.name.").and_then(|rest| rest.split_once('.')) {
            Some((_, rest)) => rest,
            None => name,
        };
        if let Some(row) = definition(key) {
            row.parse(text).map_err(|error| error.0)?;
        }
    }
    let own = |name: &str| match base_name(name) {
        Some(base) => !FOR_ALL_BROKERS.contains(&base),
        None => of_scope(name, Scope::PerBroker),
    };
    let wrong = if change.of_one { Vec::new() } else { named(&own) };
    refuse("Cannot update these configs at default cluster level, broker id must be specified", wrong)
}

/// The values that would hold.
fn resulting(change: &BrokerChange<'_>) -> Result<Values, String> {
    let mut values = change.file.values.clone();
    let (all, own) =
        if change.of_one { (change.other, change.entries) } else { (change.entries, change.other) };
    for (name, text) in all.iter().chain(own) {
        let Some(row) = definition(name) else { continue };
        same_keys(name).iter().for_each(|same| values.forget(same));
        values.insert(row, row.parse(text).map_err(|error| error.0)?);
    }
    Ok(values)
}

/// The rules about several keys, with the words in which the reference's constructor puts them.
fn check_together(values: &Values, file: &NodeConfig) -> Result<(), ConfigError> {
    let requirement = |error: ConfigError| ConfigError(format!("requirement failed: {error}"));
    if values.long("log.cleaner.threads") == 0 {
        return Err(ConfigError("/ by zero".to_owned()));
    }
    rules::check_numbers(values).map_err(requirement)?;
    rules::overrides(values)?;
    network(values).map_err(requirement)?;
    for kind in ["consumer", "share", "streams"] {
        let key = |middle: &str| format!("group.{kind}.{middle}assignment.interval.ms");
        let [now, least, most] = ["", "min.", "max."].map(|middle| (key(middle), values.long(&key(middle))));
        if now.1 > most.1 {
            return Err(ConfigError(format!("{} must be less than or equal to {}", now.0, most.0)));
        }
        if now.1 < least.1 {
            return Err(ConfigError(format!("{} must be greater than or equal to {}", now.0, least.0)));
        }
    }
    let cordoned = values.list("cordoned.log.dirs");
    let missing: Vec<&str> =
        cordoned.iter().filter(|dir| !file.log_dirs.contains(dir)).map(String::as_str).collect();
    if !missing.is_empty() && cordoned != ["*"] {
        return Err(ConfigError(format!(
            "requirement failed: All entries in cordoned.log.dirs must be present in log.dirs or log.dir. Missing entries \
             : {}",
            missing.join(", ")
        )));
    }
    Ok(())
}

/// The rules of the parts that would be changed.
fn reconfigurable(values: &Values, change: &BrokerChange<'_>) -> Result<(), String> {
    let old = &change.current.values;
    let differs = |key: &str| values.value(key) != old.value(key);
    for key in THREADS {
        let mut wanted = vec![values.long(key)];
        wanted.extend(for_listeners(change.entries, key));
        wanted.into_iter().try_for_each(|new| threads(key, old.long(key), new))?;
    }
    let (cleaners, before) = (values.long("log.cleaner.threads"), old.long("log.cleaner.threads"));
    if cleaners < before / 2 {
        return Err(format!(
            "Log cleaner threads cannot be reduced to less than half the current value {before}"
        ));
    }
    if cleaners > before * 2 {
        return Err(format!(
            "Log cleaner threads cannot be increased to more than double the current value {before}"
        ));
    }
    for key in ["max.connections", "max.connection.creation.rate"] {
        let changed = differs(key).then(|| values.long(key));
        if changed.into_iter().chain(for_listeners(change.entries, key)).any(|limit| limit <= 0) {
            return Err(format!("Invalid {key} 0"));
        }
    }
    if values != old {
        local_retention(values, "ms", values.topic_long("retention.ms"))?;
        local_retention(values, "bytes", values.long("log.retention.bytes"))?;
    }
    let reporter = "org.apache.kafka.common.metrics.JmxReporter";
    if differs("metric.reporters") && values.list("metric.reporters").iter().any(|class| class != reporter) {
        return Err("Validation of dynamic config update of Set(metric.reporters) failed with class class \
                    kafka.server.DynamicMetricsReporters"
            .to_owned());
    }
    Ok(())
}

/// The numbers that entries set for single listeners.
fn for_listeners(entries: &Entries, key: &str) -> Vec<i64> {
    let of_listeners = entries.iter().filter(|(name, _)| base_name(name) == Some(key));
    of_listeners.filter_map(|(_, text)| text.trim().parse().ok()).collect()
}

fn threads(key: &str, old: i64, new: i64) -> Result<(), String> {
    let refuse =
        |why: String| Err(format!("Dynamic thread count update validation failed for {key}={new}, {why}"));
    if new == old {
        Ok(())
    } else if new < old / 2 {
        refuse(format!("value should be at least half the current value {old}"))
    } else if new > old * 2 {
        refuse(format!("value should not be greater than double the current value {old}"))
    } else {
        Ok(())
    }
}

fn local_retention(values: &Values, unit: &str, retention: i64) -> Result<(), String> {
    let (key, whole) = (format!("log.local.retention.{unit}"), format!("log.retention.{unit}"));
    let local = values.long(&key);
    if retention <= -1 || local == -2 {
        Ok(())
    } else if local == -1 {
        Err(format!(
            "Invalid value -1 for configuration {key}: Value must not be -1 as {whole} value is set as {retention}."
        ))
    } else if local > retention {
        Err(format!(
            "Invalid value {local} for configuration {key}: Value must not be more than {whole} property value: {retention}"
        ))
    } else {
        Ok(())
    }
}

/// What this build cannot do: nobody shall believe in a limit or a protection that is not there.
fn check_support(values: &Values, change: &BrokerChange<'_>) -> Result<(), String> {
    let before = &change.current.values;
    if ["listeners", "listener.security.protocol.map"]
        .iter()
        .any(|key| values.value(key) != before.value(key))
    {
        let new = listeners::read(values, change.file.roles).map_err(|error| error.0)?;
        if new != change.file.listeners {
            return Err("listeners cannot change while the node runs in this build: set them in its file and restart \
                        it"
            .to_owned());
        }
    }
    if !values.list("cordoned.log.dirs").is_empty() {
        return Err(
            "cordoned.log.dirs is not implemented in this build: new partitions would still be put there"
                .to_owned(),
        );
    }
    let restricts =
        |row: &Definition, text: &str| row.support == Support::Restricts && !support::is_default(row, text);
    for (name, text) in change.entries {
        let found = definition(name).filter(|row| restricts(row, text)).is_some()
            || support::behind_prefix(name).is_some_and(|(_, support)| support == Support::Restricts);
        if found {
            return Err(support::not_there(name).0);
        }
    }
    Ok(())
}
