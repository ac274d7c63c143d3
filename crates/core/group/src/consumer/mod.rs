//! Groups of the consumer protocol (KIP-848): the coordinator assigns, and each member goes from what it has to what it
//! shall have by its own heartbeats, without a stop for the others.
//!
//! | state of a group | when |
//! |---|---|
//! | Empty | no members |
//! | Assigning | the group's epoch is ahead of its targets' |
//! | Reconciling | a member has not reached the targets' epoch, or not all that it shall have |
//! | Stable | all have |
//!
//! Three epochs: the *group's* grows with everything that changes who shall have what; the *assignment's* is the one for
//! which targets were computed; a *member's* is the one that it has reached. A partition has one owner: whoever holds it,
//! or has to give it up and has not said yet that it did. Nobody else gets it before.
//!
//! Everything here comes from records: what a decision changes are the records that it gives, and deadlines.

mod assignment;
mod check;
mod classic_join;
mod classic_member;
mod describe;
mod downgrade;
mod group;
mod heartbeat;
mod identify;
mod leave;
mod member;
mod metadata_hash;
mod reconcile;
mod records;
mod refresh;
mod regex;
mod replay;
mod subscriptions;
mod target;
mod timeouts;
mod upgrade;
mod work;
mod xxh3;

pub use assignment::PartitionEpochs;
pub use check::check_heartbeat;
pub use group::{ConsumerGroup, ConsumerState, ResolvedRegex};
pub use member::{ConsumerMember, MemberState};
pub use regex::{RegexJob, RegexResult};
pub(crate) use timeouts::time_is_up;
