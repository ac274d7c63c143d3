//! ListPartitionReassignments (key 46), version 0 (KIP-455).
//!
//! The controller answers (`headwater_controller`, `list_partition_reassignments.rs`), with what is committed.

use std::sync::Arc;

use headwater_controller::{Answer, ApiError, Input};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::list_partition_reassignments_request::{
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsTopics,
};
use headwater_protocol::messages::list_partition_reassignments_response::{
    ListPartitionReassignmentsResponse, OngoingPartitionReassignment, OngoingTopicReassignment,
};

use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::ListPartitionReassignments, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: ListPartitionReassignmentsRequest = request.decode(body)?;
    let broker = Arc::clone(request.broker);
    Ok(request.answerer.later(async move {
        let asked = message.topics.clone().unwrap_or_default();
        // The reference looks at no timeout here.
        match broker.ask_controller(Input::ListPartitionReassignments(message), None).await {
            Ok(Answer::ListPartitionReassignments(answer)) => answer,
            Ok(other) => unreachable!("ListPartitionReassignments was answered with {other:?}"),
            Err(error) => failed(asked, error),
        }
    }))
}

fn failed(
    asked: Vec<ListPartitionReassignmentsTopics>,
    error: ApiError,
) -> ListPartitionReassignmentsResponse {
    let partition = |index: &i32| OngoingPartitionReassignment {
        partition_index: *index,
        ..OngoingPartitionReassignment::default()
    };
    let topic = |topic: ListPartitionReassignmentsTopics| OngoingTopicReassignment {
        name: topic.name,
        partitions: topic.partition_indexes.iter().map(partition).collect(),
    };
    ListPartitionReassignmentsResponse {
        topics: asked.into_iter().map(topic).collect(),
        error_code: error.code.code(),
        error_message: error.message,
        ..ListPartitionReassignmentsResponse::default()
    }
}
