//! `StreamsGroupTargetAssignmentMetadataKey`: key 20, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(
    StreamsGroupTargetAssignmentMetadataKey,
    "StreamsGroupTargetAssignmentMetadataKey",
    20,
    0..=0,
    i16::MAX
);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamsGroupTargetAssignmentMetadataKey {
    pub group_id: String,
}

impl StreamsGroupTargetAssignmentMetadataKey {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        Self { group_id: r.string(false) }
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(false, &self.group_id);
    }
}
