//! `SaslAuthenticateResponse`: key 36, versions 0 to 2.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(SaslAuthenticateResponse, "SaslAuthenticateResponse", 36, 0..=2, 2, error_codes);

#[derive(Clone, Debug, PartialEq)]
pub struct SaslAuthenticateResponse {
    pub error_code: i16,
    pub error_message: Option<String>,
    pub auth_bytes: Vec<u8>,
    pub session_lifetime_ms: i64,
}

impl Default for SaslAuthenticateResponse {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: Some(String::new()),
            auth_bytes: Vec::new(),
            session_lifetime_ms: 0,
        }
    }
}

impl SaslAuthenticateResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self {
            error_code: r.i16(),
            error_message: r.nullable_string(flex, true),
            auth_bytes: r.bytes(flex),
            session_lifetime_ms: if v >= 1 { r.i64() } else { 0 },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.i16(self.error_code);
        w.nullable_string(flex, true, self.error_message.as_deref());
        w.bytes(flex, &self.auth_bytes);
        if v >= 1 {
            w.i64(self.session_lifetime_ms);
        }
        if flex {
            w.no_tags();
        }
    }
}

impl SaslAuthenticateResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}
