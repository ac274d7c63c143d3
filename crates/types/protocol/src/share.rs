//! Records of `__share_group_state`.

// Written by `cargo xtask codegen` from `spec/share`.

pub mod share_snapshot_key;
pub mod share_snapshot_value;
pub mod share_update_key;
pub mod share_update_value;

mod coordinator_record;
pub use coordinator_record::*;
