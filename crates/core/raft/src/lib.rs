//! KRaft as a stepping machine: the quorum that owns the metadata log (KIP-595, 630, 853, 996), without IO.
//!
//! [`Raft::step`] takes an [`Event`] and pushes ordered [`Action`]s; the driver carries them out and reports back. A
//! durable change is an action of its own and is acknowledged by an event before anything that depends on it follows.
//! Beside the machine live the formats it needs on disk: `quorum-state` ([`election_state`]), control records
//! ([`control`]), checkpoint files ([`snapshot`]) and what a freshly formatted directory holds ([`format`]).
//!
//! # Invariants
//! - The epoch never goes back, and every start leads in an epoch that was durable before its first record.
//! - The high watermark never goes back, never passes what is synced, and moves only over records of the current epoch.
//! - At most one election state is on its way to the disk, at most one append and at most one sync.
//! - An append that failed leaves no trace in the machine.
//!
//! # Not here
//! Clocks, files, sockets, threads, randomness: time comes in with the event, bytes go out with the action. The machine
//! does not know what a metadata record means; it carries batches.
//!
//! # Limits
//! The quorum has one voter. A directory whose voter set says otherwise is refused at start with
//! [`StartError::SeveralVoters`]. Roles, voter sets and vote counting are written for sets of voters.

pub mod control;
pub mod election_state;
pub mod format;
mod json;
pub mod machine;
pub mod snapshot;
pub mod voters;

pub use election_state::{ElectionState, QuorumStateError};
pub use machine::{Action, Config, Event, Raft, Role, StartError, Stored};
pub use snapshot::SnapshotId;
pub use voters::{Endpoint, KRaftVersion, ReplicaKey, VoterNode, VoterSet};

/// The name of the topic which the quorum owns; its one partition lives in the folder [`METADATA_DIR`].
pub const METADATA_TOPIC: &str = "__cluster_metadata";
/// The folder of the metadata log inside a log directory.
pub const METADATA_DIR: &str = "__cluster_metadata-0";
/// The largest batch that goes into the metadata log (`KafkaRaftClient.MAX_BATCH_SIZE_BYTES`), in bytes.
pub const MAX_BATCH_BYTES: usize = 8 * 1024 * 1024;
