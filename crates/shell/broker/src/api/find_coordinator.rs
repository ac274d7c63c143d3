//! FindCoordinator (key 10), versions 0–6.
//!
//! v1 key types · v4 many keys in one request.
//!
//! There are no coordinators yet, and the answer says so: COORDINATOR_NOT_AVAILABLE for every key, with a message. It
//! is what Kafka answers while its offsets topic cannot be had, and clients treat it as "try again later".

use headwater_base::Uuid;
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
    if version < 4 {
        let (error, why) = refusal(version, request.key_type, &request.key);
        return FindCoordinatorResponse {
            error_code: error.code(),
            error_message: Some(why.to_owned()),
            node_id: -1,
            port: -1,
            ..FindCoordinatorResponse::default()
        };
    }
    let coordinator = |key: &String| {
        let (error, why) = refusal(version, request.key_type, key);
        Coordinator {
            key: key.clone(),
            node_id: -1,
            host: String::new(),
            port: -1,
            error_code: error.code(),
            error_message: Some(why.to_owned()),
        }
    };
    let coordinators = request.coordinator_keys.iter().map(coordinator).collect();
    FindCoordinatorResponse { coordinators, ..FindCoordinatorResponse::default() }
}

/// Error and words for one key. Kafka's three types are group, transaction and, since version 6, share.
fn refusal(version: i16, key_type: i8, key: &str) -> (ErrorCode, &'static str) {
    match key_type {
        0 | 1 => (ErrorCode::CoordinatorNotAvailable, WHY),
        2 if version >= 6 && is_share_key(key) => (ErrorCode::CoordinatorNotAvailable, WHY),
        // Since version 4 Kafka has no words for a share key that is none.
        2 if version >= 4 => (ErrorCode::InvalidRequest, ""),
        _ => (ErrorCode::InvalidRequest, ErrorCode::InvalidRequest.message()),
    }
}

/// `groupId:topicId:partition`, where the group's id may hold colons itself.
fn is_share_key(key: &str) -> bool {
    let mut parts = key.rsplitn(3, ':');
    let partition = parts.next().is_some_and(|text| text.parse::<i32>().is_ok());
    let topic = parts.next().is_some_and(|text| text.parse::<Uuid>().is_ok());
    partition && topic && parts.next().is_some_and(|group| !group.is_empty())
}
