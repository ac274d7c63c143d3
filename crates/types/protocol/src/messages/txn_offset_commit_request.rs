//! `TxnOffsetCommitRequest`: key 28, versions 0 to 5.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(TxnOffsetCommitRequest, "TxnOffsetCommitRequest", 28, 0..=5, 3);

#[derive(Clone, Debug, PartialEq)]
pub struct TxnOffsetCommitRequest {
    pub transactional_id: String,
    pub group_id: String,
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub generation_id: i32,
    pub member_id: String,
    pub group_instance_id: Option<String>,
    pub topics: Vec<TxnOffsetCommitRequestTopic>,
}

impl Default for TxnOffsetCommitRequest {
    fn default() -> Self {
        Self {
            transactional_id: String::new(),
            group_id: String::new(),
            producer_id: 0,
            producer_epoch: 0,
            generation_id: -1,
            member_id: String::new(),
            group_instance_id: None,
            topics: Vec::new(),
        }
    }
}

impl TxnOffsetCommitRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 3;
        let m = Self {
            transactional_id: r.string(flex),
            group_id: r.string(flex),
            producer_id: r.i64(),
            producer_epoch: r.i16(),
            generation_id: if v >= 3 { r.i32() } else { -1 },
            member_id: if v >= 3 { r.string(flex) } else { String::new() },
            group_instance_id: if v >= 3 { r.nullable_string(flex, true) } else { None },
            topics: r.array(flex, 3, v, TxnOffsetCommitRequestTopic::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.string(flex, &self.transactional_id);
        w.string(flex, &self.group_id);
        w.i64(self.producer_id);
        w.i16(self.producer_epoch);
        if v >= 3 {
            w.i32(self.generation_id);
        }
        w.require(v >= 3 || self.generation_id == -1, "GenerationId");
        if v >= 3 {
            w.string(flex, &self.member_id);
        }
        w.require(v >= 3 || self.member_id.is_empty(), "MemberId");
        if v >= 3 {
            w.nullable_string(flex, true, self.group_instance_id.as_deref());
        }
        w.require(v >= 3 || self.group_instance_id.is_none(), "GroupInstanceId");
        w.array(flex, &self.topics, v, TxnOffsetCommitRequestTopic::put);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TxnOffsetCommitRequestTopic {
    pub name: String,
    pub partitions: Vec<TxnOffsetCommitRequestPartition>,
}

impl TxnOffsetCommitRequestTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 3;
        let m = Self {
            name: r.string(flex),
            partitions: r.array(flex, 14, v, TxnOffsetCommitRequestPartition::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.string(flex, &self.name);
        w.array(flex, &self.partitions, v, TxnOffsetCommitRequestPartition::put);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct TxnOffsetCommitRequestPartition {
    pub partition_index: i32,
    pub committed_offset: i64,
    pub committed_leader_epoch: i32,
    pub committed_metadata: Option<String>,
}

impl Default for TxnOffsetCommitRequestPartition {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            committed_metadata: Some(String::new()),
        }
    }
}

impl TxnOffsetCommitRequestPartition {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 3;
        let m = Self {
            partition_index: r.i32(),
            committed_offset: r.i64(),
            committed_leader_epoch: if v >= 2 { r.i32() } else { -1 },
            committed_metadata: r.nullable_string(flex, true),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.i32(self.partition_index);
        w.i64(self.committed_offset);
        if v >= 2 {
            w.i32(self.committed_leader_epoch);
        }
        w.nullable_string(flex, true, self.committed_metadata.as_deref());
        if flex {
            w.no_tags();
        }
    }
}
