//! The field that carries record batches.

use std::ops::Range;

/// Record batches inside of a message: bytes to this crate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Records {
    /// No records field at all.
    #[default]
    Null,
    /// Bytes in memory.
    Bytes(Vec<u8>),
    /// `len` bytes that the encoder leaves out: the writer notes a [`crate::Gap`] with this token, and whoever sends
    /// the message puts the bytes there, for example out of a file. Never decoded.
    External {
        /// How many bytes are left out.
        len: u32,
        /// Names the bytes to whoever sends the message.
        token: u64,
    },
    /// Bytes that stay where they were read from, see [`crate::Reader::records_in_place`]. Never encoded.
    InPlace {
        /// Where they begin in the reader's input.
        start: usize,
        /// How many they are.
        len: usize,
    },
}

impl Records {
    /// True for the missing field; an empty one is not null.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// How many bytes the records have, zero when they are null.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Null => 0,
            Self::Bytes(bytes) => bytes.len(),
            Self::External { len, .. } => *len as usize,
            Self::InPlace { len, .. } => *len,
        }
    }

    /// True when there is no byte.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The place of bytes that were not copied, in the reader's input.
    #[must_use]
    pub const fn range(&self) -> Option<Range<usize>> {
        match self {
            Self::InPlace { start, len } => Some(*start..*start + *len),
            _ => None,
        }
    }

    /// The bytes, if the message owns them.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

impl From<Vec<u8>> for Records {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}
