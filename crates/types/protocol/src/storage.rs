//! Producer snapshots, and records of `__remote_log_metadata`.

// Written by `cargo xtask codegen` from `spec/storage`.

pub mod producer_snapshot;
pub mod remote_log_segment_metadata_record;
pub mod remote_log_segment_metadata_snapshot_record;
pub mod remote_log_segment_metadata_update_record;
pub mod remote_partition_delete_metadata_record;

mod remote_log_record;
pub use remote_log_record::*;
