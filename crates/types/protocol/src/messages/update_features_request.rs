//! `UpdateFeaturesRequest`: key 57, versions 0 to 2.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(UpdateFeaturesRequest, "UpdateFeaturesRequest", 57, 0..=2, 0);

#[derive(Clone, Debug, PartialEq)]
pub struct UpdateFeaturesRequest {
    pub timeout_ms: i32,
    pub feature_updates: Vec<FeatureUpdateKey>,
    pub validate_only: bool,
}

impl Default for UpdateFeaturesRequest {
    fn default() -> Self {
        Self { timeout_ms: 60000, feature_updates: Vec::new(), validate_only: false }
    }
}

impl UpdateFeaturesRequest {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            timeout_ms: r.i32(),
            feature_updates: r.array(true, 5, v, FeatureUpdateKey::get),
            validate_only: if v >= 1 { r.bool() } else { false },
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.i32(self.timeout_ms);
        w.array(true, &self.feature_updates, v, FeatureUpdateKey::put);
        if v >= 1 {
            w.bool(self.validate_only);
        }
        w.require(v >= 1 || !self.validate_only, "ValidateOnly");
        w.no_tags();
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct FeatureUpdateKey {
    pub feature: String,
    pub max_version_level: i16,
    pub allow_downgrade: bool,
    pub upgrade_type: i8,
}

impl Default for FeatureUpdateKey {
    fn default() -> Self {
        Self { feature: String::new(), max_version_level: 0, allow_downgrade: false, upgrade_type: 1 }
    }
}

impl FeatureUpdateKey {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let m = Self {
            feature: r.string(true),
            max_version_level: r.i16(),
            allow_downgrade: if v <= 0 { r.bool() } else { false },
            upgrade_type: if v >= 1 { r.i8() } else { 1 },
        };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.feature);
        w.i16(self.max_version_level);
        if v <= 0 {
            w.bool(self.allow_downgrade);
        }
        w.require(v <= 0 || !self.allow_downgrade, "AllowDowngrade");
        if v >= 1 {
            w.i8(self.upgrade_type);
        }
        w.require(v >= 1 || self.upgrade_type == 1, "UpgradeType");
        w.no_tags();
    }
}
