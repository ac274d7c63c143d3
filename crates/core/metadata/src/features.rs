//! Finalized feature levels.

use imbl::OrdMap;

use crate::changes::Changes;
use crate::error::ReplayError;
use crate::records::{FeatureLevelRecord, MetadataRecord};
use crate::version::MetadataVersion;

/// What the cluster has agreed on. The level of `kraft.version` is not here: it lives in the control records of the
/// quorum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeaturesImage {
    metadata_version: Option<MetadataVersion>,
    levels: OrdMap<String, i16>,
}

impl FeaturesImage {
    /// The level of `metadata.version`; `None` before the first record.
    #[must_use]
    pub fn metadata_version(&self) -> Option<MetadataVersion> {
        self.metadata_version
    }

    /// The level of a feature; 0 when it is not finalized.
    #[must_use]
    pub fn level(&self, feature: &str) -> i16 {
        if feature == MetadataVersion::FEATURE {
            return self.metadata_version.map_or(0, |version| version.0);
        }
        self.levels.get(feature).copied().unwrap_or(0)
    }

    /// All finalized features and their levels, `metadata.version` included, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, i16)> {
        let version = self.metadata_version.map(|version| (MetadataVersion::FEATURE, version.0));
        let before = self.levels.iter().filter(|(name, _)| name.as_str() < MetadataVersion::FEATURE);
        let after = self.levels.iter().filter(|(name, _)| name.as_str() > MetadataVersion::FEATURE);
        before
            .map(|(name, level)| (name.as_str(), *level))
            .chain(version)
            .chain(after.map(|(name, level)| (name.as_str(), *level)))
    }

    pub(crate) fn set(
        &mut self,
        record: &FeatureLevelRecord,
        changes: &mut Changes,
    ) -> Result<(), ReplayError> {
        match record.name.as_str() {
            MetadataVersion::FEATURE => {
                let version = MetadataVersion::from_level(record.feature_level)
                    .ok_or(ReplayError::MetadataVersion(record.feature_level))?;
                self.metadata_version = Some(version);
            }
            // Kafka wrote such records before the level moved into the quorum; they say nothing here.
            "kraft.version" => return Ok(()),
            name if record.feature_level == 0 => {
                self.levels.remove(name);
            }
            name => {
                self.levels.insert(name.to_owned(), record.feature_level);
            }
        }
        changes.features = true;
        Ok(())
    }

    pub(crate) fn records(&self, out: &mut Vec<MetadataRecord>) {
        // The level of the records must come before them.
        let version = self.metadata_version.map(|version| (MetadataVersion::FEATURE, version.0));
        let others = self.levels.iter().map(|(name, level)| (name.as_str(), *level));
        for (name, feature_level) in version.into_iter().chain(others) {
            out.push(FeatureLevelRecord { name: name.to_owned(), feature_level }.into());
        }
    }
}
