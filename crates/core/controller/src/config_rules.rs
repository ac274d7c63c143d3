//! What configuration a resource may have (`kafka.server.ControllerConfigurationValidator`).
//!
//! What a broker's keys mean is checked by the broker that the request reached, before it asks the controller: as in
//! Kafka the controller looks at the values of all other resources only.

use std::collections::BTreeMap;

use headwater_base::config::client_metrics::{self, Refusal};
use headwater_base::config::group;
use headwater_base::{ErrorCode, NodeId};
use headwater_metadata::{ConfigResource, ResourceType};

use crate::error::ApiError;
use crate::state::Controller;
use crate::topic_name;

/// The longest value, in characters.
const MAX_VALUE_LENGTH: usize = i16::MAX as usize;

pub(crate) fn invalid_config(message: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::InvalidConfig, message)
}

impl Controller {
    /// Checks everything that a resource would set: `all`, of which `set` are new values.
    pub(crate) fn check_resource<'a>(
        &self,
        resource: &ConfigResource,
        all: &BTreeMap<String, String>,
        set: impl IntoIterator<Item = &'a String>,
    ) -> Result<(), ApiError> {
        check_value_lengths(set)?;
        match resource.kind {
            ResourceType::TOPIC => {
                if resource.name.is_empty() {
                    let message = "Default topic resources are not allowed.";
                    return Err(ApiError::new(ErrorCode::InvalidRequest, message));
                }
                topic_name::validate(&resource.name)
                    .map_err(|message| ApiError::new(ErrorCode::InvalidTopicException, message))?;
                self.validate_topic_configs(all).map_err(invalid_config)?;
                if self.state.image.topics.id_of(&resource.name).is_none() {
                    let message = format!("The topic '{}' does not exist.", resource.name);
                    return Err(ApiError::new(ErrorCode::UnknownTopicOrPartition, message));
                }
                Ok(())
            }
            ResourceType::BROKER => self.check_broker_name(&resource.name),
            ResourceType::CLIENT_METRICS => {
                client_metrics::validate_all(&resource.name, all).map_err(|refusal| match refusal {
                    Refusal::Request(message) => ApiError::new(ErrorCode::InvalidRequest, message),
                    Refusal::Config(message) => invalid_config(message),
                })
            }
            ResourceType::GROUP => {
                if resource.name.is_empty() {
                    let message = "Default group resources are not allowed.";
                    return Err(ApiError::new(ErrorCode::InvalidRequest, message));
                }
                group::validate_all(all, &|key| self.effective_node_value(key)).map_err(invalid_config)
            }
            ResourceType(other) => {
                let message = format!("Unknown resource type {other}");
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
        check_value_lengths(set.values())?;
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

fn check_value_lengths<'a>(set: impl IntoIterator<Item = &'a String>) -> Result<(), ApiError> {
    if set.into_iter().any(|value| value.encode_utf16().count() > MAX_VALUE_LENGTH) {
        let message = "The configuration value cannot be added because it exceeds the maximum value size of 32767 \
                       bytes.";
        return Err(invalid_config(message));
    }
    Ok(())
}
