//! CreatePartitions, key 37 (`ControllerApis.createPartitions`, `ReplicationControlManager.createPartitions`).
//!
//! Differs from Kafka: a request for more than 10,000 new partitions is refused as a whole for the topic that goes beyond
//! them. The reference answers UNKNOWN_SERVER_ERROR there and creates those that fit all the same.

use std::collections::BTreeSet;

use headwater_base::{ErrorCode, NodeId};
use headwater_metadata::{Partition, TopicImage};
use headwater_protocol::messages::create_partitions_request::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
};
use headwater_protocol::messages::create_partitions_response::{
    CreatePartitionsResponse, CreatePartitionsTopicResult,
};
use headwater_protocol::metadata::MetadataRecord;

use crate::decide::{Context, Decision, MAX_RECORDS_PER_USER_OP};
use crate::error::ApiError;
use crate::placement;
use crate::random::Random;
use crate::state::Controller;

fn result(name: &str, outcome: Result<(), ApiError>) -> CreatePartitionsTopicResult {
    let error = outcome.err().unwrap_or(ApiError::of(ErrorCode::None));
    CreatePartitionsTopicResult {
        name: name.to_owned(),
        error_code: error.code.code(),
        error_message: error.message,
    }
}

impl Controller {
    pub(crate) fn create_partitions(
        &self,
        context: &Context,
        request: &CreatePartitionsRequest,
    ) -> Decision<CreatePartitionsResponse> {
        let mut names = BTreeSet::new();
        let mut duplicates = BTreeSet::new();
        for topic in &request.topics {
            if !names.insert(topic.name.as_str()) {
                duplicates.insert(topic.name.as_str());
            }
        }
        let twice = || Err(ApiError::new(ErrorCode::InvalidRequest, "Duplicate topic name."));
        let mut results: Vec<_> = duplicates.iter().map(|name| result(name, twice())).collect();
        let mut random = Random::new(context.random);
        let mut records = Vec::new();
        for topic in request.topics.iter().filter(|topic| !duplicates.contains(topic.name.as_str())) {
            let outcome = self.add_partitions(topic, &mut random, &mut records);
            results.push(result(&topic.name, outcome));
        }
        let response = CreatePartitionsResponse { throttle_time_ms: 0, results };
        if request.validate_only { Decision::answer(response) } else { Decision::atomic(records, response) }
    }

    /// Appends the records of one topic, all or none.
    fn add_partitions(
        &self,
        request: &CreatePartitionsTopic,
        random: &mut Random,
        records: &mut Vec<MetadataRecord>,
    ) -> Result<(), ApiError> {
        let Some(topic) = self.state.image.topics.by_name(&request.name) else {
            return Err(ApiError::of(ErrorCode::UnknownTopicOrPartition));
        };
        let additional = additional(request, topic)?;
        if additional > MAX_RECORDS_PER_USER_OP - records.len() {
            let message = "Excessively large number of partitions per request.";
            return Err(ApiError::new(ErrorCode::PolicyViolation, message));
        }
        let (first, factor) = match topic.partitions().next() {
            Some((_, partition)) => (topic.partition_count(), partition.replicas.len()),
            // Topics are created with their partitions in one batch.
            None => return Err(ApiError::of(ErrorCode::UnknownServerError)),
        };
        let partitions = match &request.assignments {
            Some(assignments) => self.partitions_by_hand(assignments, first, factor)?,
            None => self.partitions_by_placement(additional, factor, random)?,
        };
        for (index, partition) in (first..).zip(&partitions) {
            let index = i32::try_from(index).map_err(|_| ApiError::of(ErrorCode::UnknownServerError))?;
            records.push(partition.to_record(topic.id, index).into());
        }
        Ok(())
    }

    fn partitions_by_hand(
        &self,
        assignments: &[CreatePartitionsAssignment],
        first: usize,
        factor: usize,
    ) -> Result<Vec<Partition>, ApiError> {
        let refused = |message: String| ApiError::new(ErrorCode::InvalidReplicaAssignment, message);
        let mut partitions = Vec::with_capacity(assignments.len());
        for (index, assignment) in (first..).zip(assignments) {
            self.check_assignment(&assignment.broker_ids, Some(factor)).map_err(refused)?;
            let replicas: Vec<NodeId> = assignment.broker_ids.iter().copied().map(NodeId).collect();
            let partition = self.new_partition(&replicas).ok_or_else(|| {
                refused(format!(
                    "All brokers specified in the manual partition assignment for partition {index} are fenced or in \
                     controlled shutdown."
                ))
            })?;
            partitions.push(partition);
        }
        Ok(partitions)
    }

    fn partitions_by_placement(
        &self,
        additional: usize,
        factor: usize,
        random: &mut Random,
    ) -> Result<Vec<Partition>, ApiError> {
        let refused = |message: String| ApiError::new(ErrorCode::InvalidReplicationFactor, message);
        let replicas = i16::try_from(factor).map_err(|_| ApiError::of(ErrorCode::UnknownServerError))?;
        let placed =
            placement::place(additional, replicas, self.usable_brokers(), random).map_err(refused)?;
        let none_active = || {
            refused(format!(
                "Unable to replicate the partition {factor} time(s): All brokers are currently fenced or in \
                 controlled shutdown."
            ))
        };
        placed.iter().map(|replicas| self.new_partition(replicas).ok_or_else(none_active)).collect()
    }
}

/// How many partitions are missing to the count that was asked for.
fn additional(request: &CreatePartitionsTopic, topic: &TopicImage) -> Result<usize, ApiError> {
    let current = topic.partition_count() as i64;
    let additional = i64::from(request.count) - current;
    let invalid = |message: String| Err(ApiError::new(ErrorCode::InvalidPartitions, message));
    match additional {
        0 => invalid(format!("Topic already has {current} partition(s).")),
        ..0 => invalid(format!(
            "The topic {} currently has {current} partition(s); {} would not be an increase.",
            request.name, request.count
        )),
        _ => match &request.assignments {
            Some(assignments) if assignments.len() as i64 != additional => {
                let message = format!(
                    "Attempted to add {additional} additional partition(s), but only {} assignment(s) were specified.",
                    assignments.len()
                );
                Err(ApiError::new(ErrorCode::InvalidReplicaAssignment, message))
            }
            _ => Ok(usize::try_from(additional).unwrap_or(usize::MAX)),
        },
    }
}
