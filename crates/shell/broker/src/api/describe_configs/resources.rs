//! The configuration of topics, groups and subscriptions to client metrics.

use headwater_base::config::{Value, client_metrics as metrics, group as groups, topic as topics};
use headwater_metadata::{ConfigResource, Configs, ResourceType};

use super::Entries;
use super::entry::{NodeSources, Source, entry, synonym, text};
use crate::broker::Broker;

fn overrides(broker: &Broker, kind: ResourceType, name: &str) -> Configs {
    let image = broker.image();
    let resource = ConfigResource { kind, name: name.into() };
    image.configs.of(&resource).map_or_else(Configs::new, |configs| (**configs).clone())
}

/// Every key of a topic, with what holds for it now; `None` without such a topic.
pub(super) fn topic(broker: &Broker, name: &str) -> Option<Entries> {
    let image = broker.image();
    image.topics.id_of(name)?;
    let overrides = overrides(broker, ResourceType::TOPIC, name);
    let node = broker.config.current();
    let sources = NodeSources::new(broker.config.file(), &image);
    let rows = topics::definitions().filter(|row| !row.internal || overrides.contains_key(row.name));
    let entries = rows.map(|row| {
        let set = overrides.get(row.name).and_then(|value| row.parse(value).ok());
        let mut synonyms = Vec::new();
        synonyms.extend(set.as_ref().map(|value| synonym(row.name, text(value), Source::Topic)));
        // Only the first: the others are its own synonyms.
        let behind = topics::synonyms(row.name).first();
        synonyms.extend(behind.into_iter().flat_map(|behind| sources.synonyms(behind.name)));
        let value = set.unwrap_or_else(|| topics::default(row.name, &|key| node.value(key)));
        entry(row, &value, synonyms)
    });
    Some(entries.collect())
}

/// Every key of a group, whether there is one or not.
pub(super) fn group(broker: &Broker, name: &str) -> Entries {
    let overrides = overrides(broker, ResourceType::GROUP, name);
    let node = broker.config.current();
    let sources = NodeSources::new(broker.config.file(), &broker.image());
    let entries = groups::definitions().map(|row| {
        let set = overrides.get(row.name).and_then(|value| row.parse(value).ok());
        let mut synonyms = Vec::new();
        synonyms.extend(set.as_ref().map(|value| synonym(row.name, text(value), Source::Group)));
        match groups::synonym(row.name) {
            Some(behind) => synonyms.extend(sources.synonyms(behind.name)),
            None => synonyms.push(synonym(row.name, text(&row.default_value()), Source::Default)),
        }
        let value = set.unwrap_or_else(|| groups::default(row, &|key| node.value(key)));
        entry(row, &value, synonyms)
    });
    entries.collect()
}

/// Every key of a subscription, whether there is one or not.
pub(super) fn client_metrics(broker: &Broker, name: &str) -> Entries {
    let overrides = overrides(broker, ResourceType::CLIENT_METRICS, name);
    let entries = metrics::definitions().map(|row| {
        let set: Option<Value> = overrides.get(row.name).and_then(|value| row.parse(value).ok());
        let own = set.as_ref().map(|value| synonym(row.name, text(value), Source::ClientMetrics));
        entry(row, &set.unwrap_or_else(|| row.default_value()), own.into_iter().collect())
    });
    entries.collect()
}
