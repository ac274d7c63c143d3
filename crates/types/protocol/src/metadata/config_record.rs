//! `ConfigRecord`: key 4, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ConfigRecord, "ConfigRecord", 4, 0..=0, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct ConfigRecord {
    pub resource_type: i8,
    pub resource_name: String,
    pub name: String,
    pub value: Option<String>,
}

impl Default for ConfigRecord {
    fn default() -> Self {
        Self {
            resource_type: 0,
            resource_name: String::new(),
            name: String::new(),
            value: Some(String::new()),
        }
    }
}

impl ConfigRecord {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self {
            resource_type: r.i8(),
            resource_name: r.string(true),
            name: r.string(true),
            value: r.nullable_string(true, true),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i8(self.resource_type);
        w.string(true, &self.resource_name);
        w.string(true, &self.name);
        w.nullable_string(true, true, self.value.as_deref());
        w.no_tags();
    }
}
