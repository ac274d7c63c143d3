//! What the controller is told about its node.

use std::collections::BTreeMap;

use headwater_base::config::{Definition, Value, node};
use headwater_base::{NodeId, config};

/// Settings of the node that runs the controller.
#[derive(Clone, Debug)]
pub struct ControllerConfig {
    /// `node.id`.
    pub node_id: NodeId,
    /// Id of the cluster.
    pub cluster_id: String,
    /// Whether this process is a broker too. A broker that registers under our own id is then the only process that
    /// can have it, so that a dead incarnation need not time out first.
    pub is_broker: bool,
    /// The keys that the node's file sets.
    pub static_config: BTreeMap<String, String>,
    /// The finalized level of `kraft.version`.
    pub kraft_version: i16,
}

impl ControllerConfig {
    /// The value of a node key: set in the file, or its default.
    #[must_use]
    pub fn node_value(&self, key: &str) -> Value {
        let Some(row) = node::definition(key) else { return Value::Null };
        match self.static_config.get(key) {
            // The file was checked when the node started.
            Some(text) => row.parse(text).unwrap_or(Value::Null),
            None => row.default_value(),
        }
    }

    fn number(&self, key: &str, fallback: i64) -> i64 {
        match self.node_value(key) {
            Value::Integer(number) => number,
            _ => fallback,
        }
    }

    /// `broker.session.timeout.ms`.
    #[must_use]
    pub fn session_timeout_ms(&self) -> i64 {
        self.number("broker.session.timeout.ms", 9_000)
    }

    /// `delete.topic.enable`.
    #[must_use]
    pub fn delete_topic_enable(&self) -> bool {
        self.node_value("delete.topic.enable") != Value::Boolean(false)
    }

    /// A number that is taken from `dynamic` if that is valid, else from the node's file.
    pub(crate) fn number_or(&self, key: &str, dynamic: Option<&str>, fallback: i64) -> i64 {
        let parse = |row: &Definition| match dynamic.map(|text| row.parse(text)) {
            Some(Ok(config::Value::Integer(number))) => Some(number),
            _ => None,
        };
        node::definition(key).and_then(parse).unwrap_or_else(|| self.number(key, fallback))
    }
}
