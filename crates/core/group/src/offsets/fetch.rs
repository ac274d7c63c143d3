//! OffsetFetch (key 9) of one group: what it committed, for some partitions or for all (`fetchOffsets`, `fetchAllOffsets`).
//!
//! A group that does not exist has committed nothing. An offset that an open transaction may still change is
//! UNSTABLE_OFFSET_COMMIT for those who ask for stable ones; the driver has the request wait for what is not committed yet.

use headwater_base::error_code::ErrorCode;
use headwater_protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;
use headwater_protocol::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
};

use super::CommittedOffset;
use crate::state::{Group, Shard};

impl Shard {
    pub(crate) fn fetch_offsets(
        &self,
        request: &OffsetFetchRequestGroup,
        stable: bool,
    ) -> OffsetFetchResponseGroup {
        let group = request.group_id.as_str();
        if let Err(error) = self.may_fetch(request) {
            return OffsetFetchResponseGroup {
                group_id: request.group_id.clone(),
                topics: Vec::new(),
                error_code: error.code(),
            };
        }
        let exists = self.groups.contains_key(group);
        let topics = match &request.topics {
            Some(topics) => topics
                .iter()
                .map(|topic| OffsetFetchResponseTopics {
                    name: topic.name.clone(),
                    topic_id: topic.topic_id,
                    partitions: topic
                        .partition_indexes
                        .iter()
                        .map(|partition| {
                            let known = self.offsets.get(group, &topic.name, *partition).filter(|_| exists);
                            let unstable = stable && self.offsets.is_pending(group, &topic.name, *partition);
                            fetched(*partition, known, unstable)
                        })
                        .collect(),
                })
                .collect(),
            None if !exists => Vec::new(),
            None => self
                .offsets
                .of(group)
                .map(|(topic, partitions)| OffsetFetchResponseTopics {
                    name: topic.to_string(),
                    partitions: partitions
                        .map(|(partition, known)| {
                            let unstable = stable && self.offsets.is_pending(group, topic, partition);
                            fetched(partition, Some(known), unstable)
                        })
                        .collect(),
                    ..OffsetFetchResponseTopics::default()
                })
                .collect(),
        };
        OffsetFetchResponseGroup { group_id: request.group_id.clone(), topics, error_code: 0 }
    }
}

impl Shard {
    /// A member of a consumer group must be in its epoch (`ConsumerGroup.validateOffsetFetch`).
    fn may_fetch(&self, request: &OffsetFetchRequestGroup) -> Result<(), ErrorCode> {
        let Some(Group::Consumer(group)) = self.groups.get(request.group_id.as_str()) else { return Ok(()) };
        if request.member_id.is_none() && request.member_epoch < 0 {
            return Ok(());
        }
        let member = request.member_id.as_deref().and_then(|id| group.members.get(id));
        let member = member.ok_or(ErrorCode::UnknownMemberId)?;
        match (request.member_epoch == member.epoch, member.classic.is_some()) {
            (true, _) => Ok(()),
            (false, true) => Err(ErrorCode::IllegalGeneration),
            (false, false) => Err(ErrorCode::StaleMemberEpoch),
        }
    }
}

fn fetched(partition: i32, known: Option<&CommittedOffset>, unstable: bool) -> OffsetFetchResponsePartitions {
    let error = if unstable { ErrorCode::UnstableOffsetCommit } else { ErrorCode::None };
    let known = known.filter(|_| !unstable);
    OffsetFetchResponsePartitions {
        partition_index: partition,
        committed_offset: known.map_or(-1, |known| known.offset),
        committed_leader_epoch: known.map_or(-1, |known| known.leader_epoch),
        metadata: Some(known.map_or_else(String::new, |known| known.metadata.to_string())),
        error_code: error.code(),
    }
}
