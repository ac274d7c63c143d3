//! Leaders and ISRs of many partitions after a broker came or went
//! (`ReplicationControlManager.generateLeaderAndIsrUpdates`).

use headwater_base::{NodeId, PartitionIndex, Uuid};
use headwater_metadata::Partition;
use headwater_protocol::metadata::MetadataRecord;

use crate::partition_change::{Election, PartitionChange};
use crate::state::Controller;

/// Who comes and who goes, beside what the registrations say.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Movement {
    /// Leaves every ISR and leads nothing.
    pub(crate) goes: Option<NodeId>,
    /// Can lead, although its registration is still fenced.
    pub(crate) comes: Option<NodeId>,
}

impl Controller {
    /// Appends the changes of the given partitions (sorted by topic) to `records`.
    pub(crate) fn leader_and_isr_updates(
        &self,
        places: &[(Uuid, PartitionIndex)],
        movement: Movement,
        records: &mut Vec<MetadataRecord>,
    ) {
        let mut topic_before = None;
        let mut election = Election::Online;
        for (topic_id, index) in places {
            let topic = self.state.image.topics.by_id(*topic_id).expect("indexes name existing topics");
            let partition = topic.partition(*index).expect("indexes name existing partitions");
            if topic_before != Some(*topic_id) {
                topic_before = Some(*topic_id);
                election = if self.unclean_election_enabled(&topic.name) {
                    Election::Unclean
                } else {
                    Election::Online
                };
            }
            let acceptable = |broker: NodeId| {
                let alive = Some(broker) != movement.goes
                    && (Some(broker) == movement.comes || self.state.image.cluster.is_active(broker));
                alive && self.has_directory_online(partition, broker)
            };
            let isr = partition.isr.iter().copied().filter(|member| Some(*member) != movement.goes);
            let change = PartitionChange::new(partition, *topic_id, *index, &acceptable)
                .election(election)
                .target_isr(isr.collect());
            let record = change.build(&|broker| self.state.image.cluster.default_directory(broker));
            records.extend(record.map(MetadataRecord::from));
        }
    }

    /// Whether a replica is on an active broker and in a directory that is online.
    pub(crate) fn can_lead(&self, partition: &Partition, broker: NodeId) -> bool {
        self.state.image.cluster.is_active(broker) && self.has_directory_online(partition, broker)
    }

    pub(crate) fn has_directory_online(&self, partition: &Partition, broker: NodeId) -> bool {
        let registration = self.state.image.cluster.broker(broker);
        let directory = partition.directory(broker);
        registration.zip(directory).is_some_and(|(broker, directory)| broker.has_online_directory(directory))
    }
}
