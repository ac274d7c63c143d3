//! `ZkMigrationStateRecord`: key 21, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ZkMigrationStateRecord, "ZkMigrationStateRecord", 21, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ZkMigrationStateRecord {
    pub zk_migration_state: i8,
}

impl ZkMigrationStateRecord {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { zk_migration_state: r.i8() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i8(self.zk_migration_state);
        w.no_tags();
    }
}
