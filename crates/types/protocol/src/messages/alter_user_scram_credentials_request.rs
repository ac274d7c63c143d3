//! `AlterUserScramCredentialsRequest`: key 51, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(AlterUserScramCredentialsRequest, "AlterUserScramCredentialsRequest", 51, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterUserScramCredentialsRequest {
    pub deletions: Vec<ScramCredentialDeletion>,
    pub upsertions: Vec<ScramCredentialUpsertion>,
}

impl AlterUserScramCredentialsRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            deletions: r.array(true, 3, v, ScramCredentialDeletion::get),
            upsertions: r.array(true, 9, v, ScramCredentialUpsertion::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.deletions, v, ScramCredentialDeletion::put);
        w.array(true, &self.upsertions, v, ScramCredentialUpsertion::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScramCredentialDeletion {
    pub name: String,
    pub mechanism: i8,
}

impl ScramCredentialDeletion {
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

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScramCredentialUpsertion {
    pub name: String,
    pub mechanism: i8,
    pub iterations: i32,
    pub salt: Vec<u8>,
    pub salted_password: Vec<u8>,
}

impl ScramCredentialUpsertion {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self {
            name: r.string(true),
            mechanism: r.i8(),
            iterations: r.i32(),
            salt: r.bytes(true),
            salted_password: r.bytes(true),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.i8(self.mechanism);
        w.i32(self.iterations);
        w.bytes(true, &self.salt);
        w.bytes(true, &self.salted_password);
        w.no_tags();
    }
}
