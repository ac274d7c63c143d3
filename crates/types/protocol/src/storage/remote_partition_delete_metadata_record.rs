//! `RemotePartitionDeleteMetadataRecord`: key 2, version 0.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(RemotePartitionDeleteMetadataRecord, "RemotePartitionDeleteMetadataRecord", 2, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemotePartitionDeleteMetadataRecord {
    pub topic_id_partition: TopicIdPartitionEntry,
    pub broker_id: i32,
    pub event_timestamp_ms: i64,
    pub remote_partition_delete_state: i8,
}

impl RemotePartitionDeleteMetadataRecord {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            topic_id_partition: TopicIdPartitionEntry::get(r, v),
            broker_id: r.i32(),
            event_timestamp_ms: r.i64(),
            remote_partition_delete_state: r.i8(),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        self.topic_id_partition.put(w, v);
        w.i32(self.broker_id);
        w.i64(self.event_timestamp_ms);
        w.i8(self.remote_partition_delete_state);
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
