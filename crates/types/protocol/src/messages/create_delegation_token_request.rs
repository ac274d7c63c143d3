//! `CreateDelegationTokenRequest`: key 38, versions 1 to 3.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(CreateDelegationTokenRequest, "CreateDelegationTokenRequest", 38, 1..=3, 2);

#[derive(Clone, Debug, PartialEq)]
pub struct CreateDelegationTokenRequest {
    pub owner_principal_type: Option<String>,
    pub owner_principal_name: Option<String>,
    pub renewers: Vec<CreatableRenewers>,
    pub max_lifetime_ms: i64,
}

impl Default for CreateDelegationTokenRequest {
    fn default() -> Self {
        Self {
            owner_principal_type: Some(String::new()),
            owner_principal_name: Some(String::new()),
            renewers: Vec::new(),
            max_lifetime_ms: 0,
        }
    }
}

impl CreateDelegationTokenRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self {
            owner_principal_type: if v >= 3 { r.nullable_string(flex, true) } else { Some(String::new()) },
            owner_principal_name: if v >= 3 { r.nullable_string(flex, true) } else { Some(String::new()) },
            renewers: r.array(flex, 3, v, CreatableRenewers::get),
            max_lifetime_ms: r.i64(),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        if v >= 3 {
            w.nullable_string(flex, true, self.owner_principal_type.as_deref());
        }
        w.require(
            v >= 3 || self.owner_principal_type.as_ref().is_some_and(String::is_empty),
            "OwnerPrincipalType",
        );
        if v >= 3 {
            w.nullable_string(flex, true, self.owner_principal_name.as_deref());
        }
        w.require(
            v >= 3 || self.owner_principal_name.as_ref().is_some_and(String::is_empty),
            "OwnerPrincipalName",
        );
        w.array(flex, &self.renewers, v, CreatableRenewers::put);
        w.i64(self.max_lifetime_ms);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreatableRenewers {
    pub principal_type: String,
    pub principal_name: String,
}

impl CreatableRenewers {
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
