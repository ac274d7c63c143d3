//! Groups of the classic protocol: the clients' leader assigns, the coordinator counts heads.
//!
//! | state | comes from | goes to, when |
//! |---|---|---|
//! | Empty | nothing; PreparingRebalance | PreparingRebalance: the first member joins |
//! | PreparingRebalance | all others | CompletingRebalance: all have joined, or those who have when the time is up; Empty: nobody is left |
//! | CompletingRebalance | PreparingRebalance | Stable: the leader has sent the assignment; PreparingRebalance: a member joins, leaves or is silent |
//! | Stable | CompletingRebalance; loading | PreparingRebalance: a member joins, leaves or is silent |
//!
//! A group without members and protocol is a "simple" one: it holds offsets of consumers that assign themselves.

pub(crate) mod embedded;
mod group;
mod heartbeat;
mod join;
mod join_static;
mod leave;
mod member;
mod rebalance;
mod sync;
mod work;

pub(crate) use group::CONSUMER;
pub use group::{ClassicGroup, ClassicState};
pub(crate) use join::MEMBER_ID_REQUIRED_FROM;
pub use member::Member;
pub(crate) use work::{Work, join_refused, sync_refused};
