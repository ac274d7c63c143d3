//! `ListGroupsRequest`: key 16, versions 0 to 5.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ListGroupsRequest, "ListGroupsRequest", 16, 0..=5, 3);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListGroupsRequest {
    pub states_filter: Vec<String>,
    pub types_filter: Vec<String>,
}

impl ListGroupsRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 3;
        let m = Self {
            states_filter: if v >= 4 { r.array(flex, 1, v, |r, v| r.string(v >= 3)) } else { Vec::new() },
            types_filter: if v >= 5 { r.array(flex, 1, v, |r, v| r.string(v >= 3)) } else { Vec::new() },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        if v >= 4 {
            w.array(flex, &self.states_filter, v, |x, w, v| w.string(v >= 3, x));
        }
        w.require(v >= 4 || self.states_filter.is_empty(), "StatesFilter");
        if v >= 5 {
            w.array(flex, &self.types_filter, v, |x, w, v| w.string(v >= 3, x));
        }
        w.require(v >= 5 || self.types_filter.is_empty(), "TypesFilter");
        if flex {
            w.no_tags();
        }
    }
}
