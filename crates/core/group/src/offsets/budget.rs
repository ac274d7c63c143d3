//! How much one decision of the coordinator's own may write: a batch stays far below what a log takes by default, and the
//! rest waits for the next decision.

use crate::record::GroupRecord;

/// A quarter of the default of `max.message.bytes`.
const MAX_BYTES: usize = 256 * 1024;

/// Tombstones, as long as there is room for them.
#[derive(Default)]
pub(super) struct Tombstones {
    pub(super) records: Vec<GroupRecord>,
    bytes: usize,
}

impl Tombstones {
    /// Adds a tombstone; false if it has to wait.
    pub(super) fn push(&mut self, record: GroupRecord) -> bool {
        if self.is_full() {
            return false;
        }
        self.bytes += record.tombstone_bytes();
        self.records.push(record);
        true
    }

    pub(super) fn is_full(&self) -> bool {
        self.bytes >= MAX_BYTES
    }
}
