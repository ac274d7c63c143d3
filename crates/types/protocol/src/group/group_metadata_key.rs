//! `GroupMetadataKey`: key 2, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(GroupMetadataKey, "GroupMetadataKey", 2, 0..=0, i16::MAX);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupMetadataKey {
    pub group: String,
}

impl GroupMetadataKey {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        Self { group: r.string(false) }
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(false, &self.group);
    }
}
