//! `ConsumerGroupPartitionMetadataValue`: key 4, version 0.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(ConsumerGroupPartitionMetadataValue, "ConsumerGroupPartitionMetadataValue", 4, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerGroupPartitionMetadataValue {
    pub topics: Vec<TopicMetadata>,
}

impl ConsumerGroupPartitionMetadataValue {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { topics: r.array(true, 23, v, TopicMetadata::get) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.topics, v, TopicMetadata::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicMetadata {
    pub topic_id: Uuid,
    pub topic_name: String,
    pub num_partitions: i32,
    pub partition_metadata: Vec<PartitionMetadata>,
}

impl TopicMetadata {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            topic_id: r.uuid(),
            topic_name: r.string(true),
            num_partitions: r.i32(),
            partition_metadata: r.array(true, 6, v, PartitionMetadata::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.uuid(self.topic_id);
        w.string(true, &self.topic_name);
        w.i32(self.num_partitions);
        w.array(true, &self.partition_metadata, v, PartitionMetadata::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionMetadata {
    pub partition: i32,
    pub racks: Vec<String>,
}

impl PartitionMetadata {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { partition: r.i32(), racks: r.array(true, 1, v, |r, _| r.string(true)) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.partition);
        w.array(true, &self.racks, v, |x, w, _| w.string(true, x));
        w.no_tags();
    }
}
