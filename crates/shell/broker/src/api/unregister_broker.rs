//! UnregisterBroker (key 64), version 0 (KIP-631).
//!
//! The controller decides (`headwater_controller`, `unregister_broker.rs`).

use std::sync::Arc;

use headwater_controller::{Answer, Input};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::unregister_broker_request::UnregisterBrokerRequest;
use headwater_protocol::messages::unregister_broker_response::UnregisterBrokerResponse;

use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::UnregisterBroker, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: UnregisterBrokerRequest = request.decode(body)?;
    let broker = Arc::clone(request.broker);
    Ok(request.answerer.later(async move {
        match broker.ask_controller(Input::UnregisterBroker(message), None).await {
            Ok(Answer::UnregisterBroker(answer)) => answer,
            Ok(other) => unreachable!("UnregisterBroker was answered with {other:?}"),
            Err(error) => UnregisterBrokerResponse {
                error_code: error.code.code(),
                error_message: error.message,
                ..UnregisterBrokerResponse::default()
            },
        }
    }))
}
