//! `SnapshotHeaderRecord`: version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(SnapshotHeaderRecord, "SnapshotHeaderRecord", -1, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SnapshotHeaderRecord {
    pub version: i16,
    pub last_contained_log_timestamp: i64,
}

impl SnapshotHeaderRecord {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { version: r.i16(), last_contained_log_timestamp: r.i64() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i16(self.version);
        w.i64(self.last_contained_log_timestamp);
        w.no_tags();
    }
}
