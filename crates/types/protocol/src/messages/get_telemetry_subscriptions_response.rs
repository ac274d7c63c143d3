//! `GetTelemetrySubscriptionsResponse`: key 71, version 0.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(GetTelemetrySubscriptionsResponse, "GetTelemetrySubscriptionsResponse", 71, 0..=0, 0, error_codes);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct GetTelemetrySubscriptionsResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub client_instance_id: Uuid,
    pub subscription_id: i32,
    pub accepted_compression_types: Vec<i8>,
    pub push_interval_ms: i32,
    pub telemetry_max_bytes: i32,
    pub delta_temporality: bool,
    pub requested_metrics: Vec<String>,
}

impl GetTelemetrySubscriptionsResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            throttle_time_ms: r.i32(),
            error_code: r.i16(),
            client_instance_id: r.uuid(),
            subscription_id: r.i32(),
            accepted_compression_types: r.array(true, 1, v, |r, _| r.i8()),
            push_interval_ms: r.i32(),
            telemetry_max_bytes: r.i32(),
            delta_temporality: r.bool(),
            requested_metrics: r.array(true, 1, v, |r, _| r.string(true)),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.throttle_time_ms);
        w.i16(self.error_code);
        w.uuid(self.client_instance_id);
        w.i32(self.subscription_id);
        w.array(true, &self.accepted_compression_types, v, |x, w, _| w.i8(*x));
        w.i32(self.push_interval_ms);
        w.i32(self.telemetry_max_bytes);
        w.bool(self.delta_temporality);
        w.array(true, &self.requested_metrics, v, |x, w, _| w.string(true, x));
        w.no_tags();
    }
}

impl GetTelemetrySubscriptionsResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}
