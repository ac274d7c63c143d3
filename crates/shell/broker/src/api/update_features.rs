//! UpdateFeatures (key 57), versions 0–2 (KIP-584).
//!
//! v0 may allow a downgrade, which the reference reads and does not look at · v1 types of upgrades, and trying without
//! doing · v2 has no result for each feature, as all change or none.
//!
//! The controller decides (`headwater_controller`, `update_features.rs`); when the answer comes, this node's ApiVersions
//! says the new levels.

use std::sync::Arc;

use headwater_controller::{Answer, Input};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::update_features_request::UpdateFeaturesRequest;
use headwater_protocol::messages::update_features_response::UpdateFeaturesResponse;

use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::UpdateFeatures, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: UpdateFeaturesRequest = request.decode(body)?;
    let (broker, version) = (Arc::clone(request.broker), request.version);
    Ok(request.answerer.later(async move {
        // The reference looks at no timeout here.
        match broker.ask_controller(Input::UpdateFeatures(message, version), None).await {
            Ok(Answer::UpdateFeatures(answer)) => answer,
            Ok(other) => unreachable!("UpdateFeatures was answered with {other:?}"),
            Err(error) => UpdateFeaturesResponse {
                error_code: error.code.code(),
                error_message: error.message,
                ..UpdateFeaturesResponse::default()
            },
        }
    }))
}
