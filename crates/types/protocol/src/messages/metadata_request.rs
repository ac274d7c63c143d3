//! `MetadataRequest`: key 3, versions 0 to 13.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(MetadataRequest, "MetadataRequest", 3, 0..=13, 9);

#[derive(Clone, Debug, PartialEq)]
pub struct MetadataRequest {
    pub topics: Option<Vec<MetadataRequestTopic>>,
    pub allow_auto_topic_creation: bool,
    pub include_cluster_authorized_operations: bool,
    pub include_topic_authorized_operations: bool,
}

impl Default for MetadataRequest {
    fn default() -> Self {
        Self {
            topics: Some(Vec::new()),
            allow_auto_topic_creation: true,
            include_cluster_authorized_operations: false,
            include_topic_authorized_operations: false,
        }
    }
}

impl MetadataRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 9;
        let m = Self {
            topics: r.nullable_array(flex, v >= 1, 2, v, MetadataRequestTopic::get),
            allow_auto_topic_creation: if v >= 4 { r.bool() } else { true },
            include_cluster_authorized_operations: if (8..=10).contains(&v) { r.bool() } else { false },
            include_topic_authorized_operations: if v >= 8 { r.bool() } else { false },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        w.nullable_array(flex, v >= 1, self.topics.as_deref(), v, MetadataRequestTopic::put);
        if v >= 4 {
            w.bool(self.allow_auto_topic_creation);
        }
        w.require(v >= 4 || self.allow_auto_topic_creation, "AllowAutoTopicCreation");
        if (8..=10).contains(&v) {
            w.bool(self.include_cluster_authorized_operations);
        }
        w.require(
            (8..=10).contains(&v) || !self.include_cluster_authorized_operations,
            "IncludeClusterAuthorizedOperations",
        );
        if v >= 8 {
            w.bool(self.include_topic_authorized_operations);
        }
        w.require(v >= 8 || !self.include_topic_authorized_operations, "IncludeTopicAuthorizedOperations");
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct MetadataRequestTopic {
    pub topic_id: Uuid,
    pub name: Option<String>,
}

impl Default for MetadataRequestTopic {
    fn default() -> Self {
        Self { topic_id: Uuid::ZERO, name: Some(String::new()) }
    }
}

impl MetadataRequestTopic {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 9;
        let m = Self {
            topic_id: if v >= 10 { r.uuid() } else { Uuid::ZERO },
            name: r.nullable_string(flex, v >= 10),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 9;
        if v >= 10 {
            w.uuid(self.topic_id);
        }
        w.nullable_string(flex, v >= 10, self.name.as_deref());
        if flex {
            w.no_tags();
        }
    }
}
