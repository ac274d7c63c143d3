//! `EndQuorumEpochRequest`: key 54, versions 0 to 1.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(EndQuorumEpochRequest, "EndQuorumEpochRequest", 54, 0..=1, 1);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndQuorumEpochRequest {
    pub cluster_id: Option<String>,
    pub topics: Vec<TopicData>,
    pub leader_endpoints: Vec<LeaderEndpoint>,
}

impl EndQuorumEpochRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 1;
        let m = Self {
            cluster_id: r.nullable_string(flex, true),
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

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionData {
    pub partition_index: i32,
    pub leader_id: i32,
    pub leader_epoch: i32,
    pub preferred_successors: Vec<i32>,
    pub preferred_candidates: Vec<ReplicaInfo>,
}

impl PartitionData {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 1;
        let m = Self {
            partition_index: r.i32(),
            leader_id: r.i32(),
            leader_epoch: r.i32(),
            preferred_successors: if v <= 0 { r.array(flex, 4, v, |r, _| r.i32()) } else { Vec::new() },
            preferred_candidates: if v >= 1 { r.array(flex, 21, v, ReplicaInfo::get) } else { Vec::new() },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.i32(self.partition_index);
        w.i32(self.leader_id);
        w.i32(self.leader_epoch);
        if v <= 0 {
            w.array(flex, &self.preferred_successors, v, |x, w, _| w.i32(*x));
        }
        if v >= 1 {
            w.array(flex, &self.preferred_candidates, v, ReplicaInfo::put);
        }
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReplicaInfo {
    pub candidate_id: i32,
    pub candidate_directory_id: Uuid,
}

impl ReplicaInfo {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { candidate_id: r.i32(), candidate_directory_id: r.uuid() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.candidate_id);
        w.uuid(self.candidate_directory_id);
        w.no_tags();
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
