//! `DescribeClusterResponse`: key 60, versions 0 to 2.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(DescribeClusterResponse, "DescribeClusterResponse", 60, 0..=2, 0, error_codes);

#[derive(Clone, Debug, PartialEq)]
pub struct DescribeClusterResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub error_message: Option<String>,
    pub endpoint_type: i8,
    pub cluster_id: String,
    pub controller_id: i32,
    pub brokers: Vec<DescribeClusterBroker>,
    pub cluster_authorized_operations: i32,
}

impl Default for DescribeClusterResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: None,
            endpoint_type: 1,
            cluster_id: String::new(),
            controller_id: -1,
            brokers: Vec::new(),
            cluster_authorized_operations: i32::MIN,
        }
    }
}

impl DescribeClusterResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            throttle_time_ms: r.i32(),
            error_code: r.i16(),
            error_message: r.nullable_string(true, true),
            endpoint_type: if v >= 1 { r.i8() } else { 1 },
            cluster_id: r.string(true),
            controller_id: r.i32(),
            brokers: r.array(true, 11, v, DescribeClusterBroker::get),
            cluster_authorized_operations: r.i32(),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.throttle_time_ms);
        w.i16(self.error_code);
        w.nullable_string(true, true, self.error_message.as_deref());
        if v >= 1 {
            w.i8(self.endpoint_type);
        }
        w.require(v >= 1 || self.endpoint_type == 1, "EndpointType");
        w.string(true, &self.cluster_id);
        w.i32(self.controller_id);
        w.array(true, &self.brokers, v, DescribeClusterBroker::put);
        w.i32(self.cluster_authorized_operations);
        w.no_tags();
    }
}

impl DescribeClusterResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeClusterBroker {
    pub broker_id: i32,
    pub host: String,
    pub port: i32,
    pub rack: Option<String>,
    pub is_fenced: bool,
}

impl DescribeClusterBroker {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            broker_id: r.i32(),
            host: r.string(true),
            port: r.i32(),
            rack: r.nullable_string(true, true),
            is_fenced: if v >= 2 { r.bool() } else { false },
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.broker_id);
        w.string(true, &self.host);
        w.i32(self.port);
        w.nullable_string(true, true, self.rack.as_deref());
        if v >= 2 {
            w.bool(self.is_fenced);
        }
        w.require(v >= 2 || !self.is_fenced, "IsFenced");
        w.no_tags();
    }
}
