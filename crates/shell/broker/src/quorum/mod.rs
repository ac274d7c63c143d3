//! The metadata quorum on this node: the raft machine, the metadata log, the controller and the images that follow from
//! it, driven by one task on the control core.
//!
//! ```text
//! submit → controller decides → batch → log append → controller applies → sync (grouped) → high watermark
//!        → image → subscribers, in order → the image is visible → answer
//! ```
//!
//! Invariants
//! - What a decision does not survive changes nothing: it is applied to a copy, and the copy takes the controller's
//!   place only when its batch is in the log.
//! - While a sync runs, inputs go on being decided and appended; the next sync covers all of them.
//! - An answer leaves when all that the controller had applied by then is committed and published.
//! - No record is written while nothing happens.
//! - A failed sync, or a write of `quorum-state` that failed, ends the driver: the node must stop.
//!
//! What it does not know: connections, partitions (a [`Subscriber`] does), what an input means (the controller does).

mod config;
mod driver;
mod error;
mod handle;
mod load;
mod metadata_log;
mod publish;
mod records;
mod snapshots;
mod storage;
#[cfg(test)]
mod tests;
mod upgrade;

pub use config::QuorumConfig;
pub use driver::start;
pub use error::{QuorumError, SubmitError};
pub use handle::{QuorumHandle, QuorumState, RunningQuorum};
pub use publish::Subscriber;
