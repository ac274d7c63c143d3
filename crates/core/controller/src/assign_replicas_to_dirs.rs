//! AssignReplicasToDirs, key 73 (`ReplicationControlManager.handleAssignReplicasToDirs`, KIP-858): a broker tells in
//! which log directory it keeps a replica.
//!
//! A replica in a directory that is not online leaves the ISR and leads no more.

use headwater_base::{ErrorCode, PartitionIndex, Uuid};
use headwater_metadata::BrokerRegistration;
use headwater_protocol::messages::assign_replicas_to_dirs_request::AssignReplicasToDirsRequest;
use headwater_protocol::messages::assign_replicas_to_dirs_response::{
    AssignReplicasToDirsResponse, DirectoryData, PartitionData, TopicData,
};
use headwater_protocol::metadata::MetadataRecord;

use crate::decide::Decision;
use crate::election::Movement;
use crate::partition_change::PartitionChange;
use crate::state::Controller;

/// What assignments lead to.
#[derive(Default)]
struct Assigned {
    records: Vec<MetadataRecord>,
    offline: Vec<(Uuid, PartitionIndex)>,
}

impl Controller {
    pub(crate) fn assign_replicas_to_dirs(
        &self,
        request: &AssignReplicasToDirsRequest,
    ) -> Decision<AssignReplicasToDirsResponse> {
        let broker = match self.broker_of_epoch(request.broker_id, request.broker_epoch) {
            Ok(broker) => broker,
            Err(error) => {
                let error_code = error.code.code();
                return Decision::answer(AssignReplicasToDirsResponse { error_code, ..Default::default() });
            }
        };
        let mut assigned = Assigned::default();
        let mut directories = Vec::with_capacity(request.directories.len());
        for directory in &request.directories {
            let mut topics = Vec::with_capacity(directory.topics.len());
            for topic in &directory.topics {
                let mut partitions = Vec::with_capacity(topic.partitions.len());
                for partition in &topic.partitions {
                    let index = PartitionIndex(partition.partition_index);
                    let code = self.assign(broker, directory.id, (topic.topic_id, index), &mut assigned);
                    partitions.push(PartitionData { partition_index: index.0, error_code: code.code() });
                }
                topics.push(TopicData { topic_id: topic.topic_id, partitions });
            }
            directories.push(DirectoryData { id: directory.id, topics });
        }
        let Assigned { mut records, mut offline } = assigned;
        offline.sort_unstable();
        offline.dedup();
        let movement = Movement { goes: Some(broker.id), comes: None };
        self.leader_and_isr_updates(&offline, movement, &mut records);
        let response = AssignReplicasToDirsResponse {
            throttle_time_ms: 0,
            error_code: ErrorCode::None.code(),
            directories,
        };
        Decision::records(records, response)
    }

    fn assign(
        &self,
        broker: &BrokerRegistration,
        directory: Uuid,
        (topic_id, index): (Uuid, PartitionIndex),
        assigned: &mut Assigned,
    ) -> ErrorCode {
        let Some(topic) = self.state.image.topics.by_id(topic_id) else { return ErrorCode::UnknownTopicId };
        let Some(partition) = topic.partition(index) else { return ErrorCode::UnknownTopicOrPartition };
        if !partition.replicas.contains(&broker.id) {
            return ErrorCode::NotLeaderOrFollower;
        }
        let acceptable = |replica| self.can_lead(partition, replica);
        let change =
            PartitionChange::new(partition, topic_id, index, &acceptable).directory(broker.id, directory);
        let record = change.build(&|replica| self.state.image.cluster.default_directory(replica));
        assigned.records.extend(record.map(MetadataRecord::from));
        if !broker.has_online_directory(directory) {
            assigned.offline.push((topic_id, index));
        }
        ErrorCode::None
    }
}
