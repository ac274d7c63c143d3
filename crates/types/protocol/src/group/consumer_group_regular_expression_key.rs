//! `ConsumerGroupRegularExpressionKey`: key 16, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ConsumerGroupRegularExpressionKey, "ConsumerGroupRegularExpressionKey", 16, 0..=0, i16::MAX);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerGroupRegularExpressionKey {
    pub group_id: String,
    pub regular_expression: String,
}

impl ConsumerGroupRegularExpressionKey {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        Self { group_id: r.string(false), regular_expression: r.string(false) }
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(false, &self.group_id);
        w.string(false, &self.regular_expression);
    }
}
