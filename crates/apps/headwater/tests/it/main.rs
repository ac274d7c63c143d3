//! The binary as its users meet it: started as a process, spoken to over sockets, killed.
//!
//! Tests named after a case of the reliability list (`p1_…`, `r6_…`, `d15_…`) show that case's expected result.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod administration;
mod cli;
mod client;
mod configuration;
mod differential;
mod faults;
mod groups;
mod hostile_frames;
mod identities;
mod limits;
mod log_directories;
mod log_lines;
mod metadata;
mod metrics;
mod node;
mod panics;
mod pipelining;
mod refused_batches;
mod restarts;
mod retention;
mod status;
mod storage;
