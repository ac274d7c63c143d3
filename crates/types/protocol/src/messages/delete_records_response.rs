//! `DeleteRecordsResponse`: key 21, versions 0 to 2.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(DeleteRecordsResponse, "DeleteRecordsResponse", 21, 0..=2, 2, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteRecordsResponse {
    pub throttle_time_ms: i32,
    pub topics: Vec<DeleteRecordsTopicResult>,
}

impl DeleteRecordsResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m =
            Self { throttle_time_ms: r.i32(), topics: r.array(flex, 3, v, DeleteRecordsTopicResult::get) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.i32(self.throttle_time_ms);
        w.array(flex, &self.topics, v, DeleteRecordsTopicResult::put);
        if flex {
            w.no_tags();
        }
    }
}

impl DeleteRecordsResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.topics {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteRecordsTopicResult {
    pub name: String,
    pub partitions: Vec<DeleteRecordsPartitionResult>,
}

impl DeleteRecordsTopicResult {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self {
            name: r.string(flex),
            partitions: r.array(flex, 14, v, DeleteRecordsPartitionResult::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.string(flex, &self.name);
        w.array(flex, &self.partitions, v, DeleteRecordsPartitionResult::put);
        if flex {
            w.no_tags();
        }
    }
}

impl DeleteRecordsTopicResult {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.partitions {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteRecordsPartitionResult {
    pub partition_index: i32,
    pub low_watermark: i64,
    pub error_code: i16,
}

impl DeleteRecordsPartitionResult {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self { partition_index: r.i32(), low_watermark: r.i64(), error_code: r.i16() };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.i32(self.partition_index);
        w.i64(self.low_watermark);
        w.i16(self.error_code);
        if flex {
            w.no_tags();
        }
    }
}

impl DeleteRecordsPartitionResult {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}
