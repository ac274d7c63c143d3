//! ElectLeaders, key 43 (`ReplicationControlManager.electLeaders`): makes the first replica lead, or, where nobody leads,
//! whoever is alive.

use headwater_base::{ErrorCode, PartitionIndex};
use headwater_metadata::TopicImage;
use headwater_protocol::messages::elect_leaders_request::ElectLeadersRequest;
use headwater_protocol::messages::elect_leaders_response::{
    ElectLeadersResponse, PartitionResult, ReplicaElectionResult,
};
use headwater_protocol::metadata::MetadataRecord;

use crate::decide::{Decision, MAX_RECORDS_PER_USER_OP};
use crate::error::ApiError;
use crate::partition_change::{Election, PartitionChange};
use crate::state::Controller;

/// What is asked for (`org.apache.kafka.common.ElectionType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ElectionType {
    Preferred,
    Unclean,
}

impl ElectionType {
    fn from_code(code: i8) -> Result<Self, ApiError> {
        match code {
            0 => Ok(ElectionType::Preferred),
            1 => Ok(ElectionType::Unclean),
            _ => Err(ApiError::new(ErrorCode::InvalidRequest, format!("Unknown election type {code}"))),
        }
    }
}

/// The answer to a request that failed as a whole. Version 0 has no error for the whole, so every partition has it; a
/// request for all partitions names none.
#[must_use]
pub fn failed(request: &ElectLeadersRequest, error: &ApiError) -> ElectLeadersResponse {
    let partition = |partition_id: &i32| partition_result(*partition_id, error);
    let results = request.topic_partitions.iter().flatten().map(|topic| ReplicaElectionResult {
        topic: topic.topic.clone(),
        partition_result: topic.partitions.iter().map(partition).collect(),
    });
    ElectLeadersResponse {
        throttle_time_ms: 0,
        error_code: error.code.code(),
        replica_election_results: results.collect(),
    }
}

fn partition_result(partition_id: i32, error: &ApiError) -> PartitionResult {
    PartitionResult { partition_id, error_code: error.code.code(), error_message: error.message.clone() }
}

impl Controller {
    pub(crate) fn elect_leaders(&self, request: &ElectLeadersRequest) -> Decision<ElectLeadersResponse> {
        if request.topic_partitions.as_ref().is_some_and(Vec::is_empty) {
            return Decision::answer(ElectLeadersResponse::default());
        }
        let election = match ElectionType::from_code(request.election_type) {
            Ok(election) => election,
            Err(error) => return Decision::answer(failed(request, &error)),
        };
        let mut records = Vec::new();
        let results = match &request.topic_partitions {
            Some(topics) => topics
                .iter()
                .map(|topic| {
                    let elect = |index: &i32| {
                        let outcome = self.elect(&topic.topic, *index, election, &mut records);
                        partition_result(*index, &outcome.err().unwrap_or(ApiError::of(ErrorCode::None)))
                    };
                    ReplicaElectionResult {
                        topic: topic.topic.clone(),
                        partition_result: topic.partitions.iter().map(elect).collect(),
                    }
                })
                .collect(),
            None => self
                .state
                .image
                .topics
                .iter()
                .map(|topic| self.elect_in(topic, election, &mut records))
                .collect(),
        };
        if records.len() > MAX_RECORDS_PER_USER_OP {
            let message = "Unable to perform excessively large batch operation.";
            return Decision::answer(failed(request, &ApiError::new(ErrorCode::PolicyViolation, message)));
        }
        let response = ElectLeadersResponse {
            throttle_time_ms: 0,
            error_code: ErrorCode::None.code(),
            replica_election_results: results,
        };
        Decision::records(records, response)
    }

    /// All partitions of a topic; those that have the wanted leader are not mentioned.
    fn elect_in(
        &self,
        topic: &TopicImage,
        election: ElectionType,
        records: &mut Vec<MetadataRecord>,
    ) -> ReplicaElectionResult {
        let mut results = Vec::new();
        for (index, _) in topic.partitions() {
            let outcome = self.elect(&topic.name, index.0, election, records);
            let error = outcome.err().unwrap_or(ApiError::of(ErrorCode::None));
            if error.code != ErrorCode::ElectionNotNeeded {
                results.push(partition_result(index.0, &error));
            }
        }
        ReplicaElectionResult { topic: topic.name.to_string(), partition_result: results }
    }

    fn elect(
        &self,
        name: &str,
        index: i32,
        election: ElectionType,
        records: &mut Vec<MetadataRecord>,
    ) -> Result<(), ApiError> {
        let unknown = |message| ApiError::new(ErrorCode::UnknownTopicOrPartition, message);
        let topic = self.state.image.topics.by_name(name);
        let topic = topic.ok_or_else(|| unknown(format!("No such topic as {name}")))?;
        let partition = topic.partition(PartitionIndex(index));
        let partition = partition.ok_or_else(|| unknown(format!("No such partition as {name}-{index}")))?;
        let needed = match election {
            ElectionType::Preferred => !partition.has_preferred_leader(),
            ElectionType::Unclean => !partition.has_leader(),
        };
        if !needed {
            return Err(ApiError::with_default_message(ErrorCode::ElectionNotNeeded));
        }
        let (election, in_vain) = match election {
            ElectionType::Preferred => (Election::Preferred, ErrorCode::PreferredLeaderNotAvailable),
            ElectionType::Unclean => (Election::Unclean, ErrorCode::EligibleLeadersNotAvailable),
        };
        let acceptable = |replica| self.can_lead(partition, replica);
        let change = PartitionChange::new(partition, topic.id, PartitionIndex(index), &acceptable)
            .election(election)
            .build(&|replica| self.state.image.cluster.default_directory(replica));
        let record = change.ok_or_else(|| ApiError::with_default_message(in_vain))?;
        records.push(record.into());
        Ok(())
    }
}
