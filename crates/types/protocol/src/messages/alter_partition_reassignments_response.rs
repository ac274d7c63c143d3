//! `AlterPartitionReassignmentsResponse`: key 45, versions 0 to 1.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(
    AlterPartitionReassignmentsResponse,
    "AlterPartitionReassignmentsResponse",
    45,
    0..=1,
    0,
    error_codes
);

#[derive(Clone, Debug, PartialEq)]
pub struct AlterPartitionReassignmentsResponse {
    pub throttle_time_ms: i32,
    pub allow_replication_factor_change: bool,
    pub error_code: i16,
    pub error_message: Option<String>,
    pub responses: Vec<ReassignableTopicResponse>,
}

impl Default for AlterPartitionReassignmentsResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            allow_replication_factor_change: true,
            error_code: 0,
            error_message: Some(String::new()),
            responses: Vec::new(),
        }
    }
}

impl AlterPartitionReassignmentsResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            throttle_time_ms: r.i32(),
            allow_replication_factor_change: if v >= 1 { r.bool() } else { true },
            error_code: r.i16(),
            error_message: r.nullable_string(true, true),
            responses: r.array(true, 3, v, ReassignableTopicResponse::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.throttle_time_ms);
        if v >= 1 {
            w.bool(self.allow_replication_factor_change);
        }
        w.i16(self.error_code);
        w.nullable_string(true, true, self.error_message.as_deref());
        w.array(true, &self.responses, v, ReassignableTopicResponse::put);
        w.no_tags();
    }
}

impl AlterPartitionReassignmentsResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
        for each in &self.responses {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReassignableTopicResponse {
    pub name: String,
    pub partitions: Vec<ReassignablePartitionResponse>,
}

impl ReassignableTopicResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            name: r.string(true),
            partitions: r.array(true, 8, v, ReassignablePartitionResponse::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.name);
        w.array(true, &self.partitions, v, ReassignablePartitionResponse::put);
        w.no_tags();
    }
}

impl ReassignableTopicResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.partitions {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct ReassignablePartitionResponse {
    pub partition_index: i32,
    pub error_code: i16,
    pub error_message: Option<String>,
}

impl Default for ReassignablePartitionResponse {
    fn default() -> Self {
        Self { partition_index: 0, error_code: 0, error_message: Some(String::new()) }
    }
}

impl ReassignablePartitionResponse {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self {
            partition_index: r.i32(),
            error_code: r.i16(),
            error_message: r.nullable_string(true, true),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.partition_index);
        w.i16(self.error_code);
        w.nullable_string(true, true, self.error_message.as_deref());
        w.no_tags();
    }
}

impl ReassignablePartitionResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}
