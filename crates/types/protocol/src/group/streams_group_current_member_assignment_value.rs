//! `StreamsGroupCurrentMemberAssignmentValue`: key 22, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(StreamsGroupCurrentMemberAssignmentValue, "StreamsGroupCurrentMemberAssignmentValue", 22, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamsGroupCurrentMemberAssignmentValue {
    pub member_epoch: i32,
    pub previous_member_epoch: i32,
    pub state: i8,
    pub active_tasks: Vec<TaskIds>,
    pub standby_tasks: Vec<TaskIds>,
    pub warmup_tasks: Vec<TaskIds>,
    pub active_tasks_pending_revocation: Vec<TaskIds>,
    pub standby_tasks_pending_revocation: Vec<TaskIds>,
    pub warmup_tasks_pending_revocation: Vec<TaskIds>,
}

impl StreamsGroupCurrentMemberAssignmentValue {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            member_epoch: r.i32(),
            previous_member_epoch: r.i32(),
            state: r.i8(),
            active_tasks: r.array(true, 3, v, TaskIds::get),
            standby_tasks: r.array(true, 3, v, TaskIds::get),
            warmup_tasks: r.array(true, 3, v, TaskIds::get),
            active_tasks_pending_revocation: r.array(true, 3, v, TaskIds::get),
            standby_tasks_pending_revocation: r.array(true, 3, v, TaskIds::get),
            warmup_tasks_pending_revocation: r.array(true, 3, v, TaskIds::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.member_epoch);
        w.i32(self.previous_member_epoch);
        w.i8(self.state);
        w.array(true, &self.active_tasks, v, TaskIds::put);
        w.array(true, &self.standby_tasks, v, TaskIds::put);
        w.array(true, &self.warmup_tasks, v, TaskIds::put);
        w.array(true, &self.active_tasks_pending_revocation, v, TaskIds::put);
        w.array(true, &self.standby_tasks_pending_revocation, v, TaskIds::put);
        w.array(true, &self.warmup_tasks_pending_revocation, v, TaskIds::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct TaskIds {
    pub subtopology_id: String,
    pub partitions: Vec<i32>,
    pub assignment_epochs: Option<Vec<i32>>,
}

impl Default for TaskIds {
    fn default() -> Self {
        Self { subtopology_id: String::new(), partitions: Vec::new(), assignment_epochs: Some(Vec::new()) }
    }
}

impl TaskIds {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let mut m = Self {
            subtopology_id: r.string(true),
            partitions: r.array(true, 4, v, |r, _| r.i32()),
            assignment_epochs: Some(Vec::new()),
        };
        let mut tags = r.tags();
        while let Some(tag) = tags.next(r) {
            match tag {
                0 => m.assignment_epochs = r.nullable_array(true, true, 4, v, |r, _| r.i32()),
                _ => tags.skip(r),
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.subtopology_id);
        w.array(true, &self.partitions, v, |x, w, _| w.i32(*x));
        let mut tags = w.tags();
        if !self.assignment_epochs.as_ref().is_some_and(Vec::is_empty) {
            tags.open(w, 0);
            w.nullable_array(true, true, self.assignment_epochs.as_deref(), v, |x, w, _| w.i32(*x));
            tags.close(w);
        }
        tags.finish(w);
    }
}
