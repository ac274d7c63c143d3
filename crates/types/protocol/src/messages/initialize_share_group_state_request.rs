//! `InitializeShareGroupStateRequest`: key 83, version 0.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(InitializeShareGroupStateRequest, "InitializeShareGroupStateRequest", 83, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct InitializeShareGroupStateRequest {
    pub group_id: String,
    pub topics: Vec<InitializeStateData>,
}

impl InitializeShareGroupStateRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { group_id: r.string(true), topics: r.array(true, 18, v, InitializeStateData::get) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.group_id);
        w.array(true, &self.topics, v, InitializeStateData::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct InitializeStateData {
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionData>,
}

impl InitializeStateData {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { topic_id: r.uuid(), partitions: r.array(true, 17, v, PartitionData::get) };
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
    pub partition: i32,
    pub state_epoch: i32,
    pub start_offset: i64,
}

impl PartitionData {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { partition: r.i32(), state_epoch: r.i32(), start_offset: r.i64() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.partition);
        w.i32(self.state_epoch);
        w.i64(self.start_offset);
        w.no_tags();
    }
}
