//! `AlterClientQuotasRequest`: key 49, versions 0 to 1.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(AlterClientQuotasRequest, "AlterClientQuotasRequest", 49, 0..=1, 1);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterClientQuotasRequest {
    pub entries: Vec<EntryData>,
    pub validate_only: bool,
}

impl AlterClientQuotasRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 1;
        let m = Self { entries: r.array(flex, 3, v, EntryData::get), validate_only: r.bool() };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.array(flex, &self.entries, v, EntryData::put);
        w.bool(self.validate_only);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct EntryData {
    pub entity: Vec<EntityData>,
    pub ops: Vec<OpData>,
}

impl EntryData {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 1;
        let m = Self { entity: r.array(flex, 3, v, EntityData::get), ops: r.array(flex, 11, v, OpData::get) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.array(flex, &self.entity, v, EntityData::put);
        w.array(flex, &self.ops, v, OpData::put);
        if flex {
            w.no_tags();
        }
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
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 1;
        let m = Self { entity_type: r.string(flex), entity_name: r.nullable_string(flex, true) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.string(flex, &self.entity_type);
        w.nullable_string(flex, true, self.entity_name.as_deref());
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct OpData {
    pub key: String,
    pub value: f64,
    pub remove: bool,
}

impl OpData {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 1;
        let m = Self { key: r.string(flex), value: r.f64(), remove: r.bool() };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.string(flex, &self.key);
        w.f64(self.value);
        w.bool(self.remove);
        if flex {
            w.no_tags();
        }
    }
}
