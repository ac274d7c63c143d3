//! The group coordinator as a replicated machine: consumer groups of the classic protocol ([`classic`]) and of KIP-848
//! ([`consumer`]), which become one another while they run, and committed offsets ([`offsets`]).
//!
//! One [`Shard`] holds what one partition of `__consumer_offsets` adds up to. [`Shard::decide`] looks at it and gives
//! records, answers, timers and soft changes as values; it changes nothing. The driver appends the records as one batch,
//! calls [`Shard::apply`] at the offsets that they got, then [`Shard::apply_soft`], and gives the answers out when
//! everything that was applied before is committed. If the append fails nothing has changed: the one who asked hears
//! [`append_error`], everybody else goes on waiting.
//!
//! Who has to wait (a member for the others to join, a member for the leader's assignment) is a [`Ticket`] in the state,
//! and gets his answer from a later decision.
//!
//! Invariants: a generation has one leader, who is a member; whoever is answered in a generation was a member of it;
//! an instance id belongs to one member; a partition of a consumer group has one owner, and is given to nobody else before
//! that one has said that it gave it up, or is gone; epochs do not go back; offsets never change but by records; replaying
//! the log gives the same stored groups and offsets, and all of a consumer group.
//!
//! What takes long (which topics a regular expression matches) is given out as a job, whose result is an input.
//!
//! What it does not know: logs, connections, clocks, who may do what. Time comes in twice: monotonic for timers, the
//! wall clock for what is written.
//!
//! Records of kinds that are not this crate's (share and streams groups) are passed over and stay in the log.
//!
//! Semantics come from `GroupMetadataManager`, `ClassicGroup`, `ConsumerGroup` and `OffsetMetadataManager` of Apache Kafka 4.3.1.

mod apply;
pub mod assignor;
pub mod classic;
mod config;
pub mod consumer;
mod decide;
mod delete_groups;
mod describe_groups;
mod event;
mod expire;
mod list_groups;
pub mod offsets;
mod record;
pub mod regex;
mod state;
mod timers;

pub use config::{Bounded, ConsumerConfig, GroupConfig, MigrationPolicy};
pub use decide::{Answer, Caller, Context, Decision, Input, Soft, Ticket, append_error};
pub use event::{Event, EventKind};
pub use record::GroupRecord;
pub use state::{Refresh, Shard};
pub use timers::TimerKey;

/// What a client sends as member id when it has none yet.
pub(crate) const UNKNOWN_MEMBER: &str = "";
