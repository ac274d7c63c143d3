//! AlterConfigs (key 33), versions 0–2.
//!
//! v1 tells of throttling differently · v2 is flexible.
//!
//! A resource gets exactly the keys of the request and loses all others. This broker looks at the request first
//! (`config_changes.rs`), the controller decides the rest (`headwater_controller`, `alter_configs.rs`).

use std::sync::Arc;

use headwater_controller::{AlterConfigOp, Answer, ApiError, ConfigReplacement, Input};
use headwater_metadata::{ConfigResource, ResourceType};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::alter_configs_request::{AlterConfigsRequest, AlterConfigsResource};
use headwater_protocol::messages::alter_configs_response::{
    AlterConfigsResourceResponse, AlterConfigsResponse,
};

use super::config_changes::{Asked, Key, Outcome, Style, left, outcomes, prepare};
use super::{Close, Reply, Request, Row};
use crate::broker::Broker;

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::AlterConfigs, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: AlterConfigsRequest = request.decode(body)?;
    let broker = Arc::clone(request.broker);
    let resource = |resource: AlterConfigsResource| {
        let keys = resource.configs.into_iter().map(|config| Key {
            name: config.name,
            operation: AlterConfigOp::Set.code(),
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
    let prepared = prepare(&broker, Style::Replacing, validate_only, &asked);
    Ok(request.answerer.later(async move {
        let decided = decide(&broker, &left(&asked, &prepared), validate_only).await;
        let response = |outcome: Outcome| AlterConfigsResourceResponse {
            error_code: outcome.error_code,
            error_message: outcome.error_message,
            resource_type: outcome.resource_type,
            resource_name: outcome.resource_name,
        };
        let responses = outcomes(asked, prepared, decided).map(response).collect();
        AlterConfigsResponse { throttle_time_ms: 0, responses }
    }))
}

/// Asks the controller; one result for each resource.
async fn decide(broker: &Broker, asked: &[&Asked], validate_only: bool) -> Vec<Result<(), ApiError>> {
    if asked.is_empty() {
        return Vec::new();
    }
    let replacement = |asked: &&Asked| ConfigReplacement {
        resource: ConfigResource { kind: asked.kind, name: asked.name.as_str().into() },
        configs: asked.keys.iter().filter_map(|key| Some((key.name.clone(), key.value.clone()?))).collect(),
    };
    let replacements = asked.iter().map(replacement).collect();
    match broker.quorum.submit(Input::AlterConfigs(replacements, validate_only)).await {
        Ok(Answer::AlterConfigs(results)) => results.into_iter().map(|(_, result)| result).collect(),
        Ok(other) => unreachable!("AlterConfigs was answered with {other:?}"),
        Err(error) => vec![Err(error.told_to_clients()); asked.len()],
    }
}
