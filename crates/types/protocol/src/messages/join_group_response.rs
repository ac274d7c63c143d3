//! `JoinGroupResponse`: key 11, versions 0 to 9.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(JoinGroupResponse, "JoinGroupResponse", 11, 0..=9, 6, error_codes);

#[derive(Clone, Debug, PartialEq)]
pub struct JoinGroupResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub generation_id: i32,
    pub protocol_type: Option<String>,
    pub protocol_name: Option<String>,
    pub leader: String,
    pub skip_assignment: bool,
    pub member_id: String,
    pub members: Vec<JoinGroupResponseMember>,
}

impl Default for JoinGroupResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            generation_id: -1,
            protocol_type: None,
            protocol_name: Some(String::new()),
            leader: String::new(),
            skip_assignment: false,
            member_id: String::new(),
            members: Vec::new(),
        }
    }
}

impl JoinGroupResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 6;
        let m = Self {
            throttle_time_ms: if v >= 2 { r.i32() } else { 0 },
            error_code: r.i16(),
            generation_id: r.i32(),
            protocol_type: if v >= 7 { r.nullable_string(flex, true) } else { None },
            protocol_name: r.nullable_string(flex, v >= 7),
            leader: r.string(flex),
            skip_assignment: if v >= 9 { r.bool() } else { false },
            member_id: r.string(flex),
            members: r.array(flex, 4, v, JoinGroupResponseMember::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        if v >= 2 {
            w.i32(self.throttle_time_ms);
        }
        w.i16(self.error_code);
        w.i32(self.generation_id);
        if v >= 7 {
            w.nullable_string(flex, true, self.protocol_type.as_deref());
        }
        w.nullable_string(flex, v >= 7, self.protocol_name.as_deref());
        w.string(flex, &self.leader);
        if v >= 9 {
            w.bool(self.skip_assignment);
        }
        w.require(v >= 9 || !self.skip_assignment, "SkipAssignment");
        w.string(flex, &self.member_id);
        w.array(flex, &self.members, v, JoinGroupResponseMember::put);
        if flex {
            w.no_tags();
        }
    }
}

impl JoinGroupResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct JoinGroupResponseMember {
    pub member_id: String,
    pub group_instance_id: Option<String>,
    pub metadata: Vec<u8>,
}

impl JoinGroupResponseMember {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 6;
        let m = Self {
            member_id: r.string(flex),
            group_instance_id: if v >= 5 { r.nullable_string(flex, true) } else { None },
            metadata: r.bytes(flex),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.string(flex, &self.member_id);
        if v >= 5 {
            w.nullable_string(flex, true, self.group_instance_id.as_deref());
        }
        w.bytes(flex, &self.metadata);
        if flex {
            w.no_tags();
        }
    }
}
