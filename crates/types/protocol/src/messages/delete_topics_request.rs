//! `DeleteTopicsRequest`: key 20, versions 1 to 6.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(DeleteTopicsRequest, "DeleteTopicsRequest", 20, 1..=6, 4);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteTopicsRequest {
    pub topics: Vec<DeleteTopicState>,
    pub topic_names: Vec<String>,
    pub timeout_ms: i32,
}

impl DeleteTopicsRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 4;
        let m = Self {
            topics: if v >= 6 { r.array(flex, 18, v, DeleteTopicState::get) } else { Vec::new() },
            topic_names: if v <= 5 { r.array(flex, 1, v, |r, v| r.string(v >= 4)) } else { Vec::new() },
            timeout_ms: r.i32(),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        if v >= 6 {
            w.array(flex, &self.topics, v, DeleteTopicState::put);
        }
        w.require(v >= 6 || self.topics.is_empty(), "Topics");
        if v <= 5 {
            w.array(flex, &self.topic_names, v, |x, w, v| w.string(v >= 4, x));
        }
        w.i32(self.timeout_ms);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteTopicState {
    pub name: Option<String>,
    pub topic_id: Uuid,
}

impl DeleteTopicState {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { name: r.nullable_string(true, true), topic_id: r.uuid() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.nullable_string(true, true, self.name.as_deref());
        w.uuid(self.topic_id);
        w.no_tags();
    }
}
