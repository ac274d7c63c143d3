//! `CreateTopicsRequest`: key 19, versions 2 to 7.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(CreateTopicsRequest, "CreateTopicsRequest", 19, 2..=7, 5);

#[derive(Clone, Debug, PartialEq)]
pub struct CreateTopicsRequest {
    pub topics: Vec<CreatableTopic>,
    pub timeout_ms: i32,
    pub validate_only: bool,
}

impl Default for CreateTopicsRequest {
    fn default() -> Self {
        Self { topics: Vec::new(), timeout_ms: 60000, validate_only: false }
    }
}

impl CreateTopicsRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 5;
        let m = Self {
            topics: r.array(flex, 10, v, CreatableTopic::get),
            timeout_ms: r.i32(),
            validate_only: r.bool(),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 5;
        w.array(flex, &self.topics, v, CreatableTopic::put);
        w.i32(self.timeout_ms);
        w.bool(self.validate_only);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreatableTopic {
    pub name: String,
    pub num_partitions: i32,
    pub replication_factor: i16,
    pub assignments: Vec<CreatableReplicaAssignment>,
    pub configs: Vec<CreatableTopicConfig>,
}

impl CreatableTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 5;
        let m = Self {
            name: r.string(flex),
            num_partitions: r.i32(),
            replication_factor: r.i16(),
            assignments: r.array(flex, 6, v, CreatableReplicaAssignment::get),
            configs: r.array(flex, 3, v, CreatableTopicConfig::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 5;
        w.string(flex, &self.name);
        w.i32(self.num_partitions);
        w.i16(self.replication_factor);
        w.array(flex, &self.assignments, v, CreatableReplicaAssignment::put);
        w.array(flex, &self.configs, v, CreatableTopicConfig::put);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreatableReplicaAssignment {
    pub partition_index: i32,
    pub broker_ids: Vec<i32>,
}

impl CreatableReplicaAssignment {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 5;
        let m = Self { partition_index: r.i32(), broker_ids: r.array(flex, 4, v, |r, _| r.i32()) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 5;
        w.i32(self.partition_index);
        w.array(flex, &self.broker_ids, v, |x, w, _| w.i32(*x));
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct CreatableTopicConfig {
    pub name: String,
    pub value: Option<String>,
}

impl Default for CreatableTopicConfig {
    fn default() -> Self {
        Self { name: String::new(), value: Some(String::new()) }
    }
}

impl CreatableTopicConfig {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 5;
        let m = Self { name: r.string(flex), value: r.nullable_string(flex, true) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 5;
        w.string(flex, &self.name);
        w.nullable_string(flex, true, self.value.as_deref());
        if flex {
            w.no_tags();
        }
    }
}
