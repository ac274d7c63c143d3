//! `DescribeClusterRequest`: key 60, versions 0 to 2.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(DescribeClusterRequest, "DescribeClusterRequest", 60, 0..=2, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct DescribeClusterRequest {
    pub include_cluster_authorized_operations: bool,
    pub endpoint_type: i8,
    pub include_fenced_brokers: bool,
}

impl Default for DescribeClusterRequest {
    fn default() -> Self {
        Self { include_cluster_authorized_operations: false, endpoint_type: 1, include_fenced_brokers: false }
    }
}

impl DescribeClusterRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            include_cluster_authorized_operations: r.bool(),
            endpoint_type: if v >= 1 { r.i8() } else { 1 },
            include_fenced_brokers: if v >= 2 { r.bool() } else { false },
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.bool(self.include_cluster_authorized_operations);
        if v >= 1 {
            w.i8(self.endpoint_type);
        }
        w.require(v >= 1 || self.endpoint_type == 1, "EndpointType");
        if v >= 2 {
            w.bool(self.include_fenced_brokers);
        }
        w.require(v >= 2 || !self.include_fenced_brokers, "IncludeFencedBrokers");
        w.no_tags();
    }
}
