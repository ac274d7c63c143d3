//! `TopicRecord`: key 2, version 0.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(TopicRecord, "TopicRecord", 2, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicRecord {
    pub name: String,
    pub topic_id: Uuid,
}

impl TopicRecord {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { name: r.string(true), topic_id: r.uuid() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.uuid(self.topic_id);
        w.no_tags();
    }
}
