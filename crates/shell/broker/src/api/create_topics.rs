//! CreateTopics (key 19), versions 2–7.
//!
//! v4 −1 for the cluster's defaults · v5 configuration in the answer · v7 topic ids.
//!
//! The controller decides (`headwater_controller`, `create_topics.rs`); the answer comes when the topics are committed
//! and this node serves them.

use std::sync::Arc;

use headwater_controller::{Answer, Input};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::create_topics_request::CreateTopicsRequest;
use headwater_protocol::messages::create_topics_response::{CreatableTopicResult, CreateTopicsResponse};

use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::CreateTopics, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: CreateTopicsRequest = request.decode(body)?;
    let broker = Arc::clone(request.broker);
    Ok(request.answerer.later(async move {
        let names: Vec<String> = message.topics.iter().map(|topic| topic.name.clone()).collect();
        let timeout_ms = message.timeout_ms;
        match broker.ask_controller(Input::CreateTopics(message), Some(timeout_ms)).await {
            Ok(Answer::CreateTopics(answer)) => answer,
            Ok(other) => unreachable!("CreateTopics was answered with {other:?}"),
            Err(error) => CreateTopicsResponse {
                topics: names
                    .into_iter()
                    .map(|name| CreatableTopicResult {
                        name,
                        error_code: error.code.code(),
                        error_message: error.message.clone(),
                        ..CreatableTopicResult::default()
                    })
                    .collect(),
                ..CreateTopicsResponse::default()
            },
        }
    }))
}
