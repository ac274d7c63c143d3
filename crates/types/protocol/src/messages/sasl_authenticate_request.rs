//! `SaslAuthenticateRequest`: key 36, versions 0 to 2.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(SaslAuthenticateRequest, "SaslAuthenticateRequest", 36, 0..=2, 2);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SaslAuthenticateRequest {
    pub auth_bytes: Vec<u8>,
}

impl SaslAuthenticateRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self { auth_bytes: r.bytes(flex) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.bytes(flex, &self.auth_bytes);
        if flex {
            w.no_tags();
        }
    }
}
