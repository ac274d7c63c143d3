//! `ApiVersionsResponse`: key 18, versions 0 to 4.

// Written by `cargo xtask codegen` from the specification.

use crate::{Reader, Writer, message};

message!(ApiVersionsResponse, "ApiVersionsResponse", 18, 0..=4, 3, error_codes);

#[derive(Clone, Debug, PartialEq)]
pub struct ApiVersionsResponse {
    pub error_code: i16,
    pub api_keys: Vec<ApiVersion>,
    pub throttle_time_ms: i32,
    pub supported_features: Vec<SupportedFeatureKey>,
    pub finalized_features_epoch: i64,
    pub finalized_features: Vec<FinalizedFeatureKey>,
    pub zk_migration_ready: bool,
}

impl Default for ApiVersionsResponse {
    fn default() -> Self {
        Self {
            error_code: 0,
            api_keys: Vec::new(),
            throttle_time_ms: 0,
            supported_features: Vec::new(),
            finalized_features_epoch: -1,
            finalized_features: Vec::new(),
            zk_migration_ready: false,
        }
    }
}

impl ApiVersionsResponse {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 3;
        let mut m = Self {
            error_code: r.i16(),
            api_keys: r.array(flex, 6, v, ApiVersion::get),
            throttle_time_ms: if v >= 1 { r.i32() } else { 0 },
            supported_features: Vec::new(),
            finalized_features_epoch: -1,
            finalized_features: Vec::new(),
            zk_migration_ready: false,
        };
        if flex {
            let mut tags = r.tags();
            while let Some(tag) = tags.next(r) {
                match tag {
                    0 => m.supported_features = r.array(true, 6, v, SupportedFeatureKey::get),
                    1 => m.finalized_features_epoch = r.i64(),
                    2 => m.finalized_features = r.array(true, 6, v, FinalizedFeatureKey::get),
                    3 => m.zk_migration_ready = r.bool(),
                    _ => tags.skip(r),
                }
            }
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.i16(self.error_code);
        w.array(flex, &self.api_keys, v, ApiVersion::put);
        if v >= 1 {
            w.i32(self.throttle_time_ms);
        }
        if flex {
            let mut tags = w.tags();
            if !self.supported_features.is_empty() {
                tags.open(w, 0);
                w.array(true, &self.supported_features, v, SupportedFeatureKey::put);
                tags.close(w);
            }
            if self.finalized_features_epoch != -1 {
                tags.open(w, 1);
                w.i64(self.finalized_features_epoch);
                tags.close(w);
            }
            if !self.finalized_features.is_empty() {
                tags.open(w, 2);
                w.array(true, &self.finalized_features, v, FinalizedFeatureKey::put);
                tags.close(w);
            }
            if self.zk_migration_ready {
                tags.open(w, 3);
                w.bool(self.zk_migration_ready);
                tags.close(w);
            }
            tags.finish(w);
        }
    }
}

impl ApiVersionsResponse {
    pub(crate) fn error_codes(&self, visit: &mut dyn FnMut(i16)) {
        visit(self.error_code);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApiVersion {
    pub api_key: i16,
    pub min_version: i16,
    pub max_version: i16,
}

impl ApiVersion {
    pub(crate) fn get(r: &mut Reader<'_>, v: i16) -> Self {
        let flex = v >= 3;
        let m = Self { api_key: r.i16(), min_version: r.i16(), max_version: r.i16() };
        if flex {
            r.skip_tags();
        }
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.i16(self.api_key);
        w.i16(self.min_version);
        w.i16(self.max_version);
        if flex {
            w.no_tags();
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SupportedFeatureKey {
    pub name: String,
    pub min_version: i16,
    pub max_version: i16,
}

impl SupportedFeatureKey {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { name: r.string(true), min_version: r.i16(), max_version: r.i16() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.i16(self.min_version);
        w.i16(self.max_version);
        w.no_tags();
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FinalizedFeatureKey {
    pub name: String,
    pub max_version_level: i16,
    pub min_version_level: i16,
}

impl FinalizedFeatureKey {
    pub(crate) fn get(r: &mut Reader<'_>, _v: i16) -> Self {
        let m = Self { name: r.string(true), max_version_level: r.i16(), min_version_level: r.i16() };
        r.skip_tags();
        m
    }

    pub(crate) fn put(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.i16(self.max_version_level);
        w.i16(self.min_version_level);
        w.no_tags();
    }
}
