//! `EndTxnMarker`: version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(EndTxnMarker, "EndTxnMarker", -1, 0..=0, i16::MAX);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndTxnMarker {
    pub coordinator_epoch: i32,
}

impl EndTxnMarker {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        Self { coordinator_epoch: r.i32() }
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.coordinator_epoch);
    }
}
