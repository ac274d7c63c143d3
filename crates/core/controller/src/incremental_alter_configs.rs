//! IncrementalAlterConfigs, key 44, for topics, brokers and the cluster's defaults
//! (`org.apache.kafka.controller.ConfigurationControlManager`, `kafka.server.ControllerConfigurationValidator`).
//!
//! What a broker's keys mean is checked by the broker that the request reached, before it asks the controller: as in
//! Kafka the controller looks at topics' values only. Resources of other types are refused: nothing here would obey
//! their configuration.

use std::collections::BTreeMap;

use headwater_base::config::{Definition, Fallback, Kind, node, topic};
use headwater_base::{ErrorCode, NodeId};
use headwater_metadata::{ConfigResource, ResourceType};
use headwater_protocol::metadata::MetadataRecord;
use headwater_protocol::metadata::config_record::ConfigRecord;

use crate::decide::{Decision, MAX_RECORDS_PER_USER_OP};
use crate::error::ApiError;
use crate::state::Controller;
use crate::topic_name;

/// The longest value, in characters.
const MAX_VALUE_LENGTH: usize = i16::MAX as usize;

/// What to do with a key (`AlterConfigOp.OpType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlterConfigOp {
    /// Sets the value.
    Set,
    /// Forgets the value.
    Delete,
    /// Adds entries to a list.
    Append,
    /// Takes entries out of a list.
    Subtract,
}

impl AlterConfigOp {
    /// The operation of a number in a request.
    #[must_use]
    pub const fn from_code(code: i8) -> Option<Self> {
        match code {
            0 => Some(AlterConfigOp::Set),
            1 => Some(AlterConfigOp::Delete),
            2 => Some(AlterConfigOp::Append),
            3 => Some(AlterConfigOp::Subtract),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            AlterConfigOp::Set => "SET",
            AlterConfigOp::Delete => "DELETE",
            AlterConfigOp::Append => "APPEND",
            AlterConfigOp::Subtract => "SUBTRACT",
        }
    }
}

/// What to change on one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigChange {
    /// The resource.
    pub resource: ConfigResource,
    /// Operation and operand by key.
    pub operations: BTreeMap<String, (AlterConfigOp, Option<String>)>,
}

/// A result for each resource, in the order of the request.
type Results = Vec<(ConfigResource, Result<(), ApiError>)>;

fn invalid_config(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::InvalidConfig, message)
}

fn definition(kind: ResourceType, key: &str) -> Option<&'static Definition> {
    match kind {
        ResourceType::TOPIC => topic::definition(key),
        ResourceType::BROKER => node::definition(key),
        _ => None,
    }
}

impl Controller {
    pub(crate) fn incremental_alter_configs(
        &self,
        changes: &[ConfigChange],
        validate_only: bool,
    ) -> Decision<Results> {
        let mut records = Vec::new();
        let mut results = Vec::with_capacity(changes.len());
        for change in changes {
            let result = self.alter_resource(change).map(|altered| records.extend(altered));
            results.push((change.resource.clone(), result));
        }
        if records.len() > MAX_RECORDS_PER_USER_OP {
            let message = "Unable to perform excessively large batch operation.";
            let error = ApiError::new(ErrorCode::PolicyViolation, message);
            let refused = changes.iter().map(|change| (change.resource.clone(), Err(error.clone())));
            return Decision::answer(refused.collect());
        }
        if validate_only {
            return Decision::answer(results);
        }
        Decision::atomic(records, results)
    }

    fn alter_resource(&self, change: &ConfigChange) -> Result<Vec<MetadataRecord>, ApiError> {
        let resource = &change.resource;
        let current = self.state.image.configs.of(resource);
        let mut all: BTreeMap<String, String> =
            current.map(|configs| (**configs).clone()).unwrap_or_default();
        let mut altered = BTreeMap::new();
        for (key, (operation, operand)) in &change.operations {
            let before = all.get(key).cloned();
            let after = operate(resource, key, (*operation, operand.as_deref()), before.as_deref())?;
            // Kafka writes the same value again for brokers: they read secrets anew then.
            if before == after && resource.kind != ResourceType::BROKER {
                continue;
            }
            match &after {
                Some(value) => all.insert(key.clone(), value.clone()),
                None => all.remove(key),
            };
            altered.insert(key.clone(), after);
        }
        self.check_resource(resource, &all, &altered)?;
        let record = |(name, value): (String, Option<String>)| {
            let resource_name = resource.name.to_string();
            MetadataRecord::from(ConfigRecord { resource_type: resource.kind.0, resource_name, name, value })
        };
        Ok(altered.into_iter().map(record).collect())
    }

    fn check_resource(
        &self,
        resource: &ConfigResource,
        all: &BTreeMap<String, String>,
        altered: &BTreeMap<String, Option<String>>,
    ) -> Result<(), ApiError> {
        let set: BTreeMap<String, String> =
            altered.iter().filter_map(|(key, value)| Some((key.clone(), value.clone()?))).collect();
        match resource.kind {
            ResourceType::TOPIC => {
                if resource.name.is_empty() {
                    let message = "Default topic resources are not allowed.";
                    return Err(ApiError::new(ErrorCode::InvalidRequest, message));
                }
                topic_name::validate(&resource.name)
                    .map_err(|message| ApiError::new(ErrorCode::InvalidTopicException, message))?;
                self.check_altered_topic(all, &set)?;
                if self.state.image.topics.id_of(&resource.name).is_none() {
                    let message = format!("The topic '{}' does not exist.", resource.name);
                    return Err(ApiError::new(ErrorCode::UnknownTopicOrPartition, message));
                }
                Ok(())
            }
            ResourceType::BROKER => {
                check_value_lengths(&set)?;
                self.check_broker_name(&resource.name)
            }
            ResourceType(other) => {
                let message = format!("Unexpected resource type {other}.");
                Err(ApiError::new(ErrorCode::InvalidRequest, message))
            }
        }
    }

    /// Checks the values that a request sets on a topic, and all of its values together.
    pub(crate) fn check_altered_topic(
        &self,
        all: &BTreeMap<String, String>,
        set: &BTreeMap<String, String>,
    ) -> Result<(), ApiError> {
        check_value_lengths(set)?;
        self.validate_topic_configs(all).map_err(invalid_config)
    }

    fn check_broker_name(&self, name: &str) -> Result<(), ApiError> {
        if name.is_empty() {
            return Ok(());
        }
        let invalid = |message| ApiError::new(ErrorCode::InvalidRequest, message);
        let id: i32 =
            name.parse().map_err(|_| invalid("Unable to parse broker name as a base 10 number."))?;
        if id < 0 {
            return Err(invalid("Invalid negative broker ID."));
        }
        let node = NodeId(id);
        let cluster = &self.state.image.cluster;
        if node == self.config.node_id || cluster.broker(node).is_some() || cluster.controller(node).is_some()
        {
            return Ok(());
        }
        let message = format!("No node with id {id} found.");
        Err(ApiError::new(ErrorCode::BrokerIdNotRegistered, message))
    }
}

fn check_value_lengths(set: &BTreeMap<String, String>) -> Result<(), ApiError> {
    if set.values().any(|value| value.encode_utf16().count() > MAX_VALUE_LENGTH) {
        let message = "The configuration value cannot be added because it exceeds the maximum value size of 32767 \
                       bytes.";
        return Err(invalid_config(message));
    }
    Ok(())
}

/// The value of a key after an operation.
fn operate(
    resource: &ConfigResource,
    key: &str,
    (operation, operand): (AlterConfigOp, Option<&str>),
    before: Option<&str>,
) -> Result<Option<String>, ApiError> {
    match operation {
        AlterConfigOp::Set => return Ok(operand.map(str::to_owned)),
        AlterConfigOp::Delete => return Ok(None),
        AlterConfigOp::Append | AlterConfigOp::Subtract => {}
    }
    let row = definition(resource.kind, key).filter(|row| row.kind == Kind::List).ok_or_else(|| {
        let name = operation.name();
        invalid_config(format!("Can't {name} to key {key} because its type is not LIST."))
    })?;
    let default = match row.default {
        Fallback::Text(text) => text,
        Fallback::Required | Fallback::Null => "",
    };
    let mut entries: Vec<&str> =
        before.unwrap_or(default).split(',').filter(|entry| !entry.is_empty()).collect();
    for entry in operand.unwrap_or_default().split(',') {
        let position = entries.iter().position(|known| *known == entry);
        match (operation, position) {
            (AlterConfigOp::Append, None) => entries.push(entry),
            (AlterConfigOp::Subtract, Some(position)) => {
                entries.remove(position);
            }
            _ => {}
        }
    }
    Ok(Some(entries.join(",")))
}
