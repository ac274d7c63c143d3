//! `ShareGroupDescribeRequest`: key 77, version 1.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ShareGroupDescribeRequest, "ShareGroupDescribeRequest", 77, 1..=1, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShareGroupDescribeRequest {
    pub group_ids: Vec<String>,
    pub include_authorized_operations: bool,
}

impl ShareGroupDescribeRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            group_ids: r.array(true, 1, v, |r, _| r.string(true)),
            include_authorized_operations: r.bool(),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.group_ids, v, |x, w, _| w.string(true, x));
        w.bool(self.include_authorized_operations);
        w.no_tags();
    }
}
