//! `DescribeGroupsRequest`: key 15, versions 0 to 6.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(DescribeGroupsRequest, "DescribeGroupsRequest", 15, 0..=6, 5);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeGroupsRequest {
    pub groups: Vec<String>,
    pub include_authorized_operations: bool,
}

impl DescribeGroupsRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 5;
        let m = Self {
            groups: r.array(flex, 1, v, |r, v| r.string(v >= 5)),
            include_authorized_operations: if v >= 3 { r.bool() } else { false },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 5;
        w.array(flex, &self.groups, v, |x, w, v| w.string(v >= 5, x));
        if v >= 3 {
            w.bool(self.include_authorized_operations);
        }
        w.require(v >= 3 || !self.include_authorized_operations, "IncludeAuthorizedOperations");
        if flex {
            w.no_tags();
        }
    }
}
