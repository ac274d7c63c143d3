//! DescribeGroups (key 15), versions 0–6: classic groups with their members.
//!
//! v3 authorized operations · v4 static members · v6 a group that does not exist is an error with words (KIP-1043).

use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_group::{Answer, Input};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::describe_groups_request::DescribeGroupsRequest;
use headwater_protocol::messages::describe_groups_response::{DescribeGroupsResponse, DescribedGroup};

use super::authorized_operations::{GROUP_OPERATIONS, UNASKED};
use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::DescribeGroups, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: DescribeGroupsRequest = request.decode(body)?;
    let (version, broker) = (request.version, Arc::clone(request.broker));
    let operations = if message.include_authorized_operations { GROUP_OPERATIONS } else { UNASKED };
    let asked: Vec<_> = message
        .groups
        .into_iter()
        .map(|group| {
            let answer = broker.groups.ask(&group, Input::Describe(vec![group.clone()], version));
            (group, answer)
        })
        .collect();
    Ok(request.answerer.later(async move {
        let mut groups = Vec::new();
        for (group_id, answer) in asked {
            match answer.await {
                Ok(Answer::Describe(described)) => {
                    groups.extend(described.into_iter().map(|group| {
                        let known = group.error_code == 0;
                        DescribedGroup {
                            authorized_operations: if known { operations } else { UNASKED },
                            ..group
                        }
                    }));
                }
                Ok(other) => unreachable!("DescribeGroups was answered with {other:?}"),
                Err(error) => groups.push(refused(group_id, error)),
            }
        }
        DescribeGroupsResponse { groups, ..DescribeGroupsResponse::default() }
    }))
}

fn refused(group_id: String, error: ErrorCode) -> DescribedGroup {
    DescribedGroup { group_id, error_code: error.code(), ..DescribedGroup::default() }
}
