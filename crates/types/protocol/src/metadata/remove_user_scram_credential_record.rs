//! `RemoveUserScramCredentialRecord`: key 22, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(RemoveUserScramCredentialRecord, "RemoveUserScramCredentialRecord", 22, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemoveUserScramCredentialRecord {
    pub name: String,
    pub mechanism: i8,
}

impl RemoveUserScramCredentialRecord {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { name: r.string(true), mechanism: r.i8() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.i8(self.mechanism);
        w.no_tags();
    }
}
