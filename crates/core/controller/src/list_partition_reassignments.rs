//! ListPartitionReassignments, key 46 (`ReplicationControlManager.listPartitionReassignments`): what is not complete yet.

use headwater_base::{ErrorCode, NodeId, PartitionIndex};
use headwater_metadata::{Partition, TopicImage};
use headwater_protocol::messages::list_partition_reassignments_request::ListPartitionReassignmentsRequest;
use headwater_protocol::messages::list_partition_reassignments_response::{
    ListPartitionReassignmentsResponse, OngoingPartitionReassignment, OngoingTopicReassignment,
};

use crate::decide::Decision;
use crate::state::Controller;

fn ids(nodes: &[NodeId]) -> Vec<i32> {
    nodes.iter().map(|node| node.0).collect()
}

fn ongoing(index: PartitionIndex, partition: &Partition) -> OngoingPartitionReassignment {
    OngoingPartitionReassignment {
        partition_index: index.0,
        replicas: ids(&partition.replicas),
        adding_replicas: ids(&partition.adding_replicas),
        removing_replicas: ids(&partition.removing_replicas),
    }
}

fn topic_of(
    topic: &TopicImage,
    indexes: impl Iterator<Item = PartitionIndex>,
) -> Option<OngoingTopicReassignment> {
    let partitions: Vec<_> = indexes
        .filter_map(|index| Some((index, topic.partition(index)?)))
        .filter(|(_, partition)| partition.is_reassigning())
        .map(|(index, partition)| ongoing(index, partition))
        .collect();
    (!partitions.is_empty()).then(|| OngoingTopicReassignment { name: topic.name.to_string(), partitions })
}

impl Controller {
    pub(crate) fn list_partition_reassignments(
        &self,
        request: &ListPartitionReassignmentsRequest,
    ) -> Decision<ListPartitionReassignmentsResponse> {
        let image = &self.state.image.topics;
        let topics = match &request.topics {
            Some(topics) => topics
                .iter()
                .filter_map(|asked| {
                    let topic = image.by_name(&asked.name)?;
                    topic_of(topic, asked.partition_indexes.iter().copied().map(PartitionIndex))
                })
                .collect(),
            None => self
                .state
                .reassigning_topics()
                .filter_map(|id| image.by_id(id))
                .filter_map(|topic| topic_of(topic, topic.partitions().map(|(index, _)| index)))
                .collect(),
        };
        Decision::answer(ListPartitionReassignmentsResponse {
            throttle_time_ms: 0,
            error_code: ErrorCode::None.code(),
            error_message: None,
            topics,
        })
    }
}
