//! `RemoteLogSegmentMetadataRecord`: key 0, version 0.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(RemoteLogSegmentMetadataRecord, "RemoteLogSegmentMetadataRecord", 0, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemoteLogSegmentMetadataRecord {
    pub remote_log_segment_id: RemoteLogSegmentIdEntry,
    pub start_offset: i64,
    pub end_offset: i64,
    pub broker_id: i32,
    pub max_timestamp_ms: i64,
    pub event_timestamp_ms: i64,
    pub segment_leader_epochs: Vec<SegmentLeaderEpochEntry>,
    pub segment_size_in_bytes: i32,
    pub custom_metadata: Option<Vec<u8>>,
    pub remote_log_segment_state: i8,
    pub txn_index_empty: bool,
}

impl RemoteLogSegmentMetadataRecord {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let mut m = Self {
            remote_log_segment_id: RemoteLogSegmentIdEntry::get(r, v),
            start_offset: r.i64(),
            end_offset: r.i64(),
            broker_id: r.i32(),
            max_timestamp_ms: r.i64(),
            event_timestamp_ms: r.i64(),
            segment_leader_epochs: r.array(true, 13, v, SegmentLeaderEpochEntry::get),
            segment_size_in_bytes: r.i32(),
            custom_metadata: r.nullable_bytes(true, true),
            remote_log_segment_state: r.i8(),
            txn_index_empty: false,
        };
        let mut tags = r.tags();
        while let Some(tag) = tags.next(r) {
            match tag {
                0 => m.txn_index_empty = r.bool(),
                _ => tags.skip(r),
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        self.remote_log_segment_id.put(w, v);
        w.i64(self.start_offset);
        w.i64(self.end_offset);
        w.i32(self.broker_id);
        w.i64(self.max_timestamp_ms);
        w.i64(self.event_timestamp_ms);
        w.array(true, &self.segment_leader_epochs, v, SegmentLeaderEpochEntry::put);
        w.i32(self.segment_size_in_bytes);
        w.nullable_bytes(true, true, self.custom_metadata.as_deref());
        w.i8(self.remote_log_segment_state);
        let mut tags = w.tags();
        if self.txn_index_empty {
            tags.open(w, 0);
            w.bool(self.txn_index_empty);
            tags.close(w);
        }
        tags.finish(w);
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

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SegmentLeaderEpochEntry {
    pub leader_epoch: i32,
    pub offset: i64,
}

impl SegmentLeaderEpochEntry {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { leader_epoch: r.i32(), offset: r.i64() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.leader_epoch);
        w.i64(self.offset);
        w.no_tags();
    }
}
