//! Parsed values of node keys, with their defaults behind them.

use std::collections::BTreeMap;

use super::definition;
use crate::config::definition::{Definition, Fallback, Kind};
use crate::config::topic;
use crate::config::value::{ConfigError, Value};

/// What is set, parsed; a key that is not set has its default.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Values {
    set: BTreeMap<&'static str, Value>,
}

impl Values {
    /// Parses every key that the table knows; the first bad value is the error.
    pub(super) fn parse(texts: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut set = BTreeMap::new();
        for row in super::definitions() {
            match texts.get(text_of(row.name, texts)) {
                Some(text) => {
                    set.insert(row.name, row.parse(text)?);
                }
                None if row.default == Fallback::Required => {
                    let name = row.name;
                    return Err(ConfigError(format!(
                        "Missing required configuration \"{name}\" which has no default value."
                    )));
                }
                None => {}
            }
        }
        Ok(Self { set })
    }

    /// Every value that was set, as text.
    pub(super) fn texts(&self) -> BTreeMap<String, String> {
        self.set.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())).collect()
    }

    /// Sets one value that was parsed elsewhere.
    pub(super) fn insert(&mut self, row: &'static Definition, value: Value) {
        self.set.insert(row.name, value);
    }

    /// Takes a value away, so that the default holds.
    pub(super) fn forget(&mut self, name: &str) {
        self.set.remove(name);
    }

    /// True when the key was given a value.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.set.contains_key(name)
    }

    /// The value of a key, its default included; `Null` for unknown keys.
    pub(super) fn value(&self, name: &str) -> Value {
        match self.set.get(name) {
            Some(value) => value.clone(),
            None => definition(name).map_or(Value::Null, Definition::default_value),
        }
    }

    pub(super) fn is_null(&self, name: &str) -> bool {
        self.value(name) == Value::Null
    }

    pub(super) fn boolean(&self, name: &str) -> bool {
        debug_assert!(definition(name).is_some_and(|row| row.kind == Kind::Boolean), "{name}");
        self.value(name) == Value::Boolean(true)
    }

    pub(super) fn long(&self, name: &str) -> i64 {
        match self.value(name) {
            Value::Integer(value) => value,
            other => unreachable!("{name} is a number with a default, not {other:?}"),
        }
    }

    pub(super) fn int(&self, name: &str) -> i32 {
        i32::try_from(self.long(name)).expect("the value of an int key was parsed as 32 bits")
    }

    /// A count or size that the table keeps from being negative.
    pub(super) fn size(&self, name: &str) -> usize {
        usize::try_from(self.long(name)).expect("the key's rule allows no negative value")
    }

    /// A text, empty when there is none.
    pub(super) fn text(&self, name: &str) -> String {
        self.value(name).to_string()
    }

    /// A text, if there is one.
    pub(super) fn maybe_text(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    pub(super) fn list(&self, name: &str) -> Vec<String> {
        match self.value(name) {
            Value::List(values) => values,
            _ => Vec::new(),
        }
    }

    /// What topics get for a numeric topic key that they do not set.
    pub(super) fn topic_long(&self, name: &str) -> i64 {
        match topic::default(name, &|name| self.value(name)) {
            Value::Integer(value) => value,
            other => unreachable!("{name} is a number with a default, not {other:?}"),
        }
    }
}

/// `node.id` and `broker.id` stand in for each other.
fn text_of<'a>(name: &'a str, texts: &BTreeMap<String, String>) -> &'a str {
    match name {
        "node.id" if !texts.contains_key(name) => "broker.id",
        "broker.id" if !texts.contains_key(name) => "node.id",
        name => name,
    }
}
