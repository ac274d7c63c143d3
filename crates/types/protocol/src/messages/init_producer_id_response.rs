//! `InitProducerIdResponse`: key 22, versions 0 to 6.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(InitProducerIdResponse, "InitProducerIdResponse", 22, 0..=6, 2, error_codes);

#[derive(Clone, Debug, PartialEq)]
pub struct InitProducerIdResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub ongoing_txn_producer_id: i64,
    pub ongoing_txn_producer_epoch: i16,
}

impl Default for InitProducerIdResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            producer_id: -1,
            producer_epoch: 0,
            ongoing_txn_producer_id: -1,
            ongoing_txn_producer_epoch: -1,
        }
    }
}

impl InitProducerIdResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self {
            throttle_time_ms: r.i32(),
            error_code: r.i16(),
            producer_id: r.i64(),
            producer_epoch: r.i16(),
            ongoing_txn_producer_id: if v >= 6 { r.i64() } else { -1 },
            ongoing_txn_producer_epoch: if v >= 6 { r.i16() } else { -1 },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.i32(self.throttle_time_ms);
        w.i16(self.error_code);
        w.i64(self.producer_id);
        w.i16(self.producer_epoch);
        if v >= 6 {
            w.i64(self.ongoing_txn_producer_id);
        }
        w.require(v >= 6 || self.ongoing_txn_producer_id == -1, "OngoingTxnProducerId");
        if v >= 6 {
            w.i16(self.ongoing_txn_producer_epoch);
        }
        w.require(v >= 6 || self.ongoing_txn_producer_epoch == -1, "OngoingTxnProducerEpoch");
        if flex {
            w.no_tags();
        }
    }
}

impl InitProducerIdResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}
