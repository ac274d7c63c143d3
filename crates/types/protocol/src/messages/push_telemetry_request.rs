//! `PushTelemetryRequest`: key 72, version 0.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(PushTelemetryRequest, "PushTelemetryRequest", 72, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PushTelemetryRequest {
    pub client_instance_id: Uuid,
    pub subscription_id: i32,
    pub terminating: bool,
    pub compression_type: i8,
    pub metrics: Vec<u8>,
}

impl PushTelemetryRequest {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self {
            client_instance_id: r.uuid(),
            subscription_id: r.i32(),
            terminating: r.bool(),
            compression_type: r.i8(),
            metrics: r.bytes(true),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.uuid(self.client_instance_id);
        w.i32(self.subscription_id);
        w.bool(self.terminating);
        w.i8(self.compression_type);
        w.bytes(true, &self.metrics);
        w.no_tags();
    }
}
