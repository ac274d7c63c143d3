//! `BeginQuorumEpochResponse`: key 53, versions 0 to 1.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(BeginQuorumEpochResponse, "BeginQuorumEpochResponse", 53, 0..=1, 1, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct BeginQuorumEpochResponse {
    pub error_code: i16,
    pub topics: Vec<TopicData>,
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl BeginQuorumEpochResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 1;
        let mut m = Self {
            error_code: r.i16(),
            topics: r.array(flex, 3, v, TopicData::get),
            node_endpoints: Vec::new(),
        };
        if flex {
            let mut tags = r.tags();
            while let Some(tag) = tags.next(r) {
                match tag {
                    0 => m.node_endpoints = r.array(true, 8, v, NodeEndpoint::get),
                    _ => tags.skip(r),
                }
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.i16(self.error_code);
        w.array(flex, &self.topics, v, TopicData::put);
        w.require(v >= 1 || self.node_endpoints.is_empty(), "NodeEndpoints");
        if flex {
            let mut tags = w.tags();
            if !self.node_endpoints.is_empty() {
                tags.open(w, 0);
                w.array(true, &self.node_endpoints, v, NodeEndpoint::put);
                tags.close(w);
            }
            tags.finish(w);
        }
    }
}

impl BeginQuorumEpochResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
        for each in &self.topics {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicData {
    pub topic_name: String,
    pub partitions: Vec<PartitionData>,
}

impl TopicData {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 1;
        let m = Self { topic_name: r.string(flex), partitions: r.array(flex, 14, v, PartitionData::get) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.string(flex, &self.topic_name);
        w.array(flex, &self.partitions, v, PartitionData::put);
        if flex {
            w.no_tags();
        }
    }
}

impl TopicData {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.partitions {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionData {
    pub partition_index: i32,
    pub error_code: i16,
    pub leader_id: i32,
    pub leader_epoch: i32,
}

impl PartitionData {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 1;
        let m =
            Self { partition_index: r.i32(), error_code: r.i16(), leader_id: r.i32(), leader_epoch: r.i32() };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.i32(self.partition_index);
        w.i16(self.error_code);
        w.i32(self.leader_id);
        w.i32(self.leader_epoch);
        if flex {
            w.no_tags();
        }
    }
}

impl PartitionData {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeEndpoint {
    pub node_id: i32,
    pub host: String,
    pub port: u16,
}

impl NodeEndpoint {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { node_id: r.i32(), host: r.string(true), port: r.u16() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.node_id);
        w.string(true, &self.host);
        w.u16(self.port);
        w.no_tags();
    }
}
