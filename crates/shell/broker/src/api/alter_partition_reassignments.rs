//! AlterPartitionReassignments (key 45), versions 0–1 (KIP-455).
//!
//! v1 whether the number of replicas may change (KIP-860).
//!
//! The controller decides (`headwater_controller`, `alter_partition_reassignments.rs`).

use std::sync::Arc;

use headwater_controller::{Answer, ApiError, Input};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::alter_partition_reassignments_request::{
    AlterPartitionReassignmentsRequest, ReassignableTopic,
};
use headwater_protocol::messages::alter_partition_reassignments_response::{
    AlterPartitionReassignmentsResponse, ReassignablePartitionResponse, ReassignableTopicResponse,
};

use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::AlterPartitionReassignments, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: AlterPartitionReassignmentsRequest = request.decode(body)?;
    let broker = Arc::clone(request.broker);
    Ok(request.answerer.later(async move {
        // Nothing is asked, so nothing can come too late.
        if message.topics.is_empty() {
            return AlterPartitionReassignmentsResponse::default();
        }
        let (asked, timeout_ms) = (message.topics.clone(), message.timeout_ms);
        let input = Input::AlterPartitionReassignments(message);
        match broker.ask_controller(input, Some(timeout_ms)).await {
            Ok(Answer::AlterPartitionReassignments(answer)) => answer,
            Ok(other) => unreachable!("AlterPartitionReassignments was answered with {other:?}"),
            Err(error) => failed(asked, &error),
        }
    }))
}

fn failed(asked: Vec<ReassignableTopic>, error: &ApiError) -> AlterPartitionReassignmentsResponse {
    let (error_code, error_message) = (error.code.code(), error.message.clone());
    let topic = |topic: ReassignableTopic| ReassignableTopicResponse {
        name: topic.name,
        partitions: topic
            .partitions
            .iter()
            .map(|partition| ReassignablePartitionResponse {
                partition_index: partition.partition_index,
                error_code,
                error_message: error_message.clone(),
            })
            .collect(),
    };
    AlterPartitionReassignmentsResponse {
        responses: asked.into_iter().map(topic).collect(),
        error_code,
        error_message: error_message.clone(),
        ..AlterPartitionReassignmentsResponse::default()
    }
}
