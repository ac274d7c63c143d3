//! DescribeConfigs (key 32), versions 1–4.
//!
//! v1 synonyms · v3 types and documentation · v4 is flexible.
//!
//! Everything is answered from this node's image and its own configuration (`kafka.server.ConfigHelper`). Documentation is
//! our own; entries come in the order of their names, where Kafka has none.

mod entry;
mod nodes;
mod resources;

use headwater_base::ErrorCode;
use headwater_controller::{ApiError, topic_name};
use headwater_metadata::ResourceType;
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::describe_configs_request::{
    DescribeConfigsRequest, DescribeConfigsResource,
};
use headwater_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResponse, DescribeConfigsResult,
};

use super::{Close, Reply, Request, Row};
use crate::broker::Broker;

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::DescribeConfigs, handle };

type Entries = Vec<DescribeConfigsResourceResult>;

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: DescribeConfigsRequest = request.decode(body)?;
    let is_known = |resource: &DescribeConfigsResource| {
        matches!(
            ResourceType(resource.resource_type),
            ResourceType::TOPIC
                | ResourceType::BROKER
                | ResourceType::BROKER_LOGGER
                | ResourceType::CLIENT_METRICS
                | ResourceType::GROUP
        )
    };
    // One type that nobody knows spoils the whole request.
    let all_known = message.resources.iter().all(is_known);
    let result = |resource: &DescribeConfigsResource| {
        let configs = if all_known {
            describe(request.broker, resource)
        } else {
            Err(ApiError::with_default_message(ErrorCode::InvalidRequest))
        };
        let mut result = DescribeConfigsResult {
            resource_type: resource.resource_type,
            resource_name: resource.resource_name.clone(),
            ..DescribeConfigsResult::default()
        };
        match configs {
            Ok(mut configs) => {
                if let Some(keys) = resource.configuration_keys.as_ref().filter(|keys| !keys.is_empty()) {
                    configs.retain(|entry| keys.contains(&entry.name));
                }
                configs.iter_mut().for_each(|entry| trim(entry, &message, request.version));
                result.configs = configs;
            }
            Err(error) => {
                result.error_code = error.code.code();
                result.error_message = error.message;
            }
        }
        result
    };
    let results = message.resources.iter().map(result).collect();
    Ok(request.answerer.now(&DescribeConfigsResponse { throttle_time_ms: 0, results }))
}

/// Leaves out what was not asked for and what the version does not have.
fn trim(entry: &mut DescribeConfigsResourceResult, message: &DescribeConfigsRequest, version: i16) {
    if !message.include_synonyms {
        entry.synonyms.clear();
    }
    if !message.include_documentation {
        entry.documentation = None;
    }
    if version < 3 {
        entry.config_type = 0;
        entry.documentation = Some(String::new());
    }
}

fn describe(broker: &Broker, resource: &DescribeConfigsResource) -> Result<Entries, ApiError> {
    let name = resource.resource_name.as_str();
    let invalid = |message: String| Err(ApiError::new(ErrorCode::InvalidRequest, message));
    let ours = broker.node_id;
    match ResourceType(resource.resource_type) {
        ResourceType::TOPIC => {
            topic_name::validate(name)
                .map_err(|message| ApiError::new(ErrorCode::InvalidTopicException, message))?;
            match resources::topic(broker, name) {
                Some(entries) => Ok(entries),
                None => Err(ApiError::new(ErrorCode::UnknownTopicOrPartition, "")),
            }
        }
        ResourceType::BROKER if name.is_empty() => Ok(nodes::all_brokers(broker)),
        ResourceType::BROKER if broker_id(name)? != ours.0 => {
            invalid(format!("Unexpected broker id, expected {ours} or empty string, but received {name}"))
        }
        ResourceType::BROKER => Ok(nodes::this_broker(broker)),
        ResourceType::BROKER_LOGGER if name.is_empty() => invalid("Broker id must not be empty".to_owned()),
        ResourceType::BROKER_LOGGER if broker_id(name)? != ours.0 => {
            invalid(format!("Unexpected broker id, expected {ours} but received {name}"))
        }
        ResourceType::BROKER_LOGGER => Ok(nodes::loggers(broker)),
        ResourceType::CLIENT_METRICS if name.is_empty() => {
            invalid("Client metrics subscription name must not be empty".to_owned())
        }
        ResourceType::CLIENT_METRICS => Ok(resources::client_metrics(broker, name)),
        _ if name.is_empty() => invalid("Group name must not be empty".to_owned()),
        _ => Ok(resources::group(broker, name)),
    }
}

fn broker_id(name: &str) -> Result<i32, ApiError> {
    name.parse().map_err(|_| {
        ApiError::new(ErrorCode::InvalidRequest, format!("Broker id must be an integer, but it is: {name}"))
    })
}
