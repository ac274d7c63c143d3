//! `GroupMetadataValue`: key 2, versions 0 to 4.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(GroupMetadataValue, "GroupMetadataValue", 2, 0..=4, 4);

#[derive(Clone, Debug, PartialEq)]
pub struct GroupMetadataValue {
    pub protocol_type: String,
    pub generation: i32,
    pub protocol: Option<String>,
    pub leader: Option<String>,
    pub current_state_timestamp: i64,
    pub members: Vec<MemberMetadata>,
}

impl Default for GroupMetadataValue {
    fn default() -> Self {
        Self {
            protocol_type: String::new(),
            generation: 0,
            protocol: Some(String::new()),
            leader: Some(String::new()),
            current_state_timestamp: -1,
            members: Vec::new(),
        }
    }
}

impl GroupMetadataValue {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 4;
        let m = Self {
            protocol_type: r.string(flex),
            generation: r.i32(),
            protocol: r.nullable_string(flex, true),
            leader: r.nullable_string(flex, true),
            current_state_timestamp: if v >= 2 { r.i64() } else { -1 },
            members: r.array(flex, 15, v, MemberMetadata::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.string(flex, &self.protocol_type);
        w.i32(self.generation);
        w.nullable_string(flex, true, self.protocol.as_deref());
        w.nullable_string(flex, true, self.leader.as_deref());
        if v >= 2 {
            w.i64(self.current_state_timestamp);
        }
        w.array(flex, &self.members, v, MemberMetadata::put);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct MemberMetadata {
    pub member_id: String,
    pub group_instance_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub rebalance_timeout: i32,
    pub session_timeout: i32,
    pub subscription: Vec<u8>,
    pub assignment: Vec<u8>,
}

impl Default for MemberMetadata {
    fn default() -> Self {
        Self {
            member_id: String::new(),
            group_instance_id: None,
            client_id: String::new(),
            client_host: String::new(),
            rebalance_timeout: -1,
            session_timeout: 0,
            subscription: Vec::new(),
            assignment: Vec::new(),
        }
    }
}

impl MemberMetadata {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 4;
        let m = Self {
            member_id: r.string(flex),
            group_instance_id: if v >= 3 { r.nullable_string(flex, true) } else { None },
            client_id: r.string(flex),
            client_host: r.string(flex),
            rebalance_timeout: if v >= 1 { r.i32() } else { -1 },
            session_timeout: r.i32(),
            subscription: r.bytes(flex),
            assignment: r.bytes(flex),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.string(flex, &self.member_id);
        if v >= 3 {
            w.nullable_string(flex, true, self.group_instance_id.as_deref());
        }
        w.string(flex, &self.client_id);
        w.string(flex, &self.client_host);
        if v >= 1 {
            w.i32(self.rebalance_timeout);
        }
        w.i32(self.session_timeout);
        w.bytes(flex, &self.subscription);
        w.bytes(flex, &self.assignment);
        if flex {
            w.no_tags();
        }
    }
}
