//! `ControlRecordTypeSchema`: version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ControlRecordTypeSchema, "ControlRecordTypeSchema", -1, 0..=0, i16::MAX);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ControlRecordTypeSchema {
    pub type_: i16,
}

impl ControlRecordTypeSchema {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        Self { type_: r.i16() }
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i16(self.type_);
    }
}
