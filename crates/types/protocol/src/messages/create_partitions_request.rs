//! `CreatePartitionsRequest`: key 37, versions 0 to 3.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(CreatePartitionsRequest, "CreatePartitionsRequest", 37, 0..=3, 2);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreatePartitionsRequest {
    pub topics: Vec<CreatePartitionsTopic>,
    pub timeout_ms: i32,
    pub validate_only: bool,
}

impl CreatePartitionsRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self {
            topics: r.array(flex, 7, v, CreatePartitionsTopic::get),
            timeout_ms: r.i32(),
            validate_only: r.bool(),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.array(flex, &self.topics, v, CreatePartitionsTopic::put);
        w.i32(self.timeout_ms);
        w.bool(self.validate_only);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct CreatePartitionsTopic {
    pub name: String,
    pub count: i32,
    pub assignments: Option<Vec<CreatePartitionsAssignment>>,
}

impl Default for CreatePartitionsTopic {
    fn default() -> Self {
        Self { name: String::new(), count: 0, assignments: Some(Vec::new()) }
    }
}

impl CreatePartitionsTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self {
            name: r.string(flex),
            count: r.i32(),
            assignments: r.nullable_array(flex, true, 2, v, CreatePartitionsAssignment::get),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.string(flex, &self.name);
        w.i32(self.count);
        w.nullable_array(flex, true, self.assignments.as_deref(), v, CreatePartitionsAssignment::put);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreatePartitionsAssignment {
    pub broker_ids: Vec<i32>,
}

impl CreatePartitionsAssignment {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self { broker_ids: r.array(flex, 4, v, |r, _| r.i32()) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.array(flex, &self.broker_ids, v, |x, w, _| w.i32(*x));
        if flex {
            w.no_tags();
        }
    }
}
