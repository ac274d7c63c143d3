//! `ListPartitionReassignmentsRequest`: key 46, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ListPartitionReassignmentsRequest, "ListPartitionReassignmentsRequest", 46, 0..=0, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct ListPartitionReassignmentsRequest {
    pub timeout_ms: i32,
    pub topics: Option<Vec<ListPartitionReassignmentsTopics>>,
}

impl Default for ListPartitionReassignmentsRequest {
    fn default() -> Self {
        Self { timeout_ms: 60000, topics: None }
    }
}

impl ListPartitionReassignmentsRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            timeout_ms: r.i32(),
            topics: r.nullable_array(true, true, 3, v, ListPartitionReassignmentsTopics::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.timeout_ms);
        w.nullable_array(true, true, self.topics.as_deref(), v, ListPartitionReassignmentsTopics::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListPartitionReassignmentsTopics {
    pub name: String,
    pub partition_indexes: Vec<i32>,
}

impl ListPartitionReassignmentsTopics {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { name: r.string(true), partition_indexes: r.array(true, 4, v, |r, _| r.i32()) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.name);
        w.array(true, &self.partition_indexes, v, |x, w, _| w.i32(*x));
        w.no_tags();
    }
}
