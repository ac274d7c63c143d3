//! `DescribeTopicPartitionsResponse`: key 75, version 0.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(DescribeTopicPartitionsResponse, "DescribeTopicPartitionsResponse", 75, 0..=0, 0, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeTopicPartitionsResponse {
    pub throttle_time_ms: i32,
    pub topics: Vec<DescribeTopicPartitionsResponseTopic>,
    pub next_cursor: Option<Cursor>,
}

impl DescribeTopicPartitionsResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            throttle_time_ms: r.i32(),
            topics: r.array(true, 26, v, DescribeTopicPartitionsResponseTopic::get),
            next_cursor: r.nullable(true, v, Cursor::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.throttle_time_ms);
        w.array(true, &self.topics, v, DescribeTopicPartitionsResponseTopic::put);
        w.nullable(true, self.next_cursor.as_ref(), v, Cursor::put);
        w.no_tags();
    }
}

impl DescribeTopicPartitionsResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.topics {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct DescribeTopicPartitionsResponseTopic {
    pub error_code: i16,
    pub name: Option<String>,
    pub topic_id: Uuid,
    pub is_internal: bool,
    pub partitions: Vec<DescribeTopicPartitionsResponsePartition>,
    pub topic_authorized_operations: i32,
}

impl Default for DescribeTopicPartitionsResponseTopic {
    fn default() -> Self {
        Self {
            error_code: 0,
            name: Some(String::new()),
            topic_id: Uuid::ZERO,
            is_internal: false,
            partitions: Vec::new(),
            topic_authorized_operations: i32::MIN,
        }
    }
}

impl DescribeTopicPartitionsResponseTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            error_code: r.i16(),
            name: r.nullable_string(true, true),
            topic_id: r.uuid(),
            is_internal: r.bool(),
            partitions: r.array(true, 20, v, DescribeTopicPartitionsResponsePartition::get),
            topic_authorized_operations: r.i32(),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i16(self.error_code);
        w.nullable_string(true, true, self.name.as_deref());
        w.uuid(self.topic_id);
        w.bool(self.is_internal);
        w.array(true, &self.partitions, v, DescribeTopicPartitionsResponsePartition::put);
        w.i32(self.topic_authorized_operations);
        w.no_tags();
    }
}

impl DescribeTopicPartitionsResponseTopic {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
        for each in &self.partitions {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct DescribeTopicPartitionsResponsePartition {
    pub error_code: i16,
    pub partition_index: i32,
    pub leader_id: i32,
    pub leader_epoch: i32,
    pub replica_nodes: Vec<i32>,
    pub isr_nodes: Vec<i32>,
    pub eligible_leader_replicas: Option<Vec<i32>>,
    pub last_known_elr: Option<Vec<i32>>,
    pub offline_replicas: Vec<i32>,
}

impl Default for DescribeTopicPartitionsResponsePartition {
    fn default() -> Self {
        Self {
            error_code: 0,
            partition_index: 0,
            leader_id: 0,
            leader_epoch: -1,
            replica_nodes: Vec::new(),
            isr_nodes: Vec::new(),
            eligible_leader_replicas: None,
            last_known_elr: None,
            offline_replicas: Vec::new(),
        }
    }
}

impl DescribeTopicPartitionsResponsePartition {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            error_code: r.i16(),
            partition_index: r.i32(),
            leader_id: r.i32(),
            leader_epoch: r.i32(),
            replica_nodes: r.array(true, 4, v, |r, _| r.i32()),
            isr_nodes: r.array(true, 4, v, |r, _| r.i32()),
            eligible_leader_replicas: r.nullable_array(true, true, 4, v, |r, _| r.i32()),
            last_known_elr: r.nullable_array(true, true, 4, v, |r, _| r.i32()),
            offline_replicas: r.array(true, 4, v, |r, _| r.i32()),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i16(self.error_code);
        w.i32(self.partition_index);
        w.i32(self.leader_id);
        w.i32(self.leader_epoch);
        w.array(true, &self.replica_nodes, v, |x, w, _| w.i32(*x));
        w.array(true, &self.isr_nodes, v, |x, w, _| w.i32(*x));
        w.nullable_array(true, true, self.eligible_leader_replicas.as_deref(), v, |x, w, _| w.i32(*x));
        w.nullable_array(true, true, self.last_known_elr.as_deref(), v, |x, w, _| w.i32(*x));
        w.array(true, &self.offline_replicas, v, |x, w, _| w.i32(*x));
        w.no_tags();
    }
}

impl DescribeTopicPartitionsResponsePartition {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cursor {
    pub topic_name: String,
    pub partition_index: i32,
}

impl Cursor {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { topic_name: r.string(true), partition_index: r.i32() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.topic_name);
        w.i32(self.partition_index);
        w.no_tags();
    }
}
