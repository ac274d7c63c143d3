//! `DeleteGroupsRequest`: key 42, versions 0 to 2.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(DeleteGroupsRequest, "DeleteGroupsRequest", 42, 0..=2, 2);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteGroupsRequest {
    pub groups_names: Vec<String>,
}

impl DeleteGroupsRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self { groups_names: r.array(flex, 1, v, |r, v| r.string(v >= 2)) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.array(flex, &self.groups_names, v, |x, w, v| w.string(v >= 2, x));
        if flex {
            w.no_tags();
        }
    }
}
