//! `BrokerRegistrationRequest`: key 62, versions 0 to 4.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(BrokerRegistrationRequest, "BrokerRegistrationRequest", 62, 0..=4, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct BrokerRegistrationRequest {
    pub broker_id: i32,
    pub cluster_id: String,
    pub incarnation_id: Uuid,
    pub listeners: Vec<Listener>,
    pub features: Vec<Feature>,
    pub rack: Option<String>,
    pub is_migrating_zk_broker: bool,
    pub log_dirs: Vec<Uuid>,
    pub previous_broker_epoch: i64,
}

impl Default for BrokerRegistrationRequest {
    fn default() -> Self {
        Self {
            broker_id: 0,
            cluster_id: String::new(),
            incarnation_id: Uuid::ZERO,
            listeners: Vec::new(),
            features: Vec::new(),
            rack: Some(String::new()),
            is_migrating_zk_broker: false,
            log_dirs: Vec::new(),
            previous_broker_epoch: -1,
        }
    }
}

impl BrokerRegistrationRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            broker_id: r.i32(),
            cluster_id: r.string(true),
            incarnation_id: r.uuid(),
            listeners: r.array(true, 7, v, Listener::get),
            features: r.array(true, 6, v, Feature::get),
            rack: r.nullable_string(true, true),
            is_migrating_zk_broker: if v >= 1 { r.bool() } else { false },
            log_dirs: if v >= 2 { r.array(true, 16, v, |r, _| r.uuid()) } else { Vec::new() },
            previous_broker_epoch: if v >= 3 { r.i64() } else { -1 },
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.broker_id);
        w.string(true, &self.cluster_id);
        w.uuid(self.incarnation_id);
        w.array(true, &self.listeners, v, Listener::put);
        w.array(true, &self.features, v, Feature::put);
        w.nullable_string(true, true, self.rack.as_deref());
        if v >= 1 {
            w.bool(self.is_migrating_zk_broker);
        }
        w.require(v >= 1 || !self.is_migrating_zk_broker, "IsMigratingZkBroker");
        if v >= 2 {
            w.array(true, &self.log_dirs, v, |x, w, _| w.uuid(*x));
        }
        if v >= 3 {
            w.i64(self.previous_broker_epoch);
        }
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listener {
    pub name: String,
    pub host: String,
    pub port: u16,
    pub security_protocol: i16,
}

impl Listener {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m =
            Self { name: r.string(true), host: r.string(true), port: r.u16(), security_protocol: r.i16() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.string(true, &self.host);
        w.u16(self.port);
        w.i16(self.security_protocol);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feature {
    pub name: String,
    pub min_supported_version: i16,
    pub max_supported_version: i16,
}

impl Feature {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { name: r.string(true), min_supported_version: r.i16(), max_supported_version: r.i16() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.i16(self.min_supported_version);
        w.i16(self.max_supported_version);
        w.no_tags();
    }
}
