//! `JoinGroupRequest`: key 11, versions 0 to 9.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(JoinGroupRequest, "JoinGroupRequest", 11, 0..=9, 6);

#[derive(Clone, Debug, PartialEq)]
pub struct JoinGroupRequest {
    pub group_id: String,
    pub session_timeout_ms: i32,
    pub rebalance_timeout_ms: i32,
    pub member_id: String,
    pub group_instance_id: Option<String>,
    pub protocol_type: String,
    pub protocols: Vec<JoinGroupRequestProtocol>,
    pub reason: Option<String>,
}

impl Default for JoinGroupRequest {
    fn default() -> Self {
        Self {
            group_id: String::new(),
            session_timeout_ms: 0,
            rebalance_timeout_ms: -1,
            member_id: String::new(),
            group_instance_id: None,
            protocol_type: String::new(),
            protocols: Vec::new(),
            reason: None,
        }
    }
}

impl JoinGroupRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 6;
        let m = Self {
            group_id: r.string(flex),
            session_timeout_ms: r.i32(),
            rebalance_timeout_ms: if v >= 1 { r.i32() } else { -1 },
            member_id: r.string(flex),
            group_instance_id: if v >= 5 { r.nullable_string(flex, true) } else { None },
            protocol_type: r.string(flex),
            protocols: r.array(flex, 3, v, JoinGroupRequestProtocol::get),
            reason: if v >= 8 { r.nullable_string(flex, true) } else { None },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.string(flex, &self.group_id);
        w.i32(self.session_timeout_ms);
        if v >= 1 {
            w.i32(self.rebalance_timeout_ms);
        }
        w.string(flex, &self.member_id);
        if v >= 5 {
            w.nullable_string(flex, true, self.group_instance_id.as_deref());
        }
        w.require(v >= 5 || self.group_instance_id.is_none(), "GroupInstanceId");
        w.string(flex, &self.protocol_type);
        w.array(flex, &self.protocols, v, JoinGroupRequestProtocol::put);
        if v >= 8 {
            w.nullable_string(flex, true, self.reason.as_deref());
        }
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct JoinGroupRequestProtocol {
    pub name: String,
    pub metadata: Vec<u8>,
}

impl JoinGroupRequestProtocol {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 6;
        let m = Self { name: r.string(flex), metadata: r.bytes(flex) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.string(flex, &self.name);
        w.bytes(flex, &self.metadata);
        if flex {
            w.no_tags();
        }
    }
}
