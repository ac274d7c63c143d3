//! `OffsetFetchRequest`: key 9, versions 1 to 10.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(OffsetFetchRequest, "OffsetFetchRequest", 9, 1..=10, 6);

#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchRequest {
    pub group_id: String,
    pub topics: Option<Vec<OffsetFetchRequestTopic>>,
    pub groups: Vec<OffsetFetchRequestGroup>,
    pub require_stable: bool,
}

impl Default for OffsetFetchRequest {
    fn default() -> Self {
        Self { group_id: String::new(), topics: Some(Vec::new()), groups: Vec::new(), require_stable: false }
    }
}

impl OffsetFetchRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 6;
        let m = Self {
            group_id: if v <= 7 { r.string(flex) } else { String::new() },
            topics: if v <= 7 {
                r.nullable_array(flex, v >= 2, 3, v, OffsetFetchRequestTopic::get)
            } else {
                Some(Vec::new())
            },
            groups: if v >= 8 { r.array(flex, 3, v, OffsetFetchRequestGroup::get) } else { Vec::new() },
            require_stable: if v >= 7 { r.bool() } else { false },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        if v <= 7 {
            w.string(flex, &self.group_id);
        }
        w.require(v <= 7 || self.group_id.is_empty(), "GroupId");
        if v <= 7 {
            w.nullable_array(flex, v >= 2, self.topics.as_deref(), v, OffsetFetchRequestTopic::put);
        }
        w.require(v <= 7 || self.topics.as_ref().is_some_and(Vec::is_empty), "Topics");
        if v >= 8 {
            w.array(flex, &self.groups, v, OffsetFetchRequestGroup::put);
        }
        w.require(v >= 8 || self.groups.is_empty(), "Groups");
        if v >= 7 {
            w.bool(self.require_stable);
        }
        w.require(v >= 7 || !self.require_stable, "RequireStable");
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchRequestTopic {
    pub name: String,
    pub partition_indexes: Vec<i32>,
}

impl OffsetFetchRequestTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 6;
        let m = Self { name: r.string(flex), partition_indexes: r.array(flex, 4, v, |r, _| r.i32()) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 6;
        w.string(flex, &self.name);
        w.array(flex, &self.partition_indexes, v, |x, w, _| w.i32(*x));
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchRequestGroup {
    pub group_id: String,
    pub member_id: Option<String>,
    pub member_epoch: i32,
    pub topics: Option<Vec<OffsetFetchRequestTopics>>,
}

impl Default for OffsetFetchRequestGroup {
    fn default() -> Self {
        Self { group_id: String::new(), member_id: None, member_epoch: -1, topics: Some(Vec::new()) }
    }
}

impl OffsetFetchRequestGroup {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            group_id: r.string(true),
            member_id: if v >= 9 { r.nullable_string(true, true) } else { None },
            member_epoch: if v >= 9 { r.i32() } else { -1 },
            topics: r.nullable_array(true, true, 3, v, OffsetFetchRequestTopics::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.group_id);
        if v >= 9 {
            w.nullable_string(true, true, self.member_id.as_deref());
        }
        if v >= 9 {
            w.i32(self.member_epoch);
        }
        w.nullable_array(true, true, self.topics.as_deref(), v, OffsetFetchRequestTopics::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchRequestTopics {
    pub name: String,
    pub topic_id: Uuid,
    pub partition_indexes: Vec<i32>,
}

impl OffsetFetchRequestTopics {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            name: if v <= 9 { r.string(true) } else { String::new() },
            topic_id: if v >= 10 { r.uuid() } else { Uuid::ZERO },
            partition_indexes: r.array(true, 4, v, |r, _| r.i32()),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        if v <= 9 {
            w.string(true, &self.name);
        }
        if v >= 10 {
            w.uuid(self.topic_id);
        }
        w.array(true, &self.partition_indexes, v, |x, w, _| w.i32(*x));
        w.no_tags();
    }
}
