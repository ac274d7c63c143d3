//! `UserScramCredentialRecord`: key 11, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(UserScramCredentialRecord, "UserScramCredentialRecord", 11, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserScramCredentialRecord {
    pub name: String,
    pub mechanism: i8,
    pub salt: Vec<u8>,
    pub stored_key: Vec<u8>,
    pub server_key: Vec<u8>,
    pub iterations: i32,
}

impl UserScramCredentialRecord {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self {
            name: r.string(true),
            mechanism: r.i8(),
            salt: r.bytes(true),
            stored_key: r.bytes(true),
            server_key: r.bytes(true),
            iterations: r.i32(),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.i8(self.mechanism);
        w.bytes(true, &self.salt);
        w.bytes(true, &self.stored_key);
        w.bytes(true, &self.server_key);
        w.i32(self.iterations);
        w.no_tags();
    }
}
