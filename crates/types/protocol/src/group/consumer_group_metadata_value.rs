//! `ConsumerGroupMetadataValue`: key 3, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ConsumerGroupMetadataValue, "ConsumerGroupMetadataValue", 3, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerGroupMetadataValue {
    pub epoch: i32,
    pub metadata_hash: i64,
}

impl ConsumerGroupMetadataValue {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let mut m = Self { epoch: r.i32(), metadata_hash: 0 };
        let mut tags = r.tags();
        while let Some(tag) = tags.next(r) {
            match tag {
                0 => m.metadata_hash = r.i64(),
                _ => tags.skip(r),
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.epoch);
        let mut tags = w.tags();
        if self.metadata_hash != 0 {
            tags.open(w, 0);
            w.i64(self.metadata_hash);
            tags.close(w);
        }
        tags.finish(w);
    }
}
