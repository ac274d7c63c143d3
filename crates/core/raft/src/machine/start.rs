//! From what is stored to the first role.

use std::fmt;

use headwater_base::{LeaderEpoch, Offset};

use super::{Action, Raft, State};
use crate::election_state::ElectionState;
use crate::voters::{KRaftVersion, ReplicaKey, VoterNode, VoterSet};

/// What the node is, from its configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// This node as a voter: its key, where its controller listeners are, which kraft.versions it supports.
    pub local: VoterNode,
}

/// What the disk holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Content of `quorum-state`; `None` if there is no such file.
    pub election: Option<ElectionState>,
    /// End of the log after recovery (the latest snapshot's end if the log is empty).
    pub log_end_offset: Offset,
    /// Everything below is known to be on disk.
    pub durable_end_offset: Offset,
    /// Epoch of the last batch of the log, else of the latest snapshot, else 0.
    pub last_epoch: LeaderEpoch,
    /// The finalized kraft.version.
    pub kraft_version: KRaftVersion,
    /// The latest voters of log, snapshot or configuration.
    pub voters: VoterSet,
    /// False if the voters come from the configuration or from the checkpoint at offset 0, which nobody fetches: then
    /// the leader of the next epoch writes them into the log (kraft.version 1).
    pub voters_in_log: bool,
}

/// Why this replica cannot take part in the quorum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartError {
    /// The node does not vote, and only voters run.
    NotAVoter {
        /// Who this replica is.
        local: ReplicaKey,
        /// Those who vote.
        voters: Vec<ReplicaKey>,
    },
    /// The quorum has more than one voter.
    SeveralVoters {
        /// Those who vote.
        voters: Vec<ReplicaKey>,
    },
    /// The node does not support the finalized kraft.version.
    KRaftVersion {
        /// The finalized level.
        finalized: i16,
        /// Lowest supported level.
        min: i16,
        /// Highest supported level.
        max: i16,
    },
    /// There is no next epoch.
    EpochsExhausted,
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list =
            |voters: &[ReplicaKey]| voters.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match self {
            StartError::NotAVoter { local, voters } => {
                write!(f, "replica {local} is not among the voters of the metadata quorum ({})", list(voters))
            }
            StartError::SeveralVoters { voters } => {
                write!(f, "the metadata quorum has several voters ({}); one is supported", list(voters))
            }
            StartError::KRaftVersion { finalized, min, max } => {
                write!(f, "kraft.version {finalized} is finalized and this node supports {min} to {max}")
            }
            StartError::EpochsExhausted => f.write_str("the quorum's epoch cannot grow any more"),
        }
    }
}

impl std::error::Error for StartError {}

impl Raft {
    /// A machine for what is stored. It does nothing before [`super::Event::Ready`].
    ///
    /// # Errors
    /// When this replica must not or cannot take part; nothing has been changed then.
    pub fn start(config: Config, stored: Stored) -> Result<Raft, StartError> {
        let local = config.local;
        let level = stored.kraft_version.level();
        if !(local.min_kraft_version..=local.max_kraft_version).contains(&level) {
            let (min, max) = (local.min_kraft_version, local.max_kraft_version);
            return Err(StartError::KRaftVersion { finalized: level, min, max });
        }
        let voters = || stored.voters.iter().map(|voter| voter.key).collect::<Vec<_>>();
        if !stored.voters.contains(local.key) {
            return Err(StartError::NotAVoter { local: local.key, voters: voters() });
        }
        if stored.voters.len() > 1 {
            return Err(StartError::SeveralVoters { voters: voters() });
        }
        let election = stored.election.unwrap_or(ElectionState::INITIAL);
        // The log may know a later epoch than the file when the file was lost or came from an older copy.
        let epoch = election.epoch.max(stored.last_epoch);
        if epoch.0 == i32::MAX {
            return Err(StartError::EpochsExhausted);
        }
        let led = election.epoch == epoch && election.leader_id == Some(local.key.node_id);
        Ok(Raft {
            local,
            voters: stored.voters,
            voters_in_log: stored.voters_in_log,
            kraft_version: stored.kraft_version,
            state: if led { State::Resigned } else { State::Unattached },
            epoch,
            log_end_offset: stored.log_end_offset,
            durable_end_offset: stored.durable_end_offset.min(stored.log_end_offset),
            high_watermark: None,
            persisting: None,
            appending: None,
            syncing: None,
            closed: false,
        })
    }

    pub(super) fn on_ready(&mut self, out: &mut Vec<Action>) {
        if self.closed || !matches!(self.state, State::Unattached | State::Resigned) {
            return;
        }
        self.become_prospective(out);
    }
}
