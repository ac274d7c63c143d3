//! CreatePartitions (key 37), versions 0–3.
//!
//! v1 and v3 change nothing on the wire · v2 flexible.
//!
//! The controller decides (`headwater_controller`, `create_partitions.rs`); the answer comes when the partitions are
//! committed and this node leads them.

use std::sync::Arc;

use headwater_controller::{Answer, Input};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::create_partitions_request::CreatePartitionsRequest;
use headwater_protocol::messages::create_partitions_response::{
    CreatePartitionsResponse, CreatePartitionsTopicResult,
};

use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::CreatePartitions, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: CreatePartitionsRequest = request.decode(body)?;
    let broker = Arc::clone(request.broker);
    Ok(request.answerer.later(async move {
        let names: Vec<String> = message.topics.iter().map(|topic| topic.name.clone()).collect();
        let timeout_ms = message.timeout_ms;
        // Nothing is asked, so nothing can come too late.
        if names.is_empty() {
            return CreatePartitionsResponse::default();
        }
        match broker.ask_controller(Input::CreatePartitions(message), Some(timeout_ms)).await {
            Ok(Answer::CreatePartitions(answer)) => answer,
            Ok(other) => unreachable!("CreatePartitions was answered with {other:?}"),
            Err(error) => CreatePartitionsResponse {
                results: names
                    .into_iter()
                    .map(|name| CreatePartitionsTopicResult {
                        name,
                        error_code: error.code.code(),
                        error_message: error.message.clone(),
                    })
                    .collect(),
                ..CreatePartitionsResponse::default()
            },
        }
    }))
}
