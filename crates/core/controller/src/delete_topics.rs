//! DeleteTopics, key 20, by name (versions 1 to 5) or by name or id (6). `ControllerApis.deleteTopics`.
//!
//! Differs from Kafka: results come in a fixed order (there they are shuffled, to hide what a client may not see).

use std::collections::{BTreeMap, BTreeSet};

use headwater_base::{ErrorCode, Uuid};
use headwater_protocol::messages::delete_topics_request::DeleteTopicsRequest;
use headwater_protocol::messages::delete_topics_response::{DeletableTopicResult, DeleteTopicsResponse};
use headwater_protocol::metadata::MetadataRecord;
use headwater_protocol::metadata::remove_topic_record::RemoveTopicRecord;

use crate::decide::{Decision, MAX_RECORDS_PER_USER_OP};
use crate::error::ApiError;
use crate::state::Controller;

/// Values that were given once, and those given more often.
#[derive(Default)]
struct Given<T: Ord> {
    once: BTreeSet<T>,
    repeated: BTreeSet<T>,
}

impl<T: Ord + Clone> Given<T> {
    fn add(&mut self, value: T) {
        if self.repeated.contains(&value) || !self.once.insert(value.clone()) {
            self.once.remove(&value);
            self.repeated.insert(value);
        }
    }
}

fn result(name: Option<&str>, id: Uuid, error: Option<&ApiError>) -> DeletableTopicResult {
    DeletableTopicResult {
        name: name.map(str::to_owned),
        topic_id: id,
        error_code: error.map_or(ErrorCode::None, |error| error.code).code(),
        error_message: error.and_then(|error| error.message.clone()),
    }
}

fn invalid(message: &str) -> ApiError {
    ApiError::new(ErrorCode::InvalidRequest, message)
}

/// Every topic of the request gets the same error, without message.
fn refused(request: &DeleteTopicsRequest, version: i16, code: ErrorCode) -> Vec<DeletableTopicResult> {
    let error = ApiError::of(code);
    if version >= 6 {
        request
            .topics
            .iter()
            .map(|topic| result(topic.name.as_deref(), topic.topic_id, Some(&error)))
            .collect()
    } else {
        request.topic_names.iter().map(|name| result(Some(name), Uuid::ZERO, Some(&error))).collect()
    }
}

impl Controller {
    pub(crate) fn delete_topics(
        &self,
        request: &DeleteTopicsRequest,
        version: i16,
    ) -> Decision<DeleteTopicsResponse> {
        let respond = |responses| DeleteTopicsResponse { throttle_time_ms: 0, responses };
        if !self.config.delete_topic_enable() {
            let code = if version < 3 { ErrorCode::InvalidRequest } else { ErrorCode::TopicDeletionDisabled };
            return Decision::answer(respond(refused(request, version, code)));
        }
        let mut results = Vec::new();
        let deletable = self.resolve(request, &mut results);
        if deletable.len() > MAX_RECORDS_PER_USER_OP {
            return Decision::answer(respond(refused(request, version, ErrorCode::PolicyViolation)));
        }
        let mut records: Vec<MetadataRecord> = Vec::with_capacity(deletable.len());
        for (id, name) in &deletable {
            records.push(RemoveTopicRecord { topic_id: *id }.into());
            results.push(result(Some(name), *id, None));
        }
        Decision::atomic(records, respond(results))
    }

    /// The topics to delete; what is wrong with the others is appended to `results`.
    fn resolve(
        &self,
        request: &DeleteTopicsRequest,
        results: &mut Vec<DeletableTopicResult>,
    ) -> BTreeMap<Uuid, String> {
        let mut names: Given<&str> = Given::default();
        let mut ids: Given<Uuid> = Given::default();
        request.topic_names.iter().for_each(|name| names.add(name));
        for topic in &request.topics {
            match (topic.name.as_deref(), topic.topic_id) {
                (None, Uuid::ZERO) => {
                    let error = invalid("Neither topic name nor id were specified.");
                    results.push(result(None, Uuid::ZERO, Some(&error)));
                }
                (None, id) => ids.add(id),
                (Some(name), Uuid::ZERO) => names.add(name),
                (Some(name), id) => {
                    let error = invalid("You may not specify both topic name and topic id.");
                    results.push(result(Some(name), id, Some(&error)));
                }
            }
        }
        let twice = invalid("Duplicate topic name.");
        results.extend(names.repeated.iter().map(|name| result(Some(name), Uuid::ZERO, Some(&twice))));
        let twice = invalid("Duplicate topic id.");
        results.extend(ids.repeated.iter().map(|id| result(None, *id, Some(&twice))));

        let mut deletable = BTreeMap::new();
        for id in &ids.once {
            match self.state.image.topics.by_id(*id) {
                Some(topic) => {
                    deletable.insert(*id, topic.name.to_string());
                }
                None => {
                    let error = ApiError::with_default_message(ErrorCode::UnknownTopicId);
                    results.push(result(None, *id, Some(&error)));
                }
            }
        }
        for name in &names.once {
            let Some(id) = self.state.image.topics.id_of(name) else {
                let error = ApiError::with_default_message(ErrorCode::UnknownTopicOrPartition);
                results.push(result(Some(name), Uuid::ZERO, Some(&error)));
                continue;
            };
            if ids.repeated.contains(&id) || deletable.insert(id, (*name).to_owned()).is_some() {
                deletable.remove(&id);
                ids.repeated.insert(id);
                let error = invalid("The provided topic name maps to an ID that was already supplied.");
                results.push(result(Some(name), id, Some(&error)));
            }
        }
        deletable
    }
}
