//! The offset index: which batch lies where (`.index`).
//!
//! An entry is the last offset of a batch, relative to the segment's base offset, and the batch's byte position; both
//! grow strictly.

use super::fixed::Entry;

/// One entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetEntry {
    /// Last offset of the batch minus the segment's base offset.
    pub relative_offset: u32,
    /// Byte position of the batch.
    pub position: u32,
}

impl Entry for OffsetEntry {
    const SIZE: usize = 8;

    fn is_blank(&self) -> bool {
        self.relative_offset == 0 && self.position == 0
    }

    fn decode(bytes: &[u8]) -> Self {
        let word = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        OffsetEntry { relative_offset: word(0), position: word(4) }
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.relative_offset.to_be_bytes());
        out.extend(self.position.to_be_bytes());
    }
}
