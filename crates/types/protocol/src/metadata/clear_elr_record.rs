//! `ClearElrRecord`: key 28, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ClearElrRecord, "ClearElrRecord", 28, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClearElrRecord {
    pub topic_name: String,
}

impl ClearElrRecord {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { topic_name: r.string(true) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.topic_name);
        w.no_tags();
    }
}
