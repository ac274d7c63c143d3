//! What a cluster relies on and this version does not have. A node that finds any of it does not start, unless its
//! operator said that it may go without.
//!
//! | found in the metadata | may go without by | what happens then |
//! |---|---|---|
//! | a feature at a level above 0 | `headwater.lower.features` | lowered to 0 in the log, for good |
//! | `metadata.version`, `kraft.version` out of range | – | |
//! | client quotas | `headwater.not.enforced` | kept, nobody is throttled |
//! | topics in tiered storage | – | |
//!
//! ACLs, logins and delegation tokens are not here: they are in force only with keys of the node's configuration
//! (`authorizer.class.name`, listeners with SASL), and those are refused where the configuration is read. They are kept.

use std::fmt;

use headwater_metadata::{Image, MetadataVersion, ResourceType};
use headwater_protocol::metadata::MetadataRecord;

use crate::features::{self, UnsupportedFeature};

/// The name of client quotas in `headwater.not.enforced`.
pub const CLIENT_QUOTAS: &str = "client.quotas";
const LOWER: &str = "headwater.lower.features";
const NOT_ENFORCED: &str = "headwater.not.enforced";

/// What a node may go without.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waivers {
    /// Features that are lowered to 0 if their level is not implemented.
    pub lower_features: Vec<String>,
    /// Restrictions that are not enforced.
    pub not_enforced: Vec<String>,
}

/// One thing that is relied on and not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A level.
    Feature(UnsupportedFeature),
    /// Quotas of so many users, clients and addresses.
    ClientQuotas(usize),
    /// This topic's older records may lie in tiered storage.
    TieredTopic(String),
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Missing::Feature(feature) => feature.fmt(f),
            Missing::ClientQuotas(entities) => {
                write!(
                    f,
                    "the cluster has client quotas (of {entities} entities), and this version enforces none"
                )
            }
            Missing::TieredTopic(name) => write!(
                f,
                "topic {name} has remote.storage.enable=true: its older records may lie in tiered storage, which this \
                 version does not have"
            ),
        }
    }
}

/// What `image`, or the first records of an empty log, ask for and `waivers` do not let go.
#[must_use]
pub fn missing(image: &Image, bootstrap: &[MetadataRecord], waivers: &Waivers) -> Vec<Missing> {
    let mut unsupported = features::unsupported(image);
    for feature in features::unsupported_in(bootstrap) {
        if !unsupported.contains(&feature) {
            unsupported.push(feature);
        }
    }
    unsupported.retain(|feature| !waives(waivers, feature));
    let mut found: Vec<Missing> = unsupported.into_iter().map(Missing::Feature).collect();
    if !image.quotas.is_empty() && !waivers.not_enforced.iter().any(|name| name == CLIENT_QUOTAS) {
        found.push(Missing::ClientQuotas(image.quotas.iter().count()));
    }
    let tiered = image.configs.iter().filter(|(resource, configs)| {
        resource.kind == ResourceType::TOPIC
            && configs.get("remote.storage.enable").is_some_and(|value| value == "true")
    });
    found.extend(tiered.map(|(resource, _)| Missing::TieredTopic(resource.name.to_string())));
    found
}

/// Whether a feature is one that may be lowered, and was named for it.
pub(crate) fn waives(waivers: &Waivers, feature: &UnsupportedFeature) -> bool {
    can_be_lowered(feature) && waivers.lower_features.contains(&feature.name)
}

fn can_be_lowered(feature: &UnsupportedFeature) -> bool {
    feature.supported.min == 0
        && ![MetadataVersion::FEATURE, features::KRAFT_VERSION].contains(&feature.name.as_str())
        && features::SUPPORTED.iter().any(|(name, _)| *name == feature.name)
}

/// What the operator can do about it, in sentences.
#[must_use]
pub fn advice(missing: &[Missing]) -> String {
    let lowerable: Vec<&str> = missing
        .iter()
        .filter_map(|one| match one {
            Missing::Feature(feature) if can_be_lowered(feature) => Some(feature.name.as_str()),
            _ => None,
        })
        .collect();
    let mut text =
        "This node does not start, because it could not keep what the cluster relies on. Nothing was changed."
            .to_owned();
    if !lowerable.is_empty() {
        let names = lowerable.join(",");
        text += &format!(
            "\nTo go on without these features, for good: --override {LOWER}={names}\n(or lower them in Apache Kafka \
             first: kafka-features downgrade). See docs/operators.md for what each of them means."
        );
    }
    if missing.iter().any(|one| matches!(one, Missing::ClientQuotas(_))) {
        text += &format!(
            "\nTo go on without throttling anybody: {NOT_ENFORCED}={CLIENT_QUOTAS}. The quotas are kept."
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use headwater_metadata::Changes;
    use headwater_protocol::metadata::client_quota_record::{ClientQuotaRecord, EntityData};
    use headwater_protocol::metadata::config_record::ConfigRecord;
    use headwater_protocol::metadata::feature_level_record::FeatureLevelRecord;

    use super::*;

    fn level(name: &str, feature_level: i16) -> MetadataRecord {
        FeatureLevelRecord { name: name.to_owned(), feature_level }.into()
    }

    fn image(records: &[MetadataRecord]) -> Image {
        let mut image = Image::default();
        for record in records {
            image.replay(record, &mut Changes::default()).expect("replayed");
        }
        image
    }

    fn waivers(lower: &[&str], not_enforced: &[&str]) -> Waivers {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Waivers { lower_features: owned(lower), not_enforced: owned(not_enforced) }
    }

    fn names(found: &[Missing]) -> Vec<String> {
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_named_is_waived_and_nothing_else() {
        let image = image(&[
            level("metadata.version", 30),
            level("transaction.version", 1),
            level("share.version", 1),
        ]);
        let found = missing(&image, &[], &waivers(&["transaction.version"], &[]));
        assert_eq!(names(&found), ["the cluster has share.version 1, and this version supports 0 to 0"]);
        assert!(advice(&found).contains("headwater.lower.features=share.version\n"), "{}", advice(&found));
        assert_eq!(missing(&image, &[], &waivers(&["transaction.version", "share.version"], &[])), []);
    }

    #[test]
    fn a_feature_is_named_once() {
        let bootstrap = [level("transaction.version", 1), level("streams.version", 1)];
        let found = missing(&image(&[level("transaction.version", 1)]), &bootstrap, &Waivers::default());
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn levels_that_nobody_knows_cannot_be_waived() {
        let bootstrap = [level("metadata.version", 31), level("future.version", 1)];
        let all = waivers(&["metadata.version", "future.version"], &[]);
        let found = missing(&Image::default(), &bootstrap, &all);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(!advice(&found).contains("headwater.lower"), "{}", advice(&found));
    }

    #[test]
    fn quotas_and_tiered_topics_are_restrictions() {
        let entity = vec![EntityData { entity_type: "user".to_owned(), entity_name: Some("u".to_owned()) }];
        let quota =
            ClientQuotaRecord { entity, key: "producer_byte_rate".to_owned(), value: 1.0, remove: false };
        let tiered = ConfigRecord {
            resource_type: ResourceType::TOPIC.0,
            resource_name: "t".to_owned(),
            name: "remote.storage.enable".to_owned(),
            value: Some("true".to_owned()),
        };
        let image = image(&[quota.into(), tiered.into()]);
        let found = missing(&image, &[], &Waivers::default());
        assert_eq!(found, [Missing::ClientQuotas(1), Missing::TieredTopic("t".to_owned())]);
        assert!(advice(&found).contains("headwater.not.enforced=client.quotas"));
        assert_eq!(missing(&image, &[], &waivers(&[], &[CLIENT_QUOTAS])).len(), 1);
    }
}
