//! `AlterReplicaLogDirsRequest`: key 34, versions 1 to 2.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(AlterReplicaLogDirsRequest, "AlterReplicaLogDirsRequest", 34, 1..=2, 2);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterReplicaLogDirsRequest {
    pub dirs: Vec<AlterReplicaLogDir>,
}

impl AlterReplicaLogDirsRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self { dirs: r.array(flex, 3, v, AlterReplicaLogDir::get) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.array(flex, &self.dirs, v, AlterReplicaLogDir::put);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterReplicaLogDir {
    pub path: String,
    pub topics: Vec<AlterReplicaLogDirTopic>,
}

impl AlterReplicaLogDir {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self { path: r.string(flex), topics: r.array(flex, 3, v, AlterReplicaLogDirTopic::get) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.string(flex, &self.path);
        w.array(flex, &self.topics, v, AlterReplicaLogDirTopic::put);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterReplicaLogDirTopic {
    pub name: String,
    pub partitions: Vec<i32>,
}

impl AlterReplicaLogDirTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self { name: r.string(flex), partitions: r.array(flex, 4, v, |r, _| r.i32()) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.string(flex, &self.name);
        w.array(flex, &self.partitions, v, |x, w, _| w.i32(*x));
        if flex {
            w.no_tags();
        }
    }
}
