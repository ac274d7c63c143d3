//! `__consumer_offsets` is made when somebody looks for a coordinator (`AutoTopicCreationManager`).

use headwater_base::error_code::ErrorCode;
use headwater_controller::{Answer, Input};
use headwater_protocol::messages::create_topics_request::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};

use super::OFFSETS_TOPIC;
use crate::broker::Broker;

impl Broker {
    /// Makes the topic if it is not there.
    ///
    /// # Errors
    /// The controller's code, for example INVALID_REPLICATION_FACTOR when more replicas are configured than there are
    /// brokers.
    pub(crate) async fn ensure_offsets_topic(&self) -> Result<(), ErrorCode> {
        if self.partitions.topic(OFFSETS_TOPIC).is_some() {
            return Ok(());
        }
        let topic = self.config.current().offsets_topic();
        let config =
            |name: &str, value: String| CreatableTopicConfig { name: name.to_owned(), value: Some(value) };
        let request = CreateTopicsRequest {
            topics: vec![CreatableTopic {
                name: OFFSETS_TOPIC.to_owned(),
                num_partitions: topic.partitions,
                replication_factor: topic.replication_factor,
                configs: vec![
                    config("cleanup.policy", "compact".to_owned()),
                    config("compression.type", "producer".to_owned()),
                    config("segment.bytes", topic.segment_bytes.to_string()),
                ],
                ..CreatableTopic::default()
            }],
            ..CreateTopicsRequest::default()
        };
        match self.quorum.submit(Input::CreateTopics(request)).await {
            Ok(Answer::CreateTopics(answer)) => {
                let result = answer
                    .topics
                    .first()
                    .map_or(ErrorCode::None, |topic| ErrorCode::from_code(topic.error_code));
                match result {
                    // Somebody else was first.
                    ErrorCode::None | ErrorCode::TopicAlreadyExists => Ok(()),
                    error => {
                        let why = answer
                            .topics
                            .into_iter()
                            .find_map(|topic| topic.error_message)
                            .unwrap_or_default();
                        if let Some(unlogged) = self.groups.lines.admit(self.runtime.now()) {
                            tracing::warn!(
                                code = error.name(),
                                why,
                                unlogged,
                                "cannot create {OFFSETS_TOPIC}"
                            );
                        }
                        Err(error)
                    }
                }
            }
            Ok(other) => unreachable!("CreateTopics was answered with {other:?}"),
            Err(error) => Err(error.error_code()),
        }
    }
}
