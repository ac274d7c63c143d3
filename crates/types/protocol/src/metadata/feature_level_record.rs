//! `FeatureLevelRecord`: key 12, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(FeatureLevelRecord, "FeatureLevelRecord", 12, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureLevelRecord {
    pub name: String,
    pub feature_level: i16,
}

impl FeatureLevelRecord {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { name: r.string(true), feature_level: r.i16() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.i16(self.feature_level);
        w.no_tags();
    }
}
