//! `OffsetCommitRequest`: key 8, versions 2 to 10.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(OffsetCommitRequest, "OffsetCommitRequest", 8, 2..=10, 8);

#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitRequest {
    pub group_id: String,
    pub generation_id_or_member_epoch: i32,
    pub member_id: String,
    pub group_instance_id: Option<String>,
    pub retention_time_ms: i64,
    pub topics: Vec<OffsetCommitRequestTopic>,
}

impl Default for OffsetCommitRequest {
    fn default() -> Self {
        Self {
            group_id: String::new(),
            generation_id_or_member_epoch: -1,
            member_id: String::new(),
            group_instance_id: None,
            retention_time_ms: -1,
            topics: Vec::new(),
        }
    }
}

impl OffsetCommitRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 8;
        let m = Self {
            group_id: r.string(flex),
            generation_id_or_member_epoch: r.i32(),
            member_id: r.string(flex),
            group_instance_id: if v >= 7 { r.nullable_string(flex, true) } else { None },
            retention_time_ms: if v <= 4 { r.i64() } else { -1 },
            topics: r.array(flex, 3, v, OffsetCommitRequestTopic::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 8;
        w.string(flex, &self.group_id);
        w.i32(self.generation_id_or_member_epoch);
        w.string(flex, &self.member_id);
        if v >= 7 {
            w.nullable_string(flex, true, self.group_instance_id.as_deref());
        }
        w.require(v >= 7 || self.group_instance_id.is_none(), "GroupInstanceId");
        if v <= 4 {
            w.i64(self.retention_time_ms);
        }
        w.array(flex, &self.topics, v, OffsetCommitRequestTopic::put);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetCommitRequestTopic {
    pub name: String,
    pub topic_id: Uuid,
    pub partitions: Vec<OffsetCommitRequestPartition>,
}

impl OffsetCommitRequestTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 8;
        let m = Self {
            name: if v <= 9 { r.string(flex) } else { String::new() },
            topic_id: if v >= 10 { r.uuid() } else { Uuid::ZERO },
            partitions: r.array(flex, 14, v, OffsetCommitRequestPartition::get),
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
        w.array(flex, &self.partitions, v, OffsetCommitRequestPartition::put);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitRequestPartition {
    pub partition_index: i32,
    pub committed_offset: i64,
    pub committed_leader_epoch: i32,
    pub committed_metadata: Option<String>,
}

impl Default for OffsetCommitRequestPartition {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            committed_metadata: Some(String::new()),
        }
    }
}

impl OffsetCommitRequestPartition {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 8;
        let m = Self {
            partition_index: r.i32(),
            committed_offset: r.i64(),
            committed_leader_epoch: if v >= 6 { r.i32() } else { -1 },
            committed_metadata: r.nullable_string(flex, true),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 8;
        w.i32(self.partition_index);
        w.i64(self.committed_offset);
        if v >= 6 {
            w.i32(self.committed_leader_epoch);
        }
        w.nullable_string(flex, true, self.committed_metadata.as_deref());
        if flex {
            w.no_tags();
        }
    }
}
