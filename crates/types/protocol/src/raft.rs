//! The state of a voter between two starts.

// Written by `cargo xtask codegen` from `spec/raft`.

pub mod quorum_state_data;
