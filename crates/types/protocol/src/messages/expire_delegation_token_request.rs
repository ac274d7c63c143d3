//! `ExpireDelegationTokenRequest`: key 40, versions 1 to 2.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ExpireDelegationTokenRequest, "ExpireDelegationTokenRequest", 40, 1..=2, 2);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExpireDelegationTokenRequest {
    pub hmac: Vec<u8>,
    pub expiry_time_period_ms: i64,
}

impl ExpireDelegationTokenRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self { hmac: r.bytes(flex), expiry_time_period_ms: r.i64() };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.bytes(flex, &self.hmac);
        w.i64(self.expiry_time_period_ms);
        if flex {
            w.no_tags();
        }
    }
}
