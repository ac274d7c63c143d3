//! `EndTxnRequest`: key 26, versions 0 to 5.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(EndTxnRequest, "EndTxnRequest", 26, 0..=5, 3);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndTxnRequest {
    pub transactional_id: String,
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub committed: bool,
}

impl EndTxnRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 3;
        let m = Self {
            transactional_id: r.string(flex),
            producer_id: r.i64(),
            producer_epoch: r.i16(),
            committed: r.bool(),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.string(flex, &self.transactional_id);
        w.i64(self.producer_id);
        w.i16(self.producer_epoch);
        w.bool(self.committed);
        if flex {
            w.no_tags();
        }
    }
}
