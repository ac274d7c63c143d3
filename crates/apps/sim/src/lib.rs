//! Whole nodes on the simulated ground, with named invariants.
//!
//! A seed is a scenario: a node with random configuration and random faults, producers that never give up, consumers,
//! topics that come and go; it is killed, loses its power and is stopped at random moments, and in the end everything
//! that clients were told is held against what is in the logs ([`invariants`]).
//!
//! ```
//! let report = headwater_sim::run(7, headwater_sim::Planted::Nothing);
//! assert!(report.violations.is_empty(), "{:?}", report.violations);
//! ```
//!
//! Invariants of the simulator itself: a seed determines everything ([`Report::trace_hash`]); a bug that is planted
//! ([`Planted`]) is found.
//!
//! What it does not know: the broker's inside. It speaks the protocol, and reaches around it only to break things.

pub mod client;
pub mod cluster;
pub mod damage;
pub mod faults;
pub mod group_history;
pub mod history;
pub mod invariants;
mod life;
pub mod scenario;
pub mod seeds;
pub mod workload;

pub use invariants::{INVARIANTS, Violation};
pub use scenario::{Planted, Report, run, run_with};
