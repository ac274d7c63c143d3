//! The record that brings a partition from what it is to what it shall be: ISR, leader, reassignment, directories
//! (`org.apache.kafka.controller.PartitionChangeBuilder`).
//!
//! Eligible leader replicas (KIP-966) are at level 0: a partition has none, and any that a record left behind are
//! cleared by the next change, as the reference does at that level.

use std::collections::BTreeMap;

use headwater_base::{NodeId, PartitionIndex, Uuid};
use headwater_metadata::partition::NO_LEADER_CHANGE;
use headwater_metadata::{LeaderRecoveryState, Partition};
use headwater_protocol::metadata::partition_change_record::PartitionChangeRecord;

/// How far an election may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Election {
    /// Make the first replica the leader if possible, else keep the leader.
    Preferred,
    /// Keep the leader if possible, else the first replica of the ISR.
    Online,
    /// As `Online`, and if nobody of the ISR can lead, any live replica. Loses records.
    Unclean,
}

/// A change in the making. Fields that are not touched keep what the partition has.
pub(crate) struct PartitionChange<'a> {
    partition: &'a Partition,
    topic_id: Uuid,
    index: PartitionIndex,
    /// Who can lead: alive, with the replica's directory online.
    acceptable: &'a dyn Fn(NodeId) -> bool,
    election: Election,
    target_isr: Vec<NodeId>,
    target_replicas: Vec<NodeId>,
    target_removing: Vec<NodeId>,
    target_adding: Vec<NodeId>,
    target_directories: BTreeMap<NodeId, Uuid>,
}

fn ids(nodes: &[NodeId]) -> Vec<i32> {
    nodes.iter().map(|node| node.0).collect()
}

impl<'a> PartitionChange<'a> {
    pub(crate) fn new(
        partition: &'a Partition,
        topic_id: Uuid,
        index: PartitionIndex,
        acceptable: &'a dyn Fn(NodeId) -> bool,
    ) -> Self {
        let directories = partition.replicas.iter().copied().zip(partition.directories.iter().copied());
        Self {
            partition,
            topic_id,
            index,
            acceptable,
            election: Election::Online,
            target_isr: partition.isr.to_vec(),
            target_replicas: partition.replicas.to_vec(),
            target_removing: partition.removing_replicas.to_vec(),
            target_adding: partition.adding_replicas.to_vec(),
            target_directories: directories.collect(),
        }
    }

    pub(crate) fn election(mut self, election: Election) -> Self {
        self.election = election;
        self
    }

    pub(crate) fn target_isr(mut self, isr: Vec<NodeId>) -> Self {
        self.target_isr = isr;
        self
    }

    pub(crate) fn target_replicas(mut self, replicas: Vec<NodeId>) -> Self {
        self.target_replicas = replicas;
        self
    }

    pub(crate) fn target_removing(mut self, replicas: Vec<NodeId>) -> Self {
        self.target_removing = replicas;
        self
    }

    pub(crate) fn target_adding(mut self, replicas: Vec<NodeId>) -> Self {
        self.target_adding = replicas;
        self
    }

    pub(crate) fn directory(mut self, replica: NodeId, directory: Uuid) -> Self {
        self.target_directories.insert(replica, directory);
        self
    }

    fn can_lead(&self, replica: NodeId) -> bool {
        self.target_isr.contains(&replica) && (self.acceptable)(replica)
    }

    /// The leader, and whether the election was unclean.
    fn elect(&self) -> (NodeId, bool) {
        if self.election == Election::Preferred
            && let Some(preferred) = self.target_replicas.first().filter(|replica| self.can_lead(**replica))
        {
            return (*preferred, false);
        }
        if self.can_lead(self.partition.leader) {
            return (self.partition.leader, false);
        }
        if let Some(replica) = self.target_replicas.iter().find(|replica| self.can_lead(**replica)) {
            return (*replica, false);
        }
        if self.election == Election::Unclean
            && let Some(replica) = self.target_replicas.iter().find(|replica| (self.acceptable)(**replica))
        {
            return (*replica, true);
        }
        (NodeId::NONE, false)
    }

    /// A reassignment is complete when the ISR, without those that go, has all that come.
    fn complete_reassignment(&mut self) {
        if self.target_removing.is_empty() && self.target_adding.is_empty() {
            return;
        }
        let stays = |replica: &&NodeId| !self.target_removing.contains(replica);
        let isr: Vec<NodeId> = self.target_isr.iter().filter(stays).copied().collect();
        let replicas: Vec<NodeId> = self.target_replicas.iter().filter(stays).copied().collect();
        let has_all = |wanted: &[NodeId]| wanted.iter().all(|replica| isr.contains(replica));
        let emptied = !self.target_removing.is_empty() && (isr.is_empty() || replicas.is_empty());
        let shrinks = self.target_adding.len() < self.target_removing.len();
        if emptied || !has_all(&self.target_adding) || (shrinks && !has_all(&replicas)) {
            return;
        }
        self.target_isr = isr;
        self.target_replicas = replicas;
        self.target_removing.clear();
        self.target_adding.clear();
    }

    /// The record, or `None` when nothing changes. `default_directory` names the directory of a replica that has none.
    pub(crate) fn build(
        mut self,
        default_directory: &dyn Fn(NodeId) -> Uuid,
    ) -> Option<PartitionChangeRecord> {
        let mut record = PartitionChangeRecord {
            topic_id: self.topic_id,
            partition_id: self.index.0,
            ..PartitionChangeRecord::default()
        };
        self.complete_reassignment();
        let (leader, unclean) = self.elect();
        if leader != self.partition.leader {
            record.leader = leader.0;
            if unclean {
                record.isr = Some(vec![leader.0]);
                if self.partition.leader_recovery_state != LeaderRecoveryState::Recovering {
                    record.leader_recovery_state = LeaderRecoveryState::Recovering.code();
                }
            }
        }
        // Replicas that go must not be asked for by the old epoch's leader any more.
        let loses = self.partition.replicas.iter().any(|replica| !self.target_replicas.contains(replica));
        if record.leader == NO_LEADER_CHANGE && loses {
            record.leader = self.partition.leader.0;
        }
        if !self.partition.eligible_leader_replicas.is_empty() {
            record.eligible_leader_replicas = Some(Vec::new());
        }
        // The last member of an ISR stays in it: nobody else has the records.
        if record.isr.is_none() && !self.target_isr.is_empty() && *self.target_isr != *self.partition.isr {
            record.isr = Some(ids(&self.target_isr));
        }
        self.set_assignment(&mut record, default_directory);
        let nothing = PartitionChangeRecord {
            topic_id: self.topic_id,
            partition_id: self.index.0,
            ..PartitionChangeRecord::default()
        };
        (record != nothing).then_some(record)
    }

    fn set_assignment(&self, record: &mut PartitionChangeRecord, default_directory: &dyn Fn(NodeId) -> Uuid) {
        if !self.target_replicas.is_empty() {
            let directory = |replica: &NodeId| {
                self.target_directories.get(replica).copied().unwrap_or_else(|| default_directory(*replica))
            };
            let directories: Vec<Uuid> = self.target_replicas.iter().map(directory).collect();
            if *directories != *self.partition.directories {
                record.directories = Some(directories);
            }
            if *self.target_replicas != *self.partition.replicas {
                record.replicas = Some(ids(&self.target_replicas));
            }
        }
        if *self.target_removing != *self.partition.removing_replicas {
            record.removing_replicas = Some(ids(&self.target_removing));
        }
        if *self.target_adding != *self.partition.adding_replicas {
            record.adding_replicas = Some(ids(&self.target_adding));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(ids: &[i32]) -> Box<[NodeId]> {
        ids.iter().copied().map(NodeId).collect()
    }

    fn partition(replicas: &[i32], isr: &[i32], leader: i32) -> Partition {
        Partition {
            replicas: nodes(replicas),
            directories: replicas.iter().map(|id| Uuid(1000 + u128::from(id.unsigned_abs()))).collect(),
            isr: nodes(isr),
            removing_replicas: Box::default(),
            adding_replicas: Box::default(),
            eligible_leader_replicas: Box::default(),
            last_known_elr: Box::default(),
            leader: NodeId(leader),
            leader_recovery_state: LeaderRecoveryState::Recovered,
            leader_epoch: headwater_base::LeaderEpoch(5),
            partition_epoch: 9,
        }
    }

    struct Case<'a> {
        partition: Partition,
        alive: &'a [i32],
        isr: &'a [i32],
        election: Election,
    }

    fn build(case: &Case<'_>) -> Option<PartitionChangeRecord> {
        let acceptable = |node: NodeId| case.alive.contains(&node.0);
        PartitionChange::new(&case.partition, Uuid(7), PartitionIndex(3), &acceptable)
            .election(case.election)
            .target_isr(nodes(case.isr).into_vec())
            .build(&|_| Uuid(1))
    }

    fn expected() -> PartitionChangeRecord {
        PartitionChangeRecord { topic_id: Uuid(7), partition_id: 3, ..PartitionChangeRecord::default() }
    }

    #[test]
    fn leader_stays_when_it_can() {
        let partition = partition(&[1, 2, 3], &[1, 2, 3], 2);
        let case = Case { partition, alive: &[1, 2, 3], isr: &[1, 2, 3], election: Election::Online };
        assert_eq!(build(&case), None);
    }

    #[test]
    fn the_first_replica_leads_when_it_is_preferred_and_in_sync() {
        let build = |alive, isr| {
            let partition = partition(&[1, 2, 3], isr, 2);
            build(&Case { partition, alive, isr, election: Election::Preferred })
        };
        assert_eq!(build(&[1, 2, 3], &[1, 2, 3]), Some(PartitionChangeRecord { leader: 1, ..expected() }));
        assert_eq!(build(&[2, 3], &[1, 2, 3]), None, "not alive: the leader stays");
        assert_eq!(build(&[1, 2, 3], &[2, 3]), None, "not in sync: the leader stays");
    }

    #[test]
    fn isr_shrinks_without_a_new_epoch_when_a_follower_goes() {
        let partition = partition(&[1, 2, 3], &[1, 2, 3], 1);
        let case = Case { partition, alive: &[1, 2], isr: &[1, 2], election: Election::Online };
        assert_eq!(build(&case), Some(PartitionChangeRecord { isr: Some(vec![1, 2]), ..expected() }));
    }

    #[test]
    fn next_replica_in_sync_leads_when_the_leader_goes() {
        let partition = partition(&[1, 2, 3], &[3, 1], 1);
        let case = Case { partition, alive: &[2, 3], isr: &[3], election: Election::Unclean };
        assert_eq!(build(&case), Some(PartitionChangeRecord { leader: 3, isr: Some(vec![3]), ..expected() }));
    }

    #[test]
    fn last_member_stays_in_the_isr_without_leader() {
        let partition = partition(&[1, 2], &[1], 1);
        let case = Case { partition, alive: &[2], isr: &[], election: Election::Online };
        assert_eq!(build(&case), Some(PartitionChangeRecord { leader: -1, ..expected() }));
    }

    #[test]
    fn unclean_election_is_marked() {
        let partition = partition(&[1, 2], &[1], 1);
        let case = Case { partition, alive: &[2], isr: &[], election: Election::Unclean };
        let record =
            PartitionChangeRecord { leader: 2, isr: Some(vec![2]), leader_recovery_state: 1, ..expected() };
        assert_eq!(build(&case), Some(record));
    }

    #[test]
    fn reassignment_completes_when_the_new_replicas_are_in_sync() {
        let mut before = partition(&[3, 4, 1, 2], &[1, 2], 1);
        before.adding_replicas = nodes(&[3, 4]);
        before.removing_replicas = nodes(&[1, 2]);
        let alive = &[1, 2, 3, 4];
        let case = Case { partition: before.clone(), alive, isr: &[1, 2, 3], election: Election::Online };
        assert_eq!(build(&case), Some(PartitionChangeRecord { isr: Some(vec![1, 2, 3]), ..expected() }));
        let case = Case { partition: before, alive, isr: &[1, 2, 3, 4], election: Election::Online };
        let record = PartitionChangeRecord {
            leader: 3,
            isr: Some(vec![3, 4]),
            replicas: Some(vec![3, 4]),
            directories: Some(vec![Uuid(1003), Uuid(1004)]),
            removing_replicas: Some(vec![]),
            adding_replicas: Some(vec![]),
            ..expected()
        };
        assert_eq!(build(&case), Some(record));
    }

    #[test]
    fn leftover_eligible_replicas_are_cleared() {
        let mut before = partition(&[1, 2], &[1], 1);
        before.eligible_leader_replicas = nodes(&[2]);
        let case = Case { partition: before, alive: &[1, 2], isr: &[1, 2], election: Election::Online };
        let record = PartitionChangeRecord {
            isr: Some(vec![1, 2]),
            eligible_leader_replicas: Some(vec![]),
            ..expected()
        };
        assert_eq!(build(&case), Some(record));
    }
}
