//! `RemoveAccessControlEntryRecord`: key 19, version 0.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(RemoveAccessControlEntryRecord, "RemoveAccessControlEntryRecord", 19, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemoveAccessControlEntryRecord {
    pub id: Uuid,
}

impl RemoveAccessControlEntryRecord {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { id: r.uuid() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.uuid(self.id);
        w.no_tags();
    }
}
