//! `StreamsGroupHeartbeatRequest`: key 88, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(StreamsGroupHeartbeatRequest, "StreamsGroupHeartbeatRequest", 88, 0..=0, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupHeartbeatRequest {
    pub group_id: String,
    pub member_id: String,
    pub member_epoch: i32,
    pub endpoint_information_epoch: i32,
    pub instance_id: Option<String>,
    pub rack_id: Option<String>,
    pub rebalance_timeout_ms: i32,
    pub topology: Option<Topology>,
    pub active_tasks: Option<Vec<TaskIds>>,
    pub standby_tasks: Option<Vec<TaskIds>>,
    pub warmup_tasks: Option<Vec<TaskIds>>,
    pub process_id: Option<String>,
    pub user_endpoint: Option<Endpoint>,
    pub client_tags: Option<Vec<KeyValue>>,
    pub task_offsets: Option<Vec<TaskOffset>>,
    pub task_end_offsets: Option<Vec<TaskOffset>>,
    pub shutdown_application: bool,
}

impl Default for StreamsGroupHeartbeatRequest {
    fn default() -> Self {
        Self {
            group_id: String::new(),
            member_id: String::new(),
            member_epoch: 0,
            endpoint_information_epoch: 0,
            instance_id: None,
            rack_id: None,
            rebalance_timeout_ms: -1,
            topology: None,
            active_tasks: None,
            standby_tasks: None,
            warmup_tasks: None,
            process_id: None,
            user_endpoint: None,
            client_tags: None,
            task_offsets: None,
            task_end_offsets: None,
            shutdown_application: false,
        }
    }
}

impl StreamsGroupHeartbeatRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            group_id: r.string(true),
            member_id: r.string(true),
            member_epoch: r.i32(),
            endpoint_information_epoch: r.i32(),
            instance_id: r.nullable_string(true, true),
            rack_id: r.nullable_string(true, true),
            rebalance_timeout_ms: r.i32(),
            topology: r.nullable(true, v, Topology::get),
            active_tasks: r.nullable_array(true, true, 3, v, TaskIds::get),
            standby_tasks: r.nullable_array(true, true, 3, v, TaskIds::get),
            warmup_tasks: r.nullable_array(true, true, 3, v, TaskIds::get),
            process_id: r.nullable_string(true, true),
            user_endpoint: r.nullable(true, v, Endpoint::get),
            client_tags: r.nullable_array(true, true, 3, v, KeyValue::get),
            task_offsets: r.nullable_array(true, true, 14, v, TaskOffset::get),
            task_end_offsets: r.nullable_array(true, true, 14, v, TaskOffset::get),
            shutdown_application: r.bool(),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.group_id);
        w.string(true, &self.member_id);
        w.i32(self.member_epoch);
        w.i32(self.endpoint_information_epoch);
        w.nullable_string(true, true, self.instance_id.as_deref());
        w.nullable_string(true, true, self.rack_id.as_deref());
        w.i32(self.rebalance_timeout_ms);
        w.nullable(true, self.topology.as_ref(), v, Topology::put);
        w.nullable_array(true, true, self.active_tasks.as_deref(), v, TaskIds::put);
        w.nullable_array(true, true, self.standby_tasks.as_deref(), v, TaskIds::put);
        w.nullable_array(true, true, self.warmup_tasks.as_deref(), v, TaskIds::put);
        w.nullable_string(true, true, self.process_id.as_deref());
        w.nullable(true, self.user_endpoint.as_ref(), v, Endpoint::put);
        w.nullable_array(true, true, self.client_tags.as_deref(), v, KeyValue::put);
        w.nullable_array(true, true, self.task_offsets.as_deref(), v, TaskOffset::put);
        w.nullable_array(true, true, self.task_end_offsets.as_deref(), v, TaskOffset::put);
        w.bool(self.shutdown_application);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Topology {
    pub epoch: i32,
    pub subtopologies: Vec<Subtopology>,
}

impl Topology {
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
pub struct KeyValue {
    pub key: String,
    pub value: String,
}

impl KeyValue {
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
    pub topic_configs: Vec<KeyValue>,
}

impl TopicInfo {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            name: r.string(true),
            partitions: r.i32(),
            replication_factor: r.i16(),
            topic_configs: r.array(true, 3, v, KeyValue::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.name);
        w.i32(self.partitions);
        w.i16(self.replication_factor);
        w.array(true, &self.topic_configs, v, KeyValue::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Endpoint {
    pub host: String,
    pub port: u16,
}

impl Endpoint {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { host: r.string(true), port: r.u16() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.host);
        w.u16(self.port);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskOffset {
    pub subtopology_id: String,
    pub partition: i32,
    pub offset: i64,
}

impl TaskOffset {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { subtopology_id: r.string(true), partition: r.i32(), offset: r.i64() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.subtopology_id);
        w.i32(self.partition);
        w.i64(self.offset);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskIds {
    pub subtopology_id: String,
    pub partitions: Vec<i32>,
}

impl TaskIds {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { subtopology_id: r.string(true), partitions: r.array(true, 4, v, |r, _| r.i32()) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.subtopology_id);
        w.array(true, &self.partitions, v, |x, w, _| w.i32(*x));
        w.no_tags();
    }
}
