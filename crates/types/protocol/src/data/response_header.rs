//! `ResponseHeader`: versions 0 to 1.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ResponseHeader, "ResponseHeader", -1, 0..=1, 1);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResponseHeader {
    pub correlation_id: i32,
}

impl ResponseHeader {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 1;
        let m = Self { correlation_id: r.i32() };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 1;
        w.i32(self.correlation_id);
        if flex {
            w.no_tags();
        }
    }
}
