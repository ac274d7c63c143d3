//! `StreamsGroupMetadataValue`: key 17, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(StreamsGroupMetadataValue, "StreamsGroupMetadataValue", 17, 0..=0, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupMetadataValue {
    pub epoch: i32,
    pub metadata_hash: i64,
    pub validated_topology_epoch: i32,
    pub last_assignment_configs: Option<Vec<LastAssignmentConfig>>,
}

impl Default for StreamsGroupMetadataValue {
    fn default() -> Self {
        Self {
            epoch: 0,
            metadata_hash: 0,
            validated_topology_epoch: -1,
            last_assignment_configs: Some(Vec::new()),
        }
    }
}

impl StreamsGroupMetadataValue {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let mut m = Self {
            epoch: r.i32(),
            metadata_hash: r.i64(),
            validated_topology_epoch: -1,
            last_assignment_configs: Some(Vec::new()),
        };
        let mut tags = r.tags();
        while let Some(tag) = tags.next(r) {
            match tag {
                0 => m.validated_topology_epoch = r.i32(),
                1 => {
                    m.last_assignment_configs = r.nullable_array(true, true, 3, v, LastAssignmentConfig::get)
                }
                _ => tags.skip(r),
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.epoch);
        w.i64(self.metadata_hash);
        let mut tags = w.tags();
        if self.validated_topology_epoch != -1 {
            tags.open(w, 0);
            w.i32(self.validated_topology_epoch);
            tags.close(w);
        }
        if !self.last_assignment_configs.as_ref().is_some_and(Vec::is_empty) {
            tags.open(w, 1);
            w.nullable_array(
                true,
                true,
                self.last_assignment_configs.as_deref(),
                v,
                LastAssignmentConfig::put,
            );
            tags.close(w);
        }
        tags.finish(w);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct LastAssignmentConfig {
    pub key: String,
    pub value: String,
}

impl LastAssignmentConfig {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { key: r.string(true), value: r.string(true) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.key);
        w.string(true, &self.value);
        w.no_tags();
    }
}
