//! `UnregisterBrokerRequest`: key 64, version 0.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(UnregisterBrokerRequest, "UnregisterBrokerRequest", 64, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnregisterBrokerRequest {
    pub broker_id: i32,
}

impl UnregisterBrokerRequest {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { broker_id: r.i32() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.i32(self.broker_id);
        w.no_tags();
    }
}
