//! `ListOffsetsResponse`: key 2, versions 1 to 11.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ListOffsetsResponse, "ListOffsetsResponse", 2, 1..=11, 6, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListOffsetsResponse {
    pub throttle_time_ms: i32,
    pub topics: Vec<ListOffsetsTopicResponse>,
}

impl ListOffsetsResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 6;
        let m = Self {
            throttle_time_ms: if v >= 2 { r.i32() } else { 0 },
            topics: r.array(flex, 3, v, ListOffsetsTopicResponse::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        if v >= 2 {
            w.i32(self.throttle_time_ms);
        }
        w.array(flex, &self.topics, v, ListOffsetsTopicResponse::put);
        if flex {
            w.no_tags();
        }
    }
}

impl ListOffsetsResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.topics {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListOffsetsTopicResponse {
    pub name: String,
    pub partitions: Vec<ListOffsetsPartitionResponse>,
}

impl ListOffsetsTopicResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 6;
        let m = Self {
            name: r.string(flex),
            partitions: r.array(flex, 22, v, ListOffsetsPartitionResponse::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.string(flex, &self.name);
        w.array(flex, &self.partitions, v, ListOffsetsPartitionResponse::put);
        if flex {
            w.no_tags();
        }
    }
}

impl ListOffsetsTopicResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.partitions {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct ListOffsetsPartitionResponse {
    pub partition_index: i32,
    pub error_code: i16,
    pub timestamp: i64,
    pub offset: i64,
    pub leader_epoch: i32,
}

impl Default for ListOffsetsPartitionResponse {
    fn default() -> Self {
        Self { partition_index: 0, error_code: 0, timestamp: -1, offset: -1, leader_epoch: -1 }
    }
}

impl ListOffsetsPartitionResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 6;
        let m = Self {
            partition_index: r.i32(),
            error_code: r.i16(),
            timestamp: r.i64(),
            offset: r.i64(),
            leader_epoch: if v >= 4 { r.i32() } else { -1 },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.i32(self.partition_index);
        w.i16(self.error_code);
        w.i64(self.timestamp);
        w.i64(self.offset);
        if v >= 4 {
            w.i32(self.leader_epoch);
        }
        w.require(v >= 4 || self.leader_epoch == -1, "LeaderEpoch");
        if flex {
            w.no_tags();
        }
    }
}

impl ListOffsetsPartitionResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}
