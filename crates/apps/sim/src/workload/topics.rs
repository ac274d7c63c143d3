//! Creating, growing and deleting topics, until it is known that it happened.

use std::collections::BTreeMap;
use std::time::Duration;

use headwater_base::{ErrorCode, Uuid};
use headwater_protocol::messages::create_partitions_request::{
    CreatePartitionsRequest, CreatePartitionsTopic,
};
use headwater_protocol::messages::create_partitions_response::CreatePartitionsResponse;
use headwater_protocol::messages::create_topics_request::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use headwater_protocol::messages::create_topics_response::CreateTopicsResponse;
use headwater_protocol::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use headwater_protocol::messages::delete_topics_response::DeleteTopicsResponse;
use headwater_protocol::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};
use headwater_protocol::messages::metadata_response::MetadataResponse;

use super::codes::is_passing;
use super::{Stage, Switch, Topic};
use crate::client::{Client, Lost};
use crate::history::TopicHistory;

const RETRY_PAUSE: Duration = Duration::from_millis(20);

/// A topic to be.
#[derive(Clone, Debug)]
pub struct NewTopic {
    /// Its name.
    pub name: String,
    /// Its number of partitions.
    pub partitions: i32,
    /// Its configuration.
    pub configs: BTreeMap<String, String>,
}

impl NewTopic {
    fn compacted(&self) -> bool {
        self.configs.get("cleanup.policy").is_some_and(|policy| policy == "compact")
    }

    fn on_disk(&self) -> bool {
        self.configs.get("headwater.acks.all").is_none_or(|mode| mode == "disk")
    }
}

/// Creates a topic, however often it takes; `None` when the switch says that all is over.
pub async fn create(client: &Client, switch: &Switch, new: &NewTopic) -> Option<Topic> {
    while switch.stage() != Stage::Over {
        match try_create(client, new).await {
            Ok(Some(id)) => {
                let topic = Topic {
                    name: new.name.clone(),
                    id,
                    partitions: new.partitions,
                    on_disk: new.on_disk(),
                    compacted: new.compacted(),
                };
                let history = TopicHistory {
                    name: topic.name.clone(),
                    partitions: topic.partitions,
                    growing_to: topic.partitions,
                    on_disk: topic.on_disk,
                    compacted: topic.compacted,
                    deleting: false,
                    deleted: false,
                };
                client.tell(format_args!("created {} {id} {:?}", topic.name, new.configs));
                client.history.borrow_mut().topics.insert(id, history);
                return Some(topic);
            }
            outcome => {
                client.tell(format_args!("creating {}: {outcome:?}", new.name));
                client.pause(RETRY_PAUSE).await;
            }
        }
    }
    None
}

async fn try_create(client: &Client, new: &NewTopic) -> Result<Option<Uuid>, Lost> {
    let configs = new.configs.iter();
    let request = CreateTopicsRequest {
        topics: vec![CreatableTopic {
            name: new.name.clone(),
            num_partitions: new.partitions,
            replication_factor: 1,
            assignments: Vec::new(),
            configs: configs
                .map(|(name, value)| CreatableTopicConfig { name: name.clone(), value: Some(value.clone()) })
                .collect(),
        }],
        timeout_ms: 2_000,
        validate_only: false,
    };
    let answer: CreateTopicsResponse = client.ask(7, &request).await?;
    let Some(result) = answer.topics.first() else { return Err(Lost("an empty answer".to_owned())) };
    match ErrorCode::from_code(result.error_code) {
        ErrorCode::None => Ok(Some(result.topic_id)),
        // An answer before was lost.
        ErrorCode::TopicAlreadyExists => id_of(client, &new.name).await,
        // The only broker is fenced while the node stops.
        ErrorCode::InvalidReplicationFactor => Ok(None),
        code if is_passing(code) => Ok(None),
        code => {
            let what = format!("CreateTopics was answered with {} {:?}", code.name(), result.error_message);
            client.history.borrow_mut().unexplained.push(what);
            Ok(None)
        }
    }
}

/// The id of a topic that exists.
async fn id_of(client: &Client, name: &str) -> Result<Option<Uuid>, Lost> {
    let wanted = MetadataRequestTopic { topic_id: Uuid::ZERO, name: Some(name.to_owned()) };
    let request = MetadataRequest {
        topics: Some(vec![wanted]),
        allow_auto_topic_creation: false,
        ..MetadataRequest::default()
    };
    let answer: MetadataResponse = client.ask(12, &request).await?;
    Ok(answer.topics.first().filter(|topic| topic.error_code == 0).map(|topic| topic.topic_id))
}

/// Gives a topic more partitions, however often it takes; false when the switch says that all is over.
pub async fn grow(client: &Client, switch: &Switch, topic: &mut Topic, count: i32) -> bool {
    if let Some(history) = client.history.borrow_mut().topics.get_mut(&topic.id) {
        history.growing_to = count;
    }
    while switch.stage() != Stage::Over {
        match try_grow(client, topic, count).await {
            Ok(true) => {
                if let Some(history) = client.history.borrow_mut().topics.get_mut(&topic.id) {
                    history.partitions = count;
                }
                topic.partitions = count;
                client.tell(format_args!("{} {} has {count} partitions", topic.name, topic.id));
                return true;
            }
            Ok(false) | Err(_) => client.pause(RETRY_PAUSE).await,
        }
    }
    false
}

async fn try_grow(client: &Client, topic: &Topic, count: i32) -> Result<bool, Lost> {
    let more = CreatePartitionsTopic { name: topic.name.clone(), count, assignments: None };
    let request = CreatePartitionsRequest { topics: vec![more], timeout_ms: 2_000, validate_only: false };
    let answer: CreatePartitionsResponse = client.ask(3, &request).await?;
    let Some(result) = answer.results.first() else { return Err(Lost("an empty answer".to_owned())) };
    let there = format!("Topic already has {count} partition(s).");
    match ErrorCode::from_code(result.error_code) {
        ErrorCode::None => Ok(true),
        // An answer before was lost.
        ErrorCode::InvalidPartitions if result.error_message.as_ref() == Some(&there) => Ok(true),
        // The only broker is fenced while the node stops.
        ErrorCode::InvalidReplicationFactor => Ok(false),
        code if is_passing(code) && code != ErrorCode::UnknownTopicOrPartition => Ok(false),
        code => {
            let what =
                format!("CreatePartitions was answered with {} {:?}", code.name(), result.error_message);
            client.history.borrow_mut().unexplained.push(what);
            Ok(false)
        }
    }
}

/// Deletes a topic, however often it takes; false when the switch says that all is over.
pub async fn delete(client: &Client, switch: &Switch, topic: &Topic) -> bool {
    if let Some(history) = client.history.borrow_mut().topics.get_mut(&topic.id) {
        history.deleting = true;
    }
    while switch.stage() != Stage::Over {
        match try_delete(client, topic).await {
            Ok(true) => {
                if let Some(history) = client.history.borrow_mut().topics.get_mut(&topic.id) {
                    history.deleted = true;
                }
                client.tell(format_args!("deleted {} {}", topic.name, topic.id));
                return true;
            }
            Ok(false) | Err(_) => client.pause(RETRY_PAUSE).await,
        }
    }
    false
}

async fn try_delete(client: &Client, topic: &Topic) -> Result<bool, Lost> {
    let state = DeleteTopicState { name: None, topic_id: topic.id };
    let request = DeleteTopicsRequest { topics: vec![state], timeout_ms: 2_000, ..Default::default() };
    let answer: DeleteTopicsResponse = client.ask(6, &request).await?;
    let Some(result) = answer.responses.first() else { return Err(Lost("an empty answer".to_owned())) };
    match ErrorCode::from_code(result.error_code) {
        ErrorCode::None | ErrorCode::UnknownTopicId => Ok(true),
        code if is_passing(code) => Ok(false),
        code => {
            client
                .history
                .borrow_mut()
                .unexplained
                .push(format!("DeleteTopics was answered with {}", code.name()));
            Ok(false)
        }
    }
}
