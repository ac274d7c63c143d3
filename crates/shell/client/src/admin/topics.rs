//! Topics: made, removed, listed, described, given more partitions.

use headwater_base::{ErrorCode, Uuid};
use headwater_protocol::messages::create_partitions_request::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
};
use headwater_protocol::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use headwater_protocol::messages::create_topics_response::CreatableTopicResult;
use headwater_protocol::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use headwater_protocol::messages::delete_topics_response::DeletableTopicResult;

use super::{Admin, Each};
use crate::error::{Result, check_with};
use crate::net::cluster::Topics;

/// A topic to be made.
#[derive(Clone, Debug, Default)]
pub struct NewTopic {
    /// Its name.
    pub name: String,
    /// Number of partitions; `None` is the broker's default.
    pub partitions: Option<i32>,
    /// Replicas of each partition; `None` is the broker's default.
    pub replication_factor: Option<i16>,
    /// The replicas of each partition, in place of the two numbers.
    pub assignments: Vec<(i32, Vec<i32>)>,
    /// Its configuration.
    pub configs: Vec<(String, Option<String>)>,
}

impl NewTopic {
    /// A topic with the broker's defaults.
    #[must_use]
    pub fn new(name: &str) -> NewTopic {
        NewTopic { name: name.to_owned(), ..NewTopic::default() }
    }

    fn into_message(self) -> CreatableTopic {
        CreatableTopic {
            name: self.name,
            num_partitions: self.partitions.unwrap_or(-1),
            replication_factor: self.replication_factor.unwrap_or(-1),
            assignments: self
                .assignments
                .into_iter()
                .map(|(partition_index, broker_ids)| CreatableReplicaAssignment {
                    partition_index,
                    broker_ids,
                })
                .collect(),
            configs: self
                .configs
                .into_iter()
                .map(|(name, value)| CreatableTopicConfig { name, value })
                .collect(),
        }
    }
}

/// How many partitions a topic is to have.
#[derive(Clone, Debug, Default)]
pub struct NewPartitions {
    /// The topic.
    pub topic: String,
    /// Number of partitions, old and new ones.
    pub total: i32,
    /// The replicas of each new one, if they are to be chosen.
    pub assignments: Option<Vec<Vec<i32>>>,
}

/// A topic in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicListing {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: Uuid,
    /// Whether it is one of Kafka's own.
    pub internal: bool,
}

impl Admin {
    /// Makes topics (or, with `validate_only`, says whether it would).
    ///
    /// # Errors
    /// When no broker answers in time; what is wrong with a topic is in its place of the result.
    pub async fn create_topics(
        &self,
        topics: Vec<NewTopic>,
        validate_only: bool,
    ) -> Result<Each<String, CreatableTopicResult>> {
        let topics: Vec<CreatableTopic> = topics.into_iter().map(NewTopic::into_message).collect();
        let mut results = Vec::new();
        let mut open = topics;
        while !open.is_empty() {
            let make = |timeout_ms| CreateTopicsRequest { topics: open.clone(), timeout_ms, validate_only };
            let response = self.of_controller("createTopics", make).await?;
            let throttled = self.rest_if_throttled(&response, response.throttle_time_ms).await;
            open.retain(|topic| {
                throttled
                    && response.topics.iter().any(|it| is_throttled(it.error_code) && it.name == topic.name)
            });
            for topic in
                response.topics.into_iter().filter(|topic| !(throttled && is_throttled(topic.error_code)))
            {
                let result = check_with(topic.error_code, topic.error_message.as_deref());
                results.push((topic.name.clone(), result.map(|()| topic)));
            }
        }
        Ok(results)
    }

    /// Removes topics by name.
    ///
    /// # Errors
    /// As [`Admin::create_topics`].
    pub async fn delete_topics(&self, names: &[String]) -> Result<Each<String, ()>> {
        let states = names
            .iter()
            .map(|name| DeleteTopicState { name: Some(name.clone()), topic_id: Uuid::ZERO })
            .collect();
        let results = self.delete_states(states, names.to_vec()).await?;
        Ok(results.into_iter().map(|it| (it.name.clone().unwrap_or_default(), checked(&it))).collect())
    }

    /// Removes topics by id.
    ///
    /// # Errors
    /// As [`Admin::create_topics`].
    pub async fn delete_topics_by_id(&self, ids: &[Uuid]) -> Result<Each<Uuid, ()>> {
        let states = ids.iter().map(|id| DeleteTopicState { name: None, topic_id: *id }).collect();
        let results = self.delete_states(states, Vec::new()).await?;
        Ok(results.into_iter().map(|it| (it.topic_id, checked(&it))).collect())
    }

    async fn delete_states(
        &self,
        topics: Vec<DeleteTopicState>,
        topic_names: Vec<String>,
    ) -> Result<Vec<DeletableTopicResult>> {
        let by_id = topic_names.is_empty();
        // Versions before 6 name the topics in another field.
        let deadline = self.api_deadline();
        let response = self
            .controlled("deleteTopics", deadline, async |link, timeout_ms| {
                let make = |versions: &std::rc::Rc<crate::machine::connection::Versions>| {
                    let lowest = if by_id { 6 } else { 0 };
                    let version =
                        versions.pick(headwater_protocol::ApiKey::DeleteTopics, lowest, i16::MAX)?;
                    let request = if version >= 6 {
                        DeleteTopicsRequest { topics: topics.clone(), timeout_ms, ..Default::default() }
                    } else {
                        DeleteTopicsRequest {
                            topic_names: topic_names.clone(),
                            timeout_ms,
                            ..Default::default()
                        }
                    };
                    Ok((version, request))
                };
                self.cluster.ask_with(&link, make, deadline).await
            })
            .await?;
        for result in &response.responses {
            if let Some(name) = &result.name {
                self.cluster.inner.metadata.borrow_mut().forget_topic(name);
            }
        }
        Ok(response.responses)
    }

    /// All topics, by name.
    ///
    /// # Errors
    /// When no broker answers in time.
    pub async fn list_topics(&self, with_internal: bool) -> Result<Vec<TopicListing>> {
        let deadline = self.api_deadline();
        let response = self
            .cluster
            .attempts("listTopics", deadline, async || {
                self.cluster.refresh(&Topics::All, false, deadline).await
            })
            .await?;
        let mut topics: Vec<TopicListing> = response
            .topics
            .into_iter()
            .filter(|topic| with_internal || !topic.is_internal)
            .filter_map(|topic| {
                Some(TopicListing { name: topic.name?, id: topic.topic_id, internal: topic.is_internal })
            })
            .collect();
        topics.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(topics)
    }

    /// Gives topics more partitions.
    ///
    /// # Errors
    /// As [`Admin::create_topics`].
    pub async fn create_partitions(
        &self,
        topics: Vec<NewPartitions>,
        validate_only: bool,
    ) -> Result<Each<String, ()>> {
        let assignment = |broker_ids| CreatePartitionsAssignment { broker_ids };
        let mut open: Vec<CreatePartitionsTopic> = topics
            .into_iter()
            .map(|it| CreatePartitionsTopic {
                name: it.topic,
                count: it.total,
                assignments: it.assignments.map(|it| it.into_iter().map(assignment).collect()),
            })
            .collect();
        let mut results = Vec::new();
        while !open.is_empty() {
            let make =
                |timeout_ms| CreatePartitionsRequest { topics: open.clone(), timeout_ms, validate_only };
            let response = self.of_controller("createPartitions", make).await?;
            let throttled = self.rest_if_throttled(&response, response.throttle_time_ms).await;
            open.retain(|topic| {
                throttled
                    && response.results.iter().any(|it| is_throttled(it.error_code) && it.name == topic.name)
            });
            for topic in
                response.results.into_iter().filter(|topic| !(throttled && is_throttled(topic.error_code)))
            {
                let result = check_with(topic.error_code, topic.error_message.as_deref());
                results.push((topic.name, result));
            }
        }
        Ok(results)
    }
}

fn is_throttled(code: i16) -> bool {
    code == ErrorCode::ThrottlingQuotaExceeded.code()
}

fn checked(result: &DeletableTopicResult) -> Result<()> {
    check_with(result.error_code, result.error_message.as_deref())
}
