//! `DescribeConfigsRequest`: key 32, versions 1 to 4.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(DescribeConfigsRequest, "DescribeConfigsRequest", 32, 1..=4, 4);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeConfigsRequest {
    pub resources: Vec<DescribeConfigsResource>,
    pub include_synonyms: bool,
    pub include_documentation: bool,
}

impl DescribeConfigsRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 4;
        let m = Self {
            resources: r.array(flex, 4, v, DescribeConfigsResource::get),
            include_synonyms: r.bool(),
            include_documentation: if v >= 3 { r.bool() } else { false },
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.array(flex, &self.resources, v, DescribeConfigsResource::put);
        w.bool(self.include_synonyms);
        if v >= 3 {
            w.bool(self.include_documentation);
        }
        w.require(v >= 3 || !self.include_documentation, "IncludeDocumentation");
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct DescribeConfigsResource {
    pub resource_type: i8,
    pub resource_name: String,
    pub configuration_keys: Option<Vec<String>>,
}

impl Default for DescribeConfigsResource {
    fn default() -> Self {
        Self { resource_type: 0, resource_name: String::new(), configuration_keys: Some(Vec::new()) }
    }
}

impl DescribeConfigsResource {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 4;
        let m = Self {
            resource_type: r.i8(),
            resource_name: r.string(flex),
            configuration_keys: r.nullable_array(flex, true, 1, v, |r, v| r.string(v >= 4)),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.i8(self.resource_type);
        w.string(flex, &self.resource_name);
        w.nullable_array(flex, true, self.configuration_keys.as_deref(), v, |x, w, v| w.string(v >= 4, x));
        if flex {
            w.no_tags();
        }
    }
}
