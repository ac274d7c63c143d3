//! `InitProducerIdRequest`: key 22, versions 0 to 6.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(InitProducerIdRequest, "InitProducerIdRequest", 22, 0..=6, 2);

#[derive(Clone, Debug, PartialEq)]
pub struct InitProducerIdRequest {
    pub transactional_id: Option<String>,
    pub transaction_timeout_ms: i32,
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub enable2_pc: bool,
    pub keep_prepared_txn: bool,
}

impl Default for InitProducerIdRequest {
    fn default() -> Self {
        Self {
            transactional_id: Some(String::new()),
            transaction_timeout_ms: 0,
            producer_id: -1,
            producer_epoch: -1,
            enable2_pc: false,
            keep_prepared_txn: false,
        }
    }
}

impl InitProducerIdRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self {
            transactional_id: r.nullable_string(flex, true),
            transaction_timeout_ms: r.i32(),
            producer_id: if v >= 3 { r.i64() } else { -1 },
            producer_epoch: if v >= 3 { r.i16() } else { -1 },
            enable2_pc: if v >= 6 { r.bool() } else { false },
            keep_prepared_txn: if v >= 6 { r.bool() } else { false },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.nullable_string(flex, true, self.transactional_id.as_deref());
        w.i32(self.transaction_timeout_ms);
        if v >= 3 {
            w.i64(self.producer_id);
        }
        w.require(v >= 3 || self.producer_id == -1, "ProducerId");
        if v >= 3 {
            w.i16(self.producer_epoch);
        }
        w.require(v >= 3 || self.producer_epoch == -1, "ProducerEpoch");
        if v >= 6 {
            w.bool(self.enable2_pc);
        }
        w.require(v >= 6 || !self.enable2_pc, "Enable2Pc");
        if v >= 6 {
            w.bool(self.keep_prepared_txn);
        }
        w.require(v >= 6 || !self.keep_prepared_txn, "KeepPreparedTxn");
        if flex {
            w.no_tags();
        }
    }
}
