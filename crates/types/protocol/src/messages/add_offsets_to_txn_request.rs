//! `AddOffsetsToTxnRequest`: key 25, versions 0 to 4.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(AddOffsetsToTxnRequest, "AddOffsetsToTxnRequest", 25, 0..=4, 3);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddOffsetsToTxnRequest {
    pub transactional_id: String,
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub group_id: String,
}

impl AddOffsetsToTxnRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 3;
        let m = Self {
            transactional_id: r.string(flex),
            producer_id: r.i64(),
            producer_epoch: r.i16(),
            group_id: r.string(flex),
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
        w.string(flex, &self.group_id);
        if flex {
            w.no_tags();
        }
    }
}
