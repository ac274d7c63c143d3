//! Keys and values by kind, as `CoordinatorRecordSerde` writes them.

// Written by `cargo xtask codegen` from `spec/share`.

use super::share_snapshot_key::ShareSnapshotKey;
use super::share_snapshot_value::ShareSnapshotValue;
use super::share_update_key::ShareUpdateKey;
use super::share_update_value::ShareUpdateValue;

crate::record_keys! {
    0 => ShareSnapshot(ShareSnapshotKey),
    1 => ShareUpdate(ShareUpdateKey),
}

crate::record_values! {
    0 => ShareSnapshot(ShareSnapshotValue),
    1 => ShareUpdate(ShareUpdateValue),
}
