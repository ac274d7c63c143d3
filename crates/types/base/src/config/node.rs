//! Node configuration: the keys of a node's file (`org.apache.kafka.server.config.AbstractKafkaConfig`).

use super::definition::Definition;
use super::rows;

/// All node keys.
pub fn definitions() -> impl Iterator<Item = &'static Definition> {
    rows::node()
}

/// The row of a node key.
#[must_use]
pub fn definition(name: &str) -> Option<&'static Definition> {
    rows::node().find(|row| row.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::definition::Fallback;
    use crate::config::{Value, topic};

    #[test]
    fn every_default_is_valid_and_every_key_unique_and_explained() {
        let mut names = Vec::new();
        for row in definitions() {
            assert!(!names.contains(&row.name), "{} twice", row.name);
            names.push(row.name);
        }
        for row in definitions().chain(topic::definitions()) {
            assert!(row.documentation.ends_with('.'), "{}", row.name);
            if let Fallback::Text(text) = row.default {
                let value = row.parse(text).unwrap_or_else(|error| panic!("{}: {error}", row.name));
                assert_eq!(value.to_string(), text, "{}", row.name);
                assert_ne!(value, Value::Null);
            }
        }
    }
}
