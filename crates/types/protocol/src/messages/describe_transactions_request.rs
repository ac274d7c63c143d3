//! `DescribeTransactionsRequest`: key 65, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(DescribeTransactionsRequest, "DescribeTransactionsRequest", 65, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeTransactionsRequest {
    pub transactional_ids: Vec<String>,
}

impl DescribeTransactionsRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { transactional_ids: r.array(true, 1, v, |r, _| r.string(true)) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.transactional_ids, v, |x, w, _| w.string(true, x));
        w.no_tags();
    }
}
