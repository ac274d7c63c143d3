//! `CreateDelegationTokenResponse`: key 38, versions 1 to 3.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(CreateDelegationTokenResponse, "CreateDelegationTokenResponse", 38, 1..=3, 2, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreateDelegationTokenResponse {
    pub error_code: i16,
    pub principal_type: String,
    pub principal_name: String,
    pub token_requester_principal_type: String,
    pub token_requester_principal_name: String,
    pub issue_timestamp_ms: i64,
    pub expiry_timestamp_ms: i64,
    pub max_timestamp_ms: i64,
    pub token_id: String,
    pub hmac: Vec<u8>,
    pub throttle_time_ms: i32,
}

impl CreateDelegationTokenResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self {
            error_code: r.i16(),
            principal_type: r.string(flex),
            principal_name: r.string(flex),
            token_requester_principal_type: if v >= 3 { r.string(flex) } else { String::new() },
            token_requester_principal_name: if v >= 3 { r.string(flex) } else { String::new() },
            issue_timestamp_ms: r.i64(),
            expiry_timestamp_ms: r.i64(),
            max_timestamp_ms: r.i64(),
            token_id: r.string(flex),
            hmac: r.bytes(flex),
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
        w.i64(self.issue_timestamp_ms);
        w.i64(self.expiry_timestamp_ms);
        w.i64(self.max_timestamp_ms);
        w.string(flex, &self.token_id);
        w.bytes(flex, &self.hmac);
        w.i32(self.throttle_time_ms);
        if flex {
            w.no_tags();
        }
    }
}

impl CreateDelegationTokenResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}
