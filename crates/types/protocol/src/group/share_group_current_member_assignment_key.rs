//! `ShareGroupCurrentMemberAssignmentKey`: key 14, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ShareGroupCurrentMemberAssignmentKey, "ShareGroupCurrentMemberAssignmentKey", 14, 0..=0, i16::MAX);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShareGroupCurrentMemberAssignmentKey {
    pub group_id: String,
    pub member_id: String,
}

impl ShareGroupCurrentMemberAssignmentKey {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        Self { group_id: r.string(false), member_id: r.string(false) }
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(false, &self.group_id);
        w.string(false, &self.member_id);
    }
}
