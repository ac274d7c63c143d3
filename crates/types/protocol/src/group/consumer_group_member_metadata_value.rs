//! `ConsumerGroupMemberMetadataValue`: key 5, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ConsumerGroupMemberMetadataValue, "ConsumerGroupMemberMetadataValue", 5, 0..=0, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerGroupMemberMetadataValue {
    pub instance_id: Option<String>,
    pub rack_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub subscribed_topic_names: Vec<String>,
    pub subscribed_topic_regex: Option<String>,
    pub rebalance_timeout_ms: i32,
    pub server_assignor: Option<String>,
    pub classic_member_metadata: Option<ClassicMemberMetadata>,
}

impl Default for ConsumerGroupMemberMetadataValue {
    fn default() -> Self {
        Self {
            instance_id: Some(String::new()),
            rack_id: Some(String::new()),
            client_id: String::new(),
            client_host: String::new(),
            subscribed_topic_names: Vec::new(),
            subscribed_topic_regex: Some(String::new()),
            rebalance_timeout_ms: -1,
            server_assignor: Some(String::new()),
            classic_member_metadata: Some(ClassicMemberMetadata::default()),
        }
    }
}

impl ConsumerGroupMemberMetadataValue {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let mut m = Self {
            instance_id: r.nullable_string(true, true),
            rack_id: r.nullable_string(true, true),
            client_id: r.string(true),
            client_host: r.string(true),
            subscribed_topic_names: r.array(true, 1, v, |r, _| r.string(true)),
            subscribed_topic_regex: r.nullable_string(true, true),
            rebalance_timeout_ms: r.i32(),
            server_assignor: r.nullable_string(true, true),
            classic_member_metadata: Some(ClassicMemberMetadata::default()),
        };
        let mut tags = r.tags();
        while let Some(tag) = tags.next(r) {
            match tag {
                0 => m.classic_member_metadata = r.nullable_tagged(v, ClassicMemberMetadata::get),
                _ => tags.skip(r),
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.nullable_string(true, true, self.instance_id.as_deref());
        w.nullable_string(true, true, self.rack_id.as_deref());
        w.string(true, &self.client_id);
        w.string(true, &self.client_host);
        w.array(true, &self.subscribed_topic_names, v, |x, w, _| w.string(true, x));
        w.nullable_string(true, true, self.subscribed_topic_regex.as_deref());
        w.i32(self.rebalance_timeout_ms);
        w.nullable_string(true, true, self.server_assignor.as_deref());
        let mut tags = w.tags();
        if self.classic_member_metadata != Some(ClassicMemberMetadata::default()) {
            tags.open(w, 0);
            w.nullable_tagged(self.classic_member_metadata.as_ref(), v, ClassicMemberMetadata::put);
            tags.close(w);
        }
        tags.finish(w);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassicMemberMetadata {
    pub session_timeout_ms: i32,
    pub supported_protocols: Vec<ClassicProtocol>,
}

impl ClassicMemberMetadata {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            session_timeout_ms: r.i32(),
            supported_protocols: r.array(true, 3, v, ClassicProtocol::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.session_timeout_ms);
        w.array(true, &self.supported_protocols, v, ClassicProtocol::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassicProtocol {
    pub name: String,
    pub metadata: Vec<u8>,
}

impl ClassicProtocol {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { name: r.string(true), metadata: r.bytes(true) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.bytes(true, &self.metadata);
        w.no_tags();
    }
}
