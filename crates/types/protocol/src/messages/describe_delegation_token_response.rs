//! `DescribeDelegationTokenResponse`: key 41, versions 1 to 3.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(DescribeDelegationTokenResponse, "DescribeDelegationTokenResponse", 41, 1..=3, 2, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeDelegationTokenResponse {
    pub error_code: i16,
    pub tokens: Vec<DescribedDelegationToken>,
    pub throttle_time_ms: i32,
}

impl DescribeDelegationTokenResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self {
            error_code: r.i16(),
            tokens: r.array(flex, 30, v, DescribedDelegationToken::get),
            throttle_time_ms: r.i32(),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.i16(self.error_code);
        w.array(flex, &self.tokens, v, DescribedDelegationToken::put);
        w.i32(self.throttle_time_ms);
        if flex {
            w.no_tags();
        }
    }
}

impl DescribeDelegationTokenResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribedDelegationToken {
    pub principal_type: String,
    pub principal_name: String,
    pub token_requester_principal_type: String,
    pub token_requester_principal_name: String,
    pub issue_timestamp: i64,
    pub expiry_timestamp: i64,
    pub max_timestamp: i64,
    pub token_id: String,
    pub hmac: Vec<u8>,
    pub renewers: Vec<DescribedDelegationTokenRenewer>,
}

impl DescribedDelegationToken {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self {
            principal_type: r.string(flex),
            principal_name: r.string(flex),
            token_requester_principal_type: if v >= 3 { r.string(flex) } else { String::new() },
            token_requester_principal_name: if v >= 3 { r.string(flex) } else { String::new() },
            issue_timestamp: r.i64(),
            expiry_timestamp: r.i64(),
            max_timestamp: r.i64(),
            token_id: r.string(flex),
            hmac: r.bytes(flex),
            renewers: r.array(flex, 3, v, DescribedDelegationTokenRenewer::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.string(flex, &self.principal_type);
        w.string(flex, &self.principal_name);
        if v >= 3 {
            w.string(flex, &self.token_requester_principal_type);
        }
        w.require(v >= 3 || self.token_requester_principal_type.is_empty(), "TokenRequesterPrincipalType");
        if v >= 3 {
            w.string(flex, &self.token_requester_principal_name);
        }
        w.require(v >= 3 || self.token_requester_principal_name.is_empty(), "TokenRequesterPrincipalName");
        w.i64(self.issue_timestamp);
        w.i64(self.expiry_timestamp);
        w.i64(self.max_timestamp);
        w.string(flex, &self.token_id);
        w.bytes(flex, &self.hmac);
        w.array(flex, &self.renewers, v, DescribedDelegationTokenRenewer::put);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribedDelegationTokenRenewer {
    pub principal_type: String,
    pub principal_name: String,
}

impl DescribedDelegationTokenRenewer {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self { principal_type: r.string(flex), principal_name: r.string(flex) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.string(flex, &self.principal_type);
        w.string(flex, &self.principal_name);
        if flex {
            w.no_tags();
        }
    }
}
