//! `ConsumerGroupHeartbeatRequest`: key 68, versions 0 to 1.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(ConsumerGroupHeartbeatRequest, "ConsumerGroupHeartbeatRequest", 68, 0..=1, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerGroupHeartbeatRequest {
    pub group_id: String,
    pub member_id: String,
    pub member_epoch: i32,
    pub instance_id: Option<String>,
    pub rack_id: Option<String>,
    pub rebalance_timeout_ms: i32,
    pub subscribed_topic_names: Option<Vec<String>>,
    pub subscribed_topic_regex: Option<String>,
    pub server_assignor: Option<String>,
    pub topic_partitions: Option<Vec<TopicPartitions>>,
}

impl Default for ConsumerGroupHeartbeatRequest {
    fn default() -> Self {
        Self {
            group_id: String::new(),
            member_id: String::new(),
            member_epoch: 0,
            instance_id: None,
            rack_id: None,
            rebalance_timeout_ms: -1,
            subscribed_topic_names: None,
            subscribed_topic_regex: None,
            server_assignor: None,
            topic_partitions: None,
        }
    }
}

impl ConsumerGroupHeartbeatRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            group_id: r.string(true),
            member_id: r.string(true),
            member_epoch: r.i32(),
            instance_id: r.nullable_string(true, true),
            rack_id: r.nullable_string(true, true),
            rebalance_timeout_ms: r.i32(),
            subscribed_topic_names: r.nullable_array(true, true, 1, v, |r, _| r.string(true)),
            subscribed_topic_regex: if v >= 1 { r.nullable_string(true, true) } else { None },
            server_assignor: r.nullable_string(true, true),
            topic_partitions: r.nullable_array(true, true, 18, v, TopicPartitions::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.group_id);
        w.string(true, &self.member_id);
        w.i32(self.member_epoch);
        w.nullable_string(true, true, self.instance_id.as_deref());
        w.nullable_string(true, true, self.rack_id.as_deref());
        w.i32(self.rebalance_timeout_ms);
        w.nullable_array(true, true, self.subscribed_topic_names.as_deref(), v, |x, w, _| w.string(true, x));
        if v >= 1 {
            w.nullable_string(true, true, self.subscribed_topic_regex.as_deref());
        }
        w.require(v >= 1 || self.subscribed_topic_regex.is_none(), "SubscribedTopicRegex");
        w.nullable_string(true, true, self.server_assignor.as_deref());
        w.nullable_array(true, true, self.topic_partitions.as_deref(), v, TopicPartitions::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicPartitions {
    pub topic_id: Uuid,
    pub partitions: Vec<i32>,
}

impl TopicPartitions {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self { topic_id: r.uuid(), partitions: r.array(true, 4, v, |r, _| r.i32()) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.uuid(self.topic_id);
        w.array(true, &self.partitions, v, |x, w, _| w.i32(*x));
        w.no_tags();
    }
}
