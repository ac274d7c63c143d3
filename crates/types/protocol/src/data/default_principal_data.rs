//! `DefaultPrincipalData`: version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(DefaultPrincipalData, "DefaultPrincipalData", -1, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DefaultPrincipalData {
    pub type_: String,
    pub name: String,
    pub token_authenticated: bool,
}

impl DefaultPrincipalData {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { type_: r.string(true), name: r.string(true), token_authenticated: r.bool() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.type_);
        w.string(true, &self.name);
        w.bool(self.token_authenticated);
        w.no_tags();
    }
}
