//! `FindCoordinatorRequest`: key 10, versions 0 to 6.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(FindCoordinatorRequest, "FindCoordinatorRequest", 10, 0..=6, 3);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FindCoordinatorRequest {
    pub key: String,
    pub key_type: i8,
    pub coordinator_keys: Vec<String>,
}

impl FindCoordinatorRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 3;
        let m = Self {
            key: if v <= 3 { r.string(flex) } else { String::new() },
            key_type: if v >= 1 { r.i8() } else { 0 },
            coordinator_keys: if v >= 4 { r.array(flex, 1, v, |r, v| r.string(v >= 3)) } else { Vec::new() },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        if v <= 3 {
            w.string(flex, &self.key);
        }
        w.require(v <= 3 || self.key.is_empty(), "Key");
        if v >= 1 {
            w.i8(self.key_type);
        }
        w.require(v >= 1 || self.key_type == 0, "KeyType");
        if v >= 4 {
            w.array(flex, &self.coordinator_keys, v, |x, w, v| w.string(v >= 3, x));
        }
        w.require(v >= 4 || self.coordinator_keys.is_empty(), "CoordinatorKeys");
        if flex {
            w.no_tags();
        }
    }
}
