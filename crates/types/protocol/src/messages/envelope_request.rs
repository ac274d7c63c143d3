//! `EnvelopeRequest`: key 58, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(EnvelopeRequest, "EnvelopeRequest", 58, 0..=0, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct EnvelopeRequest {
    pub request_data: Vec<u8>,
    pub request_principal: Option<Vec<u8>>,
    pub client_host_address: Vec<u8>,
}

impl Default for EnvelopeRequest {
    fn default() -> Self {
        Self {
            request_data: Vec::new(),
            request_principal: Some(Vec::new()),
            client_host_address: Vec::new(),
        }
    }
}

impl EnvelopeRequest {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self {
            request_data: r.bytes(true),
            request_principal: r.nullable_bytes(true, true),
            client_host_address: r.bytes(true),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.bytes(true, &self.request_data);
        w.nullable_bytes(true, true, self.request_principal.as_deref());
        w.bytes(true, &self.client_host_address);
        w.no_tags();
    }
}
