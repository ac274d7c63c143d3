//! `DescribeAclsRequest`: key 29, versions 1 to 3.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(DescribeAclsRequest, "DescribeAclsRequest", 29, 1..=3, 2);

#[derive(Clone, Debug, PartialEq)]
pub struct DescribeAclsRequest {
    pub resource_type_filter: i8,
    pub resource_name_filter: Option<String>,
    pub pattern_type_filter: i8,
    pub principal_filter: Option<String>,
    pub host_filter: Option<String>,
    pub operation: i8,
    pub permission_type: i8,
}

impl Default for DescribeAclsRequest {
    fn default() -> Self {
        Self {
            resource_type_filter: 0,
            resource_name_filter: Some(String::new()),
            pattern_type_filter: 3,
            principal_filter: Some(String::new()),
            host_filter: Some(String::new()),
            operation: 0,
            permission_type: 0,
        }
    }
}

impl DescribeAclsRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 2;
        let m = Self {
            resource_type_filter: r.i8(),
            resource_name_filter: r.nullable_string(flex, true),
            pattern_type_filter: r.i8(),
            principal_filter: r.nullable_string(flex, true),
            host_filter: r.nullable_string(flex, true),
            operation: r.i8(),
            permission_type: r.i8(),
        };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 2;
        w.i8(self.resource_type_filter);
        w.nullable_string(flex, true, self.resource_name_filter.as_deref());
        w.i8(self.pattern_type_filter);
        w.nullable_string(flex, true, self.principal_filter.as_deref());
        w.nullable_string(flex, true, self.host_filter.as_deref());
        w.i8(self.operation);
        w.i8(self.permission_type);
        if flex {
            w.no_tags();
        }
    }
}
