//! `ShareFetchRequest`: key 78, versions 1 to 2.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(ShareFetchRequest, "ShareFetchRequest", 78, 1..=2, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct ShareFetchRequest {
    pub group_id: Option<String>,
    pub member_id: Option<String>,
    pub share_session_epoch: i32,
    pub max_wait_ms: i32,
    pub min_bytes: i32,
    pub max_bytes: i32,
    pub max_records: i32,
    pub batch_size: i32,
    pub share_acquire_mode: i8,
    pub is_renew_ack: bool,
    pub topics: Vec<FetchTopic>,
    pub forgotten_topics_data: Vec<ForgottenTopic>,
}

impl Default for ShareFetchRequest {
    fn default() -> Self {
        Self {
            group_id: None,
            member_id: Some(String::new()),
            share_session_epoch: 0,
            max_wait_ms: 0,
            min_bytes: 0,
            max_bytes: i32::MAX,
            max_records: 0,
            batch_size: 0,
            share_acquire_mode: 0,
            is_renew_ack: false,
            topics: Vec::new(),
            forgotten_topics_data: Vec::new(),
        }
    }
}

impl ShareFetchRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            group_id: r.nullable_string(true, true),
            member_id: r.nullable_string(true, true),
            share_session_epoch: r.i32(),
            max_wait_ms: r.i32(),
            min_bytes: r.i32(),
            max_bytes: r.i32(),
            max_records: r.i32(),
            batch_size: r.i32(),
            share_acquire_mode: if v >= 2 { r.i8() } else { 0 },
            is_renew_ack: if v >= 2 { r.bool() } else { false },
            topics: r.array(true, 18, v, FetchTopic::get),
            forgotten_topics_data: r.array(true, 18, v, ForgottenTopic::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.nullable_string(true, true, self.group_id.as_deref());
        w.nullable_string(true, true, self.member_id.as_deref());
        w.i32(self.share_session_epoch);
        w.i32(self.max_wait_ms);
        w.i32(self.min_bytes);
        w.i32(self.max_bytes);
        w.i32(self.max_records);
        w.i32(self.batch_size);
        if v >= 2 {
            w.i8(self.share_acquire_mode);
        }
        if v >= 2 {
            w.bool(self.is_renew_ack);
        }
        w.require(v >= 2 || !self.is_renew_ack, "IsRenewAck");
        w.array(true, &self.topics, v, FetchTopic::put);
        w.array(true, &self.forgotten_topics_data, v, ForgottenTopic::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchTopic {
    pub topic_id: Uuid,
    pub partitions: Vec<FetchPartition>,
}

impl FetchTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { topic_id: r.uuid(), partitions: r.array(true, 6, v, FetchPartition::get) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.uuid(self.topic_id);
        w.array(true, &self.partitions, v, FetchPartition::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchPartition {
    pub partition_index: i32,
    pub acknowledgement_batches: Vec<AcknowledgementBatch>,
}

impl FetchPartition {
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

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForgottenTopic {
    pub topic_id: Uuid,
    pub partitions: Vec<i32>,
}

impl ForgottenTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { topic_id: r.uuid(), partitions: r.array(true, 4, v, |r, _| r.i32()) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.uuid(self.topic_id);
        w.array(true, &self.partitions, v, |x, w, _| w.i32(*x));
        w.no_tags();
    }
}
