//! `RegisterBrokerRecord`: key 0, versions 0 to 4.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(RegisterBrokerRecord, "RegisterBrokerRecord", 0, 0..=4, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct RegisterBrokerRecord {
    pub broker_id: i32,
    pub is_migrating_zk_broker: bool,
    pub incarnation_id: Uuid,
    pub broker_epoch: i64,
    pub end_points: Vec<BrokerEndpoint>,
    pub features: Vec<BrokerFeature>,
    pub rack: Option<String>,
    pub fenced: bool,
    pub in_controlled_shutdown: bool,
    pub log_dirs: Vec<Uuid>,
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

impl Default for RegisterBrokerRecord {
    fn default() -> Self {
        Self {
            broker_id: 0,
            is_migrating_zk_broker: false,
            incarnation_id: Uuid::ZERO,
            broker_epoch: 0,
            end_points: Vec::new(),
            features: Vec::new(),
            rack: Some(String::new()),
            fenced: true,
            in_controlled_shutdown: false,
            log_dirs: Vec::new(),
            cordoned_log_dirs: None,
        }
    }
}

impl RegisterBrokerRecord {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let mut m = Self {
            broker_id: r.i32(),
            is_migrating_zk_broker: if v >= 2 { r.bool() } else { false },
            incarnation_id: r.uuid(),
            broker_epoch: r.i64(),
            end_points: r.array(true, 7, v, BrokerEndpoint::get),
            features: r.array(true, 6, v, BrokerFeature::get),
            rack: r.nullable_string(true, true),
            fenced: r.bool(),
            in_controlled_shutdown: if v >= 1 { r.bool() } else { false },
            log_dirs: Vec::new(),
            cordoned_log_dirs: None,
        };
        let mut tags = r.tags();
        while let Some(tag) = tags.next(r) {
            match tag {
                0 if v >= 3 => m.log_dirs = r.array(true, 16, v, |r, _| r.uuid()),
                0 => r.refuse_tag(),
                1 if v >= 4 => m.cordoned_log_dirs = r.nullable_array(true, true, 16, v, |r, _| r.uuid()),
                1 => r.refuse_tag(),
                _ => tags.skip(r),
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.broker_id);
        if v >= 2 {
            w.bool(self.is_migrating_zk_broker);
        }
        w.require(v >= 2 || !self.is_migrating_zk_broker, "IsMigratingZkBroker");
        w.uuid(self.incarnation_id);
        w.i64(self.broker_epoch);
        w.array(true, &self.end_points, v, BrokerEndpoint::put);
        w.array(true, &self.features, v, BrokerFeature::put);
        w.nullable_string(true, true, self.rack.as_deref());
        w.bool(self.fenced);
        if v >= 1 {
            w.bool(self.in_controlled_shutdown);
        }
        w.require(v >= 1 || !self.in_controlled_shutdown, "InControlledShutdown");
        w.require(v >= 3 || self.log_dirs.is_empty(), "LogDirs");
        w.require(v >= 4 || self.cordoned_log_dirs.is_none(), "CordonedLogDirs");
        let mut tags = w.tags();
        if v >= 3 && !self.log_dirs.is_empty() {
            tags.open(w, 0);
            w.array(true, &self.log_dirs, v, |x, w, _| w.uuid(*x));
            tags.close(w);
        }
        if v >= 4 && self.cordoned_log_dirs.is_some() {
            tags.open(w, 1);
            w.nullable_array(true, true, self.cordoned_log_dirs.as_deref(), v, |x, w, _| w.uuid(*x));
            tags.close(w);
        }
        tags.finish(w);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct BrokerEndpoint {
    pub name: String,
    pub host: String,
    pub port: u16,
    pub security_protocol: i16,
}

impl BrokerEndpoint {
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
pub struct BrokerFeature {
    pub name: String,
    pub min_supported_version: i16,
    pub max_supported_version: i16,
}

impl BrokerFeature {
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
