//! The time index: from which offset on records may be as new as a timestamp (`.timeindex`).
//!
//! An entry is the largest timestamp so far and the last offset of the batch that has it, relative to the segment's
//! base offset. Timestamps grow strictly; offsets do not fall.

use super::fixed::Entry;

/// One entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeEntry {
    /// Milliseconds.
    pub timestamp: i64,
    /// Last offset of the batch minus the segment's base offset.
    pub relative_offset: u32,
}

impl Entry for TimeEntry {
    const SIZE: usize = 12;

    fn is_blank(&self) -> bool {
        self.relative_offset == 0 && self.timestamp == 0
    }

    fn decode(bytes: &[u8]) -> Self {
        let mut timestamp = [0; 8];
        timestamp.copy_from_slice(&bytes[..8]);
        TimeEntry {
            timestamp: i64::from_be_bytes(timestamp),
            relative_offset: u32::from_be_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]),
        }
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.timestamp.to_be_bytes());
        out.extend(self.relative_offset.to_be_bytes());
    }
}
