//! `SaslHandshakeResponse`: key 17, versions 0 to 1.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(SaslHandshakeResponse, "SaslHandshakeResponse", 17, 0..=1, i16::MAX, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SaslHandshakeResponse {
    pub error_code: i16,
    pub mechanisms: Vec<String>,
}

impl SaslHandshakeResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        Self { error_code: r.i16(), mechanisms: r.array(false, 2, v, |r, _| r.string(false)) }
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i16(self.error_code);
        w.array(false, &self.mechanisms, v, |x, w, _| w.string(false, x));
    }
}

impl SaslHandshakeResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}
