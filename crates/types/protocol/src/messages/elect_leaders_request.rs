//! `ElectLeadersRequest`: key 43, versions 0 to 2.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ElectLeadersRequest, "ElectLeadersRequest", 43, 0..=2, 2);

#[derive(Clone, Debug, PartialEq)]
pub struct ElectLeadersRequest {
    pub election_type: i8,
    pub topic_partitions: Option<Vec<TopicPartitions>>,
    pub timeout_ms: i32,
}

impl Default for ElectLeadersRequest {
    fn default() -> Self {
        Self { election_type: 0, topic_partitions: Some(Vec::new()), timeout_ms: 60000 }
    }
}

impl ElectLeadersRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self {
            election_type: if v >= 1 { r.i8() } else { 0 },
            topic_partitions: r.nullable_array(flex, true, 3, v, TopicPartitions::get),
            timeout_ms: r.i32(),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        if v >= 1 {
            w.i8(self.election_type);
        }
        w.require(v >= 1 || self.election_type == 0, "ElectionType");
        w.nullable_array(flex, true, self.topic_partitions.as_deref(), v, TopicPartitions::put);
        w.i32(self.timeout_ms);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicPartitions {
    pub topic: String,
    pub partitions: Vec<i32>,
}

impl TopicPartitions {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self { topic: r.string(flex), partitions: r.array(flex, 4, v, |r, _| r.i32()) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.string(flex, &self.topic);
        w.array(flex, &self.partitions, v, |x, w, _| w.i32(*x));
        if flex {
            w.no_tags();
        }
    }
}
