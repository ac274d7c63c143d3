//! `ListGroupsResponse`: key 16, versions 0 to 5.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ListGroupsResponse, "ListGroupsResponse", 16, 0..=5, 3, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListGroupsResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub groups: Vec<ListedGroup>,
}

impl ListGroupsResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 3;
        let m = Self {
            throttle_time_ms: if v >= 1 { r.i32() } else { 0 },
            error_code: r.i16(),
            groups: r.array(flex, 3, v, ListedGroup::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        if v >= 1 {
            w.i32(self.throttle_time_ms);
        }
        w.i16(self.error_code);
        w.array(flex, &self.groups, v, ListedGroup::put);
        if flex {
            w.no_tags();
        }
    }
}

impl ListGroupsResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListedGroup {
    pub group_id: String,
    pub protocol_type: String,
    pub group_state: String,
    pub group_type: String,
}

impl ListedGroup {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 3;
        let m = Self {
            group_id: r.string(flex),
            protocol_type: r.string(flex),
            group_state: if v >= 4 { r.string(flex) } else { String::new() },
            group_type: if v >= 5 { r.string(flex) } else { String::new() },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.string(flex, &self.group_id);
        w.string(flex, &self.protocol_type);
        if v >= 4 {
            w.string(flex, &self.group_state);
        }
        if v >= 5 {
            w.string(flex, &self.group_type);
        }
        if flex {
            w.no_tags();
        }
    }
}
