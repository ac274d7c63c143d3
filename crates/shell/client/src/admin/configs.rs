//! Configurations of brokers, topics, groups, loggers and client metrics.

use headwater_protocol::messages::alter_configs_request::{self, AlterConfigsRequest};
use headwater_protocol::messages::describe_configs_request::{
    DescribeConfigsRequest, DescribeConfigsResource,
};
use headwater_protocol::messages::describe_configs_response::DescribeConfigsResourceResult;
use headwater_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use headwater_protocol::messages::list_config_resources_request::ListConfigResourcesRequest;
use std::collections::BTreeMap;

use super::{Admin, Each};
use crate::error::{Error, ErrorKind, Result, check, check_with};
use crate::net::routing::Target;

/// What has a configuration (`ConfigResource.Type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i8)]
pub enum ResourceType {
    /// A topic.
    Topic = 2,
    /// A broker, or with the empty name all brokers.
    Broker = 4,
    /// A broker's loggers.
    BrokerLogger = 8,
    /// A subscription to client metrics.
    ClientMetrics = 16,
    /// A group.
    Group = 32,
}

/// One thing that has a configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigResource {
    /// Its kind.
    pub kind: ResourceType,
    /// Its name; of a broker the node id.
    pub name: String,
}

impl ConfigResource {
    /// A resource.
    #[must_use]
    pub fn new(kind: ResourceType, name: &str) -> ConfigResource {
        ConfigResource { kind, name: name.to_owned() }
    }

    /// Brokers answer for themselves.
    fn target(&self) -> Result<Target> {
        match self.kind {
            ResourceType::Broker if self.name.is_empty() => Ok(Target::Any),
            ResourceType::Broker | ResourceType::BrokerLogger => {
                let node = self.name.parse().map_err(|_| {
                    Error::new(ErrorKind::Config, format!("Illegal broker id: {}", self.name))
                })?;
                Ok(Target::Node(node))
            }
            _ => Ok(Target::Any),
        }
    }
}

/// What to do with a key (`AlterConfigOp.OpType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub enum AlterOperation {
    /// Set it to the value.
    Set = 0,
    /// Back to what holds without it.
    Delete = 1,
    /// Add the value to the list.
    Append = 2,
    /// Take the value out of the list.
    Subtract = 3,
}

/// One change of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlterConfig {
    /// The key.
    pub name: String,
    /// What to do.
    pub operation: AlterOperation,
    /// The value, if the operation has one.
    pub value: Option<String>,
}

/// Keys and values; a key without a value goes back to what holds without it.
pub type ConfigEntries = Vec<(String, Option<String>)>;

impl Admin {
    /// Describes configurations; of each resource the named keys only, or all with `None`.
    pub async fn describe_configs(
        &self,
        resources: Vec<(ConfigResource, Option<Vec<String>>)>,
        include_synonyms: bool,
        include_documentation: bool,
    ) -> Each<ConfigResource, Vec<DescribeConfigsResourceResult>> {
        let mut results = Vec::new();
        for (target, batch) in by_target(resources, &mut results) {
            let wanted = batch.iter().map(|(resource, keys)| DescribeConfigsResource {
                resource_type: resource.kind as i8,
                resource_name: resource.name.clone(),
                configuration_keys: keys.clone(),
            });
            let request = DescribeConfigsRequest {
                resources: wanted.collect(),
                include_synonyms,
                include_documentation,
            };
            let mut answer = self.call(&target, &request).await;
            for (resource, _) in batch {
                let result = answer.as_mut().map_err(|error| error.clone()).and_then(|response| {
                    let at = response.results.iter().position(|it| {
                        it.resource_type == resource.kind as i8 && it.resource_name == resource.name
                    });
                    let it = response.results.swap_remove(at.ok_or_else(missing)?);
                    check_with(it.error_code, it.error_message.as_deref()).map(|()| it.configs)
                });
                results.push((resource, result));
            }
        }
        results
    }

    /// Changes single keys of configurations.
    pub async fn incremental_alter_configs(
        &self,
        changes: Vec<(ConfigResource, Vec<AlterConfig>)>,
        validate_only: bool,
    ) -> Each<ConfigResource, ()> {
        let mut results = Vec::new();
        for (target, batch) in by_target(changes, &mut results) {
            let config = |it: &AlterConfig| AlterableConfig {
                name: it.name.clone(),
                config_operation: it.operation as i8,
                value: it.value.clone(),
            };
            let resources = batch.iter().map(|(resource, changes)| AlterConfigsResource {
                resource_type: resource.kind as i8,
                resource_name: resource.name.clone(),
                configs: changes.iter().map(config).collect(),
            });
            let request = IncrementalAlterConfigsRequest { resources: resources.collect(), validate_only };
            let answer = self.call(&target, &request).await.map(|response| response.responses);
            results.extend(batch.into_iter().map(|(resource, _)| {
                let result = answer.as_ref().map_err(Clone::clone).and_then(|responses| {
                    let mut it = responses.iter();
                    let it = it.find(|it| {
                        it.resource_type == resource.kind as i8 && it.resource_name == resource.name
                    });
                    let it = it.ok_or_else(missing)?;
                    check_with(it.error_code, it.error_message.as_deref())
                });
                (resource, result)
            }));
        }
        results
    }

    /// Replaces whole configurations (the older API: what is not named goes back to what holds without it).
    pub async fn alter_configs(
        &self,
        configs: Vec<(ConfigResource, ConfigEntries)>,
        validate_only: bool,
    ) -> Each<ConfigResource, ()> {
        let mut results = Vec::new();
        for (target, batch) in by_target(configs, &mut results) {
            let config = |(name, value): &(String, Option<String>)| alter_configs_request::AlterableConfig {
                name: name.clone(),
                value: value.clone(),
            };
            let resources =
                batch.iter().map(|(resource, configs)| alter_configs_request::AlterConfigsResource {
                    resource_type: resource.kind as i8,
                    resource_name: resource.name.clone(),
                    configs: configs.iter().map(config).collect(),
                });
            let request = AlterConfigsRequest { resources: resources.collect(), validate_only };
            let answer = self.call(&target, &request).await.map(|response| response.responses);
            results.extend(batch.into_iter().map(|(resource, _)| {
                let result = answer.as_ref().map_err(Clone::clone).and_then(|responses| {
                    let mut it = responses.iter();
                    let it = it.find(|it| {
                        it.resource_type == resource.kind as i8 && it.resource_name == resource.name
                    });
                    let it = it.ok_or_else(missing)?;
                    check_with(it.error_code, it.error_message.as_deref())
                });
                (resource, result)
            }));
        }
        results
    }

    /// Names of what has a configuration of its own, as pairs of kind and name; all kinds when `kinds` is empty.
    ///
    /// # Errors
    /// When no broker answers in time, or it knows client metrics only and other kinds were asked for.
    pub async fn list_config_resources(&self, kinds: &[ResourceType]) -> Result<Vec<(i8, String)>> {
        let request =
            ListConfigResourcesRequest { resource_types: kinds.iter().map(|kind| *kind as i8).collect() };
        let response = self.call(&Target::Any, &request).await?;
        check(response.error_code)?;
        Ok(response.config_resources.into_iter().map(|it| (it.resource_type, it.resource_name)).collect())
    }
}

fn missing() -> Error {
    Error::new(ErrorKind::Protocol, "the response does not name the resource")
}

/// Splits by the broker that answers; what has none gets its error at once.
fn by_target<Q, T>(
    resources: Vec<(ConfigResource, Q)>,
    results: &mut Each<ConfigResource, T>,
) -> Vec<(Target, Vec<(ConfigResource, Q)>)> {
    let mut targets: BTreeMap<Option<i32>, Vec<(ConfigResource, Q)>> = BTreeMap::new();
    for (resource, question) in resources {
        match resource.target() {
            Ok(Target::Node(node)) => targets.entry(Some(node)).or_default().push((resource, question)),
            Ok(_) => targets.entry(None).or_default().push((resource, question)),
            Err(error) => results.push((resource, Err(error))),
        }
    }
    targets.into_iter().map(|(node, batch)| (node.map_or(Target::Any, Target::Node), batch)).collect()
}
