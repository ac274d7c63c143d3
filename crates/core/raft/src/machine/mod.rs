//! The quorum's stepping machine.
//!
//! | Role | On | Next |
//! |---|---|---|
//! | – | start, stored leader is this node | Resigned |
//! | – | start, anything else | Unattached |
//! | Unattached, Resigned | start is complete, this node votes | Prospective |
//! | Prospective | pre-votes of a majority | Candidate in the next epoch |
//! | Candidate | votes of a majority, own election state durable | Leader |
//! | Leader | its control batch is appended, synced and held by a majority | Leader, effective |
//! | Leader | shutdown, or its storage failed | Resigned, for good |
//!
//! A start never continues the stored epoch, not even one in which this node led or voted for itself: what it appended
//! then may have been lost with the power, and a record must be identified by offset and epoch (KIP-595).
//!
//! With one voter the pre-vote and the vote are this node's own, so the whole election is one step and one durable
//! change: the vote is written together with its result, as nobody else could have asked in between.

mod append;
mod commit;
mod election;
mod start;
mod upgrade;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use headwater_base::{LeaderEpoch, NodeId, Offset};

use crate::election_state::ElectionState;
use crate::voters::{KRaftVersion, VoterNode, VoterSet};

pub use start::{Config, StartError, Stored};

/// What happened outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Start is complete: the node may take part in elections.
    Ready,
    /// The election state of the last [`Action::PersistElectionState`] is on disk, its directory entry too.
    ElectionStatePersisted,
    /// The application wants these records in the log, as one batch with `record_count` records and base offset 0.
    /// Comes only while no append is under way.
    Propose {
        /// An encoded record batch, at most [`crate::MAX_BATCH_BYTES`] long.
        batch: Vec<u8>,
        /// How many offsets it takes.
        record_count: u32,
    },
    /// The application wants the quorum's own protocol at this level. Comes only while no append is under way; answered with
    /// [`Action::Append`], or [`Action::RefuseProposal`] when this node does not lead or the level is not a higher one.
    Upgrade(KRaftVersion),
    /// The last [`Action::Append`] is in the log (not necessarily on disk), which now ends there.
    Appended {
        /// Log end offset after it.
        end_offset: Offset,
    },
    /// The last [`Action::Append`] failed and the log is as it was before.
    AppendFailed,
    /// Everything below this offset is on disk; answers [`Action::Sync`].
    Synced {
        /// Exclusive.
        end_offset: Offset,
    },
    /// A sync or a write of the election state failed. What is on disk is unknown, so this node stops leading.
    StorageFailed,
    /// The node is going to stop.
    Shutdown,
}

/// What is to be done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Replace `quorum-state` atomically and sync it, then report [`Event::ElectionStatePersisted`].
    PersistElectionState(ElectionState),
    /// Append this batch at `base_offset` (the log's end) in `epoch`, then report [`Event::Appended`] or
    /// [`Event::AppendFailed`].
    Append {
        /// Leader epoch to be written into the batch.
        epoch: LeaderEpoch,
        /// Offset that its first record gets.
        base_offset: Offset,
        /// The batch.
        batch: Vec<u8>,
        /// A control batch of the quorum, not one of the application.
        control: bool,
    },
    /// The proposal was not appended since this node does not lead effectively.
    RefuseProposal,
    /// Bring everything below `end_offset` to disk, then report [`Event::Synced`]. Appends may go on meanwhile.
    Sync {
        /// Exclusive.
        end_offset: Offset,
    },
    /// Records below this offset are committed.
    HighWatermark(Offset),
    /// This node leads effectively: its epoch is established and everything before `epoch_start` is committed.
    BecameLeader {
        /// The new epoch.
        epoch: LeaderEpoch,
        /// Offset of the control batch with which the epoch begins.
        epoch_start: Offset,
    },
    /// This node does not lead any more; what it appended above the high watermark may or may not survive.
    LostLeadership {
        /// The epoch that is over for this node.
        epoch: LeaderEpoch,
    },
}

/// What this replica is at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Knows an epoch and no leader of it.
    Unattached,
    /// Asks whether an election would succeed.
    Prospective,
    /// Asks for votes in a new epoch.
    Candidate,
    /// Won the election; see [`Raft::is_effective_leader`].
    Leader,
    /// Led in this epoch and will not again.
    Resigned,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Role with what belongs to it.
#[derive(Clone, Debug)]
enum State {
    Unattached,
    Prospective { granted: BTreeSet<NodeId> },
    Candidate { granted: BTreeSet<NodeId> },
    Leader(Leader),
    Resigned,
}

#[derive(Clone, Debug)]
struct Leader {
    /// Durable end offset of each voter.
    durable_end_offsets: BTreeMap<NodeId, Offset>,
    /// Offset of the control batch; known once it is appended.
    epoch_start: Option<Offset>,
    /// The control batch is committed.
    effective: bool,
}

/// An append whose outcome is not known yet.
#[derive(Clone, Debug)]
struct PendingAppend {
    end_offset: Offset,
    what: Appending,
}

#[derive(Clone, Debug)]
enum Appending {
    /// A batch of the application.
    Proposal,
    /// The control batch with which the epoch begins.
    EpochStart,
    /// A control batch with a new level and its voters.
    Upgrade(KRaftVersion, VoterSet),
}

/// The machine. One owner steps it.
#[derive(Clone, Debug)]
pub struct Raft {
    local: VoterNode,
    voters: VoterSet,
    voters_in_log: bool,
    kraft_version: KRaftVersion,
    state: State,
    epoch: LeaderEpoch,
    log_end_offset: Offset,
    durable_end_offset: Offset,
    high_watermark: Option<Offset>,
    persisting: Option<ElectionState>,
    appending: Option<PendingAppend>,
    syncing: Option<Offset>,
    /// Storage failed or the node stops: no further change.
    closed: bool,
}

impl Raft {
    /// Takes in one event and pushes what has to be done, in order. `now_ms` (wall clock, since 1970) becomes the
    /// timestamp of control records and decides nothing.
    ///
    /// # Panics
    /// When an acknowledgement comes that no action asked for, or a proposal while an append is under way: that is a
    /// bug of the driver after which nothing it reports can be believed.
    pub fn step(&mut self, now_ms: i64, event: Event, out: &mut Vec<Action>) {
        match event {
            Event::Ready => self.on_ready(out),
            Event::ElectionStatePersisted => self.on_election_state_persisted(now_ms, out),
            Event::Propose { batch, record_count } => self.on_propose(batch, record_count, out),
            Event::Upgrade(version) => self.on_upgrade(now_ms, version, out),
            Event::Appended { end_offset } => self.on_appended(end_offset, out),
            Event::AppendFailed => self.on_append_failed(out),
            Event::Synced { end_offset } => self.on_synced(end_offset, out),
            Event::StorageFailed | Event::Shutdown => self.resign(out),
        }
        self.check_invariants();
    }

    /// What this replica is.
    #[must_use]
    pub fn role(&self) -> Role {
        match self.state {
            State::Unattached => Role::Unattached,
            State::Prospective { .. } => Role::Prospective,
            State::Candidate { .. } => Role::Candidate,
            State::Leader(_) => Role::Leader,
            State::Resigned => Role::Resigned,
        }
    }

    /// The current epoch.
    #[must_use]
    pub fn epoch(&self) -> LeaderEpoch {
        self.epoch
    }

    /// The leader of the current epoch, if known.
    #[must_use]
    pub fn leader_id(&self) -> Option<NodeId> {
        matches!(self.state, State::Leader(_)).then_some(self.local.key.node_id)
    }

    /// True once the epoch's control batch is committed: only then are proposals taken.
    #[must_use]
    pub fn is_effective_leader(&self) -> bool {
        matches!(&self.state, State::Leader(leader) if leader.effective)
    }

    /// Records below it are committed; `None` until the first epoch of this run is established.
    #[must_use]
    pub fn high_watermark(&self) -> Option<Offset> {
        self.high_watermark
    }

    /// End of the log including what is not committed.
    #[must_use]
    pub fn log_end_offset(&self) -> Offset {
        self.log_end_offset
    }

    /// Everything below is on this node's disk.
    #[must_use]
    pub fn durable_end_offset(&self) -> Offset {
        self.durable_end_offset
    }

    /// The current voters.
    #[must_use]
    pub fn voters(&self) -> &VoterSet {
        &self.voters
    }

    /// The finalized kraft.version.
    #[must_use]
    pub fn kraft_version(&self) -> KRaftVersion {
        self.kraft_version
    }

    fn resign(&mut self, out: &mut Vec<Action>) {
        self.closed = true;
        // The outcome of what is under way does not matter any more: acknowledgements are ignored from here on.
        self.persisting = None;
        self.appending = None;
        self.syncing = None;
        if matches!(self.state, State::Leader(_)) {
            out.push(Action::LostLeadership { epoch: self.epoch });
        }
        self.state = State::Resigned;
    }

    fn check_invariants(&self) {
        assert!(self.durable_end_offset <= self.log_end_offset, "durable beyond the log's end");
        let high_watermark = self.high_watermark.unwrap_or(Offset::ZERO);
        assert!(high_watermark <= self.durable_end_offset, "committed beyond what is durable");
        if self.is_effective_leader() {
            let State::Leader(leader) = &self.state else { unreachable!("checked above") };
            assert!(
                leader.epoch_start.is_some_and(|start| start < high_watermark),
                "effective before committed"
            );
        }
    }
}
