//! Keys and values by kind, as `CoordinatorRecordSerde` writes them.

// Written by `cargo xtask codegen` from `spec/transaction`.

use super::transaction_log_key::TransactionLogKey;
use super::transaction_log_value::TransactionLogValue;

crate::record_keys! {
    0 => TransactionLog(TransactionLogKey),
}

crate::record_values! {
    0 => TransactionLog(TransactionLogValue),
}
