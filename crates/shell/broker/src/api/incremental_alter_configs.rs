//! IncrementalAlterConfigs (key 44), versions 0–1.
//!
//! v1 is flexible.
//!
//! This broker looks at the request first (`config_changes.rs`), the controller decides the rest
//! (`headwater_controller`, `incremental_alter_configs.rs`). The answer comes when the change is committed and in force
//! here.

use std::sync::Arc;

use headwater_base::ErrorCode;
use headwater_controller::{AlterConfigOp, Answer, ApiError, ConfigChange, Input};
use headwater_metadata::{ConfigResource, ResourceType};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, IncrementalAlterConfigsRequest,
};
use headwater_protocol::messages::incremental_alter_configs_response::{
    AlterConfigsResourceResponse, IncrementalAlterConfigsResponse,
};

use super::config_changes::{Asked, Key, Outcome, Style, left, outcomes, prepare};
use super::{Close, Reply, Request, Row};
use crate::broker::Broker;

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::IncrementalAlterConfigs, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: IncrementalAlterConfigsRequest = request.decode(body)?;
    let broker = Arc::clone(request.broker);
    let resource = |resource: AlterConfigsResource| {
        let keys = resource.configs.into_iter().map(|config| Key {
            name: config.name,
            operation: config.config_operation,
            value: config.value,
        });
        Asked {
            kind: ResourceType(resource.resource_type),
            name: resource.resource_name,
            keys: keys.collect(),
        }
    };
    let asked: Vec<Asked> = message.resources.into_iter().map(resource).collect();
    let validate_only = message.validate_only;
    let prepared = prepare(&broker, Style::Incremental, validate_only, &asked);
    Ok(request.answerer.later(async move {
        let decided = decide(&broker, &left(&asked, &prepared), validate_only).await;
        let response = |outcome: Outcome| AlterConfigsResourceResponse {
            error_code: outcome.error_code,
            error_message: outcome.error_message,
            resource_type: outcome.resource_type,
            resource_name: outcome.resource_name,
        };
        let responses = outcomes(asked, prepared, decided).map(response).collect();
        IncrementalAlterConfigsResponse { throttle_time_ms: 0, responses }
    }))
}

/// Asks the controller; one result for each resource.
async fn decide(broker: &Broker, asked: &[&Asked], validate_only: bool) -> Vec<Result<(), ApiError>> {
    if asked.is_empty() {
        return Vec::new();
    }
    let change = |asked: &&Asked| {
        let operation = |key: &Key| {
            let operation = AlterConfigOp::from_code(key.operation)?;
            Some((key.name.clone(), (operation, key.value.clone())))
        };
        Some(ConfigChange {
            resource: ConfigResource { kind: asked.kind, name: asked.name.as_str().into() },
            operations: asked.keys.iter().map(operation).collect::<Option<_>>()?,
        })
    };
    // As in Kafka an operation that is none fails all that goes to the controller.
    let Some(changes) = asked.iter().map(change).collect() else {
        return vec![Err(ApiError::of(ErrorCode::UnknownServerError)); asked.len()];
    };
    match broker.quorum.submit(Input::IncrementalAlterConfigs(changes, validate_only)).await {
        Ok(Answer::IncrementalAlterConfigs(results)) => {
            results.into_iter().map(|(_, result)| result).collect()
        }
        Ok(other) => unreachable!("IncrementalAlterConfigs was answered with {other:?}"),
        Err(error) => vec![Err(error.told_to_clients()); asked.len()],
    }
}
