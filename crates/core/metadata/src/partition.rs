//! One partition as the controller registered it (`org.apache.kafka.metadata.PartitionRegistration`).

use headwater_base::{LeaderEpoch, NodeId, Uuid};

use crate::directory;
use crate::error::ReplayError;
use crate::records::{PartitionChangeRecord, PartitionRecord};

/// In a PartitionChangeRecord: the leader stays.
pub const NO_LEADER_CHANGE: i32 = -2;

/// Whether a partition's leader was chosen without the ISR and still has to reconcile (KIP-704).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeaderRecoveryState {
    /// The leader came from the ISR, or has recovered.
    #[default]
    Recovered,
    /// The election was unclean and the leader has not recovered.
    Recovering,
}

impl LeaderRecoveryState {
    /// In a PartitionChangeRecord: the state stays.
    pub const NO_CHANGE: i8 = -1;

    /// The number that stands for it in records and requests.
    #[must_use]
    pub const fn code(self) -> i8 {
        match self {
            LeaderRecoveryState::Recovered => 0,
            LeaderRecoveryState::Recovering => 1,
        }
    }

    /// The state of a number.
    #[must_use]
    pub const fn from_code(code: i8) -> Option<Self> {
        match code {
            0 => Some(LeaderRecoveryState::Recovered),
            1 => Some(LeaderRecoveryState::Recovering),
            _ => None,
        }
    }
}

/// One partition: who has it, who leads it. Lists are in the order of the records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Brokers that have, or shall have, a replica; the first is the preferred leader.
    pub replicas: Box<[NodeId]>,
    /// The log directory of each replica, in the order of `replicas`.
    pub directories: Box<[Uuid]>,
    /// The replicas that are in sync.
    pub isr: Box<[NodeId]>,
    /// Replicas that a reassignment takes away.
    pub removing_replicas: Box<[NodeId]>,
    /// Replicas that a reassignment adds.
    pub adding_replicas: Box<[NodeId]>,
    /// Replicas outside the ISR that have everything committed (KIP-966).
    pub eligible_leader_replicas: Box<[NodeId]>,
    /// Who led, or was eligible, last.
    pub last_known_elr: Box<[NodeId]>,
    /// The leader, or [`NodeId::NONE`].
    pub leader: NodeId,
    /// Whether the leader has recovered from an unclean election.
    pub leader_recovery_state: LeaderRecoveryState,
    /// Grows with every record that names a leader.
    pub leader_epoch: LeaderEpoch,
    /// Grows with every change.
    pub partition_epoch: i32,
}

pub(crate) fn nodes(ids: &[i32]) -> Box<[NodeId]> {
    ids.iter().copied().map(NodeId).collect()
}

pub(crate) fn ids(nodes: &[NodeId]) -> Vec<i32> {
    nodes.iter().map(|node| node.0).collect()
}

/// Lists of a log older than KIP-858 are empty, or all "migrating".
fn directories_or_migrating(directories: &[Uuid], replicas: usize) -> Box<[Uuid]> {
    if directories.iter().all(|directory| *directory == directory::MIGRATING) {
        vec![directory::MIGRATING; replicas].into_boxed_slice()
    } else {
        directories.into()
    }
}

impl Partition {
    /// From the record that creates a partition.
    ///
    /// # Errors
    /// When directories and replicas differ in number, or the recovery state has no meaning.
    pub fn from_record(record: &PartitionRecord) -> Result<Self, ReplayError> {
        let directories = directories_or_migrating(&record.directories, record.replicas.len());
        if directories.len() != record.replicas.len() {
            return Err(ReplayError::Directories {
                topic_id: record.topic_id,
                partition: record.partition_id,
            });
        }
        let leader_recovery_state =
            LeaderRecoveryState::from_code(record.leader_recovery_state).ok_or(ReplayError::Field {
                record: "PartitionRecord",
                field: "LeaderRecoveryState",
                value: i64::from(record.leader_recovery_state),
            })?;
        Ok(Self {
            replicas: nodes(&record.replicas),
            directories,
            isr: nodes(&record.isr),
            removing_replicas: nodes(&record.removing_replicas),
            adding_replicas: nodes(&record.adding_replicas),
            eligible_leader_replicas: nodes(record.eligible_leader_replicas.as_deref().unwrap_or_default()),
            last_known_elr: nodes(record.last_known_elr.as_deref().unwrap_or_default()),
            leader: NodeId(record.leader),
            leader_recovery_state,
            leader_epoch: LeaderEpoch(record.leader_epoch),
            partition_epoch: record.partition_epoch,
        })
    }

    /// The record that creates the partition as it is now.
    #[must_use]
    pub fn to_record(&self, topic_id: Uuid, partition: i32) -> PartitionRecord {
        let list = |nodes: &[NodeId]| (!nodes.is_empty()).then(|| ids(nodes));
        PartitionRecord {
            partition_id: partition,
            topic_id,
            replicas: ids(&self.replicas),
            isr: ids(&self.isr),
            removing_replicas: ids(&self.removing_replicas),
            adding_replicas: ids(&self.adding_replicas),
            leader: self.leader.0,
            leader_recovery_state: self.leader_recovery_state.code(),
            leader_epoch: self.leader_epoch.0,
            partition_epoch: self.partition_epoch,
            directories: self.directories.to_vec(),
            eligible_leader_replicas: list(&self.eligible_leader_replicas),
            last_known_elr: list(&self.last_known_elr),
        }
    }

    /// The partition after a change. The partition epoch always grows, the leader epoch when the record names a leader,
    /// be it the same.
    ///
    /// # Errors
    /// As [`Partition::from_record`].
    pub fn merge(&self, record: &PartitionChangeRecord) -> Result<Self, ReplayError> {
        let changed = |new: &Option<Vec<i32>>, old: &[NodeId]| match new {
            Some(new) => nodes(new),
            None => old.into(),
        };
        let replicas = changed(&record.replicas, &self.replicas);
        let directories = match &record.directories {
            Some(directories) => directories_or_migrating(directories, replicas.len()),
            None => directories_or_migrating(&self.directories, replicas.len()),
        };
        if directories.len() != replicas.len() {
            return Err(ReplayError::Directories {
                topic_id: record.topic_id,
                partition: record.partition_id,
            });
        }
        let (leader, leader_epoch) = match record.leader {
            NO_LEADER_CHANGE => (self.leader, self.leader_epoch),
            leader => (NodeId(leader), LeaderEpoch(self.leader_epoch.0 + 1)),
        };
        let leader_recovery_state = match record.leader_recovery_state {
            LeaderRecoveryState::NO_CHANGE => self.leader_recovery_state,
            code => LeaderRecoveryState::from_code(code).ok_or(ReplayError::Field {
                record: "PartitionChangeRecord",
                field: "LeaderRecoveryState",
                value: i64::from(code),
            })?,
        };
        Ok(Self {
            directories,
            isr: changed(&record.isr, &self.isr),
            removing_replicas: changed(&record.removing_replicas, &self.removing_replicas),
            adding_replicas: changed(&record.adding_replicas, &self.adding_replicas),
            eligible_leader_replicas: changed(
                &record.eligible_leader_replicas,
                &self.eligible_leader_replicas,
            ),
            last_known_elr: changed(&record.last_known_elr, &self.last_known_elr),
            leader,
            leader_recovery_state,
            leader_epoch,
            partition_epoch: self.partition_epoch + 1,
            replicas,
        })
    }

    /// The partition after its eligible leader replicas were forgotten; `None` when it has none.
    pub(crate) fn without_eligible_leader_replicas(&self) -> Option<Self> {
        if self.eligible_leader_replicas.is_empty() && self.last_known_elr.is_empty() {
            return None;
        }
        Some(Self {
            eligible_leader_replicas: Box::default(),
            last_known_elr: Box::default(),
            partition_epoch: self.partition_epoch + 1,
            ..self.clone()
        })
    }

    /// True when some broker leads.
    #[must_use]
    pub fn has_leader(&self) -> bool {
        self.leader != NodeId::NONE
    }

    /// The first replica, which should lead; [`NodeId::NONE`] without replicas.
    #[must_use]
    pub fn preferred_replica(&self) -> NodeId {
        self.replicas.first().copied().unwrap_or(NodeId::NONE)
    }

    /// True when the preferred replica leads.
    #[must_use]
    pub fn has_preferred_leader(&self) -> bool {
        self.leader == self.preferred_replica()
    }

    /// The log directory of a broker's replica; `None` when the broker has none.
    #[must_use]
    pub fn directory(&self, broker: NodeId) -> Option<Uuid> {
        let index = self.replicas.iter().position(|replica| *replica == broker)?;
        self.directories.get(index).copied()
    }

    /// True while replicas are added or removed.
    #[must_use]
    pub fn is_reassigning(&self) -> bool {
        !self.removing_replicas.is_empty() || !self.adding_replicas.is_empty()
    }
}
