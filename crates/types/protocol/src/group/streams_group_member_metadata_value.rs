//! `StreamsGroupMemberMetadataValue`: key 19, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(StreamsGroupMemberMetadataValue, "StreamsGroupMemberMetadataValue", 19, 0..=0, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupMemberMetadataValue {
    pub instance_id: Option<String>,
    pub rack_id: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub rebalance_timeout_ms: i32,
    pub topology_epoch: i32,
    pub process_id: String,
    pub user_endpoint: Option<Endpoint>,
    pub client_tags: Vec<KeyValue>,
}

impl Default for StreamsGroupMemberMetadataValue {
    fn default() -> Self {
        Self {
            instance_id: Some(String::new()),
            rack_id: Some(String::new()),
            client_id: String::new(),
            client_host: String::new(),
            rebalance_timeout_ms: -1,
            topology_epoch: 0,
            process_id: String::new(),
            user_endpoint: None,
            client_tags: Vec::new(),
        }
    }
}

impl StreamsGroupMemberMetadataValue {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            instance_id: r.nullable_string(true, true),
            rack_id: r.nullable_string(true, true),
            client_id: r.string(true),
            client_host: r.string(true),
            rebalance_timeout_ms: r.i32(),
            topology_epoch: r.i32(),
            process_id: r.string(true),
            user_endpoint: r.nullable(true, v, Endpoint::get),
            client_tags: r.array(true, 3, v, KeyValue::get),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.nullable_string(true, true, self.instance_id.as_deref());
        w.nullable_string(true, true, self.rack_id.as_deref());
        w.string(true, &self.client_id);
        w.string(true, &self.client_host);
        w.i32(self.rebalance_timeout_ms);
        w.i32(self.topology_epoch);
        w.string(true, &self.process_id);
        w.nullable(true, self.user_endpoint.as_ref(), v, Endpoint::put);
        w.array(true, &self.client_tags, v, KeyValue::put);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Endpoint {
    pub host: String,
    pub port: u16,
}

impl Endpoint {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { host: r.string(true), port: r.u16() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.host);
        w.u16(self.port);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyValue {
    pub key: String,
    pub value: String,
}

impl KeyValue {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { key: r.string(true), value: r.string(true) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.key);
        w.string(true, &self.value);
        w.no_tags();
    }
}
