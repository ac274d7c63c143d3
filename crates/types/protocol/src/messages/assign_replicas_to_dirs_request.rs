//! `AssignReplicasToDirsRequest`: key 73, version 0.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(AssignReplicasToDirsRequest, "AssignReplicasToDirsRequest", 73, 0..=0, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct AssignReplicasToDirsRequest {
    pub broker_id: i32,
    pub broker_epoch: i64,
    pub directories: Vec<DirectoryData>,
}

impl Default for AssignReplicasToDirsRequest {
    fn default() -> Self {
        Self { broker_id: 0, broker_epoch: -1, directories: Vec::new() }
    }
}

impl AssignReplicasToDirsRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            broker_id: r.i32(),
            broker_epoch: r.i64(),
            directories: r.array(true, 18, v, DirectoryData::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.broker_id);
        w.i64(self.broker_epoch);
        w.array(true, &self.directories, v, DirectoryData::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DirectoryData {
    pub id: Uuid,
    pub topics: Vec<TopicData>,
}

impl DirectoryData {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { id: r.uuid(), topics: r.array(true, 18, v, TopicData::get) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.uuid(self.id);
        w.array(true, &self.topics, v, TopicData::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicData {
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionData>,
}

impl TopicData {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { topic_id: r.uuid(), partitions: r.array(true, 5, v, PartitionData::get) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.uuid(self.topic_id);
        w.array(true, &self.partitions, v, PartitionData::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionData {
    pub partition_index: i32,
}

impl PartitionData {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { partition_index: r.i32() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.partition_index);
        w.no_tags();
    }
}
