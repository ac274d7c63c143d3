//! `ProduceResponse`: key 0, versions 3 to 13.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(ProduceResponse, "ProduceResponse", 0, 3..=13, 9, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProduceResponse {
    pub responses: Vec<TopicProduceResponse>,
    pub throttle_time_ms: i32,
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl ProduceResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 9;
        let mut m = Self {
            responses: r.array(flex, 3, v, TopicProduceResponse::get),
            throttle_time_ms: r.i32(),
            node_endpoints: Vec::new(),
        };
        if flex {
            let mut tags = r.tags();
            while let Some(tag) = tags.next(r) {
                match tag {
                    0 if v >= 10 => m.node_endpoints = r.array(true, 11, v, NodeEndpoint::get),
                    0 => r.refuse_tag(),
                    _ => tags.skip(r),
                }
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        w.array(flex, &self.responses, v, TopicProduceResponse::put);
        w.i32(self.throttle_time_ms);
        w.require(v >= 10 || self.node_endpoints.is_empty(), "NodeEndpoints");
        if flex {
            let mut tags = w.tags();
            if v >= 10 && !self.node_endpoints.is_empty() {
                tags.open(w, 0);
                w.array(true, &self.node_endpoints, v, NodeEndpoint::put);
                tags.close(w);
            }
            tags.finish(w);
        }
    }
}

impl ProduceResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.responses {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicProduceResponse {
    pub name: String,
    pub topic_id: Uuid,
    pub partition_responses: Vec<PartitionProduceResponse>,
}

impl TopicProduceResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 9;
        let m = Self {
            name: if v <= 12 { r.string(flex) } else { String::new() },
            topic_id: if v >= 13 { r.uuid() } else { Uuid::ZERO },
            partition_responses: r.array(flex, 22, v, PartitionProduceResponse::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        if v <= 12 {
            w.string(flex, &self.name);
        }
        if v >= 13 {
            w.uuid(self.topic_id);
        }
        w.array(flex, &self.partition_responses, v, PartitionProduceResponse::put);
        if flex {
            w.no_tags();
        }
    }
}

impl TopicProduceResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        for each in &self.partition_responses {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct PartitionProduceResponse {
    pub index: i32,
    pub error_code: i16,
    pub base_offset: i64,
    pub log_append_time_ms: i64,
    pub log_start_offset: i64,
    pub record_errors: Vec<BatchIndexAndErrorMessage>,
    pub error_message: Option<String>,
    pub current_leader: LeaderIdAndEpoch,
}

impl Default for PartitionProduceResponse {
    fn default() -> Self {
        Self {
            index: 0,
            error_code: 0,
            base_offset: 0,
            log_append_time_ms: -1,
            log_start_offset: -1,
            record_errors: Vec::new(),
            error_message: None,
            current_leader: LeaderIdAndEpoch::default(),
        }
    }
}

impl PartitionProduceResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 9;
        let mut m = Self {
            index: r.i32(),
            error_code: r.i16(),
            base_offset: r.i64(),
            log_append_time_ms: r.i64(),
            log_start_offset: if v >= 5 { r.i64() } else { -1 },
            record_errors: if v >= 8 {
                r.array(flex, 6, v, BatchIndexAndErrorMessage::get)
            } else {
                Vec::new()
            },
            error_message: if v >= 8 { r.nullable_string(flex, true) } else { None },
            current_leader: LeaderIdAndEpoch::default(),
        };
        if flex {
            let mut tags = r.tags();
            while let Some(tag) = tags.next(r) {
                match tag {
                    0 if v >= 10 => m.current_leader = LeaderIdAndEpoch::get(r, v),
                    0 => r.refuse_tag(),
                    _ => tags.skip(r),
                }
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        w.i32(self.index);
        w.i16(self.error_code);
        w.i64(self.base_offset);
        w.i64(self.log_append_time_ms);
        if v >= 5 {
            w.i64(self.log_start_offset);
        }
        if v >= 8 {
            w.array(flex, &self.record_errors, v, BatchIndexAndErrorMessage::put);
        }
        if v >= 8 {
            w.nullable_string(flex, true, self.error_message.as_deref());
        }
        w.require(v >= 10 || self.current_leader == LeaderIdAndEpoch::default(), "CurrentLeader");
        if flex {
            let mut tags = w.tags();
            if v >= 10 && self.current_leader != LeaderIdAndEpoch::default() {
                tags.open(w, 0);
                self.current_leader.put(w, v);
                tags.close(w);
            }
            tags.finish(w);
        }
    }
}

impl PartitionProduceResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct BatchIndexAndErrorMessage {
    pub batch_index: i32,
    pub batch_index_error_message: Option<String>,
}

impl BatchIndexAndErrorMessage {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 9;
        let m = Self { batch_index: r.i32(), batch_index_error_message: r.nullable_string(flex, true) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        w.i32(self.batch_index);
        w.nullable_string(flex, true, self.batch_index_error_message.as_deref());
        if flex {
            w.no_tags();
        }
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
