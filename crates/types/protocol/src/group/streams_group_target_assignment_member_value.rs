//! `StreamsGroupTargetAssignmentMemberValue`: key 21, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(StreamsGroupTargetAssignmentMemberValue, "StreamsGroupTargetAssignmentMemberValue", 21, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamsGroupTargetAssignmentMemberValue {
    pub active_tasks: Vec<TaskIds>,
    pub standby_tasks: Vec<TaskIds>,
    pub warmup_tasks: Vec<TaskIds>,
}

impl StreamsGroupTargetAssignmentMemberValue {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            active_tasks: r.array(true, 3, v, TaskIds::get),
            standby_tasks: r.array(true, 3, v, TaskIds::get),
            warmup_tasks: r.array(true, 3, v, TaskIds::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.active_tasks, v, TaskIds::put);
        w.array(true, &self.standby_tasks, v, TaskIds::put);
        w.array(true, &self.warmup_tasks, v, TaskIds::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskIds {
    pub subtopology_id: String,
    pub partitions: Vec<i32>,
}

impl TaskIds {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { subtopology_id: r.string(true), partitions: r.array(true, 4, v, |r, _| r.i32()) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.subtopology_id);
        w.array(true, &self.partitions, v, |x, w, _| w.i32(*x));
        w.no_tags();
    }
}
