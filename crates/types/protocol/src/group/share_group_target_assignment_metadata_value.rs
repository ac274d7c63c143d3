//! `ShareGroupTargetAssignmentMetadataValue`: key 12, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ShareGroupTargetAssignmentMetadataValue, "ShareGroupTargetAssignmentMetadataValue", 12, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShareGroupTargetAssignmentMetadataValue {
    pub assignment_epoch: i32,
    pub assignment_timestamp: i64,
}

impl ShareGroupTargetAssignmentMetadataValue {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let mut m = Self { assignment_epoch: r.i32(), assignment_timestamp: 0 };
        let mut tags = r.tags();
        while let Some(tag) = tags.next(r) {
            match tag {
                0 => m.assignment_timestamp = r.i64(),
                _ => tags.skip(r),
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.assignment_epoch);
        let mut tags = w.tags();
        if self.assignment_timestamp != 0 {
            tags.open(w, 0);
            w.i64(self.assignment_timestamp);
            tags.close(w);
        }
        tags.finish(w);
    }
}
