//! ElectLeaders (key 43), versions 0–2.
//!
//! v1 unclean elections, and an error for the whole · v2 flexible.
//!
//! The controller decides (`headwater_controller`, `elect_leaders.rs`); when the answer comes, this node knows the leaders.

use std::sync::Arc;

use headwater_controller::{Answer, Input, elect_leaders};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::elect_leaders_request::ElectLeadersRequest;
use headwater_protocol::messages::elect_leaders_response::ElectLeadersResponse;

use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::ElectLeaders, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: ElectLeadersRequest = request.decode(body)?;
    let (broker, version) = (Arc::clone(request.broker), request.version);
    Ok(request.answerer.later(async move {
        // Nothing is asked, so nothing can come too late.
        if message.topic_partitions.as_ref().is_some_and(Vec::is_empty) {
            return ElectLeadersResponse::default();
        }
        let (asked, timeout_ms) = (message.clone(), message.timeout_ms);
        let answer = broker.ask_controller(Input::ElectLeaders(message), Some(timeout_ms)).await;
        let mut answer = match answer {
            Ok(Answer::ElectLeaders(answer)) => answer,
            Ok(other) => unreachable!("ElectLeaders was answered with {other:?}"),
            Err(error) => elect_leaders::failed(&asked, &error),
        };
        if version == 0 {
            answer.error_code = 0;
        }
        answer
    }))
}
