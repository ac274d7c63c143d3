//! Heartbeat (key 12), versions 0–4: a member of a classic group is alive, and hears whether the group rebalances.
//!
//! v3 static members.

use headwater_base::error_code::ErrorCode;
use headwater_group::{Answer, Input};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::heartbeat_request::HeartbeatRequest;
use headwater_protocol::messages::heartbeat_response::HeartbeatResponse;

use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::Heartbeat, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: HeartbeatRequest = request.decode(body)?;
    let group = message.group_id.clone();
    let asked = request.broker.groups.ask(&group, Input::Heartbeat(message));
    Ok(request.answerer.later(async move {
        let error = match asked.await {
            Ok(Answer::Heartbeat(error)) => error,
            Ok(other) => unreachable!("Heartbeat was answered with {other:?}"),
            // The member knows nobody else to ask; it joins again if the group is lost (`handleOperationException`).
            Err(ErrorCode::CoordinatorLoadInProgress) => ErrorCode::None,
            Err(error) => error,
        };
        HeartbeatResponse { error_code: error.code(), ..HeartbeatResponse::default() }
    }))
}
