//! `ConsumerGroupRegularExpressionValue`: key 16, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ConsumerGroupRegularExpressionValue, "ConsumerGroupRegularExpressionValue", 16, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerGroupRegularExpressionValue {
    pub topics: Vec<String>,
    pub version: i64,
    pub timestamp: i64,
}

impl ConsumerGroupRegularExpressionValue {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m =
            Self { topics: r.array(true, 1, v, |r, _| r.string(true)), version: r.i64(), timestamp: r.i64() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.topics, v, |x, w, _| w.string(true, x));
        w.i64(self.version);
        w.i64(self.timestamp);
        w.no_tags();
    }
}
