//! `ListPartitionReassignmentsResponse`: key 46, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ListPartitionReassignmentsResponse, "ListPartitionReassignmentsResponse", 46, 0..=0, 0, error_codes);

#[derive(Clone, Debug, PartialEq)]
pub struct ListPartitionReassignmentsResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub error_message: Option<String>,
    pub topics: Vec<OngoingTopicReassignment>,
}

impl Default for ListPartitionReassignmentsResponse {
    fn default() -> Self {
        Self { throttle_time_ms: 0, error_code: 0, error_message: Some(String::new()), topics: Vec::new() }
    }
}

impl ListPartitionReassignmentsResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            throttle_time_ms: r.i32(),
            error_code: r.i16(),
            error_message: r.nullable_string(true, true),
            topics: r.array(true, 3, v, OngoingTopicReassignment::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.throttle_time_ms);
        w.i16(self.error_code);
        w.nullable_string(true, true, self.error_message.as_deref());
        w.array(true, &self.topics, v, OngoingTopicReassignment::put);
        w.no_tags();
    }
}

impl ListPartitionReassignmentsResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OngoingTopicReassignment {
    pub name: String,
    pub partitions: Vec<OngoingPartitionReassignment>,
}

impl OngoingTopicReassignment {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m =
            Self { name: r.string(true), partitions: r.array(true, 8, v, OngoingPartitionReassignment::get) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.name);
        w.array(true, &self.partitions, v, OngoingPartitionReassignment::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OngoingPartitionReassignment {
    pub partition_index: i32,
    pub replicas: Vec<i32>,
    pub adding_replicas: Vec<i32>,
    pub removing_replicas: Vec<i32>,
}

impl OngoingPartitionReassignment {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            partition_index: r.i32(),
            replicas: r.array(true, 4, v, |r, _| r.i32()),
            adding_replicas: r.array(true, 4, v, |r, _| r.i32()),
            removing_replicas: r.array(true, 4, v, |r, _| r.i32()),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.partition_index);
        w.array(true, &self.replicas, v, |x, w, _| w.i32(*x));
        w.array(true, &self.adding_replicas, v, |x, w, _| w.i32(*x));
        w.array(true, &self.removing_replicas, v, |x, w, _| w.i32(*x));
        w.no_tags();
    }
}
