//! Dynamic configuration: what was set on topics, brokers, the cluster, groups and client metrics.

use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::OrdMap;

use crate::changes::Changes;
use crate::records::{ConfigRecord, MetadataRecord};

/// What a configuration belongs to (`ConfigResource.Type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceType(pub i8);

impl ResourceType {
    /// A topic.
    pub const TOPIC: ResourceType = ResourceType(2);
    /// A broker by its id, or all of them when the name is empty.
    pub const BROKER: ResourceType = ResourceType(4);
    /// The loggers of a broker.
    pub const BROKER_LOGGER: ResourceType = ResourceType(8);
    /// A subscription to client metrics.
    pub const CLIENT_METRICS: ResourceType = ResourceType(16);
    /// A group.
    pub const GROUP: ResourceType = ResourceType(32);
}

/// A resource that can have configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConfigResource {
    /// Its type.
    pub kind: ResourceType,
    /// Its name; empty for the cluster-wide defaults of brokers.
    pub name: Arc<str>,
}

impl ConfigResource {
    /// A topic.
    #[must_use]
    pub fn topic(name: &str) -> Self {
        Self { kind: ResourceType::TOPIC, name: name.into() }
    }

    /// One broker.
    #[must_use]
    pub fn broker(id: headwater_base::NodeId) -> Self {
        Self { kind: ResourceType::BROKER, name: id.to_string().into() }
    }

    /// The defaults of all brokers.
    #[must_use]
    pub fn cluster() -> Self {
        Self { kind: ResourceType::BROKER, name: "".into() }
    }
}

/// Keys and values of one resource.
pub type Configs = BTreeMap<String, String>;

/// All dynamic configuration. A resource without keys is not listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigsImage {
    resources: OrdMap<ConfigResource, Arc<Configs>>,
}

impl ConfigsImage {
    /// What is set on a resource.
    #[must_use]
    pub fn of(&self, resource: &ConfigResource) -> Option<&Arc<Configs>> {
        self.resources.get(resource)
    }

    /// The value of a key on a resource.
    #[must_use]
    pub fn value(&self, resource: &ConfigResource, key: &str) -> Option<&str> {
        self.resources.get(resource)?.get(key).map(String::as_str)
    }

    /// All resources with configuration, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&ConfigResource, &Arc<Configs>)> {
        self.resources.iter()
    }

    /// True when nothing is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }

    pub(crate) fn set(&mut self, record: &ConfigRecord, changes: &mut Changes) {
        let resource = ConfigResource {
            kind: ResourceType(record.resource_type),
            name: record.resource_name.as_str().into(),
        };
        changes.configs.insert(resource.clone());
        match (&record.value, self.resources.get_mut(&resource)) {
            (Some(value), Some(configs)) => {
                Arc::make_mut(configs).insert(record.name.clone(), value.clone());
            }
            (Some(value), None) => {
                let configs = Configs::from([(record.name.clone(), value.clone())]);
                self.resources.insert(resource, Arc::new(configs));
            }
            (None, Some(configs)) => {
                Arc::make_mut(configs).remove(&record.name);
                if configs.is_empty() {
                    self.resources.remove(&resource);
                }
            }
            (None, None) => {}
        }
    }

    /// Forgets the configuration of a deleted topic.
    pub(crate) fn topic_removed(&mut self, name: &Arc<str>, changes: &mut Changes) {
        let resource = ConfigResource { kind: ResourceType::TOPIC, name: name.clone() };
        if self.resources.remove(&resource).is_some() {
            changes.configs.insert(resource);
        }
    }

    pub(crate) fn records(&self, out: &mut Vec<MetadataRecord>) {
        for (resource, configs) in &self.resources {
            for (name, value) in configs.iter() {
                let record = ConfigRecord {
                    resource_type: resource.kind.0,
                    resource_name: resource.name.to_string(),
                    name: name.clone(),
                    value: Some(value.clone()),
                };
                out.push(record.into());
            }
        }
    }

    /// What turns `base` into `self`.
    pub(crate) fn compare(&self, base: &ConfigsImage, changes: &mut Changes) {
        changes.configs.extend(crate::changes::changed_keys(&base.resources, &self.resources).cloned());
    }
}
