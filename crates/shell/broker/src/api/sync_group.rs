//! SyncGroup (key 14), versions 0–5: the leader brings the assignment, every member fetches its own.
//!
//! v3 static members · v5 protocol type and name.

use headwater_group::{Answer, Input};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::sync_group_request::SyncGroupRequest;
use headwater_protocol::messages::sync_group_response::SyncGroupResponse;

use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::SyncGroup, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: SyncGroupRequest = request.decode(body)?;
    let group = message.group_id.clone();
    let asked = request.broker.groups.ask(&group, Input::Sync(message));
    Ok(request.answerer.later(async move {
        match asked.await {
            Ok(Answer::Sync(answer)) => answer,
            Ok(other) => unreachable!("SyncGroup was answered with {other:?}"),
            Err(error) => SyncGroupResponse { error_code: error.code(), ..SyncGroupResponse::default() },
        }
    }))
}
