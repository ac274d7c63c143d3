//! `ListOffsetsRequest`: key 2, versions 1 to 11.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ListOffsetsRequest, "ListOffsetsRequest", 2, 1..=11, 6);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListOffsetsRequest {
    pub replica_id: i32,
    pub isolation_level: i8,
    pub topics: Vec<ListOffsetsTopic>,
    pub timeout_ms: i32,
}

impl ListOffsetsRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 6;
        let m = Self {
            replica_id: r.i32(),
            isolation_level: if v >= 2 { r.i8() } else { 0 },
            topics: r.array(flex, 3, v, ListOffsetsTopic::get),
            timeout_ms: if v >= 10 { r.i32() } else { 0 },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.i32(self.replica_id);
        if v >= 2 {
            w.i8(self.isolation_level);
        }
        w.require(v >= 2 || self.isolation_level == 0, "IsolationLevel");
        w.array(flex, &self.topics, v, ListOffsetsTopic::put);
        if v >= 10 {
            w.i32(self.timeout_ms);
        }
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListOffsetsTopic {
    pub name: String,
    pub partitions: Vec<ListOffsetsPartition>,
}

impl ListOffsetsTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 6;
        let m = Self { name: r.string(flex), partitions: r.array(flex, 12, v, ListOffsetsPartition::get) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.string(flex, &self.name);
        w.array(flex, &self.partitions, v, ListOffsetsPartition::put);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct ListOffsetsPartition {
    pub partition_index: i32,
    pub current_leader_epoch: i32,
    pub timestamp: i64,
}

impl Default for ListOffsetsPartition {
    fn default() -> Self {
        Self { partition_index: 0, current_leader_epoch: -1, timestamp: 0 }
    }
}

impl ListOffsetsPartition {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 6;
        let m = Self {
            partition_index: r.i32(),
            current_leader_epoch: if v >= 4 { r.i32() } else { -1 },
            timestamp: r.i64(),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.i32(self.partition_index);
        if v >= 4 {
            w.i32(self.current_leader_epoch);
        }
        w.i64(self.timestamp);
        if flex {
            w.no_tags();
        }
    }
}
