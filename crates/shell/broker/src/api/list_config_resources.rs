//! ListConfigResources (key 74), versions 0–1 (KIP-714, KIP-1142).
//!
//! v0 lists subscriptions to client metrics (it was ListClientMetricsResources) · v1 lists resources of the types that are
//! asked for: every topic and broker, and the groups and subscriptions that have configuration.

use headwater_base::ErrorCode;
use headwater_metadata::{Image, ResourceType};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::list_config_resources_request::ListConfigResourcesRequest;
use headwater_protocol::messages::list_config_resources_response::{
    ConfigResource, ListConfigResourcesResponse,
};

use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::ListConfigResources, handle };

/// What can be asked for, in the order of the answer.
const TYPES: [ResourceType; 5] = [
    ResourceType::GROUP,
    ResourceType::CLIENT_METRICS,
    ResourceType::BROKER_LOGGER,
    ResourceType::BROKER,
    ResourceType::TOPIC,
];

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: ListConfigResourcesRequest = request.decode(body)?;
    let asked: Vec<ResourceType> = match message.resource_types.as_slice() {
        _ if request.version == 0 => vec![ResourceType::CLIENT_METRICS],
        [] => TYPES.to_vec(),
        types => types.iter().map(|kind| ResourceType(*kind)).collect(),
    };
    let mut response = ListConfigResourcesResponse::default();
    if asked.iter().all(|kind| TYPES.contains(kind)) {
        let image = request.broker.image();
        for kind in TYPES.into_iter().filter(|kind| asked.contains(kind)) {
            response.config_resources.extend(names(&image, kind).into_iter().map(|resource_name| {
                // A version without types cannot carry any but its own.
                ConfigResource { resource_name, resource_type: kind.0 }
            }));
        }
    } else {
        response.error_code = ErrorCode::UnsupportedVersion.code();
    }
    Ok(request.answerer.now(&response))
}

fn names(image: &Image, kind: ResourceType) -> Vec<String> {
    match kind {
        ResourceType::TOPIC => image.topics.iter().map(|topic| topic.name.to_string()).collect(),
        ResourceType::BROKER | ResourceType::BROKER_LOGGER => {
            image.cluster.brokers().map(|broker| broker.id.to_string()).collect()
        }
        other => {
            let configured = image.configs.iter().filter(|(resource, _)| resource.kind == other);
            configured.map(|(resource, _)| resource.name.to_string()).collect()
        }
    }
}
