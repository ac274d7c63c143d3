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
    message.topics.retain_mut(|topic| {
        let count = image.topics.by_name(&topic.name).map_or(0, |known| known.partition_count());
        let exists = |index: i32| usize::try_from(index).is_ok_and(|index| index < count);
        let mut strange = topic.clone();
        strange.partitions.retain(|partition| !exists(partition.partition_index));
        topic.partitions.retain(|partition| exists(partition.partition_index));
        if !strange.partitions.is_empty() {
            unknown.push(refuse(&strange, ErrorCode::UnknownTopicOrPartition));
        }
        !topic.partitions.is_empty()
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
            answer.topics = merged(unknown, answer.topics);
        }
        answer
    }))
}

/// One entry for each topic, with what was refused before.
fn merged(
    mut topics: Vec<OffsetDeleteResponseTopic>,
    answered: Vec<OffsetDeleteResponseTopic>,
) -> Vec<OffsetDeleteResponseTopic> {
    for answer in answered {
        match topics.iter_mut().find(|topic| topic.name == answer.name) {
            Some(topic) => topic.partitions.extend(answer.partitions),
            None => topics.push(answer),
        }
    }
    topics
}

fn refuse(topic: &OffsetDeleteRequestTopic, error: ErrorCode) -> OffsetDeleteResponseTopic {
    let partitions = topic.partitions.iter().map(|partition| OffsetDeleteResponsePartition {
        partition_index: partition.partition_index,
        error_code: error.code(),
    });
    OffsetDeleteResponseTopic { name: topic.name.clone(), partitions: partitions.collect() }
}
