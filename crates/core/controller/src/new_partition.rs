//! What CreateTopics, CreatePartitions and AlterPartitionReassignments have in common: the first state of a partition, the
//! brokers that can get replicas, and the rules for a list of replicas that somebody wrote by hand.

use std::sync::Arc;

use headwater_base::{LeaderEpoch, NodeId};
use headwater_metadata::{BrokerRegistration, LeaderRecoveryState, Partition};

use crate::placement::UsableBroker;
use crate::state::Controller;

impl Controller {
    /// A new partition with these replicas, led by the first active one; `None` when none is active.
    pub(crate) fn new_partition(&self, replicas: &[NodeId]) -> Option<Partition> {
        let cluster = &self.state.image.cluster;
        let isr: Box<[NodeId]> =
            replicas.iter().copied().filter(|replica| cluster.is_active(*replica)).collect();
        Some(Partition {
            leader: *isr.first()?,
            isr,
            directories: replicas.iter().map(|replica| cluster.default_directory(*replica)).collect(),
            replicas: replicas.into(),
            removing_replicas: Box::default(),
            adding_replicas: Box::default(),
            eligible_leader_replicas: Box::default(),
            last_known_elr: Box::default(),
            leader_recovery_state: LeaderRecoveryState::Recovered,
            leader_epoch: LeaderEpoch(0),
            partition_epoch: 0,
        })
    }

    /// The brokers that can get replicas, fenced ones included.
    pub(crate) fn usable_brokers(&self) -> impl Iterator<Item = UsableBroker> {
        let usable = |broker: &&Arc<BrokerRegistration>| {
            let shutting_down = broker.in_controlled_shutdown && !broker.fenced;
            !shutting_down && broker.has_uncordoned_directory()
        };
        self.state.image.cluster.brokers().filter(usable).map(|broker| UsableBroker {
            id: broker.id,
            rack: broker.rack.clone(),
            fenced: broker.fenced,
        })
    }

    /// `ReplicationControlManager.validateManualPartitionAssignment`.
    ///
    /// # Errors
    /// Kafka's message, for `INVALID_REPLICA_ASSIGNMENT`.
    pub(crate) fn check_assignment(&self, replicas: &[i32], factor: Option<usize>) -> Result<(), String> {
        if replicas.is_empty() {
            return Err("The manual partition assignment includes an empty replica list.".to_owned());
        }
        let mut brokers = replicas.to_vec();
        brokers.sort_unstable();
        let mut previous = None;
        for id in &brokers {
            if self.state.image.cluster.broker(NodeId(*id)).is_none() {
                return Err(format!(
                    "The manual partition assignment includes broker {id}, but no such broker is registered."
                ));
            }
            if previous == Some(id) {
                return Err(format!(
                    "The manual partition assignment includes the broker {id} more than once."
                ));
            }
            previous = Some(id);
        }
        match factor {
            Some(factor) if factor != brokers.len() => Err(format!(
                "The manual partition assignment includes a partition with {} replica(s), but this is not consistent \
                 with previous partitions, which have {factor} replica(s).",
                brokers.len()
            )),
            _ => Ok(()),
        }
    }
}
