//! `ConsumerProtocolSubscription`: versions 0 to 3.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ConsumerProtocolSubscription, "ConsumerProtocolSubscription", -1, 0..=3, i16::MAX);

#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerProtocolSubscription {
    pub topics: Vec<String>,
    pub user_data: Option<Vec<u8>>,
    pub owned_partitions: Vec<TopicPartition>,
    pub generation_id: i32,
    pub rack_id: Option<String>,
}

impl Default for ConsumerProtocolSubscription {
    fn default() -> Self {
        Self {
            topics: Vec::new(),
            user_data: None,
            owned_partitions: Vec::new(),
            generation_id: -1,
            rack_id: None,
        }
    }
}

impl ConsumerProtocolSubscription {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        Self {
            topics: r.array(false, 2, v, |r, _| r.string(false)),
            user_data: r.nullable_bytes(false, true),
            owned_partitions: if v >= 1 { r.array(false, 6, v, TopicPartition::get) } else { Vec::new() },
            generation_id: if v >= 2 { r.i32() } else { -1 },
            rack_id: if v >= 3 { r.nullable_string(false, true) } else { None },
        }
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.array(false, &self.topics, v, |x, w, _| w.string(false, x));
        w.nullable_bytes(false, true, self.user_data.as_deref());
        if v >= 1 {
            w.array(false, &self.owned_partitions, v, TopicPartition::put);
        }
        if v >= 2 {
            w.i32(self.generation_id);
        }
        if v >= 3 {
            w.nullable_string(false, true, self.rack_id.as_deref());
        }
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
