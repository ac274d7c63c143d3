//! What a broker does with changes of configuration before it asks the controller (`kafka.server.ConfigAdminManager`).
//!
//! It refuses what no controller could mend (a resource or a key that is named twice, values that are missing), sets levels
//! of its own log, and checks what a broker's keys mean: the controller takes its word.

use std::collections::{BTreeMap, BTreeSet};

use headwater_base::ErrorCode;
use headwater_base::config::Kind;
use headwater_base::config::node::{self, BrokerChange, check_broker_change, dynamic_entries};
use headwater_base::config::{Definition, Scope};
use headwater_controller::{AlterConfigOp, ApiError};
use headwater_metadata::{ConfigResource, Configs, ResourceType};

use crate::broker::Broker;
use crate::loggers::{LogLevel, ROOT};

/// A key of a request.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub name: String,
    /// The number of an [`AlterConfigOp`], or of nothing.
    pub operation: i8,
    pub value: Option<String>,
}

/// A resource of a request.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub kind: ResourceType,
    pub name: String,
    pub keys: Vec<Key>,
}

/// How a request changes what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// The keys of the request are all that will be (AlterConfigs).
    Replacing,
    /// Each key is changed by an operation (IncrementalAlterConfigs).
    Incremental,
}

fn invalid_request(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::InvalidRequest, message)
}

fn invalid_config(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::InvalidConfig, message)
}

/// For each resource what is to be answered, or `None` when the controller has to be asked.
pub(super) fn prepare(
    broker: &Broker,
    style: Style,
    validate_only: bool,
    asked: &[Asked],
) -> Vec<Option<Result<(), ApiError>>> {
    let twice =
        |it: &Asked| asked.iter().filter(|other| other.kind == it.kind && other.name == it.name).count() > 1;
    let one = |it: &Asked| {
        if twice(it) {
            return Some(Err(invalid_request("Each resource must appear at most once.")));
        }
        match examine(broker, style, validate_only, it) {
            Ok(true) => None,
            Ok(false) => Some(Ok(())),
            Err(error) => Some(Err(error)),
        }
    };
    asked.iter().map(one).collect()
}

/// What is answered about a resource; both requests have the same fields for it.
pub(super) struct Outcome {
    pub error_code: i16,
    pub error_message: Option<String>,
    pub resource_type: i8,
    pub resource_name: String,
}

/// The resources that [`prepare`] left to the controller.
pub(super) fn left<'a>(asked: &'a [Asked], prepared: &[Option<Result<(), ApiError>>]) -> Vec<&'a Asked> {
    asked.iter().zip(prepared).filter(|(_, result)| result.is_none()).map(|(asked, _)| asked).collect()
}

/// Puts together what was decided here and what the controller `decided` about the rest.
pub(super) fn outcomes(
    asked: Vec<Asked>,
    prepared: Vec<Option<Result<(), ApiError>>>,
    decided: Vec<Result<(), ApiError>>,
) -> impl Iterator<Item = Outcome> {
    let mut decided = decided.into_iter();
    asked.into_iter().zip(prepared).map(move |(asked, result)| {
        let error = result.or_else(|| decided.next()).unwrap_or(Ok(())).err();
        if let Some(error) = &error {
            tracing::info!(resource_type = asked.kind.0, resource = %asked.name, %error, "a change of configuration is refused");
        }
        Outcome {
            error_code: error.as_ref().map_or(0, |error| error.code.code()),
            error_message: error.and_then(|error| error.message),
            resource_type: asked.kind.0,
            resource_name: asked.name,
        }
    })
}

/// True when the controller has to be asked.
fn examine(broker: &Broker, style: Style, validate_only: bool, asked: &Asked) -> Result<bool, ApiError> {
    let names: BTreeSet<&str> = asked.keys.iter().map(|key| key.name.as_str()).collect();
    if names.len() < asked.keys.len() {
        return Err(invalid_request("Error due to duplicate config keys"));
    }
    let is_null = |key: &&Key| {
        key.value.is_none() && AlterConfigOp::from_code(key.operation) != Some(AlterConfigOp::Delete)
    };
    let nulls: Vec<&str> = asked.keys.iter().filter(is_null).map(|key| key.name.as_str()).collect();
    if !nulls.is_empty() {
        return Err(invalid_request(format!("Null value not supported for : {}", nulls.join(", "))));
    }
    match asked.kind {
        ResourceType::BROKER => {
            if !asked.name.is_empty() {
                let id = node_id(&asked.name)?;
                if id != broker.node_id.0 {
                    let (ours, name) = (broker.node_id, &asked.name);
                    return Err(invalid_request(format!(
                        "Unexpected broker id, expected {ours}, but received {name}"
                    )));
                }
            }
            check_broker(broker, style, asked).map(|()| true)
        }
        ResourceType::BROKER_LOGGER if style == Style::Incremental => {
            alter_loggers(broker, validate_only, asked).map(|()| false)
        }
        ResourceType::TOPIC | ResourceType::CLIENT_METRICS | ResourceType::GROUP => Ok(true),
        ResourceType(other) => Err(invalid_request(format!("Unknown resource type {other}"))),
    }
}

fn node_id(name: &str) -> Result<i32, ApiError> {
    name.parse().map_err(|_| invalid_request(format!("Node id must be an integer, but it is: {name}")))
}

/// Whether this broker, or every broker, could be configured so.
fn check_broker(broker: &Broker, style: Style, asked: &Asked) -> Result<(), ApiError> {
    let image = broker.image();
    let of_one = !asked.name.is_empty();
    let (all, own) = (ConfigResource::cluster(), ConfigResource::broker(broker.node_id));
    let held = |resource: &ConfigResource, of_one| {
        let mut entries =
            image.configs.of(resource).map_or_else(Configs::new, |it| dynamic_entries(it, of_one));
        // The cluster's defaults from its first start are no dynamic configuration of Kafka's.
        entries.retain(|name, _| node::definition(name).is_none_or(|row| row.scope != Scope::ReadOnly));
        entries
    };
    let (held_all, held_own) = (held(&all, false), held(&own, true));
    let mut entries = match style {
        Style::Replacing => Configs::new(),
        Style::Incremental if of_one => held_own.clone(),
        Style::Incremental => held_all.clone(),
    };
    if let Some(unknown) = asked.keys.iter().find(|key| AlterConfigOp::from_code(key.operation).is_none()) {
        return Err(invalid_request(format!("Unknown operations type {}", unknown.operation)));
    }
    asked.keys.iter().try_for_each(|key| operate(&mut entries, key))?;
    let change = BrokerChange {
        file: broker.config.file(),
        current: &broker.config.current(),
        entries: &entries,
        of_one,
        other: if of_one { &held_all } else { &held_own },
    };
    check_broker_change(&change).map_err(invalid_request)
}

/// Carries out an operation on a broker's entries (`ConfigAdminManager.prepareIncrementalConfigs`).
fn operate(entries: &mut Configs, key: &Key) -> Result<(), ApiError> {
    let (name, value) = (&key.name, key.value.as_deref().unwrap_or_default());
    let operation = AlterConfigOp::from_code(key.operation);
    match operation {
        Some(AlterConfigOp::Append | AlterConfigOp::Subtract) => {}
        Some(AlterConfigOp::Set) => {
            entries.insert(name.clone(), value.to_owned());
            return Ok(());
        }
        Some(AlterConfigOp::Delete) | None => {
            entries.remove(name);
            return Ok(());
        }
    }
    let appends = operation == Some(AlterConfigOp::Append);
    let row: &Definition =
        node::definition(name).ok_or_else(|| invalid_config(format!("Unknown config name: {name}")))?;
    if row.kind != Kind::List {
        let what = if appends { "append" } else { "subtract" };
        return Err(invalid_config(format!("Config value {what} is not allowed for config key: {name}")));
    }
    let before = entries.get(name).cloned().unwrap_or_else(|| row.default_value().to_string());
    let mut list: Vec<&str> = before.split(',').filter(|entry| !appends || !entry.is_empty()).collect();
    for entry in value.split(',') {
        match list.iter().position(|known| *known == entry) {
            None if appends => list.push(entry),
            Some(position) if !appends => {
                list.remove(position);
            }
            _ => {}
        }
    }
    let after = list.join(",");
    entries.insert(name.clone(), after);
    Ok(())
}

/// Sets levels of this node's log (`kafka.server.logger.RuntimeLoggerManager`).
fn alter_loggers(broker: &Broker, validate_only: bool, asked: &Asked) -> Result<(), ApiError> {
    let id = node_id(&asked.name)?;
    if id != broker.node_id.0 {
        let ours = broker.node_id;
        return Err(invalid_request(format!("Unexpected node id. Expected {ours}, but received {id}")));
    }
    let mut levels = BTreeMap::new();
    for key in &asked.keys {
        levels.insert(key.name.as_str(), level(broker, key)?);
    }
    if !validate_only {
        for (logger, level) in levels {
            tracing::info!(%logger, level = level.map_or("inherited", LogLevel::name), "the log's level changes");
            broker.loggers.set(logger, level);
        }
    }
    Ok(())
}

/// The level that a logger is to have; none of its own after a deletion.
fn level(broker: &Broker, key: &Key) -> Result<Option<LogLevel>, ApiError> {
    let logger = &key.name;
    let must_exist = || match broker.loggers.exists(logger) {
        true => Ok(()),
        false => Err(invalid_config(format!("Logger {logger} does not exist!"))),
    };
    let not_allowed = |name: &str| {
        Err(invalid_request(format!("{name} operation is not allowed for the BROKER_LOGGER resource")))
    };
    match AlterConfigOp::from_code(key.operation) {
        Some(AlterConfigOp::Set) => {
            must_exist()?;
            let name = key.value.as_deref().unwrap_or_default();
            LogLevel::of(name).map(Some).ok_or_else(|| {
                let valid: Vec<&str> = LogLevel::names().collect();
                invalid_config(format!(
                    "Cannot set the log level of {logger} to {name} as it is not a supported log level. Valid log levels \
                     are {}",
                    valid.join(", ")
                ))
            })
        }
        Some(AlterConfigOp::Delete) => {
            must_exist()?;
            if logger == ROOT {
                return Err(invalid_request("Removing the log level of the root logger is not allowed"));
            }
            Ok(None)
        }
        Some(AlterConfigOp::Append) => not_allowed("APPEND"),
        Some(AlterConfigOp::Subtract) => not_allowed("SUBTRACT"),
        None => Err(ApiError::of(ErrorCode::UnknownServerError)),
    }
}
