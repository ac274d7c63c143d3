//! LeaveGroup (key 13), versions 0–5: members leave a classic group, by themselves or by an administrator's will.
//!
//! v3 many members, static ones by their instance · v5 reasons (KIP-800).

use headwater_group::{Answer, Input};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::leave_group_request::{LeaveGroupRequest, MemberIdentity};
use headwater_protocol::messages::leave_group_response::LeaveGroupResponse;

use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::LeaveGroup, handle };

/// The first version with a list of members.
const MANY_FROM: i16 = 3;

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let mut message: LeaveGroupRequest = request.decode(body)?;
    let version = request.version;
    if version < MANY_FROM {
        let member_id = std::mem::take(&mut message.member_id);
        message.members = vec![MemberIdentity { member_id, ..MemberIdentity::default() }];
    }
    let group = message.group_id.clone();
    let asked = request.broker.groups.ask(&group, Input::Leave(message));
    Ok(request.answerer.later(async move {
        let mut answer = match asked.await {
            Ok(Answer::Leave(answer)) => answer,
            Ok(other) => unreachable!("LeaveGroup was answered with {other:?}"),
            Err(error) => LeaveGroupResponse { error_code: error.code(), ..LeaveGroupResponse::default() },
        };
        if version < MANY_FROM {
            let of_member = answer.members.drain(..).next().map_or(0, |member| member.error_code);
            if answer.error_code == 0 {
                answer.error_code = of_member;
            }
        }
        answer
    }))
}
