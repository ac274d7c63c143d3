//! Partitions: leaders elected, replicas moved.

use headwater_base::{ErrorCode, TopicPartition};
use headwater_protocol::messages::alter_partition_reassignments_request::{
    AlterPartitionReassignmentsRequest, ReassignablePartition, ReassignableTopic,
};
use headwater_protocol::messages::elect_leaders_request::{ElectLeadersRequest, TopicPartitions};
use headwater_protocol::messages::list_partition_reassignments_request::{
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsTopics,
};
use headwater_protocol::messages::list_partition_reassignments_response::OngoingPartitionReassignment;

use super::{Admin, Each};
use crate::error::{Result, check_with};
use crate::net::spread::by_topic;

/// Who may be elected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub enum ElectionType {
    /// The first replica in the list.
    Preferred = 0,
    /// Any replica when none in sync is left; records may be lost.
    Unclean = 1,
}

impl Admin {
    /// Elects leaders of the partitions, or of all that need it with `None`. With `None` what needed none is left out.
    ///
    /// # Errors
    /// When nobody answers in time; what is wrong with a partition is in its place of the result.
    pub async fn elect_leaders(
        &self,
        election: ElectionType,
        partitions: Option<&[TopicPartition]>,
    ) -> Result<Each<TopicPartition, ()>> {
        let topics = partitions.map(|partitions| {
            let topics = by_topic(partitions.iter().map(|it| (it.clone(), ())).collect());
            let topic = |(topic, partitions): (String, Vec<(i32, ())>)| TopicPartitions {
                topic,
                partitions: partitions.into_iter().map(|(index, ())| index).collect(),
            };
            topics.into_iter().map(topic).collect::<Vec<_>>()
        });
        let make = |timeout_ms| ElectLeadersRequest {
            election_type: election as i8,
            topic_partitions: topics.clone(),
            timeout_ms,
        };
        let response = self.of_controller("electLeaders", make).await?;
        check_with(response.error_code, None)?;
        let mut answers = Vec::new();
        for topic in response.replica_election_results {
            for it in topic.partition_result {
                let unneeded = it.error_code == ErrorCode::ElectionNotNeeded.code();
                if partitions.is_some() || !unneeded {
                    let key = super::partition(&topic.topic, it.partition_id);
                    answers.push((key, check_with(it.error_code, it.error_message.as_deref())));
                }
            }
        }
        Ok(answers)
    }

    /// Moves partitions to other replicas; `None` gives a move up.
    ///
    /// # Errors
    /// As [`Admin::elect_leaders`].
    pub async fn alter_partition_reassignments(
        &self,
        moves: Vec<(TopicPartition, Option<Vec<i32>>)>,
        allow_replication_factor_change: bool,
    ) -> Result<Each<TopicPartition, ()>> {
        let partition = |(partition_index, replicas): (i32, Option<Vec<i32>>)| ReassignablePartition {
            partition_index,
            replicas,
        };
        let topics: Vec<ReassignableTopic> = by_topic(moves)
            .into_iter()
            .map(|(name, moves)| ReassignableTopic {
                name,
                partitions: moves.into_iter().map(partition).collect(),
            })
            .collect();
        let make = |timeout_ms| AlterPartitionReassignmentsRequest {
            timeout_ms,
            allow_replication_factor_change,
            topics: topics.clone(),
        };
        let response = self.of_controller("alterPartitionReassignments", make).await?;
        check_with(response.error_code, response.error_message.as_deref())?;
        let mut answers = Vec::new();
        for topic in response.responses {
            for it in topic.partitions {
                let key = super::partition(&topic.name, it.partition_index);
                answers.push((key, check_with(it.error_code, it.error_message.as_deref())));
            }
        }
        Ok(answers)
    }

    /// Moves under way, of the partitions or all with `None`.
    ///
    /// # Errors
    /// When nobody answers in time.
    pub async fn list_partition_reassignments(
        &self,
        partitions: Option<&[TopicPartition]>,
    ) -> Result<Vec<(TopicPartition, OngoingPartitionReassignment)>> {
        let topics = partitions.map(|partitions| {
            let topics = by_topic(partitions.iter().map(|it| (it.clone(), ())).collect());
            let topic = |(name, partitions): (String, Vec<(i32, ())>)| ListPartitionReassignmentsTopics {
                name,
                partition_indexes: partitions.into_iter().map(|(index, ())| index).collect(),
            };
            topics.into_iter().map(topic).collect::<Vec<_>>()
        });
        let make = |timeout_ms| ListPartitionReassignmentsRequest { timeout_ms, topics: topics.clone() };
        let response = self.of_controller("listPartitionReassignments", make).await?;
        check_with(response.error_code, response.error_message.as_deref())?;
        let mut moves = Vec::new();
        for topic in response.topics {
            for it in topic.partitions {
                moves.push((super::partition(&topic.name, it.partition_index), it));
            }
        }
        Ok(moves)
    }
}
