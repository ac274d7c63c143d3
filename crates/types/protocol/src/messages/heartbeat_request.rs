//! `HeartbeatRequest`: key 12, versions 0 to 4.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(HeartbeatRequest, "HeartbeatRequest", 12, 0..=4, 4);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeartbeatRequest {
    pub group_id: String,
    pub generation_id: i32,
    pub member_id: String,
    pub group_instance_id: Option<String>,
}

impl HeartbeatRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 4;
        let m = Self {
            group_id: r.string(flex),
            generation_id: r.i32(),
            member_id: r.string(flex),
            group_instance_id: if v >= 3 { r.nullable_string(flex, true) } else { None },
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
        if flex {
            w.no_tags();
        }
    }
}
