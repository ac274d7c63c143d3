//! `ShareSnapshotKey`: key 0, version 0.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(ShareSnapshotKey, "ShareSnapshotKey", 0, 0..=0, i16::MAX);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShareSnapshotKey {
    pub group_id: String,
    pub topic_id: Uuid,
    pub partition: i32,
}

impl ShareSnapshotKey {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        Self { group_id: r.string(false), topic_id: r.uuid(), partition: r.i32() }
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(false, &self.group_id);
        w.uuid(self.topic_id);
        w.i32(self.partition);
    }
}
