//! `ListTransactionsRequest`: key 66, versions 0 to 2.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ListTransactionsRequest, "ListTransactionsRequest", 66, 0..=2, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct ListTransactionsRequest {
    pub state_filters: Vec<String>,
    pub producer_id_filters: Vec<i64>,
    pub duration_filter: i64,
    pub transactional_id_pattern: Option<String>,
}

impl Default for ListTransactionsRequest {
    fn default() -> Self {
        Self {
            state_filters: Vec::new(),
            producer_id_filters: Vec::new(),
            duration_filter: -1,
            transactional_id_pattern: None,
        }
    }
}

impl ListTransactionsRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            state_filters: r.array(true, 1, v, |r, _| r.string(true)),
            producer_id_filters: r.array(true, 8, v, |r, _| r.i64()),
            duration_filter: if v >= 1 { r.i64() } else { -1 },
            transactional_id_pattern: if v >= 2 { r.nullable_string(true, true) } else { None },
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.state_filters, v, |x, w, _| w.string(true, x));
        w.array(true, &self.producer_id_filters, v, |x, w, _| w.i64(*x));
        if v >= 1 {
            w.i64(self.duration_filter);
        }
        w.require(v >= 1 || self.duration_filter == -1, "DurationFilter");
        if v >= 2 {
            w.nullable_string(true, true, self.transactional_id_pattern.as_deref());
        }
        w.require(v >= 2 || self.transactional_id_pattern.is_none(), "TransactionalIdPattern");
        w.no_tags();
    }
}
