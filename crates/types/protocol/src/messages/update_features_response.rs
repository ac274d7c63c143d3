//! `UpdateFeaturesResponse`: key 57, versions 0 to 2.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(UpdateFeaturesResponse, "UpdateFeaturesResponse", 57, 0..=2, 0, error_codes);

#[derive(Clone, Debug, PartialEq)]
pub struct UpdateFeaturesResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    pub error_message: Option<String>,
    pub results: Vec<UpdatableFeatureResult>,
}

impl Default for UpdateFeaturesResponse {
    fn default() -> Self {
        Self { throttle_time_ms: 0, error_code: 0, error_message: Some(String::new()), results: Vec::new() }
    }
}

impl UpdateFeaturesResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            throttle_time_ms: r.i32(),
            error_code: r.i16(),
            error_message: r.nullable_string(true, true),
            results: if v <= 1 { r.array(true, 5, v, UpdatableFeatureResult::get) } else { Vec::new() },
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.throttle_time_ms);
        w.i16(self.error_code);
        w.nullable_string(true, true, self.error_message.as_deref());
        if v <= 1 {
            w.array(true, &self.results, v, UpdatableFeatureResult::put);
        }
        w.no_tags();
    }
}

impl UpdateFeaturesResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
        for each in &self.results {
            each.error_codes(visit);
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct UpdatableFeatureResult {
    pub feature: String,
    pub error_code: i16,
    pub error_message: Option<String>,
}

impl Default for UpdatableFeatureResult {
    fn default() -> Self {
        Self { feature: String::new(), error_code: 0, error_message: Some(String::new()) }
    }
}

impl UpdatableFeatureResult {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self {
            feature: r.string(true),
            error_code: r.i16(),
            error_message: r.nullable_string(true, true),
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.feature);
        w.i16(self.error_code);
        w.nullable_string(true, true, self.error_message.as_deref());
        w.no_tags();
    }
}

impl UpdatableFeatureResult {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}
