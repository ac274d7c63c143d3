//! What holds for a topic, from all the places that can set it (`org.apache.kafka.metadata.KafkaConfigSchema`).

use std::collections::BTreeMap;

use headwater_base::config::{Definition, Fallback, Scope, Value, node, topic};
use headwater_metadata::{ConfigResource, ConfigsImage};

use crate::state::Controller;

/// Where a value comes from, with the number that tells it (`DescribeConfigsResponse.ConfigSource`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub enum ConfigSource {
    /// Set on the topic.
    Topic = 1,
    /// Set dynamically on the broker.
    DynamicBroker = 2,
    /// Set dynamically for all brokers.
    DynamicDefaultBroker = 3,
    /// Set in the broker's file.
    StaticBroker = 4,
    /// Kafka's default.
    Default = 5,
}

/// A node key's value in a topic key's unit.
fn scaled(text: &str, factor: i64) -> String {
    match text.trim().parse::<i64>() {
        Ok(number) if factor != 1 => number.saturating_mul(factor).to_string(),
        _ => text.to_owned(),
    }
}

impl Controller {
    /// The value of a topic key and where it comes from.
    pub(crate) fn topic_config(
        &self,
        row: &Definition,
        overrides: &BTreeMap<String, String>,
    ) -> (Option<String>, ConfigSource) {
        if let Some(value) = overrides.get(row.name) {
            return (Some(value.clone()), ConfigSource::Topic);
        }
        let configs: &ConfigsImage = &self.state.image.configs;
        let own = ConfigResource::broker(self.config.node_id);
        let all = ConfigResource::cluster();
        let dynamic = [(own, ConfigSource::DynamicBroker), (all, ConfigSource::DynamicDefaultBroker)];
        for (resource, source) in dynamic {
            for synonym in topic::synonyms(row.name) {
                if let Some(value) = configs.value(&resource, synonym.name) {
                    return (Some(scaled(value, synonym.factor)), source);
                }
            }
        }
        for synonym in topic::synonyms(row.name) {
            if let Some(value) = self.config.static_config.get(synonym.name) {
                return (Some(scaled(value, synonym.factor)), ConfigSource::StaticBroker);
            }
        }
        let default = match row.default {
            Fallback::Required | Fallback::Null => None,
            Fallback::Text(text) => Some(text.to_owned()),
        };
        (default, ConfigSource::Default)
    }

    /// Whether a topic allows leaders that are not in sync (`unclean.leader.election.enable`).
    pub(crate) fn unclean_election_enabled(&self, topic: &str) -> bool {
        let Some(row) = topic::definition("unclean.leader.election.enable") else { return false };
        let empty = BTreeMap::new();
        let overrides = self.state.image.configs.of(&ConfigResource::topic(topic));
        let (value, _) = self.topic_config(row, overrides.map_or(&empty, |overrides| overrides));
        value.is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
    }

    /// Checks everything that is set on a topic.
    ///
    /// # Errors
    /// Kafka's message, for `INVALID_CONFIG`.
    pub(crate) fn validate_topic_configs(&self, configs: &BTreeMap<String, String>) -> Result<(), String> {
        let overrides = configs.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect();
        topic::validate_all(&overrides, &|key| self.effective_node_value(key))
    }

    /// The value of a node key as it holds on the controller's node now: dynamic, from its file, or the default.
    pub(crate) fn effective_node_value(&self, key: &str) -> Value {
        let configs = &self.state.image.configs;
        let dynamic = [ConfigResource::broker(self.config.node_id), ConfigResource::cluster()];
        let mut set = dynamic.iter().filter_map(|resource| configs.value(resource, key));
        let can_change = |row: &&Definition| matches!(row.scope, Scope::ClusterWide | Scope::PerBroker);
        let row = node::definition(key).filter(can_change);
        let parsed = set.find_map(|text| row?.parse(text).ok());
        parsed.unwrap_or_else(|| self.config.node_value(key))
    }

    fn cluster_number(&self, key: &str, fallback: i64) -> i64 {
        let dynamic = self.state.image.configs.value(&ConfigResource::cluster(), key);
        self.config.number_or(key, dynamic, fallback)
    }

    /// `num.partitions`. A record of the cluster's defaults wins over the file: that is how `headwater start` sets it.
    pub(crate) fn default_num_partitions(&self) -> i32 {
        i32::try_from(self.cluster_number("num.partitions", 1)).unwrap_or(1)
    }

    /// `default.replication.factor`, likewise.
    pub(crate) fn default_replication_factor(&self) -> i16 {
        i16::try_from(self.cluster_number("default.replication.factor", 1)).unwrap_or(1)
    }
}
