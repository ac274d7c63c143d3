//! `FenceBrokerRecord`: key 7, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(FenceBrokerRecord, "FenceBrokerRecord", 7, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FenceBrokerRecord {
    pub id: i32,
    pub epoch: i64,
}

impl FenceBrokerRecord {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { id: r.i32(), epoch: r.i64() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.id);
        w.i64(self.epoch);
        w.no_tags();
    }
}
