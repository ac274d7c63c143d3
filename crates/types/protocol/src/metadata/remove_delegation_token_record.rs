//! `RemoveDelegationTokenRecord`: key 26, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(RemoveDelegationTokenRecord, "RemoveDelegationTokenRecord", 26, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemoveDelegationTokenRecord {
    pub token_id: String,
}

impl RemoveDelegationTokenRecord {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { token_id: r.string(true) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.token_id);
        w.no_tags();
    }
}
