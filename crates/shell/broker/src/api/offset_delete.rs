//! OffsetDelete (key 47), version 0: committed offsets of topics that nobody in the group consumes.

use headwater_base::error_code::ErrorCode;
use headwater_group::{Answer, Input};
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::offset_delete_request::{OffsetDeleteRequest, OffsetDeleteRequestTopic};
use headwater_protocol::messages::offset_delete_response::{
    OffsetDeleteResponse, OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};

use super::{Close, Reply, Request, Row};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::OffsetDelete, handle };

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let mut message: OffsetDeleteRequest = request.decode(body)?;
    let image = request.broker.image();
    let mut unknown = Vec::new();
    message.topics.retain(|topic| {
        let known = image.topics.by_name(&topic.name).is_some();
        if !known {
            unknown.push(refuse(topic, ErrorCode::UnknownTopicOrPartition));
        }
        known
    });
    let group = message.group_id.clone();
    let asked = request.broker.groups.ask(&group, Input::DeleteOffsets(message));
    Ok(request.answerer.later(async move {
        let mut answer = match asked.await {
            Ok(Answer::DeleteOffsets(answer)) => answer,
            Ok(other) => unreachable!("OffsetDelete was answered with {other:?}"),
            Err(error) => {
                OffsetDeleteResponse { error_code: error.code(), ..OffsetDeleteResponse::default() }
            }
        };
        if answer.error_code == 0 {
            answer.topics.splice(0..0, unknown);
        }
        answer
    }))
}

fn refuse(topic: &OffsetDeleteRequestTopic, error: ErrorCode) -> OffsetDeleteResponseTopic {
    let partitions = topic.partitions.iter().map(|partition| OffsetDeleteResponsePartition {
        partition_index: partition.partition_index,
        error_code: error.code(),
    });
    OffsetDeleteResponseTopic { name: topic.name.clone(), partitions: partitions.collect() }
}
