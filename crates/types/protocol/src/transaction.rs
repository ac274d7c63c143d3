//! Records of `__transaction_state`.

// Written by `cargo xtask codegen` from `spec/transaction`.

pub mod transaction_log_key;
pub mod transaction_log_value;

mod coordinator_record;
pub use coordinator_record::*;
