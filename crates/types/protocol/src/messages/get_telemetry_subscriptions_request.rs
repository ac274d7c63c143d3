//! `GetTelemetrySubscriptionsRequest`: key 71, version 0.

// Written by `cargo xtask codegen` from the specification.

use headwater_base::Uuid;

use crate::{Reader, Writer, message};

message!(GetTelemetrySubscriptionsRequest, "GetTelemetrySubscriptionsRequest", 71, 0..=0, 0);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct GetTelemetrySubscriptionsRequest {
    pub client_instance_id: Uuid,
}

impl GetTelemetrySubscriptionsRequest {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { client_instance_id: r.uuid() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.uuid(self.client_instance_id);
        w.no_tags();
    }
}
