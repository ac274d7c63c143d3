//! `StreamsGroupDescribeResponse`: key 89, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(StreamsGroupDescribeResponse, "StreamsGroupDescribeResponse", 89, 0..=0, 0, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamsGroupDescribeResponse {
    pub throttle_time_ms: i32,
    pub groups: Vec<DescribedGroup>,
}

impl StreamsGroupDescribeResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { throttle_time_ms: r.i32(), groups: r.array(true, 20, v, DescribedGroup::get) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.throttle_time_ms);
        w.array(true, &self.groups, v, DescribedGroup::put);
        w.no_tags();
    }
}

impl StreamsGroupDescribeResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.groups {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct DescribedGroup {
    pub error_code: i16,
    pub error_message: Option<String>,
    pub group_id: String,
    pub group_state: String,
    pub group_epoch: i32,
    pub assignment_epoch: i32,
    pub topology: Option<Topology>,
    pub members: Vec<Member>,
    pub authorized_operations: i32,
}

impl Default for DescribedGroup {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: None,
            group_id: String::new(),
            group_state: String::new(),
            group_epoch: 0,
            assignment_epoch: 0,
            topology: None,
            members: Vec::new(),
            authorized_operations: i32::MIN,
        }
    }
}

impl DescribedGroup {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            error_code: r.i16(),
            error_message: r.nullable_string(true, true),
            group_id: r.string(true),
            group_state: r.string(true),
            group_epoch: r.i32(),
            assignment_epoch: r.i32(),
            topology: r.nullable(true, v, Topology::get),
            members: r.array(true, 28, v, Member::get),
            authorized_operations: r.i32(),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i16(self.error_code);
        w.nullable_string(true, true, self.error_message.as_deref());
        w.string(true, &self.group_id);
        w.string(true, &self.group_state);
        w.i32(self.group_epoch);
        w.i32(self.assignment_epoch);
        w.nullable(true, self.topology.as_ref(), v, Topology::put);
        w.array(true, &self.members, v, Member::put);
        w.i32(self.authorized_operations);
        w.no_tags();
    }
}

impl DescribedGroup {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Topology {
    pub epoch: i32,
    pub subtopologies: Option<Vec<Subtopology>>,
}

impl Topology {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { epoch: r.i32(), subtopologies: r.nullable_array(true, true, 6, v, Subtopology::get) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.epoch);
        w.nullable_array(true, true, self.subtopologies.as_deref(), v, Subtopology::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subtopology {
    pub subtopology_id: String,
    pub source_topics: Vec<String>,
    pub repartition_sink_topics: Vec<String>,
    pub state_changelog_topics: Vec<TopicInfo>,
    pub repartition_source_topics: Vec<TopicInfo>,
}

impl Subtopology {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            subtopology_id: r.string(true),
            source_topics: r.array(true, 1, v, |r, _| r.string(true)),
            repartition_sink_topics: r.array(true, 1, v, |r, _| r.string(true)),
            state_changelog_topics: r.array(true, 9, v, TopicInfo::get),
            repartition_source_topics: r.array(true, 9, v, TopicInfo::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.subtopology_id);
        w.array(true, &self.source_topics, v, |x, w, _| w.string(true, x));
        w.array(true, &self.repartition_sink_topics, v, |x, w, _| w.string(true, x));
        w.array(true, &self.state_changelog_topics, v, TopicInfo::put);
        w.array(true, &self.repartition_source_topics, v, TopicInfo::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Member {
    pub member_id: String,
    pub member_epoch: i32,
    pub instance_id: Option<String>,
    pub rack_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub topology_epoch: i32,
    pub process_id: String,
    pub user_endpoint: Option<Endpoint>,
    pub client_tags: Vec<KeyValue>,
    pub task_offsets: Vec<TaskOffset>,
    pub task_end_offsets: Vec<TaskOffset>,
    pub assignment: Assignment,
    pub target_assignment: Assignment,
    pub is_classic: bool,
}

impl Member {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            member_id: r.string(true),
            member_epoch: r.i32(),
            instance_id: r.nullable_string(true, true),
            rack_id: r.nullable_string(true, true),
            client_id: r.string(true),
            client_host: r.string(true),
            topology_epoch: r.i32(),
            process_id: r.string(true),
            user_endpoint: r.nullable(true, v, Endpoint::get),
            client_tags: r.array(true, 3, v, KeyValue::get),
            task_offsets: r.array(true, 14, v, TaskOffset::get),
            task_end_offsets: r.array(true, 14, v, TaskOffset::get),
            assignment: Assignment::get(r, v),
            target_assignment: Assignment::get(r, v),
            is_classic: r.bool(),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.member_id);
        w.i32(self.member_epoch);
        w.nullable_string(true, true, self.instance_id.as_deref());
        w.nullable_string(true, true, self.rack_id.as_deref());
        w.string(true, &self.client_id);
        w.string(true, &self.client_host);
        w.i32(self.topology_epoch);
        w.string(true, &self.process_id);
        w.nullable(true, self.user_endpoint.as_ref(), v, Endpoint::put);
        w.array(true, &self.client_tags, v, KeyValue::put);
        w.array(true, &self.task_offsets, v, TaskOffset::put);
        w.array(true, &self.task_end_offsets, v, TaskOffset::put);
        self.assignment.put(w, v);
        self.target_assignment.put(w, v);
        w.bool(self.is_classic);
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
pub struct Assignment {
    pub active_tasks: Vec<TaskIds>,
    pub standby_tasks: Vec<TaskIds>,
    pub warmup_tasks: Vec<TaskIds>,
}

impl Assignment {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            active_tasks: r.array(true, 3, v, TaskIds::get),
            standby_tasks: r.array(true, 3, v, TaskIds::get),
            warmup_tasks: r.array(true, 3, v, TaskIds::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.active_tasks, v, TaskIds::put);
        w.array(true, &self.standby_tasks, v, TaskIds::put);
        w.array(true, &self.warmup_tasks, v, TaskIds::put);
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
