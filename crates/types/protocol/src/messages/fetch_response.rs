//! `FetchResponse`: key 1, versions 4 to 18.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Records, Writer, message};

message!(FetchResponse, "FetchResponse", 1, 4..=18, 12, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub session_id: i32,
    pub responses: Vec<FetchableTopicResponse>,
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl FetchResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 12;
        let mut m = Self {
            throttle_time_ms: r.i32(),
            error_code: if v >= 7 { r.i16() } else { 0 },
            session_id: if v >= 7 { r.i32() } else { 0 },
            responses: r.array(flex, 3, v, FetchableTopicResponse::get),
            node_endpoints: Vec::new(),
        };
        if flex {
            let mut tags = r.tags();
            while let Some(tag) = tags.next(r) {
                match tag {
                    0 if v >= 16 => m.node_endpoints = r.array(true, 11, v, NodeEndpoint::get),
                    0 => r.refuse_tag(),
                    _ => tags.skip(r),
                }
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 12;
        w.i32(self.throttle_time_ms);
        if v >= 7 {
            w.i16(self.error_code);
        }
        if v >= 7 {
            w.i32(self.session_id);
        }
        w.require(v >= 7 || self.session_id == 0, "SessionId");
        w.array(flex, &self.responses, v, FetchableTopicResponse::put);
        w.require(v >= 16 || self.node_endpoints.is_empty(), "NodeEndpoints");
        if flex {
            let mut tags = w.tags();
            if v >= 16 && !self.node_endpoints.is_empty() {
                tags.open(w, 0);
                w.array(true, &self.node_endpoints, v, NodeEndpoint::put);
                tags.close(w);
            }
            tags.finish(w);
        }
    }
}

impl FetchResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
        for each in &self.responses {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchableTopicResponse {
    pub topic: String,
    pub topic_id: Uuid,
    pub partitions: Vec<PartitionData>,
}

impl FetchableTopicResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 12;
        let m = Self {
            topic: if v <= 12 { r.string(flex) } else { String::new() },
            topic_id: if v >= 13 { r.uuid() } else { Uuid::ZERO },
            partitions: r.array(flex, 30, v, PartitionData::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 12;
        if v <= 12 {
            w.string(flex, &self.topic);
        }
        if v >= 13 {
            w.uuid(self.topic_id);
        }
        w.array(flex, &self.partitions, v, PartitionData::put);
        if flex {
            w.no_tags();
        }
    }
}

impl FetchableTopicResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.partitions {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct PartitionData {
    pub partition_index: i32,
    pub error_code: i16,
    pub high_watermark: i64,
    pub last_stable_offset: i64,
    pub log_start_offset: i64,
    pub diverging_epoch: EpochEndOffset,
    pub current_leader: LeaderIdAndEpoch,
    pub snapshot_id: SnapshotId,
    pub aborted_transactions: Option<Vec<AbortedTransaction>>,
    pub preferred_read_replica: i32,
    pub records: Records,
}

impl Default for PartitionData {
    fn default() -> Self {
        Self {
            partition_index: 0,
            error_code: 0,
            high_watermark: 0,
            last_stable_offset: -1,
            log_start_offset: -1,
            diverging_epoch: EpochEndOffset::default(),
            current_leader: LeaderIdAndEpoch::default(),
            snapshot_id: SnapshotId::default(),
            aborted_transactions: Some(Vec::new()),
            preferred_read_replica: -1,
            records: Records::Null,
        }
    }
}

impl PartitionData {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 12;
        let mut m = Self {
            partition_index: r.i32(),
            error_code: r.i16(),
            high_watermark: r.i64(),
            last_stable_offset: r.i64(),
            log_start_offset: if v >= 5 { r.i64() } else { -1 },
            diverging_epoch: EpochEndOffset::default(),
            current_leader: LeaderIdAndEpoch::default(),
            snapshot_id: SnapshotId::default(),
            aborted_transactions: r.nullable_array(flex, true, 16, v, AbortedTransaction::get),
            preferred_read_replica: if v >= 11 { r.i32() } else { -1 },
            records: r.records(flex, true),
        };
        if flex {
            let mut tags = r.tags();
            while let Some(tag) = tags.next(r) {
                match tag {
                    0 => m.diverging_epoch = EpochEndOffset::get(r, v),
                    1 => m.current_leader = LeaderIdAndEpoch::get(r, v),
                    2 => m.snapshot_id = SnapshotId::get(r, v),
                    _ => tags.skip(r),
                }
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 12;
        w.i32(self.partition_index);
        w.i16(self.error_code);
        w.i64(self.high_watermark);
        w.i64(self.last_stable_offset);
        if v >= 5 {
            w.i64(self.log_start_offset);
        }
        w.require(v >= 12 || self.diverging_epoch == EpochEndOffset::default(), "DivergingEpoch");
        w.require(v >= 12 || self.current_leader == LeaderIdAndEpoch::default(), "CurrentLeader");
        w.require(v >= 12 || self.snapshot_id == SnapshotId::default(), "SnapshotId");
        w.nullable_array(flex, true, self.aborted_transactions.as_deref(), v, AbortedTransaction::put);
        if v >= 11 {
            w.i32(self.preferred_read_replica);
        }
        w.require(v >= 11 || self.preferred_read_replica == -1, "PreferredReadReplica");
        w.records(flex, true, &self.records);
        if flex {
            let mut tags = w.tags();
            if self.diverging_epoch != EpochEndOffset::default() {
                tags.open(w, 0);
                self.diverging_epoch.put(w, v);
                tags.close(w);
            }
            if self.current_leader != LeaderIdAndEpoch::default() {
                tags.open(w, 1);
                self.current_leader.put(w, v);
                tags.close(w);
            }
            if self.snapshot_id != SnapshotId::default() {
                tags.open(w, 2);
                self.snapshot_id.put(w, v);
                tags.close(w);
            }
            tags.finish(w);
        }
    }
}

impl PartitionData {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct EpochEndOffset {
    pub epoch: i32,
    pub end_offset: i64,
}

impl Default for EpochEndOffset {
    fn default() -> Self {
        Self { epoch: -1, end_offset: -1 }
    }
}

impl EpochEndOffset {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { epoch: r.i32(), end_offset: r.i64() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.epoch);
        w.i64(self.end_offset);
        w.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct LeaderIdAndEpoch {
    pub leader_id: i32,
    pub leader_epoch: i32,
}

impl Default for LeaderIdAndEpoch {
    fn default() -> Self {
        Self { leader_id: -1, leader_epoch: -1 }
    }
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

#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotId {
    pub end_offset: i64,
    pub epoch: i32,
}

impl Default for SnapshotId {
    fn default() -> Self {
        Self { end_offset: -1, epoch: -1 }
    }
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
pub struct AbortedTransaction {
    pub producer_id: i64,
    pub first_offset: i64,
}

impl AbortedTransaction {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 12;
        let m = Self { producer_id: r.i64(), first_offset: r.i64() };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 12;
        w.i64(self.producer_id);
        w.i64(self.first_offset);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeEndpoint {
    pub node_id: i32,
    pub host: String,
    pub port: i32,
    pub rack: Option<String>,
}

impl NodeEndpoint {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self {
            node_id: r.i32(),
            host: r.string(true),
            port: r.i32(),
            rack: r.nullable_string(true, true),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.node_id);
        w.string(true, &self.host);
        w.i32(self.port);
        w.nullable_string(true, true, self.rack.as_deref());
        w.no_tags();
    }
}
