//! UpdateFeatures, key 57 (KIP-584, KIP-778; `FeatureControlManager`, `KafkaRaftClient.upgradeKRaftVersion`).
//!
//! All features of a request change or none. A level must be supported by this controller, by all registered brokers and
//! by all other controllers. `metadata.version` goes down only over levels at which no record changed. `kraft.version` is
//! the quorum's own: the decision tells the driver to raise it, and a record that says nothing gives the answer an offset
//! to wait for.

use std::collections::BTreeMap;

use headwater_base::ErrorCode;
use headwater_metadata::{MetadataVersion, VersionRange};
use headwater_protocol::messages::update_features_request::{FeatureUpdateKey, UpdateFeaturesRequest};
use headwater_protocol::messages::update_features_response::{
    UpdatableFeatureResult, UpdateFeaturesResponse,
};
use headwater_protocol::metadata::MetadataRecord;
use headwater_protocol::metadata::feature_level_record::FeatureLevelRecord;
use headwater_protocol::metadata::no_op_record::NoOpRecord;

use crate::decide::Decision;
use crate::error::ApiError;
use crate::features::{self, KRAFT_VERSION};
use crate::java_hash_map;
use crate::state::Controller;

/// Up to this version the answer names every feature.
const LAST_VERSION_WITH_RESULTS: i16 = 1;

/// What a client allows (`FeatureUpdate.UpgradeType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UpgradeType {
    Unknown,
    Upgrade,
    SafeDowngrade,
    UnsafeDowngrade,
}

impl UpgradeType {
    const fn from_code(code: i8) -> Self {
        match code {
            1 => UpgradeType::Upgrade,
            2 => UpgradeType::SafeDowngrade,
            3 => UpgradeType::UnsafeDowngrade,
            _ => UpgradeType::Unknown,
        }
    }
}

/// What the updates lead to.
#[derive(Default)]
struct Updated {
    records: Vec<MetadataRecord>,
    kraft_version: Option<i16>,
}

fn invalid(feature: &str, level: i16, why: &str) -> ApiError {
    let message = format!("Invalid update version {level} for feature {feature}. {why}");
    ApiError::new(ErrorCode::InvalidUpdateVersion, message)
}

/// Why a node cannot have a level (`QuorumFeatures.reasonNotSupported`).
fn reason_not_supported(level: i16, who: &str, range: VersionRange) -> Option<String> {
    if range.contains(level) {
        return None;
    }
    Some(match (range.min, range.max) {
        (_, 0) => format!("{who} does not support this feature."),
        (min, max) if min == max => format!("{who} only supports versions {min}"),
        (min, max) => format!("{who} only supports versions {min}-{max}"),
    })
}

impl Controller {
    pub(crate) fn update_features(
        &self,
        request: &UpdateFeaturesRequest,
        version: i16,
    ) -> Decision<UpdateFeaturesResponse> {
        // The last of two updates of one feature counts, as does the order in which the reference looks at them: it
        // says which refusal is told.
        let mut updates: BTreeMap<&str, &FeatureUpdateKey> = BTreeMap::new();
        let mut names: Vec<&str> = Vec::new();
        for update in &request.feature_updates {
            if updates.insert(&update.feature, update).is_none() {
                names.push(&update.feature);
            }
        }
        let mut updated = Updated::default();
        for name in java_hash_map::order(names) {
            if let Err(error) = self.update_feature(updates[name], &mut updated) {
                let message = error.message.unwrap_or_else(|| "null".to_owned());
                return Decision::answer(UpdateFeaturesResponse {
                    throttle_time_ms: 0,
                    error_code: error.code.code(),
                    error_message: Some(format!(
                        "The update failed for all features since the following feature had an error: {message}"
                    )),
                    results: Vec::new(),
                });
            }
        }
        let result = |update: &FeatureUpdateKey| UpdatableFeatureResult {
            feature: update.feature.clone(),
            error_code: ErrorCode::None.code(),
            error_message: Some(ErrorCode::None.message().to_owned()),
        };
        let with_results = version <= LAST_VERSION_WITH_RESULTS;
        let response = UpdateFeaturesResponse {
            throttle_time_ms: 0,
            error_code: ErrorCode::None.code(),
            error_message: None,
            results: request.feature_updates.iter().filter(|_| with_results).map(result).collect(),
        };
        if request.validate_only {
            return Decision::answer(response);
        }
        let mut decision = Decision::atomic(updated.records, response);
        decision.kraft_version = updated.kraft_version;
        decision
    }

    fn update_feature(&self, update: &FeatureUpdateKey, updated: &mut Updated) -> Result<(), ApiError> {
        let (name, level) = (update.feature.as_str(), update.max_version_level);
        let upgrade_type = UpgradeType::from_code(update.upgrade_type);
        if upgrade_type == UpgradeType::Unknown {
            return Err(invalid(name, level, "The controller does not support the given upgrade type."));
        }
        let current = match name {
            KRAFT_VERSION => self.config.kraft_version,
            _ => self.state.image.features.level(name),
        };
        if level < 0 {
            return Err(invalid(name, level, "A feature version cannot be less than 0."));
        }
        if let Some(reason) = self.reason_not_supported(name, level) {
            return Err(invalid(name, level, &reason));
        }
        if level < current && upgrade_type == UpgradeType::Upgrade {
            let why = "Can't downgrade the version of this feature without setting the upgrade type to either safe or \
                       unsafe downgrade.";
            return Err(invalid(name, level, why));
        }
        if level > current && upgrade_type != UpgradeType::Upgrade {
            return Err(invalid(name, level, "Can't downgrade to a newer version."));
        }
        match name {
            MetadataVersion::FEATURE => self.check_metadata_version(level, upgrade_type)?,
            KRAFT_VERSION if upgrade_type == UpgradeType::Upgrade => {
                updated.kraft_version = (level != current).then_some(level);
                updated.records.push(NoOpRecord {}.into());
                return Ok(());
            }
            KRAFT_VERSION if level == current => return Ok(()),
            KRAFT_VERSION => {
                return Err(invalid(name, level, "Can't downgrade the version of this feature."));
            }
            _ if features::is_known(name) => {}
            _ => return Err(invalid(name, level, &format!("Feature {name} not found."))),
        }
        updated.records.push(FeatureLevelRecord { name: name.to_owned(), feature_level: level }.into());
        Ok(())
    }

    fn reason_not_supported(&self, name: &str, level: i16) -> Option<String> {
        let own = self.config.node_id;
        let cluster = &self.state.image.cluster;
        const NOT_STATED: VersionRange = VersionRange { min: 0, max: 0 };
        let range =
            |features: &BTreeMap<String, VersionRange>| features.get(name).copied().unwrap_or(NOT_STATED);
        let here = std::iter::once((format!("Local controller {own}"), features::supported(name)));
        let brokers =
            cluster.brokers().map(|broker| (format!("Broker {}", broker.id), range(&broker.features)));
        let others = cluster.controllers().filter(|controller| controller.id != own);
        let controllers = others.map(|other| (format!("Controller {}", other.id), range(&other.features)));
        here.chain(brokers)
            .chain(controllers)
            .find_map(|(who, range)| reason_not_supported(level, &who, range))
    }

    fn check_metadata_version(&self, level: i16, upgrade_type: UpgradeType) -> Result<(), ApiError> {
        let current = self.metadata_version();
        let target = MetadataVersion(level);
        if target >= current || !target.loses_records_of(current) {
            return Ok(());
        }
        let why = match upgrade_type {
            UpgradeType::UnsafeDowngrade => "Unsafe metadata downgrade is not supported in this version.",
            _ => "Refusing to perform the requested downgrade because it might delete metadata information.",
        };
        let message =
            format!("Unsupported metadata.version downgrade from {} to {}. {why}", current.0, target.0);
        Err(ApiError::new(ErrorCode::InvalidUpdateVersion, message))
    }
}
