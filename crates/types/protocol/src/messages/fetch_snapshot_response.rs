//! `FetchSnapshotResponse`: key 59, versions 0 to 1.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Records, Writer, message};

message!(FetchSnapshotResponse, "FetchSnapshotResponse", 59, 0..=1, 0, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchSnapshotResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub topics: Vec<TopicSnapshot>,
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl FetchSnapshotResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let mut m = Self {
            throttle_time_ms: r.i32(),
            error_code: r.i16(),
            topics: r.array(true, 3, v, TopicSnapshot::get),
            node_endpoints: Vec::new(),
        };
        let mut tags = r.tags();
        while let Some(tag) = tags.next(r) {
            match tag {
                0 if v >= 1 => m.node_endpoints = r.array(true, 8, v, NodeEndpoint::get),
                0 => r.refuse_tag(),
                _ => tags.skip(r),
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.throttle_time_ms);
        w.i16(self.error_code);
        w.array(true, &self.topics, v, TopicSnapshot::put);
        w.require(v >= 1 || self.node_endpoints.is_empty(), "NodeEndpoints");
        let mut tags = w.tags();
        if v >= 1 && !self.node_endpoints.is_empty() {
            tags.open(w, 0);
            w.array(true, &self.node_endpoints, v, NodeEndpoint::put);
            tags.close(w);
        }
        tags.finish(w);
    }
}

impl FetchSnapshotResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
        for each in &self.topics {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicSnapshot {
    pub name: String,
    pub partitions: Vec<PartitionSnapshot>,
}

impl TopicSnapshot {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { name: r.string(true), partitions: r.array(true, 37, v, PartitionSnapshot::get) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.name);
        w.array(true, &self.partitions, v, PartitionSnapshot::put);
        w.no_tags();
    }
}

impl TopicSnapshot {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.partitions {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionSnapshot {
    pub index: i32,
    pub error_code: i16,
    pub snapshot_id: SnapshotId,
    pub current_leader: LeaderIdAndEpoch,
    pub size: i64,
    pub position: i64,
    pub unaligned_records: Records,
}

impl PartitionSnapshot {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let mut m = Self {
            index: r.i32(),
            error_code: r.i16(),
            snapshot_id: SnapshotId::get(r, v),
            current_leader: LeaderIdAndEpoch::default(),
            size: r.i64(),
            position: r.i64(),
            unaligned_records: r.records(true, false),
        };
        let mut tags = r.tags();
        while let Some(tag) = tags.next(r) {
            match tag {
                0 => m.current_leader = LeaderIdAndEpoch::get(r, v),
                _ => tags.skip(r),
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.index);
        w.i16(self.error_code);
        self.snapshot_id.put(w, v);
        w.i64(self.size);
        w.i64(self.position);
        w.records(true, false, &self.unaligned_records);
        let mut tags = w.tags();
        if self.current_leader != LeaderIdAndEpoch::default() {
            tags.open(w, 0);
            self.current_leader.put(w, v);
            tags.close(w);
        }
        tags.finish(w);
    }
}

impl PartitionSnapshot {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SnapshotId {
    pub end_offset: i64,
    pub epoch: i32,
}

impl SnapshotId {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { end_offset: r.i64(), epoch: r.i32() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i64(self.end_offset);
        w.i32(self.epoch);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeaderIdAndEpoch {
    pub leader_id: i32,
    pub leader_epoch: i32,
}

impl LeaderIdAndEpoch {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { leader_id: r.i32(), leader_epoch: r.i32() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.leader_id);
        w.i32(self.leader_epoch);
        w.no_tags();
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
