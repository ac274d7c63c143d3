//! `FindCoordinatorResponse`: key 10, versions 0 to 6.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(FindCoordinatorResponse, "FindCoordinatorResponse", 10, 0..=6, 3, error_codes);

#[derive(Clone, Debug, PartialEq)]
pub struct FindCoordinatorResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub error_message: Option<String>,
    pub node_id: i32,
    pub host: String,
    pub port: i32,
    pub coordinators: Vec<Coordinator>,
}

impl Default for FindCoordinatorResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: Some(String::new()),
            node_id: 0,
            host: String::new(),
            port: 0,
            coordinators: Vec::new(),
        }
    }
}

impl FindCoordinatorResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 3;
        let m = Self {
            throttle_time_ms: if v >= 1 { r.i32() } else { 0 },
            error_code: if v <= 3 { r.i16() } else { 0 },
            error_message: if (1..=3).contains(&v) {
                r.nullable_string(flex, true)
            } else {
                Some(String::new())
            },
            node_id: if v <= 3 { r.i32() } else { 0 },
            host: if v <= 3 { r.string(flex) } else { String::new() },
            port: if v <= 3 { r.i32() } else { 0 },
            coordinators: if v >= 4 { r.array(flex, 14, v, Coordinator::get) } else { Vec::new() },
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
        if v <= 3 {
            w.i16(self.error_code);
        }
        w.require(v <= 3 || self.error_code == 0, "ErrorCode");
        if (1..=3).contains(&v) {
            w.nullable_string(flex, true, self.error_message.as_deref());
        }
        if v <= 3 {
            w.i32(self.node_id);
        }
        w.require(v <= 3 || self.node_id == 0, "NodeId");
        if v <= 3 {
            w.string(flex, &self.host);
        }
        w.require(v <= 3 || self.host.is_empty(), "Host");
        if v <= 3 {
            w.i32(self.port);
        }
        w.require(v <= 3 || self.port == 0, "Port");
        if v >= 4 {
            w.array(flex, &self.coordinators, v, Coordinator::put);
        }
        w.require(v >= 4 || self.coordinators.is_empty(), "Coordinators");
        if flex {
            w.no_tags();
        }
    }
}

impl FindCoordinatorResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
        for each in &self.coordinators {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Coordinator {
    pub key: String,
    pub node_id: i32,
    pub host: String,
    pub port: i32,
    pub error_code: i16,
    pub error_message: Option<String>,
}

impl Default for Coordinator {
    fn default() -> Self {
        Self {
            key: String::new(),
            node_id: 0,
            host: String::new(),
            port: 0,
            error_code: 0,
            error_message: Some(String::new()),
        }
    }
}

impl Coordinator {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self {
            key: r.string(true),
            node_id: r.i32(),
            host: r.string(true),
            port: r.i32(),
            error_code: r.i16(),
            error_message: r.nullable_string(true, true),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.key);
        w.i32(self.node_id);
        w.string(true, &self.host);
        w.i32(self.port);
        w.i16(self.error_code);
        w.nullable_string(true, true, self.error_message.as_deref());
        w.no_tags();
    }
}

impl Coordinator {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}
