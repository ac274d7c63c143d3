//! `ListConfigResourcesRequest`: key 74, versions 0 to 1.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ListConfigResourcesRequest, "ListConfigResourcesRequest", 74, 0..=1, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListConfigResourcesRequest {
    pub resource_types: Vec<i8>,
}

impl ListConfigResourcesRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { resource_types: if v >= 1 { r.array(true, 1, v, |r, _| r.i8()) } else { Vec::new() } };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        if v >= 1 {
            w.array(true, &self.resource_types, v, |x, w, _| w.i8(*x));
        }
        w.require(v >= 1 || self.resource_types.is_empty(), "ResourceTypes");
        w.no_tags();
    }
}
