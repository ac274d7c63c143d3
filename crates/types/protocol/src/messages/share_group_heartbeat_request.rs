//! `ShareGroupHeartbeatRequest`: key 76, version 1.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ShareGroupHeartbeatRequest, "ShareGroupHeartbeatRequest", 76, 1..=1, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShareGroupHeartbeatRequest {
    pub group_id: String,
    pub member_id: String,
    pub member_epoch: i32,
    pub rack_id: Option<String>,
    pub subscribed_topic_names: Option<Vec<String>>,
}

impl ShareGroupHeartbeatRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            group_id: r.string(true),
            member_id: r.string(true),
            member_epoch: r.i32(),
            rack_id: r.nullable_string(true, true),
            subscribed_topic_names: r.nullable_array(true, true, 1, v, |r, _| r.string(true)),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.group_id);
        w.string(true, &self.member_id);
        w.i32(self.member_epoch);
        w.nullable_string(true, true, self.rack_id.as_deref());
        w.nullable_array(true, true, self.subscribed_topic_names.as_deref(), v, |x, w, _| w.string(true, x));
        w.no_tags();
    }
}
