//! IncrementalAlterConfigs, key 44 (`org.apache.kafka.controller.ConfigurationControlManager`). What may be set is in
//! `config_rules.rs`.

use std::collections::BTreeMap;

use headwater_base::ErrorCode;
use headwater_base::config::{Definition, Fallback, Kind, node, topic};
use headwater_metadata::{ConfigResource, ResourceType};
use headwater_protocol::metadata::MetadataRecord;
use headwater_protocol::metadata::config_record::ConfigRecord;

use crate::config_rules::invalid_config;
use crate::decide::{Decision, MAX_RECORDS_PER_USER_OP};
use crate::error::ApiError;
use crate::state::Controller;

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

    /// Its number in requests.
    #[must_use]
    pub const fn code(self) -> i8 {
        match self {
            AlterConfigOp::Set => 0,
            AlterConfigOp::Delete => 1,
            AlterConfigOp::Append => 2,
            AlterConfigOp::Subtract => 3,
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
pub(crate) type Results = Vec<(ConfigResource, Result<(), ApiError>)>;

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
        altered(records, results, validate_only)
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
        self.check_resource(resource, &all, altered.values().flatten())?;
        Ok(records(resource, altered))
    }
}

/// One record for each key that changes.
pub(crate) fn records(
    resource: &ConfigResource,
    altered: impl IntoIterator<Item = (String, Option<String>)>,
) -> Vec<MetadataRecord> {
    let record = |(name, value)| {
        let resource_name = resource.name.to_string();
        MetadataRecord::from(ConfigRecord { resource_type: resource.kind.0, resource_name, name, value })
    };
    altered.into_iter().map(record).collect()
}

/// What becomes of a request: its records, unless it only asked whether it might, or asked for too much.
pub(crate) fn altered(
    records: Vec<MetadataRecord>,
    results: Results,
    validate_only: bool,
) -> Decision<Results> {
    if records.len() > MAX_RECORDS_PER_USER_OP {
        let message = "Unable to perform excessively large batch operation.";
        let error = ApiError::new(ErrorCode::PolicyViolation, message);
        let refused = results.into_iter().map(|(resource, _)| (resource, Err(error.clone())));
        return Decision::answer(refused.collect());
    }
    if validate_only {
        return Decision::answer(results);
    }
    Decision::atomic(records, results)
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
