//! `ApiVersionsRequest`: key 18, versions 0 to 4.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ApiVersionsRequest, "ApiVersionsRequest", 18, 0..=4, 3);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApiVersionsRequest {
    pub client_software_name: String,
    pub client_software_version: String,
}

impl ApiVersionsRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 3;
        let m = Self {
            client_software_name: if v >= 3 { r.string(flex) } else { String::new() },
            client_software_version: if v >= 3 { r.string(flex) } else { String::new() },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        if v >= 3 {
            w.string(flex, &self.client_software_name);
        }
        if v >= 3 {
            w.string(flex, &self.client_software_version);
        }
        if flex {
            w.no_tags();
        }
    }
}
