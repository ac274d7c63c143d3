//! `KRaftVersionRecord`: version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(KRaftVersionRecord, "KRaftVersionRecord", -1, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct KRaftVersionRecord {
    pub version: i16,
    pub kraft_version: i16,
}

impl KRaftVersionRecord {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { version: r.i16(), kraft_version: r.i16() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i16(self.version);
        w.i16(self.kraft_version);
        w.no_tags();
    }
}
