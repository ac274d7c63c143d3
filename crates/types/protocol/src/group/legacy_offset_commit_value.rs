//! `LegacyOffsetCommitValue`: key 0, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(LegacyOffsetCommitValue, "LegacyOffsetCommitValue", 0, 0..=0, i16::MAX);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct LegacyOffsetCommitValue {
    pub offset: i64,
    pub metadata: String,
    pub commit_timestamp: i64,
}

impl LegacyOffsetCommitValue {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        Self { offset: r.i64(), metadata: r.string(false), commit_timestamp: r.i64() }
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i64(self.offset);
        w.string(false, &self.metadata);
        w.i64(self.commit_timestamp);
    }
}
