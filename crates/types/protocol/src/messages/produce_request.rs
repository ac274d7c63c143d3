//! `ProduceRequest`: key 0, versions 3 to 13.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Records, Writer, message};

message!(ProduceRequest, "ProduceRequest", 0, 3..=13, 9);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProduceRequest {
    pub transactional_id: Option<String>,
    pub acks: i16,
    pub timeout_ms: i32,
    pub topic_data: Vec<TopicProduceData>,
}

impl ProduceRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 9;
        let m = Self {
            transactional_id: r.nullable_string(flex, true),
            acks: r.i16(),
            timeout_ms: r.i32(),
            topic_data: r.array(flex, 3, v, TopicProduceData::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        w.nullable_string(flex, true, self.transactional_id.as_deref());
        w.i16(self.acks);
        w.i32(self.timeout_ms);
        w.array(flex, &self.topic_data, v, TopicProduceData::put);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicProduceData {
    pub name: String,
    pub topic_id: Uuid,
    pub partition_data: Vec<PartitionProduceData>,
}

impl TopicProduceData {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 9;
        let m = Self {
            name: if v <= 12 { r.string(flex) } else { String::new() },
            topic_id: if v >= 13 { r.uuid() } else { Uuid::ZERO },
            partition_data: r.array(flex, 6, v, PartitionProduceData::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        if v <= 12 {
            w.string(flex, &self.name);
        }
        if v >= 13 {
            w.uuid(self.topic_id);
        }
        w.array(flex, &self.partition_data, v, PartitionProduceData::put);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionProduceData {
    pub index: i32,
    pub records: Records,
}

impl PartitionProduceData {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 9;
        let m = Self { index: r.i32(), records: r.records(flex, true) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        w.i32(self.index);
        w.records(flex, true, &self.records);
        if flex {
            w.no_tags();
        }
    }
}
