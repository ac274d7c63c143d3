//! `ShareAcknowledgeRequest`: key 79, versions 1 to 2.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(ShareAcknowledgeRequest, "ShareAcknowledgeRequest", 79, 1..=2, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct ShareAcknowledgeRequest {
    pub group_id: Option<String>,
    pub member_id: Option<String>,
    pub share_session_epoch: i32,
    pub is_renew_ack: bool,
    pub topics: Vec<AcknowledgeTopic>,
}

impl Default for ShareAcknowledgeRequest {
    fn default() -> Self {
        Self {
            group_id: None,
            member_id: Some(String::new()),
            share_session_epoch: 0,
            is_renew_ack: false,
            topics: Vec::new(),
        }
    }
}

impl ShareAcknowledgeRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            group_id: r.nullable_string(true, true),
            member_id: r.nullable_string(true, true),
            share_session_epoch: r.i32(),
            is_renew_ack: if v >= 2 { r.bool() } else { false },
            topics: r.array(true, 18, v, AcknowledgeTopic::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.nullable_string(true, true, self.group_id.as_deref());
        w.nullable_string(true, true, self.member_id.as_deref());
        w.i32(self.share_session_epoch);
        if v >= 2 {
            w.bool(self.is_renew_ack);
        }
        w.require(v >= 2 || !self.is_renew_ack, "IsRenewAck");
        w.array(true, &self.topics, v, AcknowledgeTopic::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AcknowledgeTopic {
    pub topic_id: Uuid,
    pub partitions: Vec<AcknowledgePartition>,
}

impl AcknowledgeTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { topic_id: r.uuid(), partitions: r.array(true, 6, v, AcknowledgePartition::get) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.uuid(self.topic_id);
        w.array(true, &self.partitions, v, AcknowledgePartition::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AcknowledgePartition {
    pub partition_index: i32,
    pub acknowledgement_batches: Vec<AcknowledgementBatch>,
}

impl AcknowledgePartition {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            partition_index: r.i32(),
            acknowledgement_batches: r.array(true, 18, v, AcknowledgementBatch::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.partition_index);
        w.array(true, &self.acknowledgement_batches, v, AcknowledgementBatch::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AcknowledgementBatch {
    pub first_offset: i64,
    pub last_offset: i64,
    pub acknowledge_types: Vec<i8>,
}

impl AcknowledgementBatch {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            first_offset: r.i64(),
            last_offset: r.i64(),
            acknowledge_types: r.array(true, 1, v, |r, _| r.i8()),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i64(self.first_offset);
        w.i64(self.last_offset);
        w.array(true, &self.acknowledge_types, v, |x, w, _| w.i8(*x));
        w.no_tags();
    }
}
