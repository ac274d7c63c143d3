//! `ShareGroupMemberMetadataValue`: key 10, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ShareGroupMemberMetadataValue, "ShareGroupMemberMetadataValue", 10, 0..=0, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct ShareGroupMemberMetadataValue {
    pub rack_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub subscribed_topic_names: Vec<String>,
}

impl Default for ShareGroupMemberMetadataValue {
    fn default() -> Self {
        Self {
            rack_id: Some(String::new()),
            client_id: String::new(),
            client_host: String::new(),
            subscribed_topic_names: Vec::new(),
        }
    }
}

impl ShareGroupMemberMetadataValue {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            rack_id: r.nullable_string(true, true),
            client_id: r.string(true),
            client_host: r.string(true),
            subscribed_topic_names: r.array(true, 1, v, |r, _| r.string(true)),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.nullable_string(true, true, self.rack_id.as_deref());
        w.string(true, &self.client_id);
        w.string(true, &self.client_host);
        w.array(true, &self.subscribed_topic_names, v, |x, w, _| w.string(true, x));
        w.no_tags();
    }
}
