//! `LeaveGroupResponse`: key 13, versions 0 to 5.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(LeaveGroupResponse, "LeaveGroupResponse", 13, 0..=5, 4, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeaveGroupResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub members: Vec<MemberResponse>,
}

impl LeaveGroupResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 4;
        let m = Self {
            throttle_time_ms: if v >= 1 { r.i32() } else { 0 },
            error_code: r.i16(),
            members: if v >= 3 { r.array(flex, 5, v, MemberResponse::get) } else { Vec::new() },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        if v >= 1 {
            w.i32(self.throttle_time_ms);
        }
        w.i16(self.error_code);
        if v >= 3 {
            w.array(flex, &self.members, v, MemberResponse::put);
        }
        w.require(v >= 3 || self.members.is_empty(), "Members");
        if flex {
            w.no_tags();
        }
    }
}

impl LeaveGroupResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
        for each in &self.members {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct MemberResponse {
    pub member_id: String,
    pub group_instance_id: Option<String>,
    pub error_code: i16,
}

impl Default for MemberResponse {
    fn default() -> Self {
        Self { member_id: String::new(), group_instance_id: Some(String::new()), error_code: 0 }
    }
}

impl MemberResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 4;
        let m = Self {
            member_id: r.string(flex),
            group_instance_id: r.nullable_string(flex, true),
            error_code: r.i16(),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.string(flex, &self.member_id);
        w.nullable_string(flex, true, self.group_instance_id.as_deref());
        w.i16(self.error_code);
        if flex {
            w.no_tags();
        }
    }
}

impl MemberResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}
