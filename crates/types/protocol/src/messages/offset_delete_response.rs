//! `OffsetDeleteResponse`: key 47, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(OffsetDeleteResponse, "OffsetDeleteResponse", 47, 0..=0, i16::MAX, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetDeleteResponse {
    pub error_code: i16,
    pub throttle_time_ms: i32,
    pub topics: Vec<OffsetDeleteResponseTopic>,
}

impl OffsetDeleteResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        Self {
            error_code: r.i16(),
            throttle_time_ms: r.i32(),
            topics: r.array(false, 6, v, OffsetDeleteResponseTopic::get),
        }
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i16(self.error_code);
        w.i32(self.throttle_time_ms);
        w.array(false, &self.topics, v, OffsetDeleteResponseTopic::put);
    }
}

impl OffsetDeleteResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
        for each in &self.topics {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetDeleteResponseTopic {
    pub name: String,
    pub partitions: Vec<OffsetDeleteResponsePartition>,
}

impl OffsetDeleteResponseTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        Self { name: r.string(false), partitions: r.array(false, 6, v, OffsetDeleteResponsePartition::get) }
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(false, &self.name);
        w.array(false, &self.partitions, v, OffsetDeleteResponsePartition::put);
    }
}

impl OffsetDeleteResponseTopic {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.partitions {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetDeleteResponsePartition {
    pub partition_index: i32,
    pub error_code: i16,
}

impl OffsetDeleteResponsePartition {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        Self { partition_index: r.i32(), error_code: r.i16() }
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.partition_index);
        w.i16(self.error_code);
    }
}

impl OffsetDeleteResponsePartition {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}
