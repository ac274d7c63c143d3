//! `OffsetDeleteRequest`: key 47, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(OffsetDeleteRequest, "OffsetDeleteRequest", 47, 0..=0, i16::MAX);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetDeleteRequest {
    pub group_id: String,
    pub topics: Vec<OffsetDeleteRequestTopic>,
}

impl OffsetDeleteRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        Self { group_id: r.string(false), topics: r.array(false, 6, v, OffsetDeleteRequestTopic::get) }
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(false, &self.group_id);
        w.array(false, &self.topics, v, OffsetDeleteRequestTopic::put);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetDeleteRequestTopic {
    pub name: String,
    pub partitions: Vec<OffsetDeleteRequestPartition>,
}

impl OffsetDeleteRequestTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        Self { name: r.string(false), partitions: r.array(false, 4, v, OffsetDeleteRequestPartition::get) }
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(false, &self.name);
        w.array(false, &self.partitions, v, OffsetDeleteRequestPartition::put);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetDeleteRequestPartition {
    pub partition_index: i32,
}

impl OffsetDeleteRequestPartition {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        Self { partition_index: r.i32() }
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.partition_index);
    }
}
