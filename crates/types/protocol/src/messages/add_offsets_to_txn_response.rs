//! `AddOffsetsToTxnResponse`: key 25, versions 0 to 4.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(AddOffsetsToTxnResponse, "AddOffsetsToTxnResponse", 25, 0..=4, 3, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddOffsetsToTxnResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
}

impl AddOffsetsToTxnResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 3;
        let m = Self { throttle_time_ms: r.i32(), error_code: r.i16() };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.i32(self.throttle_time_ms);
        w.i16(self.error_code);
        if flex {
            w.no_tags();
        }
    }
}

impl AddOffsetsToTxnResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}
