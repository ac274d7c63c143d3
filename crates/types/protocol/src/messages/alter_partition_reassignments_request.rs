//! `AlterPartitionReassignmentsRequest`: key 45, versions 0 to 1.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(AlterPartitionReassignmentsRequest, "AlterPartitionReassignmentsRequest", 45, 0..=1, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct AlterPartitionReassignmentsRequest {
    pub timeout_ms: i32,
    pub allow_replication_factor_change: bool,
    pub topics: Vec<ReassignableTopic>,
}

impl Default for AlterPartitionReassignmentsRequest {
    fn default() -> Self {
        Self { timeout_ms: 60000, allow_replication_factor_change: true, topics: Vec::new() }
    }
}

impl AlterPartitionReassignmentsRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            timeout_ms: r.i32(),
            allow_replication_factor_change: if v >= 1 { r.bool() } else { true },
            topics: r.array(true, 3, v, ReassignableTopic::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.timeout_ms);
        if v >= 1 {
            w.bool(self.allow_replication_factor_change);
        }
        w.require(v >= 1 || self.allow_replication_factor_change, "AllowReplicationFactorChange");
        w.array(true, &self.topics, v, ReassignableTopic::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReassignableTopic {
    pub name: String,
    pub partitions: Vec<ReassignablePartition>,
}

impl ReassignableTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { name: r.string(true), partitions: r.array(true, 6, v, ReassignablePartition::get) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.name);
        w.array(true, &self.partitions, v, ReassignablePartition::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReassignablePartition {
    pub partition_index: i32,
    pub replicas: Option<Vec<i32>>,
}

impl ReassignablePartition {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m =
            Self { partition_index: r.i32(), replicas: r.nullable_array(true, true, 4, v, |r, _| r.i32()) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.partition_index);
        w.nullable_array(true, true, self.replicas.as_deref(), v, |x, w, _| w.i32(*x));
        w.no_tags();
    }
}
