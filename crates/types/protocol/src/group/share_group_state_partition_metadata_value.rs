//! `ShareGroupStatePartitionMetadataValue`: key 15, version 0.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(ShareGroupStatePartitionMetadataValue, "ShareGroupStatePartitionMetadataValue", 15, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShareGroupStatePartitionMetadataValue {
    pub initializing_topics: Vec<TopicPartitionsInfo>,
    pub initialized_topics: Vec<TopicPartitionsInfo>,
    pub deleting_topics: Vec<TopicInfo>,
}

impl ShareGroupStatePartitionMetadataValue {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            initializing_topics: r.array(true, 19, v, TopicPartitionsInfo::get),
            initialized_topics: r.array(true, 19, v, TopicPartitionsInfo::get),
            deleting_topics: r.array(true, 18, v, TopicInfo::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.initializing_topics, v, TopicPartitionsInfo::put);
        w.array(true, &self.initialized_topics, v, TopicPartitionsInfo::put);
        w.array(true, &self.deleting_topics, v, TopicInfo::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicPartitionsInfo {
    pub topic_id: Uuid,
    pub topic_name: String,
    pub partitions: Vec<i32>,
}

impl TopicPartitionsInfo {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            topic_id: r.uuid(),
            topic_name: r.string(true),
            partitions: r.array(true, 4, v, |r, _| r.i32()),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.uuid(self.topic_id);
        w.string(true, &self.topic_name);
        w.array(true, &self.partitions, v, |x, w, _| w.i32(*x));
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicInfo {
    pub topic_id: Uuid,
    pub topic_name: String,
}

impl TopicInfo {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { topic_id: r.uuid(), topic_name: r.string(true) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.uuid(self.topic_id);
        w.string(true, &self.topic_name);
        w.no_tags();
    }
}
