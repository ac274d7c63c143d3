//! `OffsetFetchResponse`: key 9, versions 1 to 10.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(OffsetFetchResponse, "OffsetFetchResponse", 9, 1..=10, 6, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchResponse {
    pub throttle_time_ms: i32,
    pub topics: Vec<OffsetFetchResponseTopic>,
    pub error_code: i16,
    pub groups: Vec<OffsetFetchResponseGroup>,
}

impl OffsetFetchResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 6;
        let m = Self {
            throttle_time_ms: if v >= 3 { r.i32() } else { 0 },
            topics: if v <= 7 { r.array(flex, 3, v, OffsetFetchResponseTopic::get) } else { Vec::new() },
            error_code: if (2..=7).contains(&v) { r.i16() } else { 0 },
            groups: if v >= 8 { r.array(flex, 5, v, OffsetFetchResponseGroup::get) } else { Vec::new() },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        if v >= 3 {
            w.i32(self.throttle_time_ms);
        }
        if v <= 7 {
            w.array(flex, &self.topics, v, OffsetFetchResponseTopic::put);
        }
        w.require(v <= 7 || self.topics.is_empty(), "Topics");
        if (2..=7).contains(&v) {
            w.i16(self.error_code);
        }
        if v >= 8 {
            w.array(flex, &self.groups, v, OffsetFetchResponseGroup::put);
        }
        w.require(v >= 8 || self.groups.is_empty(), "Groups");
        if flex {
            w.no_tags();
        }
    }
}

impl OffsetFetchResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.topics {
            each.error_codes(visit);
        }
        visit(self.error_code);
        for each in &self.groups {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchResponseTopic {
    pub name: String,
    pub partitions: Vec<OffsetFetchResponsePartition>,
}

impl OffsetFetchResponseTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 6;
        let m = Self {
            name: r.string(flex),
            partitions: r.array(flex, 16, v, OffsetFetchResponsePartition::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.string(flex, &self.name);
        w.array(flex, &self.partitions, v, OffsetFetchResponsePartition::put);
        if flex {
            w.no_tags();
        }
    }
}

impl OffsetFetchResponseTopic {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.partitions {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchResponsePartition {
    pub partition_index: i32,
    pub committed_offset: i64,
    pub committed_leader_epoch: i32,
    pub metadata: Option<String>,
    pub error_code: i16,
}

impl Default for OffsetFetchResponsePartition {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            metadata: Some(String::new()),
            error_code: 0,
        }
    }
}

impl OffsetFetchResponsePartition {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 6;
        let m = Self {
            partition_index: r.i32(),
            committed_offset: r.i64(),
            committed_leader_epoch: if v >= 5 { r.i32() } else { -1 },
            metadata: r.nullable_string(flex, true),
            error_code: r.i16(),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.i32(self.partition_index);
        w.i64(self.committed_offset);
        if v >= 5 {
            w.i32(self.committed_leader_epoch);
        }
        w.nullable_string(flex, true, self.metadata.as_deref());
        w.i16(self.error_code);
        if flex {
            w.no_tags();
        }
    }
}

impl OffsetFetchResponsePartition {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchResponseGroup {
    pub group_id: String,
    pub topics: Vec<OffsetFetchResponseTopics>,
    pub error_code: i16,
}

impl OffsetFetchResponseGroup {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            group_id: r.string(true),
            topics: r.array(true, 3, v, OffsetFetchResponseTopics::get),
            error_code: r.i16(),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.group_id);
        w.array(true, &self.topics, v, OffsetFetchResponseTopics::put);
        w.i16(self.error_code);
        w.no_tags();
    }
}

impl OffsetFetchResponseGroup {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.topics {
            each.error_codes(visit);
        }
        visit(self.error_code);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchResponseTopics {
    pub name: String,
    pub topic_id: Uuid,
    pub partitions: Vec<OffsetFetchResponsePartitions>,
}

impl OffsetFetchResponseTopics {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            name: if v <= 9 { r.string(true) } else { String::new() },
            topic_id: if v >= 10 { r.uuid() } else { Uuid::ZERO },
            partitions: r.array(true, 20, v, OffsetFetchResponsePartitions::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        if v <= 9 {
            w.string(true, &self.name);
        }
        if v >= 10 {
            w.uuid(self.topic_id);
        }
        w.array(true, &self.partitions, v, OffsetFetchResponsePartitions::put);
        w.no_tags();
    }
}

impl OffsetFetchResponseTopics {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.partitions {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchResponsePartitions {
    pub partition_index: i32,
    pub committed_offset: i64,
    pub committed_leader_epoch: i32,
    pub metadata: Option<String>,
    pub error_code: i16,
}

impl Default for OffsetFetchResponsePartitions {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            metadata: Some(String::new()),
            error_code: 0,
        }
    }
}

impl OffsetFetchResponsePartitions {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self {
            partition_index: r.i32(),
            committed_offset: r.i64(),
            committed_leader_epoch: r.i32(),
            metadata: r.nullable_string(true, true),
            error_code: r.i16(),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.partition_index);
        w.i64(self.committed_offset);
        w.i32(self.committed_leader_epoch);
        w.nullable_string(true, true, self.metadata.as_deref());
        w.i16(self.error_code);
        w.no_tags();
    }
}

impl OffsetFetchResponsePartitions {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}
