//! `MetadataResponse`: key 3, versions 0 to 13.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(MetadataResponse, "MetadataResponse", 3, 0..=13, 9, error_codes);

#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponse {
    pub throttle_time_ms: i32,
    pub brokers: Vec<MetadataResponseBroker>,
    pub cluster_id: Option<String>,
    pub controller_id: i32,
    pub topics: Vec<MetadataResponseTopic>,
    pub cluster_authorized_operations: i32,
    pub error_code: i16,
}

impl Default for MetadataResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            brokers: Vec::new(),
            cluster_id: None,
            controller_id: -1,
            topics: Vec::new(),
            cluster_authorized_operations: i32::MIN,
            error_code: 0,
        }
    }
}

impl MetadataResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 9;
        let m = Self {
            throttle_time_ms: if v >= 3 { r.i32() } else { 0 },
            brokers: r.array(flex, 10, v, MetadataResponseBroker::get),
            cluster_id: if v >= 2 { r.nullable_string(flex, true) } else { None },
            controller_id: if v >= 1 { r.i32() } else { -1 },
            topics: r.array(flex, 8, v, MetadataResponseTopic::get),
            cluster_authorized_operations: if (8..=10).contains(&v) { r.i32() } else { i32::MIN },
            error_code: if v >= 13 { r.i16() } else { 0 },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        if v >= 3 {
            w.i32(self.throttle_time_ms);
        }
        w.array(flex, &self.brokers, v, MetadataResponseBroker::put);
        if v >= 2 {
            w.nullable_string(flex, true, self.cluster_id.as_deref());
        }
        if v >= 1 {
            w.i32(self.controller_id);
        }
        w.array(flex, &self.topics, v, MetadataResponseTopic::put);
        if (8..=10).contains(&v) {
            w.i32(self.cluster_authorized_operations);
        }
        w.require(
            (8..=10).contains(&v) || self.cluster_authorized_operations == i32::MIN,
            "ClusterAuthorizedOperations",
        );
        if v >= 13 {
            w.i16(self.error_code);
        }
        if flex {
            w.no_tags();
        }
    }
}

impl MetadataResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.topics {
            each.error_codes(visit);
        }
        visit(self.error_code);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetadataResponseBroker {
    pub node_id: i32,
    pub host: String,
    pub port: i32,
    pub rack: Option<String>,
}

impl MetadataResponseBroker {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 9;
        let m = Self {
            node_id: r.i32(),
            host: r.string(flex),
            port: r.i32(),
            rack: if v >= 1 { r.nullable_string(flex, true) } else { None },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        w.i32(self.node_id);
        w.string(flex, &self.host);
        w.i32(self.port);
        if v >= 1 {
            w.nullable_string(flex, true, self.rack.as_deref());
        }
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponseTopic {
    pub error_code: i16,
    pub name: Option<String>,
    pub topic_id: Uuid,
    pub is_internal: bool,
    pub partitions: Vec<MetadataResponsePartition>,
    pub topic_authorized_operations: i32,
}

impl Default for MetadataResponseTopic {
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

impl MetadataResponseTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 9;
        let m = Self {
            error_code: r.i16(),
            name: r.nullable_string(flex, v >= 12),
            topic_id: if v >= 10 { r.uuid() } else { Uuid::ZERO },
            is_internal: if v >= 1 { r.bool() } else { false },
            partitions: r.array(flex, 18, v, MetadataResponsePartition::get),
            topic_authorized_operations: if v >= 8 { r.i32() } else { i32::MIN },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        w.i16(self.error_code);
        w.nullable_string(flex, v >= 12, self.name.as_deref());
        if v >= 10 {
            w.uuid(self.topic_id);
        }
        if v >= 1 {
            w.bool(self.is_internal);
        }
        w.array(flex, &self.partitions, v, MetadataResponsePartition::put);
        if v >= 8 {
            w.i32(self.topic_authorized_operations);
        }
        w.require(v >= 8 || self.topic_authorized_operations == i32::MIN, "TopicAuthorizedOperations");
        if flex {
            w.no_tags();
        }
    }
}

impl MetadataResponseTopic {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
        for each in &self.partitions {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponsePartition {
    pub error_code: i16,
    pub partition_index: i32,
    pub leader_id: i32,
    pub leader_epoch: i32,
    pub replica_nodes: Vec<i32>,
    pub isr_nodes: Vec<i32>,
    pub offline_replicas: Vec<i32>,
}

impl Default for MetadataResponsePartition {
    fn default() -> Self {
        Self {
            error_code: 0,
            partition_index: 0,
            leader_id: 0,
            leader_epoch: -1,
            replica_nodes: Vec::new(),
            isr_nodes: Vec::new(),
            offline_replicas: Vec::new(),
        }
    }
}

impl MetadataResponsePartition {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 9;
        let m = Self {
            error_code: r.i16(),
            partition_index: r.i32(),
            leader_id: r.i32(),
            leader_epoch: if v >= 7 { r.i32() } else { -1 },
            replica_nodes: r.array(flex, 4, v, |r, _| r.i32()),
            isr_nodes: r.array(flex, 4, v, |r, _| r.i32()),
            offline_replicas: if v >= 5 { r.array(flex, 4, v, |r, _| r.i32()) } else { Vec::new() },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        w.i16(self.error_code);
        w.i32(self.partition_index);
        w.i32(self.leader_id);
        if v >= 7 {
            w.i32(self.leader_epoch);
        }
        w.array(flex, &self.replica_nodes, v, |x, w, _| w.i32(*x));
        w.array(flex, &self.isr_nodes, v, |x, w, _| w.i32(*x));
        if v >= 5 {
            w.array(flex, &self.offline_replicas, v, |x, w, _| w.i32(*x));
        }
        if flex {
            w.no_tags();
        }
    }
}

impl MetadataResponsePartition {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}
