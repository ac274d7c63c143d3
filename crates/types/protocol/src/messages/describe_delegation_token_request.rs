//! `DescribeDelegationTokenRequest`: key 41, versions 1 to 3.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(DescribeDelegationTokenRequest, "DescribeDelegationTokenRequest", 41, 1..=3, 2);

#[derive(Clone, Debug, PartialEq)]
pub struct DescribeDelegationTokenRequest {
    pub owners: Option<Vec<DescribeDelegationTokenOwner>>,
}

impl Default for DescribeDelegationTokenRequest {
    fn default() -> Self {
        Self { owners: Some(Vec::new()) }
    }
}

impl DescribeDelegationTokenRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self { owners: r.nullable_array(flex, true, 3, v, DescribeDelegationTokenOwner::get) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.nullable_array(flex, true, self.owners.as_deref(), v, DescribeDelegationTokenOwner::put);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeDelegationTokenOwner {
    pub principal_type: String,
    pub principal_name: String,
}

impl DescribeDelegationTokenOwner {
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
