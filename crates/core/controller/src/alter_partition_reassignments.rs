//! AlterPartitionReassignments, key 45 (KIP-455, KIP-860; `ReplicationControlManager.alterPartitionReassignments`).
//!
//! New replicas are added, the old ones are kept until the ISR has all new ones, then they go
//! (`PartitionChange::build`). What only takes away or reorders is complete at once. `null` cancels: the replicas are what
//! they were before.

use std::collections::BTreeSet;

use headwater_base::{ErrorCode, NodeId, PartitionIndex};
use headwater_metadata::{Partition, TopicImage};
use headwater_protocol::messages::alter_partition_reassignments_request::{
    AlterPartitionReassignmentsRequest, ReassignablePartition,
};
use headwater_protocol::messages::alter_partition_reassignments_response::{
    AlterPartitionReassignmentsResponse, ReassignablePartitionResponse, ReassignableTopicResponse,
};
use headwater_protocol::metadata::MetadataRecord;
use headwater_protocol::metadata::partition_change_record::PartitionChangeRecord;

use crate::decide::{Decision, MAX_RECORDS_PER_USER_OP};
use crate::error::ApiError;
use crate::partition_change::{Election, PartitionChange};
use crate::state::Controller;

/// Those of `a` that are not in `b`, in the order of ids (`PartitionReassignmentReplicas.calculateDifference`).
fn without(a: &[NodeId], b: &[NodeId]) -> Vec<NodeId> {
    let left: BTreeSet<NodeId> = a.iter().copied().filter(|node| !b.contains(node)).collect();
    left.into_iter().collect()
}

impl Controller {
    pub(crate) fn alter_partition_reassignments(
        &self,
        request: &AlterPartitionReassignmentsRequest,
    ) -> Decision<AlterPartitionReassignmentsResponse> {
        if request.topics.is_empty() {
            return Decision::answer(AlterPartitionReassignmentsResponse::default());
        }
        let mut records = Vec::new();
        let may_change_factor = request.allow_replication_factor_change;
        let mut responses = Vec::with_capacity(request.topics.len());
        for topic in &request.topics {
            let mut partitions = Vec::with_capacity(topic.partitions.len());
            for target in &topic.partitions {
                let outcome = self.reassign(&topic.name, target, may_change_factor, &mut records);
                let error = outcome.err().unwrap_or(ApiError::of(ErrorCode::None));
                partitions.push(ReassignablePartitionResponse {
                    partition_index: target.partition_index,
                    error_code: error.code.code(),
                    error_message: error.message,
                });
            }
            responses.push(ReassignableTopicResponse { name: topic.name.clone(), partitions });
        }
        let response = AlterPartitionReassignmentsResponse {
            throttle_time_ms: 0,
            allow_replication_factor_change: may_change_factor,
            error_code: ErrorCode::None.code(),
            error_message: None,
            responses,
        };
        Decision::atomic(records, response)
    }

    fn reassign(
        &self,
        name: &str,
        target: &ReassignablePartition,
        may_change_factor: bool,
        records: &mut Vec<MetadataRecord>,
    ) -> Result<(), ApiError> {
        let unknown = |message| ApiError::new(ErrorCode::UnknownTopicOrPartition, message);
        let topic = self.state.image.topics.by_name(name);
        let topic = topic.ok_or_else(|| unknown(format!("Unable to find a topic named {name}.")))?;
        let index = PartitionIndex(target.partition_index);
        let partition = topic.partition(index);
        let partition =
            partition.ok_or_else(|| unknown(format!("Unable to find partition {name}:{index}.")))?;
        let record = match &target.replicas {
            None => self.cancel_reassignment(topic, index, partition)?,
            Some(replicas) => {
                self.check_assignment(replicas, None)
                    .map_err(|message| ApiError::new(ErrorCode::InvalidReplicaAssignment, message))?;
                let target: Vec<NodeId> = replicas.iter().copied().map(NodeId).collect();
                if !may_change_factor {
                    check_factor(partition, &target)?;
                }
                self.change_reassignment(topic, index, partition, &target)
            }
        };
        if record.is_some() && records.len() >= MAX_RECORDS_PER_USER_OP {
            return Err(ApiError::of(ErrorCode::UnknownServerError));
        }
        records.extend(record.map(MetadataRecord::from));
        Ok(())
    }

    fn change_reassignment(
        &self,
        topic: &TopicImage,
        index: PartitionIndex,
        partition: &Partition,
        target: &[NodeId],
    ) -> Option<PartitionChangeRecord> {
        let acceptable = |replica| self.can_lead(partition, replica);
        let mut change = PartitionChange::new(partition, topic.id, index, &acceptable);
        let removing = without(&partition.replicas, target);
        let adding = without(target, &partition.replicas);
        change = change.target_replicas([target, &removing].concat());
        // A list that is empty leaves what an earlier reassignment wanted, as in the reference.
        if !removing.is_empty() {
            change = change.target_removing(removing);
        }
        if !adding.is_empty() {
            change = change.target_adding(adding);
        }
        change.build(&|replica| self.state.image.cluster.default_directory(replica))
    }

    /// Back to the replicas before the reassignment (`PartitionReassignmentRevert`).
    fn cancel_reassignment(
        &self,
        topic: &TopicImage,
        index: PartitionIndex,
        partition: &Partition,
    ) -> Result<Option<PartitionChangeRecord>, ApiError> {
        if !partition.is_reassigning() {
            return Err(ApiError::of(ErrorCode::NoReassignmentInProgress));
        }
        let refused = |message| ApiError::new(ErrorCode::InvalidReplicaAssignment, message);
        let stays = |replica: &NodeId| !partition.adding_replicas.contains(replica);
        let replicas: Vec<NodeId> = partition.replicas.iter().copied().filter(stays).collect();
        let mut isr: Vec<NodeId> = partition.isr.iter().copied().filter(stays).collect();
        let unclean_allowed = self.unclean_election_enabled(&topic.name);
        if isr.is_empty() {
            let first = replicas.first().copied().ok_or_else(|| {
                refused("Invalid replica assignment: addingReplicas contains all replicas.".to_owned())
            })?;
            isr.push(first);
            if !unclean_allowed {
                return Err(refused(format!(
                    "Unable to revert partition assignment for {}:{index} because it would require an unclean leader \
                     election.",
                    topic.name
                )));
            }
        }
        let acceptable = |replica| self.can_lead(partition, replica);
        let change = PartitionChange::new(partition, topic.id, index, &acceptable)
            .election(if unclean_allowed { Election::Unclean } else { Election::Online })
            .target_isr(isr)
            .target_replicas(replicas)
            .target_removing(Vec::new())
            .target_adding(Vec::new());
        Ok(change.build(&|replica| self.state.image.cluster.default_directory(replica)))
    }
}

/// The number of replicas that a partition has, or will have when its reassignment is complete, must be kept.
fn check_factor(partition: &Partition, target: &[NodeId]) -> Result<(), ApiError> {
    let replicas = partition.replicas.iter().chain(&partition.adding_replicas);
    let kept: BTreeSet<&NodeId> =
        replicas.filter(|replica| !partition.removing_replicas.contains(replica)).collect();
    if kept.len() == target.len() {
        return Ok(());
    }
    let message = format!("The replication factor is changed from {} to {}", kept.len(), target.len());
    Err(ApiError::new(ErrorCode::InvalidReplicationFactor, message))
}
