//! Pre-vote, vote, and the begin of an epoch.

use std::collections::{BTreeMap, BTreeSet};

use headwater_base::{LeaderEpoch, NodeId};

use super::{Action, Appending, Leader, PendingAppend, Raft, State};
use crate::control;
use crate::election_state::ElectionState;
use crate::voters::{KRaftVersion, VoterSet};

impl Raft {
    pub(super) fn become_prospective(&mut self, out: &mut Vec<Action>) {
        self.state = State::Prospective { granted: BTreeSet::new() };
        self.on_pre_vote_granted(self.local.key.node_id, out);
    }

    fn on_pre_vote_granted(&mut self, voter: NodeId, out: &mut Vec<Action>) {
        let State::Prospective { granted } = &mut self.state else { return };
        granted.insert(voter);
        if self.voters.is_majority(granted) {
            self.become_candidate(out);
        }
    }

    fn become_candidate(&mut self, out: &mut Vec<Action>) {
        self.epoch = LeaderEpoch(self.epoch.0 + 1);
        self.state = State::Candidate { granted: BTreeSet::new() };
        self.on_vote_granted(self.local.key.node_id, out);
    }

    fn on_vote_granted(&mut self, voter: NodeId, out: &mut Vec<Action>) {
        let State::Candidate { granted } = &mut self.state else { return };
        granted.insert(voter);
        if self.voters.is_majority(granted) {
            let leader_id = Some(self.local.key.node_id);
            self.persist(ElectionState { epoch: self.epoch, leader_id, voted: None }, out);
        }
    }

    fn persist(&mut self, election: ElectionState, out: &mut Vec<Action>) {
        assert!(self.persisting.is_none(), "two election states on their way to the disk");
        self.persisting = Some(election);
        out.push(Action::PersistElectionState(election));
    }

    pub(super) fn on_election_state_persisted(&mut self, now_ms: i64, out: &mut Vec<Action>) {
        if self.closed {
            return;
        }
        let election = self.persisting.take().expect("acknowledges an election state that was on its way");
        let State::Candidate { granted } = &self.state else { return };
        if election.epoch == self.epoch && election.leader_id == Some(self.local.key.node_id) {
            let granted = granted.clone();
            self.become_leader(now_ms, &granted, out);
        }
    }

    fn become_leader(&mut self, now_ms: i64, granted: &BTreeSet<NodeId>, out: &mut Vec<Action>) {
        let voters_record = self.voters_to_write();
        let batch = control::begin_epoch_batch(
            now_ms,
            self.local.key.node_id,
            self.voters.ids(),
            granted.iter().copied(),
            voters_record.as_ref().map(|voters| (self.kraft_version, voters)),
        );
        if let Some(voters) = voters_record {
            self.voters = voters;
            self.voters_in_log = true;
        }
        let durable_end_offsets = BTreeMap::from([(self.local.key.node_id, self.durable_end_offset)]);
        self.state = State::Leader(Leader { durable_end_offsets, epoch_start: None, effective: false });
        let base_offset = self.log_end_offset;
        let end_offset = base_offset + i64::from(batch.record_count);
        self.appending = Some(PendingAppend { end_offset, what: Appending::EpochStart });
        out.push(Action::Append { epoch: self.epoch, base_offset, batch: batch.bytes, control: true });
    }

    /// The voters as the new leader writes them: when the log has none yet, or when its own listeners or supported
    /// versions are not what the log says.
    fn voters_to_write(&self) -> Option<VoterSet> {
        if self.kraft_version == KRaftVersion::V0 {
            return None;
        }
        let known = self.voters.get(self.local.key.node_id) == Some(&self.local);
        (!self.voters_in_log || !known).then(|| self.voters.with_updated(self.local.clone()))
    }
}
