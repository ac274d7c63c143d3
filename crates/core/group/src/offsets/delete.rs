//! OffsetDelete (key 47), and what is left of topics that were deleted.

use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_metadata::Image;
use headwater_protocol::messages::offset_delete_request::OffsetDeleteRequest;
use headwater_protocol::messages::offset_delete_response::{
    OffsetDeleteResponse, OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};

use super::budget::Tombstones;
use crate::classic::ClassicState;
use crate::decide::{Answer, Decision, Ticket};
use crate::record::GroupRecord;
use crate::state::{Group, Shard};

impl Shard {
    pub(crate) fn delete_offsets(&self, ticket: Ticket, request: &OffsetDeleteRequest) -> Decision {
        let refuse = |error: ErrorCode| {
            let answer = OffsetDeleteResponse { error_code: error.code(), ..OffsetDeleteResponse::default() };
            Decision::answer(ticket, Answer::DeleteOffsets(answer))
        };
        if request.group_id.is_empty() {
            return refuse(ErrorCode::InvalidGroupId);
        }
        let Some((id, group)) = self.groups.get_key_value(request.group_id.as_str()) else {
            return refuse(ErrorCode::GroupIdNotFound);
        };
        if let Group::Classic(group) = group
            && group.state != ClassicState::Empty
            && !group.is_consumer()
        {
            // Nobody can tell what its members use.
            return refuse(ErrorCode::NonEmptyGroup);
        }
        let mut records = Vec::new();
        let topics = request.topics.iter().map(|topic| {
            let in_use = group.is_subscribed_to(&topic.name);
            let error = if in_use { ErrorCode::GroupSubscribedToTopic } else { ErrorCode::None };
            let partitions = topic.partitions.iter().map(|partition| {
                let index = partition.partition_index;
                let known = self.offsets.get(id, &topic.name, index).is_some()
                    || self.offsets.is_pending(id, &topic.name, index);
                if !in_use && known {
                    records.push(GroupRecord::offset_tombstone(id, &topic.name, index));
                }
                OffsetDeleteResponsePartition { partition_index: index, error_code: error.code() }
            });
            OffsetDeleteResponseTopic { name: topic.name.clone(), partitions: partitions.collect() }
        });
        let topics = topics.collect();
        let answer = OffsetDeleteResponse { topics, ..OffsetDeleteResponse::default() };
        Decision { records, ..Decision::answer(ticket, Answer::DeleteOffsets(answer)) }
    }

    /// Takes away what is committed on topics that exist no more; as much at once as one batch may hold.
    pub(crate) fn forget_topics(&self, topics: &[Arc<str>]) -> Decision {
        let mut tombstones = Tombstones::default();
        for record in topics.iter().flat_map(|topic| self.offsets.tombstones_of_topic(topic)) {
            if !tombstones.push(record) {
                break;
            }
        }
        Decision { records: tombstones.records, ..Decision::default() }
    }

    /// Topics with committed offsets that an image does not know.
    #[must_use]
    pub fn vanished_topics(&self, image: &Image) -> Vec<Arc<str>> {
        let known = |topic: &&Arc<str>| image.topics.by_name(topic).is_some();
        self.offsets.topics().into_iter().filter(|topic| !known(topic)).map(Arc::clone).collect()
    }
}
