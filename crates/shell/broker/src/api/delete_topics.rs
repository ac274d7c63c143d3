//! DeleteTopics (key 20), versions 1–6.
//!
//! v5 error messages · v6 topics by id.
//!
//! The controller decides (`headwater_controller`, `delete_topics.rs`); when the answer comes, this node serves the
//! topics no more, and their folders have lost their names.

use std::sync::Arc;

use headwater_controller::{Answer, ApiError, Input};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use headwater_protocol::messages::delete_topics_response::{DeletableTopicResult, DeleteTopicsResponse};

use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::DeleteTopics, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: DeleteTopicsRequest = request.decode(body)?;
    let (broker, version) = (Arc::clone(request.broker), request.version);
    Ok(request.answerer.later(async move {
        let asked = message.clone();
        let timeout_ms = message.timeout_ms;
        match broker.ask_controller(Input::DeleteTopics(message, version), Some(timeout_ms)).await {
            Ok(Answer::DeleteTopics(answer)) => answer,
            Ok(other) => unreachable!("DeleteTopics was answered with {other:?}"),
            Err(error) => failed(asked, version, &error),
        }
    }))
}

fn failed(asked: DeleteTopicsRequest, version: i16, error: &ApiError) -> DeleteTopicsResponse {
    let topics = if version >= 6 {
        asked.topics
    } else {
        let named = |name| DeleteTopicState { name: Some(name), ..DeleteTopicState::default() };
        asked.topic_names.into_iter().map(named).collect()
    };
    let result = |topic: DeleteTopicState| DeletableTopicResult {
        name: topic.name,
        topic_id: topic.topic_id,
        error_code: error.code.code(),
        error_message: error.message.clone(),
    };
    DeleteTopicsResponse {
        responses: topics.into_iter().map(result).collect(),
        ..DeleteTopicsResponse::default()
    }
}
