//! `AlterPartitionResponse`: key 56, versions 2 to 3.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(AlterPartitionResponse, "AlterPartitionResponse", 56, 2..=3, 0, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterPartitionResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub topics: Vec<TopicData>,
}

impl AlterPartitionResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            throttle_time_ms: r.i32(),
            error_code: r.i16(),
            topics: r.array(true, 18, v, TopicData::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.throttle_time_ms);
        w.i16(self.error_code);
        w.array(true, &self.topics, v, TopicData::put);
        w.no_tags();
    }
}

impl AlterPartitionResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
        for each in &self.topics {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicData {
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionData>,
}

impl TopicData {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { topic_id: r.uuid(), partitions: r.array(true, 21, v, PartitionData::get) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.uuid(self.topic_id);
        w.array(true, &self.partitions, v, PartitionData::put);
        w.no_tags();
    }
}

impl TopicData {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.partitions {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionData {
    pub partition_index: i32,
    pub error_code: i16,
    pub leader_id: i32,
    pub leader_epoch: i32,
    pub isr: Vec<i32>,
    pub leader_recovery_state: i8,
    pub partition_epoch: i32,
}

impl PartitionData {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            partition_index: r.i32(),
            error_code: r.i16(),
            leader_id: r.i32(),
            leader_epoch: r.i32(),
            isr: r.array(true, 4, v, |r, _| r.i32()),
            leader_recovery_state: r.i8(),
            partition_epoch: r.i32(),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.partition_index);
        w.i16(self.error_code);
        w.i32(self.leader_id);
        w.i32(self.leader_epoch);
        w.array(true, &self.isr, v, |x, w, _| w.i32(*x));
        w.i8(self.leader_recovery_state);
        w.i32(self.partition_epoch);
        w.no_tags();
    }
}

impl PartitionData {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}
