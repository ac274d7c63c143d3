//! `RenewDelegationTokenRequest`: key 39, versions 1 to 2.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(RenewDelegationTokenRequest, "RenewDelegationTokenRequest", 39, 1..=2, 2);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RenewDelegationTokenRequest {
    pub hmac: Vec<u8>,
    pub renew_period_ms: i64,
}

impl RenewDelegationTokenRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self { hmac: r.bytes(flex), renew_period_ms: r.i64() };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.bytes(flex, &self.hmac);
        w.i64(self.renew_period_ms);
        if flex {
            w.no_tags();
        }
    }
}
