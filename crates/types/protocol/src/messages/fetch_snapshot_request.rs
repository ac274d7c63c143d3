//! `FetchSnapshotRequest`: key 59, versions 0 to 1.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(FetchSnapshotRequest, "FetchSnapshotRequest", 59, 0..=1, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct FetchSnapshotRequest {
    pub cluster_id: Option<String>,
    pub replica_id: i32,
    pub max_bytes: i32,
    pub topics: Vec<TopicSnapshot>,
}

impl Default for FetchSnapshotRequest {
    fn default() -> Self {
        Self { cluster_id: None, replica_id: -1, max_bytes: i32::MAX, topics: Vec::new() }
    }
}

impl FetchSnapshotRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let mut m = Self {
            cluster_id: None,
            replica_id: r.i32(),
            max_bytes: r.i32(),
            topics: r.array(true, 3, v, TopicSnapshot::get),
        };
        let mut tags = r.tags();
        while let Some(tag) = tags.next(r) {
            match tag {
                0 => m.cluster_id = r.nullable_string(true, true),
                _ => tags.skip(r),
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.replica_id);
        w.i32(self.max_bytes);
        w.array(true, &self.topics, v, TopicSnapshot::put);
        let mut tags = w.tags();
        if self.cluster_id.is_some() {
            tags.open(w, 0);
            w.nullable_string(true, true, self.cluster_id.as_deref());
            tags.close(w);
        }
        tags.finish(w);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicSnapshot {
    pub name: String,
    pub partitions: Vec<PartitionSnapshot>,
}

impl TopicSnapshot {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { name: r.string(true), partitions: r.array(true, 30, v, PartitionSnapshot::get) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.name);
        w.array(true, &self.partitions, v, PartitionSnapshot::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionSnapshot {
    pub partition: i32,
    pub current_leader_epoch: i32,
    pub snapshot_id: SnapshotId,
    pub position: i64,
    pub replica_directory_id: Uuid,
}

impl PartitionSnapshot {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let mut m = Self {
            partition: r.i32(),
            current_leader_epoch: r.i32(),
            snapshot_id: SnapshotId::get(r, v),
            position: r.i64(),
            replica_directory_id: Uuid::ZERO,
        };
        let mut tags = r.tags();
        while let Some(tag) = tags.next(r) {
            match tag {
                0 if v >= 1 => m.replica_directory_id = r.uuid(),
                0 => r.refuse_tag(),
                _ => tags.skip(r),
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.partition);
        w.i32(self.current_leader_epoch);
        self.snapshot_id.put(w, v);
        w.i64(self.position);
        let mut tags = w.tags();
        if v >= 1 && !self.replica_directory_id.is_zero() {
            tags.open(w, 0);
            w.uuid(self.replica_directory_id);
            tags.close(w);
        }
        tags.finish(w);
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
