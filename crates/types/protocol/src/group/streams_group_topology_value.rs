//! `StreamsGroupTopologyValue`: key 23, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(StreamsGroupTopologyValue, "StreamsGroupTopologyValue", 23, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamsGroupTopologyValue {
    pub epoch: i32,
    pub subtopologies: Vec<Subtopology>,
}

impl StreamsGroupTopologyValue {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { epoch: r.i32(), subtopologies: r.array(true, 8, v, Subtopology::get) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.epoch);
        w.array(true, &self.subtopologies, v, Subtopology::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subtopology {
    pub subtopology_id: String,
    pub source_topics: Vec<String>,
    pub source_topic_regex: Vec<String>,
    pub state_changelog_topics: Vec<TopicInfo>,
    pub repartition_sink_topics: Vec<String>,
    pub repartition_source_topics: Vec<TopicInfo>,
    pub copartition_groups: Vec<CopartitionGroup>,
}

impl Subtopology {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            subtopology_id: r.string(true),
            source_topics: r.array(true, 1, v, |r, _| r.string(true)),
            source_topic_regex: r.array(true, 1, v, |r, _| r.string(true)),
            state_changelog_topics: r.array(true, 9, v, TopicInfo::get),
            repartition_sink_topics: r.array(true, 1, v, |r, _| r.string(true)),
            repartition_source_topics: r.array(true, 9, v, TopicInfo::get),
            copartition_groups: r.array(true, 4, v, CopartitionGroup::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.subtopology_id);
        w.array(true, &self.source_topics, v, |x, w, _| w.string(true, x));
        w.array(true, &self.source_topic_regex, v, |x, w, _| w.string(true, x));
        w.array(true, &self.state_changelog_topics, v, TopicInfo::put);
        w.array(true, &self.repartition_sink_topics, v, |x, w, _| w.string(true, x));
        w.array(true, &self.repartition_source_topics, v, TopicInfo::put);
        w.array(true, &self.copartition_groups, v, CopartitionGroup::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CopartitionGroup {
    pub source_topics: Vec<i16>,
    pub source_topic_regex: Vec<i16>,
    pub repartition_source_topics: Vec<i16>,
}

impl CopartitionGroup {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            source_topics: r.array(true, 2, v, |r, _| r.i16()),
            source_topic_regex: r.array(true, 2, v, |r, _| r.i16()),
            repartition_source_topics: r.array(true, 2, v, |r, _| r.i16()),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.source_topics, v, |x, w, _| w.i16(*x));
        w.array(true, &self.source_topic_regex, v, |x, w, _| w.i16(*x));
        w.array(true, &self.repartition_source_topics, v, |x, w, _| w.i16(*x));
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicConfig {
    pub key: String,
    pub value: String,
}

impl TopicConfig {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { key: r.string(true), value: r.string(true) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.key);
        w.string(true, &self.value);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicInfo {
    pub name: String,
    pub partitions: i32,
    pub replication_factor: i16,
    pub topic_configs: Vec<TopicConfig>,
}

impl TopicInfo {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            name: r.string(true),
            partitions: r.i32(),
            replication_factor: r.i16(),
            topic_configs: r.array(true, 3, v, TopicConfig::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.name);
        w.i32(self.partitions);
        w.i16(self.replication_factor);
        w.array(true, &self.topic_configs, v, TopicConfig::put);
        w.no_tags();
    }
}
