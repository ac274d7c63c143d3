//! `ListTransactionsResponse`: key 66, versions 0 to 2.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ListTransactionsResponse, "ListTransactionsResponse", 66, 0..=2, 0, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListTransactionsResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub unknown_state_filters: Vec<String>,
    pub transaction_states: Vec<TransactionState>,
}

impl ListTransactionsResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            throttle_time_ms: r.i32(),
            error_code: r.i16(),
            unknown_state_filters: r.array(true, 1, v, |r, _| r.string(true)),
            transaction_states: r.array(true, 11, v, TransactionState::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.throttle_time_ms);
        w.i16(self.error_code);
        w.array(true, &self.unknown_state_filters, v, |x, w, _| w.string(true, x));
        w.array(true, &self.transaction_states, v, TransactionState::put);
        w.no_tags();
    }
}

impl ListTransactionsResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransactionState {
    pub transactional_id: String,
    pub producer_id: i64,
    pub transaction_state: String,
}

impl TransactionState {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self {
            transactional_id: r.string(true),
            producer_id: r.i64(),
            transaction_state: r.string(true),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.transactional_id);
        w.i64(self.producer_id);
        w.string(true, &self.transaction_state);
        w.no_tags();
    }
}
