//! ListGroups (key 16), versions 0–5: the groups that this broker coordinates.
//!
//! v4 by states · v5 by types.

use headwater_group::{Answer, Input};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::list_groups_request::ListGroupsRequest;
use headwater_protocol::messages::list_groups_response::ListGroupsResponse;

use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::ListGroups, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: ListGroupsRequest = request.decode(body)?;
    let asked = request.broker.groups.ask_all(&Input::List(message));
    Ok(request.answerer.later(async move {
        match asked.await {
            Ok(answers) => {
                let groups = answers.into_iter().flat_map(|answer| match answer {
                    Answer::List(groups) => groups,
                    other => unreachable!("ListGroups was answered with {other:?}"),
                });
                ListGroupsResponse { groups: groups.collect(), ..ListGroupsResponse::default() }
            }
            Err(error) => ListGroupsResponse { error_code: error.code(), ..ListGroupsResponse::default() },
        }
    }))
}
