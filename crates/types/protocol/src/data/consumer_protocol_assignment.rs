//! `ConsumerProtocolAssignment`: versions 0 to 3.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ConsumerProtocolAssignment, "ConsumerProtocolAssignment", -1, 0..=3, i16::MAX);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerProtocolAssignment {
    pub assigned_partitions: Vec<TopicPartition>,
    pub user_data: Option<Vec<u8>>,
}

impl ConsumerProtocolAssignment {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        Self {
            assigned_partitions: r.array(false, 6, v, TopicPartition::get),
            user_data: r.nullable_bytes(false, true),
        }
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.array(false, &self.assigned_partitions, v, TopicPartition::put);
        w.nullable_bytes(false, true, self.user_data.as_deref());
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicPartition {
    pub topic: String,
    pub partitions: Vec<i32>,
}

impl TopicPartition {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        Self { topic: r.string(false), partitions: r.array(false, 4, v, |r, _| r.i32()) }
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(false, &self.topic);
        w.array(false, &self.partitions, v, |x, w, _| w.i32(*x));
    }
}
