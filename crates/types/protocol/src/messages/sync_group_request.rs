//! `SyncGroupRequest`: key 14, versions 0 to 5.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(SyncGroupRequest, "SyncGroupRequest", 14, 0..=5, 4);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SyncGroupRequest {
    pub group_id: String,
    pub generation_id: i32,
    pub member_id: String,
    pub group_instance_id: Option<String>,
    pub protocol_type: Option<String>,
    pub protocol_name: Option<String>,
    pub assignments: Vec<SyncGroupRequestAssignment>,
}

impl SyncGroupRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 4;
        let m = Self {
            group_id: r.string(flex),
            generation_id: r.i32(),
            member_id: r.string(flex),
            group_instance_id: if v >= 3 { r.nullable_string(flex, true) } else { None },
            protocol_type: if v >= 5 { r.nullable_string(flex, true) } else { None },
            protocol_name: if v >= 5 { r.nullable_string(flex, true) } else { None },
            assignments: r.array(flex, 3, v, SyncGroupRequestAssignment::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.string(flex, &self.group_id);
        w.i32(self.generation_id);
        w.string(flex, &self.member_id);
        if v >= 3 {
            w.nullable_string(flex, true, self.group_instance_id.as_deref());
        }
        w.require(v >= 3 || self.group_instance_id.is_none(), "GroupInstanceId");
        if v >= 5 {
            w.nullable_string(flex, true, self.protocol_type.as_deref());
        }
        if v >= 5 {
            w.nullable_string(flex, true, self.protocol_name.as_deref());
        }
        w.array(flex, &self.assignments, v, SyncGroupRequestAssignment::put);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SyncGroupRequestAssignment {
    pub member_id: String,
    pub assignment: Vec<u8>,
}

impl SyncGroupRequestAssignment {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 4;
        let m = Self { member_id: r.string(flex), assignment: r.bytes(flex) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.string(flex, &self.member_id);
        w.bytes(flex, &self.assignment);
        if flex {
            w.no_tags();
        }
    }
}
