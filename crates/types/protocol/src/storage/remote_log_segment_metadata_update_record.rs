//! `RemoteLogSegmentMetadataUpdateRecord`: key 1, version 0.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(RemoteLogSegmentMetadataUpdateRecord, "RemoteLogSegmentMetadataUpdateRecord", 1, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemoteLogSegmentMetadataUpdateRecord {
    pub remote_log_segment_id: RemoteLogSegmentIdEntry,
    pub broker_id: i32,
    pub event_timestamp_ms: i64,
    pub custom_metadata: Option<Vec<u8>>,
    pub remote_log_segment_state: i8,
}

impl RemoteLogSegmentMetadataUpdateRecord {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            remote_log_segment_id: RemoteLogSegmentIdEntry::get(r, v),
            broker_id: r.i32(),
            event_timestamp_ms: r.i64(),
            custom_metadata: r.nullable_bytes(true, true),
            remote_log_segment_state: r.i8(),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        self.remote_log_segment_id.put(w, v);
        w.i32(self.broker_id);
        w.i64(self.event_timestamp_ms);
        w.nullable_bytes(true, true, self.custom_metadata.as_deref());
        w.i8(self.remote_log_segment_state);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemoteLogSegmentIdEntry {
    pub topic_id_partition: TopicIdPartitionEntry,
    pub id: Uuid,
}

impl RemoteLogSegmentIdEntry {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { topic_id_partition: TopicIdPartitionEntry::get(r, v), id: r.uuid() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        self.topic_id_partition.put(w, v);
        w.uuid(self.id);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicIdPartitionEntry {
    pub name: String,
    pub id: Uuid,
    pub partition: i32,
}

impl TopicIdPartitionEntry {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { name: r.string(true), id: r.uuid(), partition: r.i32() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.uuid(self.id);
        w.i32(self.partition);
        w.no_tags();
    }
}
