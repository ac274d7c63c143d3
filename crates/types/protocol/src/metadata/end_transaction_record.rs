//! `EndTransactionRecord`: key 24, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(EndTransactionRecord, "EndTransactionRecord", 24, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndTransactionRecord {}

impl EndTransactionRecord {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self {};
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.no_tags();
    }
}
