//! Committed offsets of groups: listed, altered, deleted.

use headwater_base::{ErrorCode, TopicPartition, Uuid};
use headwater_protocol::ApiKey;
use headwater_protocol::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use headwater_protocol::messages::offset_delete_request::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use headwater_protocol::messages::offset_fetch_request::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use headwater_protocol::messages::offset_fetch_response::OffsetFetchResponse;
use std::collections::BTreeMap;

use super::{Admin, Each};
use crate::error::{Result, check};
use crate::net::cluster::Cluster;
use crate::net::link::Link;
use crate::net::routing::Target;
use crate::net::spread::by_topic;
use headwater_runtime::Tick;

/// The highest versions that name topics: the next ones have ids, which an administrator need not know.
const COMMIT_BY_NAME: i16 = 9;
const FETCH_BY_NAME: i16 = 9;

/// A position that a group has committed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommittedOffset {
    /// The next offset to read.
    pub offset: i64,
    /// Epoch of the record before it, −1 when it is not known.
    pub leader_epoch: i32,
    /// What the committer wrote beside it.
    pub metadata: String,
}

/// Who asks: a member in its epoch, or nobody.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asker {
    pub(crate) member_id: Option<String>,
    pub(crate) member_epoch: i32,
}

impl Cluster {
    /// One attempt to read a group's committed offsets; of all partitions with `None`.
    pub(crate) async fn fetch_offsets(
        &self,
        link: &Link,
        group: &str,
        partitions: Option<&[TopicPartition]>,
        require_stable: bool,
        asker: &Asker,
        deadline: Tick,
    ) -> Result<Each<TopicPartition, Option<CommittedOffset>>> {
        let topics: Option<BTreeMap<String, Vec<(i32, ())>>> =
            partitions.map(|partitions| by_topic(partitions.iter().map(|it| (it.clone(), ())).collect()));
        let make = |versions: &std::rc::Rc<crate::machine::connection::Versions>| {
            let lowest = if require_stable { 7 } else { i16::from(topics.is_none()) * 2 };
            let version = versions.pick(ApiKey::OffsetFetch, lowest, FETCH_BY_NAME)?;
            let indexes = |partitions: &[(i32, ())]| partitions.iter().map(|(index, ())| *index).collect();
            let mut request = OffsetFetchRequest { require_stable, ..OffsetFetchRequest::default() };
            if version >= 8 {
                let topic = |(name, partitions): (&String, &Vec<(i32, ())>)| OffsetFetchRequestTopics {
                    name: name.clone(),
                    topic_id: Uuid::ZERO,
                    partition_indexes: indexes(partitions),
                };
                let with_member = version >= 9 && asker.member_id.is_some();
                request.groups.push(OffsetFetchRequestGroup {
                    group_id: group.to_owned(),
                    member_id: asker.member_id.clone().filter(|_| with_member),
                    member_epoch: if with_member { asker.member_epoch } else { -1 },
                    topics: topics.as_ref().map(|topics| topics.iter().map(topic).collect()),
                });
            } else {
                let topic = |(name, partitions): (&String, &Vec<(i32, ())>)| OffsetFetchRequestTopic {
                    name: name.clone(),
                    partition_indexes: indexes(partitions),
                };
                group.clone_into(&mut request.group_id);
                request.topics = topics.as_ref().map(|topics| topics.iter().map(topic).collect());
            }
            Ok((version, request))
        };
        let response = self.ask_with(link, make, deadline).await?;
        committed(response)
    }
}

fn committed(mut response: OffsetFetchResponse) -> Result<Each<TopicPartition, Option<CommittedOffset>>> {
    check(response.error_code)?;
    let found = |offset: i64, leader_epoch, metadata: Option<String>| {
        (offset >= 0).then(|| CommittedOffset {
            offset,
            leader_epoch,
            metadata: metadata.unwrap_or_default(),
        })
    };
    let mut answers = Vec::new();
    if let Some(group) = response.groups.pop() {
        check(group.error_code)?;
        for topic in group.topics {
            for it in topic.partitions {
                let value = found(it.committed_offset, it.committed_leader_epoch, it.metadata);
                let key = super::partition(&topic.name, it.partition_index);
                answers.push((key, check(it.error_code).map(|()| value)));
            }
        }
    }
    for topic in response.topics {
        for it in topic.partitions {
            let value = found(it.committed_offset, it.committed_leader_epoch, it.metadata);
            let key = super::partition(&topic.name, it.partition_index);
            answers.push((key, check(it.error_code).map(|()| value)));
        }
    }
    Ok(answers)
}

impl Admin {
    /// A group's committed offsets, of the partitions or of all that it has with `None`. `None` in a place of the result
    /// is a partition without one.
    ///
    /// # Errors
    /// When the group cannot be asked.
    pub async fn list_group_offsets(
        &self,
        group: &str,
        partitions: Option<&[TopicPartition]>,
        require_stable: bool,
    ) -> Result<Each<TopicPartition, Option<CommittedOffset>>> {
        let deadline = self.api_deadline();
        let target = Target::Group(group.to_owned());
        let asker = Asker::default();
        self.cluster
            .attempts("listConsumerGroupOffsets", deadline, async || {
                let link = self.cluster.route(&target, deadline).await?;
                let answer = self
                    .cluster
                    .fetch_offsets(&link, group, partitions, require_stable, &asker, deadline)
                    .await;
                self.found_lost(&target, answer)
            })
            .await
    }

    /// Sets committed offsets of a group that has no members.
    ///
    /// # Errors
    /// When the group cannot be asked; what is wrong with a partition is in its place of the result.
    pub async fn alter_group_offsets(
        &self,
        group: &str,
        offsets: Vec<(TopicPartition, CommittedOffset)>,
    ) -> Result<Each<TopicPartition, ()>> {
        let deadline = self.api_deadline();
        let target = Target::Group(group.to_owned());
        let partition = |(partition_index, it): (i32, CommittedOffset)| OffsetCommitRequestPartition {
            partition_index,
            committed_offset: it.offset,
            committed_leader_epoch: it.leader_epoch,
            committed_metadata: Some(it.metadata),
        };
        self.cluster
            .attempts("alterConsumerGroupOffsets", deadline, async || {
                let link = self.cluster.route(&target, deadline).await?;
                let topic =
                    |(name, partitions): (String, Vec<(i32, CommittedOffset)>)| OffsetCommitRequestTopic {
                        name,
                        topic_id: Uuid::ZERO,
                        partitions: partitions.into_iter().map(partition).collect(),
                    };
                let request = OffsetCommitRequest {
                    group_id: group.to_owned(),
                    topics: by_topic(offsets.clone()).into_iter().map(topic).collect(),
                    ..OffsetCommitRequest::default()
                };
                let version = link.ready().await?.pick(ApiKey::OffsetCommit, 2, COMMIT_BY_NAME)?;
                let answer = self.cluster.exchange(&link, version, &request, deadline).await;
                let response = self.found_lost(&target, answer)?;
                let mut answers = Vec::new();
                for topic in response.topics {
                    for it in topic.partitions {
                        let answer = check(it.error_code);
                        // The coordinator speaks for all partitions at once.
                        if let Err(error) = &answer
                            && is_of_coordinator(error)
                        {
                            return self.found_lost(&target, Err(error.clone()));
                        }
                        answers.push((super::partition(&topic.name, it.partition_index), answer));
                    }
                }
                Ok(answers)
            })
            .await
    }

    /// Deletes committed offsets of a group, of topics to which no member is subscribed.
    ///
    /// # Errors
    /// When the group cannot be asked; what is wrong with a partition is in its place of the result.
    pub async fn delete_group_offsets(
        &self,
        group: &str,
        partitions: &[TopicPartition],
    ) -> Result<Each<TopicPartition, ()>> {
        let partition = |(partition_index, ()): (i32, ())| OffsetDeleteRequestPartition { partition_index };
        let make = || OffsetDeleteRequest {
            group_id: group.to_owned(),
            topics: by_topic(partitions.iter().map(|it| (it.clone(), ())).collect())
                .into_iter()
                .map(|(name, partitions)| OffsetDeleteRequestTopic {
                    name,
                    partitions: partitions.into_iter().map(partition).collect(),
                })
                .collect(),
        };
        self.of_group("deleteConsumerGroupOffsets", group, make, |response| {
            check(response.error_code)?;
            let mut answers = Vec::new();
            for topic in response.topics {
                for it in topic.partitions {
                    answers.push((super::partition(&topic.name, it.partition_index), check(it.error_code)));
                }
            }
            Ok(answers)
        })
        .await
    }
}

/// Whether an error says that the coordinator is another, or not ready.
pub(crate) fn is_of_coordinator(error: &crate::Error) -> bool {
    matches!(
        error.code(),
        Some(
            ErrorCode::NotCoordinator
                | ErrorCode::CoordinatorNotAvailable
                | ErrorCode::CoordinatorLoadInProgress
        )
    )
}
