//! Topics as they are: partitions, leaders, replicas, eligible leaders.
//!
//! Asked with DescribeTopicPartitions, page by page; a broker without that API is asked with Metadata, which knows no
//! eligible leader replicas.

use std::collections::BTreeMap;

use headwater_base::{ErrorCode, Uuid};
use headwater_protocol::ApiKey;
use headwater_protocol::messages::describe_topic_partitions_request::{
    Cursor, DescribeTopicPartitionsRequest, TopicRequest,
};
use headwater_protocol::messages::describe_topic_partitions_response::DescribeTopicPartitionsResponseTopic;
use headwater_protocol::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};
use headwater_protocol::messages::metadata_response::MetadataResponseTopic;
use headwater_runtime::Tick;

use super::{Admin, Each};
use crate::error::{Error, ErrorKind, Result, check};
use crate::net::routing::Target;

/// Partitions in one page (`DescribeTopicsOptions.partitionSizeLimitPerResponse`).
const PAGE: i32 = 2_000;

/// One topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicDescription {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: Uuid,
    /// Whether it is one of Kafka's own.
    pub internal: bool,
    /// In the order of indexes.
    pub partitions: Vec<PartitionDescription>,
    /// Bits of what the asker may do; `i32::MIN` when it was not asked for.
    pub authorized_operations: i32,
}

/// One partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartitionDescription {
    /// Index inside the topic.
    pub index: i32,
    /// Node id of the leader, if there is one.
    pub leader: Option<i32>,
    /// Its epoch, −1 when the broker does not say.
    pub leader_epoch: i32,
    /// The preferred leader first.
    pub replicas: Vec<i32>,
    /// Replicas in sync.
    pub isr: Vec<i32>,
    /// Replicas that may be elected though they are not in sync (KIP-966); `None` when the broker does not say.
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// Who led last when nobody is eligible.
    pub last_known_elr: Option<Vec<i32>>,
    /// Replicas that are offline.
    pub offline: Vec<i32>,
}

impl Admin {
    /// Describes topics.
    ///
    /// # Errors
    /// When no broker answers in time; what is wrong with a topic (it does not exist) is in its place of the result.
    pub async fn describe_topics(&self, names: &[String]) -> Result<Each<String, TopicDescription>> {
        let deadline = self.api_deadline();
        let found = self
            .cluster
            .attempts("describeTopics", deadline, async || match self.describe_pages(names, deadline).await {
                Err(error) if error.kind() == ErrorKind::UnsupportedVersion => {
                    self.describe_by_metadata(names, deadline).await
                }
                outcome => outcome,
            })
            .await?;
        let missing = || Error::api(ErrorCode::UnknownTopicOrPartition, None);
        let mut found = found;
        Ok(names
            .iter()
            .map(|name| (name.clone(), found.remove(name).unwrap_or_else(|| Err(missing()))))
            .collect())
    }

    async fn describe_pages(
        &self,
        names: &[String],
        deadline: Tick,
    ) -> Result<BTreeMap<String, Result<TopicDescription>>> {
        let link = self.cluster.route(&Target::Any, deadline).await?;
        let mut sorted = names.to_vec();
        sorted.sort();
        sorted.dedup();
        let mut found: BTreeMap<String, Result<TopicDescription>> = BTreeMap::new();
        let mut cursor: Option<Cursor> = None;
        loop {
            let from = cursor.as_ref().map(|cursor| cursor.topic_name.clone()).unwrap_or_default();
            let topics = sorted.iter().filter(|name| **name >= from);
            let request = DescribeTopicPartitionsRequest {
                topics: topics.map(|name| TopicRequest { name: name.clone() }).collect(),
                response_partition_limit: PAGE,
                cursor: cursor.take(),
            };
            let response = self.cluster.ask(&link, &request, deadline).await?;
            for topic in response.topics {
                add(&mut found, topic);
            }
            let Some(next) = response.next_cursor else { return Ok(found) };
            let cursor_moved = (&next.topic_name, next.partition_index)
                > (&from, request.cursor.as_ref().map_or(-1, |cursor| cursor.partition_index));
            if !cursor_moved {
                return Err(Error::new(
                    ErrorKind::Protocol,
                    "DescribeTopicPartitions: the cursor does not move",
                ));
            }
            cursor = Some(Cursor { topic_name: next.topic_name, partition_index: next.partition_index });
        }
    }

    async fn describe_by_metadata(
        &self,
        names: &[String],
        deadline: Tick,
    ) -> Result<BTreeMap<String, Result<TopicDescription>>> {
        let link = self.cluster.route(&Target::Any, deadline).await?;
        let named = |name: &String| MetadataRequestTopic { name: Some(name.clone()), ..Default::default() };
        let request = MetadataRequest {
            topics: Some(names.iter().map(named).collect()),
            allow_auto_topic_creation: false,
            ..MetadataRequest::default()
        };
        let version = link.ready().await?.pick(ApiKey::Metadata, 4, i16::MAX)?;
        let response = self.cluster.exchange(&link, version, &request, deadline).await?;
        let topics = response.topics.into_iter();
        Ok(topics.map(|topic| (topic.name.clone().unwrap_or_default(), of_metadata(topic))).collect())
    }
}

fn add(found: &mut BTreeMap<String, Result<TopicDescription>>, topic: DescribeTopicPartitionsResponseTopic) {
    let name = topic.name.unwrap_or_default();
    if let Err(error) = check(topic.error_code) {
        found.insert(name, Err(error));
        return;
    }
    let description = found.entry(name.clone()).or_insert_with(|| {
        Ok(TopicDescription {
            name,
            id: topic.topic_id,
            internal: topic.is_internal,
            partitions: Vec::new(),
            authorized_operations: topic.topic_authorized_operations,
        })
    });
    let Ok(description) = description else { return };
    description.partitions.extend(topic.partitions.into_iter().map(|it| PartitionDescription {
        index: it.partition_index,
        leader: (it.leader_id >= 0).then_some(it.leader_id),
        leader_epoch: it.leader_epoch,
        replicas: it.replica_nodes,
        isr: it.isr_nodes,
        eligible_leader_replicas: it.eligible_leader_replicas,
        last_known_elr: it.last_known_elr,
        offline: it.offline_replicas,
    }));
}

fn of_metadata(topic: MetadataResponseTopic) -> Result<TopicDescription> {
    check(topic.error_code)?;
    let mut partitions: Vec<PartitionDescription> = topic
        .partitions
        .into_iter()
        .map(|it| PartitionDescription {
            index: it.partition_index,
            leader: (it.leader_id >= 0).then_some(it.leader_id),
            leader_epoch: it.leader_epoch,
            replicas: it.replica_nodes,
            isr: it.isr_nodes,
            eligible_leader_replicas: None,
            last_known_elr: None,
            offline: it.offline_replicas,
        })
        .collect();
    partitions.sort_by_key(|partition| partition.index);
    Ok(TopicDescription {
        name: topic.name.unwrap_or_default(),
        id: topic.topic_id,
        internal: topic.is_internal,
        partitions,
        authorized_operations: topic.topic_authorized_operations,
    })
}
