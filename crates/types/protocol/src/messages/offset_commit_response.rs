//! `OffsetCommitResponse`: key 8, versions 2 to 10.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(OffsetCommitResponse, "OffsetCommitResponse", 8, 2..=10, 8, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetCommitResponse {
    pub throttle_time_ms: i32,
    pub topics: Vec<OffsetCommitResponseTopic>,
}

impl OffsetCommitResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 8;
        let m = Self {
            throttle_time_ms: if v >= 3 { r.i32() } else { 0 },
            topics: r.array(flex, 3, v, OffsetCommitResponseTopic::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 8;
        if v >= 3 {
            w.i32(self.throttle_time_ms);
        }
        w.array(flex, &self.topics, v, OffsetCommitResponseTopic::put);
        if flex {
            w.no_tags();
        }
    }
}

impl OffsetCommitResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.topics {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetCommitResponseTopic {
    pub name: String,
    pub topic_id: Uuid,
    pub partitions: Vec<OffsetCommitResponsePartition>,
}

impl OffsetCommitResponseTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 8;
        let m = Self {
            name: if v <= 9 { r.string(flex) } else { String::new() },
            topic_id: if v >= 10 { r.uuid() } else { Uuid::ZERO },
            partitions: r.array(flex, 6, v, OffsetCommitResponsePartition::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 8;
        if v <= 9 {
            w.string(flex, &self.name);
        }
        if v >= 10 {
            w.uuid(self.topic_id);
        }
        w.array(flex, &self.partitions, v, OffsetCommitResponsePartition::put);
        if flex {
            w.no_tags();
        }
    }
}

impl OffsetCommitResponseTopic {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.partitions {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetCommitResponsePartition {
    pub partition_index: i32,
    pub error_code: i16,
}

impl OffsetCommitResponsePartition {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 8;
        let m = Self { partition_index: r.i32(), error_code: r.i16() };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 8;
        w.i32(self.partition_index);
        w.i16(self.error_code);
        if flex {
            w.no_tags();
        }
    }
}

impl OffsetCommitResponsePartition {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}
