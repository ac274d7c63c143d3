//! `VoteRequest`: key 52, versions 0 to 2.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(VoteRequest, "VoteRequest", 52, 0..=2, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct VoteRequest {
    pub cluster_id: Option<String>,
    pub voter_id: i32,
    pub topics: Vec<TopicData>,
}

impl Default for VoteRequest {
    fn default() -> Self {
        Self { cluster_id: None, voter_id: -1, topics: Vec::new() }
    }
}

impl VoteRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            cluster_id: r.nullable_string(true, true),
            voter_id: if v >= 1 { r.i32() } else { -1 },
            topics: r.array(true, 3, v, TopicData::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.nullable_string(true, true, self.cluster_id.as_deref());
        if v >= 1 {
            w.i32(self.voter_id);
        }
        w.array(true, &self.topics, v, TopicData::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicData {
    pub topic_name: String,
    pub partitions: Vec<PartitionData>,
}

impl TopicData {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { topic_name: r.string(true), partitions: r.array(true, 25, v, PartitionData::get) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.topic_name);
        w.array(true, &self.partitions, v, PartitionData::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionData {
    pub partition_index: i32,
    pub replica_epoch: i32,
    pub replica_id: i32,
    pub replica_directory_id: Uuid,
    pub voter_directory_id: Uuid,
    pub last_offset_epoch: i32,
    pub last_offset: i64,
    pub pre_vote: bool,
}

impl PartitionData {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            partition_index: r.i32(),
            replica_epoch: r.i32(),
            replica_id: r.i32(),
            replica_directory_id: if v >= 1 { r.uuid() } else { Uuid::ZERO },
            voter_directory_id: if v >= 1 { r.uuid() } else { Uuid::ZERO },
            last_offset_epoch: r.i32(),
            last_offset: r.i64(),
            pre_vote: if v >= 2 { r.bool() } else { false },
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.partition_index);
        w.i32(self.replica_epoch);
        w.i32(self.replica_id);
        if v >= 1 {
            w.uuid(self.replica_directory_id);
        }
        if v >= 1 {
            w.uuid(self.voter_directory_id);
        }
        w.i32(self.last_offset_epoch);
        w.i64(self.last_offset);
        if v >= 2 {
            w.bool(self.pre_vote);
        }
        w.require(v >= 2 || !self.pre_vote, "PreVote");
        w.no_tags();
    }
}
