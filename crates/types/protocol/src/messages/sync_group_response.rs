//! `SyncGroupResponse`: key 14, versions 0 to 5.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(SyncGroupResponse, "SyncGroupResponse", 14, 0..=5, 4, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SyncGroupResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub protocol_type: Option<String>,
    pub protocol_name: Option<String>,
    pub assignment: Vec<u8>,
}

impl SyncGroupResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 4;
        let m = Self {
            throttle_time_ms: if v >= 1 { r.i32() } else { 0 },
            error_code: r.i16(),
            protocol_type: if v >= 5 { r.nullable_string(flex, true) } else { None },
            protocol_name: if v >= 5 { r.nullable_string(flex, true) } else { None },
            assignment: r.bytes(flex),
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
        if v >= 5 {
            w.nullable_string(flex, true, self.protocol_type.as_deref());
        }
        if v >= 5 {
            w.nullable_string(flex, true, self.protocol_name.as_deref());
        }
        w.bytes(flex, &self.assignment);
        if flex {
            w.no_tags();
        }
    }
}

impl SyncGroupResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}
