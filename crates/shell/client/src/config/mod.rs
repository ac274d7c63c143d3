//! The client's configuration: Kafka's keys, types, defaults, rules and messages.
//!
//! A configuration is made of a map of texts, as a properties file gives it. Keys that nobody knows, and keys that are
//! known and have no effect, are named in [`Loaded::warnings`]; a key that would restrict something (security) and that
//! this client cannot obey is an error.

mod common;
mod rows;

use std::collections::BTreeMap;

use headwater_base::config::{Definition, Fallback, Support, Value};

use crate::error::{Error, ErrorKind, Result};

pub use common::{ClientConfig, RecoveryStrategy};

/// Keys and values as texts.
pub type Properties = BTreeMap<String, String>;

/// What a client is for; each kind has keys and defaults of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `AdminClientConfig`.
    Admin,
    /// `ProducerConfig`.
    Producer,
    /// `ConsumerConfig`.
    Consumer,
}

/// Parsed values of all keys of a role.
#[derive(Clone, Debug)]
pub struct Loaded {
    values: BTreeMap<&'static str, Value>,
    /// Sentences about keys that have no effect.
    pub warnings: Vec<String>,
}

/// Makes properties of pairs.
#[must_use]
pub fn properties<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Properties {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

impl Loaded {
    /// Reads the keys of `role`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with the reference's sentence.
    pub fn parse(role: Role, given: &Properties) -> Result<Loaded> {
        let mut loaded = Loaded { values: BTreeMap::new(), warnings: Vec::new() };
        let mut unused: Vec<&str> = Vec::new();
        let rows: BTreeMap<&str, &Definition> = rows::of(role).map(|row| (row.name, row)).collect();
        for row in rows.values() {
            let value = match given.get(row.name) {
                Some(text) => row.parse(text)?,
                None if row.default == Fallback::Required => {
                    let message = format!(
                        "Missing required configuration \"{}\" which has no default value.",
                        row.name
                    );
                    return Err(Error::new(ErrorKind::Config, message));
                }
                None => row.default_value(),
            };
            if given.contains_key(row.name) && value != row.default_value() {
                match row.support {
                    Support::Used => {}
                    Support::Ignored => unused.push(row.name),
                    Support::Restricts => {
                        let message =
                            format!("{}={} is not supported by this client", row.name, given[row.name]);
                        return Err(Error::new(ErrorKind::Config, message));
                    }
                }
            }
            loaded.values.insert(row.name, value);
        }
        for key in given.keys().filter(|key| !rows.contains_key(key.as_str())) {
            // What configures transport security must not be dropped in silence.
            if key.starts_with("ssl.") || key.starts_with("sasl.") {
                return Err(Error::new(ErrorKind::Config, format!("{key} is not supported by this client")));
            }
            unused.push(key);
        }
        if !unused.is_empty() {
            unused.sort_unstable();
            loaded.warnings.push(format!(
                "These configurations '[{}]' were supplied but are not used yet.",
                unused.join(", ")
            ));
        }
        Ok(loaded)
    }

    fn value(&self, key: &str) -> &Value {
        self.values.get(key).unwrap_or(&Value::Null)
    }

    /// A whole number; a key that the role does not have is 0.
    #[must_use]
    pub fn integer(&self, key: &str) -> i64 {
        match self.value(key) {
            Value::Integer(number) => *number,
            _ => 0,
        }
    }

    /// A number of milliseconds or bytes; what is negative is 0.
    #[must_use]
    pub fn unsigned(&self, key: &str) -> u64 {
        u64::try_from(self.integer(key)).unwrap_or(0)
    }

    /// A text, if there is one.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.value(key) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A list, empty when there is none.
    #[must_use]
    pub fn list(&self, key: &str) -> &[String] {
        match self.value(key) {
            Value::List(list) => list,
            _ => &[],
        }
    }

    /// A truth value.
    #[must_use]
    pub fn boolean(&self, key: &str) -> bool {
        *self.value(key) == Value::Boolean(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails(role: Role, pairs: &[(&str, &str)]) -> String {
        let mut given = properties([("bootstrap.servers", "a:1")]);
        given.extend(properties(pairs.iter().copied()));
        Loaded::parse(role, &given).expect_err("refused").to_string()
    }

    #[test]
    fn every_row_has_a_good_default() {
        for role in [Role::Admin, Role::Producer, Role::Consumer] {
            let given = properties([("bootstrap.servers", "a:1")]);
            let loaded = Loaded::parse(role, &given).expect("defaults");
            assert!(loaded.warnings.is_empty());
            assert_eq!(loaded.integer("request.timeout.ms"), 30_000);
            for row in rows::of(role) {
                if let Fallback::Text(text) = row.default {
                    row.parse(text).unwrap_or_else(|error| panic!("{}: {error}", row.name));
                }
            }
        }
    }

    #[test]
    fn refusals_are_the_references() {
        let message = fails(Role::Admin, &[("request.timeout.ms", "x")]);
        assert_eq!(message, "Invalid value x for configuration request.timeout.ms: Not a number of type INT");
        let message = fails(Role::Producer, &[("acks", "2")]);
        assert_eq!(message, "Invalid value 2 for configuration acks: String must be one of: all, -1, 0, 1");
        assert!(fails(Role::Consumer, &[("security.protocol", "SSL")]).contains("not supported"));
        assert!(fails(Role::Consumer, &[("sasl.jaas.config", "x")]).contains("not supported"));
        let missing = Loaded::parse(Role::Producer, &Properties::new()).expect_err("required").to_string();
        assert_eq!(
            missing,
            "Missing required configuration \"bootstrap.servers\" which has no default value."
        );
    }

    #[test]
    fn keys_without_effect_draw_a_warning() {
        let given =
            properties([("bootstrap.servers", "a:1"), ("zz", "1"), ("key.serializer", "x.Y"), ("acks", "1")]);
        let loaded = Loaded::parse(Role::Producer, &given).expect("fine");
        let expected = "These configurations '[key.serializer, zz]' were supplied but are not used yet.";
        assert_eq!(loaded.warnings, [expected]);
    }
}
