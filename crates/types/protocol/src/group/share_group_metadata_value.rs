//! `ShareGroupMetadataValue`: key 11, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ShareGroupMetadataValue, "ShareGroupMetadataValue", 11, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShareGroupMetadataValue {
    pub epoch: i32,
    pub metadata_hash: i64,
}

impl ShareGroupMetadataValue {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { epoch: r.i32(), metadata_hash: r.i64() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.epoch);
        w.i64(self.metadata_hash);
        w.no_tags();
    }
}
