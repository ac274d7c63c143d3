//! `AccessControlEntryRecord`: key 18, version 0.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(AccessControlEntryRecord, "AccessControlEntryRecord", 18, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccessControlEntryRecord {
    pub id: Uuid,
    pub resource_type: i8,
    pub resource_name: String,
    pub pattern_type: i8,
    pub principal: String,
    pub host: String,
    pub operation: i8,
    pub permission_type: i8,
}

impl AccessControlEntryRecord {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self {
            id: r.uuid(),
            resource_type: r.i8(),
            resource_name: r.string(true),
            pattern_type: r.i8(),
            principal: r.string(true),
            host: r.string(true),
            operation: r.i8(),
            permission_type: r.i8(),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.uuid(self.id);
        w.i8(self.resource_type);
        w.string(true, &self.resource_name);
        w.i8(self.pattern_type);
        w.string(true, &self.principal);
        w.string(true, &self.host);
        w.i8(self.operation);
        w.i8(self.permission_type);
        w.no_tags();
    }
}
