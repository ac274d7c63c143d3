//! `DescribeClientQuotasRequest`: key 48, versions 0 to 1.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(DescribeClientQuotasRequest, "DescribeClientQuotasRequest", 48, 0..=1, 1);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeClientQuotasRequest {
    pub components: Vec<ComponentData>,
    pub strict: bool,
}

impl DescribeClientQuotasRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 1;
        let m = Self { components: r.array(flex, 4, v, ComponentData::get), strict: r.bool() };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.array(flex, &self.components, v, ComponentData::put);
        w.bool(self.strict);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct ComponentData {
    pub entity_type: String,
    pub match_type: i8,
    pub match_: Option<String>,
}

impl Default for ComponentData {
    fn default() -> Self {
        Self { entity_type: String::new(), match_type: 0, match_: Some(String::new()) }
    }
}

impl ComponentData {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 1;
        let m =
            Self { entity_type: r.string(flex), match_type: r.i8(), match_: r.nullable_string(flex, true) };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.string(flex, &self.entity_type);
        w.i8(self.match_type);
        w.nullable_string(flex, true, self.match_.as_deref());
        if flex {
            w.no_tags();
        }
    }
}
