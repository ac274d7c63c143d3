//! Feature levels that this version supports (`org.apache.kafka.controller.QuorumFeatures`). They tell the truth: a
//! feature is listed when its levels are implemented, and no level is finalized that is not.

use std::collections::BTreeMap;
use std::fmt;

use headwater_metadata::{Image, MetadataVersion, VersionRange};
use headwater_protocol::metadata::MetadataRecord;

/// The level of the quorum's protocol (KIP-853). It lives in control records of the log, not in the image.
pub const KRAFT_VERSION: &str = "kraft.version";

/// Every feature that Kafka 4.3 knows, with the levels that are implemented here.
pub const SUPPORTED: &[(&str, VersionRange)] = &[
    ("eligible.leader.replicas.version", VersionRange { min: 0, max: 0 }),
    ("group.version", VersionRange { min: 0, max: 1 }),
    (KRAFT_VERSION, VersionRange { min: 0, max: 1 }),
    (
        MetadataVersion::FEATURE,
        VersionRange { min: MetadataVersion::OLDEST.0, max: MetadataVersion::LATEST.0 },
    ),
    ("share.version", VersionRange { min: 0, max: 0 }),
    ("streams.version", VersionRange { min: 0, max: 0 }),
    ("transaction.version", VersionRange { min: 0, max: 0 }),
];

/// The features that a node states in its registration and in ApiVersions: those of which it has more than level 0.
pub fn stated() -> impl Iterator<Item = (&'static str, VersionRange)> {
    SUPPORTED.iter().copied().filter(|(_, range)| range.max > 0)
}

/// The levels of a feature; 0–0 for one that is not known.
#[must_use]
pub fn supported(name: &str) -> VersionRange {
    let row = SUPPORTED.iter().find(|(feature, _)| *feature == name);
    row.map_or(VersionRange { min: 0, max: 0 }, |(_, range)| *range)
}

/// Whether Kafka 4.3 has a feature of this name.
#[must_use]
pub fn is_known(name: &str) -> bool {
    SUPPORTED.iter().any(|(feature, _)| *feature == name)
}

/// A finalized level that this version does not implement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsupportedFeature {
    /// The feature.
    pub name: String,
    /// The finalized level.
    pub level: i16,
    /// What is supported.
    pub supported: VersionRange,
}

impl fmt::Display for UnsupportedFeature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, level, supported: VersionRange { min, max } } = self;
        write!(f, "the cluster has {name} {level}, and this version supports {min} to {max}")
    }
}

impl std::error::Error for UnsupportedFeature {}

/// The finalized features of an image that this version cannot serve. A node does not start when there is one.
#[must_use]
pub fn unsupported(image: &Image) -> Vec<UnsupportedFeature> {
    image.features.iter().filter_map(|(name, level)| check(name, level).err()).collect()
}

/// The levels in records that this version cannot serve. What a later record lowers again is not looked for.
#[must_use]
pub fn unsupported_in(records: &[MetadataRecord]) -> Vec<UnsupportedFeature> {
    let check = |record: &MetadataRecord| match record {
        MetadataRecord::FeatureLevel(level) => check(&level.name, level.feature_level).err(),
        _ => None,
    };
    records.iter().filter_map(check).collect()
}

pub(crate) fn check(name: &str, level: i16) -> Result<(), UnsupportedFeature> {
    let range = supported(name);
    if range.contains(level) {
        Ok(())
    } else {
        Err(UnsupportedFeature { name: name.to_owned(), level, supported: range })
    }
}

/// The finalized levels with which registrations are compared.
pub(crate) fn finalized(image: &Image, kraft_version: i16) -> BTreeMap<String, i16> {
    let mut levels: BTreeMap<String, i16> =
        image.features.iter().map(|(name, level)| (name.to_owned(), level)).collect();
    levels.insert(KRAFT_VERSION.to_owned(), kraft_version);
    levels
}

#[cfg(test)]
mod tests {
    use headwater_base::{NodeId, Offset};
    use headwater_protocol::metadata::feature_level_record::FeatureLevelRecord;

    use super::*;
    use crate::{Controller, ControllerConfig};

    #[test]
    fn only_what_is_implemented_is_stated() {
        let names: Vec<_> = stated().map(|(name, range)| (name, range.min, range.max)).collect();
        assert_eq!(names, [("group.version", 0, 1), ("kraft.version", 0, 1), ("metadata.version", 22, 30)]);
        assert!(check("share.version", 1).is_err());
        assert!(check("share.version", 0).is_ok());
        assert!(check("group.version", 1).is_ok() && check("group.version", 2).is_err());
        assert!(check("metadata.version", 31).is_err());
        assert_eq!(
            check("share.version", 1).map_err(|error| error.to_string()),
            Err("the cluster has share.version 1, and this version supports 0 to 0".to_owned())
        );
    }

    #[test]
    fn the_level_at_the_end_of_the_log_counts() {
        let config = ControllerConfig {
            node_id: NodeId(1),
            cluster_id: "c".to_owned(),
            is_broker: true,
            static_config: BTreeMap::new(),
            kraft_version: 0,
        };
        let mut controller = Controller::from_image(config, Image::default());
        let level = |feature_level| {
            MetadataRecord::from(FeatureLevelRecord { name: "share.version".to_owned(), feature_level })
        };
        controller.apply(Offset(0), &level(1)).expect("applied");
        assert_eq!(unsupported(&controller.state.image).len(), 1);
        controller.apply(Offset(1), &level(0)).expect("applied");
        assert_eq!(unsupported(&controller.state.image), []);
    }
}
