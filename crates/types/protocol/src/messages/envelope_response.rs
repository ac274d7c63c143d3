//! `EnvelopeResponse`: key 58, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(EnvelopeResponse, "EnvelopeResponse", 58, 0..=0, 0, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct EnvelopeResponse {
    pub response_data: Option<Vec<u8>>,
    pub error_code: i16,
}

impl EnvelopeResponse {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { response_data: r.nullable_bytes(true, true), error_code: r.i16() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.nullable_bytes(true, true, self.response_data.as_deref());
        w.i16(self.error_code);
        w.no_tags();
    }
}

impl EnvelopeResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}
