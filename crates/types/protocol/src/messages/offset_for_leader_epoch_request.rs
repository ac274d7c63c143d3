//! `OffsetForLeaderEpochRequest`: key 23, versions 2 to 4.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(OffsetForLeaderEpochRequest, "OffsetForLeaderEpochRequest", 23, 2..=4, 4);

#[derive(Clone, Debug, PartialEq)]
pub struct OffsetForLeaderEpochRequest {
    pub replica_id: i32,
    pub topics: Vec<OffsetForLeaderTopic>,
}

impl Default for OffsetForLeaderEpochRequest {
    fn default() -> Self {
        Self { replica_id: -2, topics: Vec::new() }
    }
}

impl OffsetForLeaderEpochRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 4;
        let m = Self {
            replica_id: if v >= 3 { r.i32() } else { -2 },
            topics: r.array(flex, 3, v, OffsetForLeaderTopic::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        if v >= 3 {
            w.i32(self.replica_id);
        }
        w.array(flex, &self.topics, v, OffsetForLeaderTopic::put);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetForLeaderTopic {
    pub topic: String,
    pub partitions: Vec<OffsetForLeaderPartition>,
}

impl OffsetForLeaderTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 4;
        let m =
            Self { topic: r.string(flex), partitions: r.array(flex, 12, v, OffsetForLeaderPartition::get) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.string(flex, &self.topic);
        w.array(flex, &self.partitions, v, OffsetForLeaderPartition::put);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct OffsetForLeaderPartition {
    pub partition: i32,
    pub current_leader_epoch: i32,
    pub leader_epoch: i32,
}

impl Default for OffsetForLeaderPartition {
    fn default() -> Self {
        Self { partition: 0, current_leader_epoch: -1, leader_epoch: 0 }
    }
}

impl OffsetForLeaderPartition {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 4;
        let m = Self { partition: r.i32(), current_leader_epoch: r.i32(), leader_epoch: r.i32() };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.i32(self.partition);
        w.i32(self.current_leader_epoch);
        w.i32(self.leader_epoch);
        if flex {
            w.no_tags();
        }
    }
}
