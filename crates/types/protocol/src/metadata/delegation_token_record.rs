//! `DelegationTokenRecord`: key 10, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(DelegationTokenRecord, "DelegationTokenRecord", 10, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DelegationTokenRecord {
    pub owner: String,
    pub requester: String,
    pub renewers: Vec<String>,
    pub issue_timestamp: i64,
    pub max_timestamp: i64,
    pub expiration_timestamp: i64,
    pub token_id: String,
}

impl DelegationTokenRecord {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            owner: r.string(true),
            requester: r.string(true),
            renewers: r.array(true, 1, v, |r, _| r.string(true)),
            issue_timestamp: r.i64(),
            max_timestamp: r.i64(),
            expiration_timestamp: r.i64(),
            token_id: r.string(true),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.owner);
        w.string(true, &self.requester);
        w.array(true, &self.renewers, v, |x, w, _| w.string(true, x));
        w.i64(self.issue_timestamp);
        w.i64(self.max_timestamp);
        w.i64(self.expiration_timestamp);
        w.string(true, &self.token_id);
        w.no_tags();
    }
}
