//! `DescribeGroupsResponse`: key 15, versions 0 to 6.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(DescribeGroupsResponse, "DescribeGroupsResponse", 15, 0..=6, 5, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeGroupsResponse {
    pub throttle_time_ms: i32,
    pub groups: Vec<DescribedGroup>,
}

impl DescribeGroupsResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 5;
        let m = Self {
            throttle_time_ms: if v >= 1 { r.i32() } else { 0 },
            groups: r.array(flex, 12, v, DescribedGroup::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 5;
        if v >= 1 {
            w.i32(self.throttle_time_ms);
        }
        w.array(flex, &self.groups, v, DescribedGroup::put);
        if flex {
            w.no_tags();
        }
    }
}

impl DescribeGroupsResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.groups {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct DescribedGroup {
    pub error_code: i16,
    pub error_message: Option<String>,
    pub group_id: String,
    pub group_state: String,
    pub protocol_type: String,
    pub protocol_data: String,
    pub members: Vec<DescribedGroupMember>,
    pub authorized_operations: i32,
}

impl Default for DescribedGroup {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: None,
            group_id: String::new(),
            group_state: String::new(),
            protocol_type: String::new(),
            protocol_data: String::new(),
            members: Vec::new(),
            authorized_operations: i32::MIN,
        }
    }
}

impl DescribedGroup {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 5;
        let m = Self {
            error_code: r.i16(),
            error_message: if v >= 6 { r.nullable_string(flex, true) } else { None },
            group_id: r.string(flex),
            group_state: r.string(flex),
            protocol_type: r.string(flex),
            protocol_data: r.string(flex),
            members: r.array(flex, 7, v, DescribedGroupMember::get),
            authorized_operations: if v >= 3 { r.i32() } else { i32::MIN },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 5;
        w.i16(self.error_code);
        if v >= 6 {
            w.nullable_string(flex, true, self.error_message.as_deref());
        }
        w.require(v >= 6 || self.error_message.is_none(), "ErrorMessage");
        w.string(flex, &self.group_id);
        w.string(flex, &self.group_state);
        w.string(flex, &self.protocol_type);
        w.string(flex, &self.protocol_data);
        w.array(flex, &self.members, v, DescribedGroupMember::put);
        if v >= 3 {
            w.i32(self.authorized_operations);
        }
        w.require(v >= 3 || self.authorized_operations == i32::MIN, "AuthorizedOperations");
        if flex {
            w.no_tags();
        }
    }
}

impl DescribedGroup {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribedGroupMember {
    pub member_id: String,
    pub group_instance_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub member_metadata: Vec<u8>,
    pub member_assignment: Vec<u8>,
}

impl DescribedGroupMember {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 5;
        let m = Self {
            member_id: r.string(flex),
            group_instance_id: if v >= 4 { r.nullable_string(flex, true) } else { None },
            client_id: r.string(flex),
            client_host: r.string(flex),
            member_metadata: r.bytes(flex),
            member_assignment: r.bytes(flex),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 5;
        w.string(flex, &self.member_id);
        if v >= 4 {
            w.nullable_string(flex, true, self.group_instance_id.as_deref());
        }
        w.string(flex, &self.client_id);
        w.string(flex, &self.client_host);
        w.bytes(flex, &self.member_metadata);
        w.bytes(flex, &self.member_assignment);
        if flex {
            w.no_tags();
        }
    }
}
