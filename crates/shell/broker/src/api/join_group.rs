//! JoinGroup (key 11), versions 0–9: a member joins the next generation of a classic group.
//!
//! v1 rebalance timeout · v4 members without an id are given one first (KIP-394) · v5 static members · v7 protocol type
//! in the answer · v8 reasons (KIP-800) · v9 a static leader need not assign again (KIP-814).
//!
//! The answer comes when the generation begins (`headwater_group`, `classic/join.rs`); the connection's later answers wait
//! behind it, as they do with Kafka.

use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_group::{Answer, Caller, Input};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::join_group_request::JoinGroupRequest;
use headwater_protocol::messages::join_group_response::JoinGroupResponse;

use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::JoinGroup, handle };

/// The first version in which the answer may do without a protocol.
const NULL_PROTOCOL_FROM: i16 = 7;

/// The first version with a rebalance timeout of its own.
const REBALANCE_TIMEOUT_FROM: i16 = 1;

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let mut message: JoinGroupRequest = request.decode(body)?;
    let version = request.version;
    if version < REBALANCE_TIMEOUT_FROM {
        message.rebalance_timeout_ms = message.session_timeout_ms;
    }
    let caller = Caller {
        client_id: request.client_id.clone().unwrap_or_default(),
        client_host: format!("/{}", request.peer.address.ip().to_canonical()),
    };
    let (group, member) = (message.group_id.clone(), message.member_id.clone());
    let broker = Arc::clone(request.broker);
    let asked = broker.groups.ask(&group, Input::Join(message, caller, version));
    Ok(request.answerer.later(async move {
        let mut answer = match asked.await {
            Ok(Answer::Join(answer)) => answer,
            Ok(other) => unreachable!("JoinGroup was answered with {other:?}"),
            Err(error) => refused(member, error),
        };
        if version < NULL_PROTOCOL_FROM {
            answer.protocol_name.get_or_insert_default();
        }
        answer
    }))
}

fn refused(member_id: String, error: ErrorCode) -> JoinGroupResponse {
    JoinGroupResponse {
        error_code: error.code(),
        member_id,
        protocol_name: None,
        ..JoinGroupResponse::default()
    }
}
