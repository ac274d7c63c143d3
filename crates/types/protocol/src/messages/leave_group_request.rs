//! `LeaveGroupRequest`: key 13, versions 0 to 5.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(LeaveGroupRequest, "LeaveGroupRequest", 13, 0..=5, 4);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeaveGroupRequest {
    pub group_id: String,
    pub member_id: String,
    pub members: Vec<MemberIdentity>,
}

impl LeaveGroupRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 4;
        let m = Self {
            group_id: r.string(flex),
            member_id: if v <= 2 { r.string(flex) } else { String::new() },
            members: if v >= 3 { r.array(flex, 3, v, MemberIdentity::get) } else { Vec::new() },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.string(flex, &self.group_id);
        if v <= 2 {
            w.string(flex, &self.member_id);
        }
        w.require(v <= 2 || self.member_id.is_empty(), "MemberId");
        if v >= 3 {
            w.array(flex, &self.members, v, MemberIdentity::put);
        }
        w.require(v >= 3 || self.members.is_empty(), "Members");
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct MemberIdentity {
    pub member_id: String,
    pub group_instance_id: Option<String>,
    pub reason: Option<String>,
}

impl MemberIdentity {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 4;
        let m = Self {
            member_id: r.string(flex),
            group_instance_id: r.nullable_string(flex, true),
            reason: if v >= 5 { r.nullable_string(flex, true) } else { None },
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
        if v >= 5 {
            w.nullable_string(flex, true, self.reason.as_deref());
        }
        if flex {
            w.no_tags();
        }
    }
}
