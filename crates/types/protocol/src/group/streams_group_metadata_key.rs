//! `StreamsGroupMetadataKey`: key 17, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(StreamsGroupMetadataKey, "StreamsGroupMetadataKey", 17, 0..=0, i16::MAX);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamsGroupMetadataKey {
    pub group_id: String,
}

impl StreamsGroupMetadataKey {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        Self { group_id: r.string(false) }
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(false, &self.group_id);
    }
}
