//! `DescribeShareGroupOffsetsRequest`: key 90, versions 0 to 1.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(DescribeShareGroupOffsetsRequest, "DescribeShareGroupOffsetsRequest", 90, 0..=1, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeShareGroupOffsetsRequest {
    pub groups: Vec<DescribeShareGroupOffsetsRequestGroup>,
}

impl DescribeShareGroupOffsetsRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { groups: r.array(true, 3, v, DescribeShareGroupOffsetsRequestGroup::get) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.groups, v, DescribeShareGroupOffsetsRequestGroup::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct DescribeShareGroupOffsetsRequestGroup {
    pub group_id: String,
    pub topics: Option<Vec<DescribeShareGroupOffsetsRequestTopic>>,
}

impl Default for DescribeShareGroupOffsetsRequestGroup {
    fn default() -> Self {
        Self { group_id: String::new(), topics: Some(Vec::new()) }
    }
}

impl DescribeShareGroupOffsetsRequestGroup {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            group_id: r.string(true),
            topics: r.nullable_array(true, true, 3, v, DescribeShareGroupOffsetsRequestTopic::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.group_id);
        w.nullable_array(true, true, self.topics.as_deref(), v, DescribeShareGroupOffsetsRequestTopic::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeShareGroupOffsetsRequestTopic {
    pub topic_name: String,
    pub partitions: Vec<i32>,
}

impl DescribeShareGroupOffsetsRequestTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { topic_name: r.string(true), partitions: r.array(true, 4, v, |r, _| r.i32()) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.topic_name);
        w.array(true, &self.partitions, v, |x, w, _| w.i32(*x));
        w.no_tags();
    }
}
