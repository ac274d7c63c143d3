//! `ClientQuotaRecord`: key 14, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ClientQuotaRecord, "ClientQuotaRecord", 14, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientQuotaRecord {
    pub entity: Vec<EntityData>,
    pub key: String,
    pub value: f64,
    pub remove: bool,
}

impl ClientQuotaRecord {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            entity: r.array(true, 3, v, EntityData::get),
            key: r.string(true),
            value: r.f64(),
            remove: r.bool(),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.entity, v, EntityData::put);
        w.string(true, &self.key);
        w.f64(self.value);
        w.bool(self.remove);
        w.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct EntityData {
    pub entity_type: String,
    pub entity_name: Option<String>,
}

impl Default for EntityData {
    fn default() -> Self {
        Self { entity_type: String::new(), entity_name: Some(String::new()) }
    }
}

impl EntityData {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { entity_type: r.string(true), entity_name: r.nullable_string(true, true) };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.entity_type);
        w.nullable_string(true, true, self.entity_name.as_deref());
        w.no_tags();
    }
}
