//! `BeginQuorumEpochRequest`: key 53, versions 0 to 1.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(BeginQuorumEpochRequest, "BeginQuorumEpochRequest", 53, 0..=1, 1);

#[derive(Clone, Debug, PartialEq)]
pub struct BeginQuorumEpochRequest {
    pub cluster_id: Option<String>,
    pub voter_id: i32,
    pub topics: Vec<TopicData>,
    pub leader_endpoints: Vec<LeaderEndpoint>,
}

impl Default for BeginQuorumEpochRequest {
    fn default() -> Self {
        Self { cluster_id: None, voter_id: -1, topics: Vec::new(), leader_endpoints: Vec::new() }
    }
}

impl BeginQuorumEpochRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 1;
        let m = Self {
            cluster_id: r.nullable_string(flex, true),
            voter_id: if v >= 1 { r.i32() } else { -1 },
            topics: r.array(flex, 3, v, TopicData::get),
            leader_endpoints: if v >= 1 { r.array(flex, 5, v, LeaderEndpoint::get) } else { Vec::new() },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.nullable_string(flex, true, self.cluster_id.as_deref());
        if v >= 1 {
            w.i32(self.voter_id);
        }
        w.array(flex, &self.topics, v, TopicData::put);
        if v >= 1 {
            w.array(flex, &self.leader_endpoints, v, LeaderEndpoint::put);
        }
        if flex {
            w.no_tags();
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
        let m = Self { topic_name: r.string(flex), partitions: r.array(flex, 12, v, PartitionData::get) };
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

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionData {
    pub partition_index: i32,
    pub voter_directory_id: Uuid,
    pub leader_id: i32,
    pub leader_epoch: i32,
}

impl PartitionData {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 1;
        let m = Self {
            partition_index: r.i32(),
            voter_directory_id: if v >= 1 { r.uuid() } else { Uuid::ZERO },
            leader_id: r.i32(),
            leader_epoch: r.i32(),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.i32(self.partition_index);
        if v >= 1 {
            w.uuid(self.voter_directory_id);
        }
        w.i32(self.leader_id);
        w.i32(self.leader_epoch);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeaderEndpoint {
    pub name: String,
    pub host: String,
    pub port: u16,
}

impl LeaderEndpoint {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { name: r.string(true), host: r.string(true), port: r.u16() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.string(true, &self.host);
        w.u16(self.port);
        w.no_tags();
    }
}
