//! What becomes of keys that are set and have no effect: a warning, or an error where the key was meant to restrict
//! something. Nobody shall believe in a protection that is not there.

use std::collections::BTreeMap;

use super::listeners::{Listeners, SecurityProtocol};
use super::{definition, definitions};
use crate::config::definition::{Definition, Fallback, Support};
use crate::config::value::ConfigError;

/// Checks what is set against what is implemented.
///
/// Returns one sentence for each key that has no effect.
pub(super) fn check(texts: &BTreeMap<String, String>) -> Result<Vec<String>, ConfigError> {
    let mut warnings = Vec::new();
    for (name, text) in texts {
        let found = definition(name).map(|row| (row, row.support));
        match found.or_else(|| behind_prefix(name)) {
            Some((row, Support::Restricts)) if !is_default(row, text) => return Err(not_there(name)),
            Some((row, Support::Ignored)) if !is_default(row, text) => {
                warnings.push(format!("{name} is a key of Kafka's that has no effect in this build"));
            }
            Some(_) => {}
            None => warnings.push(format!("{name} is not a key of Kafka's or Headwater's")),
        }
    }
    Ok(warnings)
}

/// A listener that asks for encryption or logins cannot be served.
pub(super) fn check_protocols(listeners: &Listeners) -> Result<(), ConfigError> {
    match listeners.bound.iter().find(|it| it.protocol != SecurityProtocol::Plaintext) {
        None => Ok(()),
        Some(it) => Err(ConfigError(format!(
            "listener {} uses {}, which is not implemented in this build: it would be open to everybody",
            it.name,
            it.protocol.name()
        ))),
    }
}

pub(super) fn not_there(key: &str) -> ConfigError {
    ConfigError(format!(
        "{key} restricts access or use, which is not implemented in this build: remove the key to run without it"
    ))
}

pub(super) fn is_default(row: &Definition, text: &str) -> bool {
    match row.default {
        Fallback::Text(default) => row.parse(text).is_ok_and(|value| value.to_string() == default),
        // An empty text sets nothing.
        Fallback::Null | Fallback::Required => text.trim().is_empty(),
    }
}

/// The listener, in small letters, and the key, for keys that hold for a single listener where they are set for it.
pub(super) fn of_listener(name: &str) -> Option<(&str, &str)> {
    let (listener, key) = name.strip_prefix("listener.name.")?.split_once('.')?;
    matches!(key, "max.connections" | "max.connection.creation.rate").then_some((listener, key))
}

/// The key behind `listener.name.NAME.` and a login mechanism's name, as in
/// `listener.name.internal.plain.sasl.jaas.config`, with what is done about it: but for those of [`of_listener`] nothing is
/// set for one listener alone.
pub(super) fn behind_prefix(name: &str) -> Option<(&'static Definition, Support)> {
    let rest = name.strip_prefix("listener.name.")?;
    let row = definitions().find(|row| {
        rest.strip_suffix(row.name).is_some_and(|prefix| prefix.len() > 1 && prefix.ends_with('.'))
    })?;
    let limits = row.support == Support::Restricts || row.name.starts_with("max.connection");
    if of_listener(name).is_some() {
        return Some((row, row.support));
    }
    Some((row, if limits { Support::Restricts } else { Support::Ignored }))
}
