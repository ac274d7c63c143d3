//! FindCoordinator (key 10), versions 0–6.
//!
//! v1 key types · v4 many keys in one request.
//!
//! There are no coordinators yet, and the answer says so: COORDINATOR_NOT_AVAILABLE for every key, with a message. It
//! is what Kafka answers while its offsets topic cannot be had, and clients treat it as "try again later".

use headwater_base::error_code::ErrorCode;
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::find_coordinator_request::FindCoordinatorRequest;
use headwater_protocol::messages::find_coordinator_response::{Coordinator, FindCoordinatorResponse};

use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::FindCoordinator, handle };

/// Said to whoever looks for a coordinator.
const WHY: &str = "This broker has no group, transaction or share coordinators.";

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: FindCoordinatorRequest = request.decode(body)?;
    Ok(request.answerer.now(&answer(request.version, &message)))
}

fn answer(version: i16, request: &FindCoordinatorRequest) -> FindCoordinatorResponse {
    // Kafka's three types: group, transaction, share.
    let error = match request.key_type {
        0..=2 => ErrorCode::CoordinatorNotAvailable,
        _ => ErrorCode::InvalidRequest,
    };
    if version < 4 {
        return FindCoordinatorResponse {
            error_code: error.code(),
            error_message: Some(WHY.to_owned()),
            node_id: -1,
            port: -1,
            ..FindCoordinatorResponse::default()
        };
    }
    let coordinator = |key: &String| Coordinator {
        key: key.clone(),
        node_id: -1,
        host: String::new(),
        port: -1,
        error_code: error.code(),
        error_message: Some(WHY.to_owned()),
    };
    let coordinators = request.coordinator_keys.iter().map(coordinator).collect();
    FindCoordinatorResponse { coordinators, ..FindCoordinatorResponse::default() }
}
