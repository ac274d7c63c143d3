//! DeleteGroups (key 42), versions 0–2: groups without members, with their offsets.

use std::sync::Arc;

use headwater_group::{Answer, Input};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::delete_groups_request::DeleteGroupsRequest;
use headwater_protocol::messages::delete_groups_response::{DeletableGroupResult, DeleteGroupsResponse};

use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::DeleteGroups, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let mut message: DeleteGroupsRequest = request.decode(body)?;
    let broker = Arc::clone(request.broker);
    // A group that is named twice is deleted once and answered once, as the reference's set does.
    let mut seen = std::collections::BTreeSet::new();
    message.groups_names.retain(|group| seen.insert(group.clone()));
    let asked: Vec<_> = message
        .groups_names
        .into_iter()
        .map(|group| {
            let answer = broker.groups.ask(&group, Input::Delete(vec![group.clone()]));
            (group, answer)
        })
        .collect();
    Ok(request.answerer.later(async move {
        let mut results = Vec::new();
        for (group_id, answer) in asked {
            match answer.await {
                Ok(Answer::Delete(answer)) => results.extend(answer.results),
                Ok(other) => unreachable!("DeleteGroups was answered with {other:?}"),
                Err(error) => results.push(DeletableGroupResult { group_id, error_code: error.code() }),
            }
        }
        DeleteGroupsResponse { results, ..DeleteGroupsResponse::default() }
    }))
}
