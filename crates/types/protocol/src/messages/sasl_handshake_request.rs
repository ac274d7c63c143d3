//! `SaslHandshakeRequest`: key 17, versions 0 to 1.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(SaslHandshakeRequest, "SaslHandshakeRequest", 17, 0..=1, i16::MAX);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SaslHandshakeRequest {
    pub mechanism: String,
}

impl SaslHandshakeRequest {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        Self { mechanism: r.string(false) }
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(false, &self.mechanism);
    }
}
