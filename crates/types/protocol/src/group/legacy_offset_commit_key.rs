//! `LegacyOffsetCommitKey`: key 0, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(LegacyOffsetCommitKey, "LegacyOffsetCommitKey", 0, 0..=0, i16::MAX);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct LegacyOffsetCommitKey {
    pub group: String,
    pub topic: String,
    pub partition: i32,
}

impl LegacyOffsetCommitKey {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        Self { group: r.string(false), topic: r.string(false), partition: r.i32() }
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(false, &self.group);
        w.string(false, &self.topic);
        w.i32(self.partition);
    }
}
