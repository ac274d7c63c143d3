//! `ConsumerGroupCurrentMemberAssignmentValue`: key 8, version 0.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(ConsumerGroupCurrentMemberAssignmentValue, "ConsumerGroupCurrentMemberAssignmentValue", 8, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerGroupCurrentMemberAssignmentValue {
    pub member_epoch: i32,
    pub previous_member_epoch: i32,
    pub state: i8,
    pub assigned_partitions: Vec<TopicPartitions>,
    pub partitions_pending_revocation: Vec<TopicPartitions>,
}

impl ConsumerGroupCurrentMemberAssignmentValue {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            member_epoch: r.i32(),
            previous_member_epoch: r.i32(),
            state: r.i8(),
            assigned_partitions: r.array(true, 18, v, TopicPartitions::get),
            partitions_pending_revocation: r.array(true, 18, v, TopicPartitions::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.member_epoch);
        w.i32(self.previous_member_epoch);
        w.i8(self.state);
        w.array(true, &self.assigned_partitions, v, TopicPartitions::put);
        w.array(true, &self.partitions_pending_revocation, v, TopicPartitions::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct TopicPartitions {
    pub topic_id: Uuid,
    pub partitions: Vec<i32>,
    pub assignment_epochs: Option<Vec<i32>>,
}

impl Default for TopicPartitions {
    fn default() -> Self {
        Self { topic_id: Uuid::ZERO, partitions: Vec::new(), assignment_epochs: Some(Vec::new()) }
    }
}

impl TopicPartitions {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let mut m = Self {
            topic_id: r.uuid(),
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
        w.uuid(self.topic_id);
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
