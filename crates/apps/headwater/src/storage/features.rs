//! The feature levels with which a cluster begins (`Formatter.calculateEffectiveFeatureLevels`).

use headwater_controller::features;
use headwater_metadata::MetadataVersion;
use headwater_protocol::metadata::feature_level_record::FeatureLevelRecord;

use crate::failure::Failure;

/// The feature that lets groups use the consumer protocol (KIP-848).
const GROUP_VERSION: &str = "group.version";

/// Levels for a new cluster. Features beside these begin at 0, the only level that this build implements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// `metadata.version`.
    pub metadata_version: MetadataVersion,
    /// `kraft.version`, when it was named.
    pub kraft_version: Option<i16>,
    /// `group.version`: 1 with every `metadata.version` that there is, unless told otherwise.
    pub group_version: i16,
}

impl Levels {
    /// What this build writes when nobody says otherwise.
    pub const LATEST: Levels =
        Levels { metadata_version: MetadataVersion::LATEST, kraft_version: None, group_version: 1 };

    /// From `--release-version` and `--feature`.
    pub fn parse(release: Option<&str>, named: &[String]) -> Result<Self, Failure> {
        let mut levels = Self::LATEST;
        if let Some(name) = release {
            levels.metadata_version = metadata_version(name)?;
        }
        for text in named {
            let (name, level) = name_and_level(text)?;
            match name {
                MetadataVersion::FEATURE if release.is_some() => {
                    return Err(Failure(
                        "Use --release-version instead of --feature metadata.version=X to avoid ambiguity."
                            .to_owned(),
                    ));
                }
                MetadataVersion::FEATURE => {
                    levels.metadata_version = supported()
                        .find(|version| version.0 == level)
                        .ok_or_else(|| no_metadata_version(level))?;
                }
                features::KRAFT_VERSION if (0..=1).contains(&level) => levels.kraft_version = Some(level),
                _ => {
                    check_level(name, level)?;
                    if name == GROUP_VERSION {
                        levels.group_version = level;
                    }
                }
            }
        }
        Ok(levels)
    }

    /// The records with which the cluster begins: `metadata.version`, then the others that are not 0 by name.
    #[must_use]
    pub fn records(self) -> Vec<FeatureLevelRecord> {
        let others = [(GROUP_VERSION, self.group_version)].into_iter().filter(|(_, level)| *level > 0);
        [(MetadataVersion::FEATURE, self.metadata_version.0)]
            .into_iter()
            .chain(others)
            .map(|(name, feature_level)| FeatureLevelRecord { name: name.to_owned(), feature_level })
            .collect()
    }
}

fn no_metadata_version(level: i16) -> Failure {
    let (oldest, latest) = (MetadataVersion::OLDEST.0, MetadataVersion::LATEST.0);
    Failure(format!(
        "No MetadataVersion with feature level {level}. Valid feature levels are from {oldest} to {latest}."
    ))
}

fn name_and_level(text: &str) -> Result<(&str, i16), Failure> {
    let (name, level) = text
        .split_once('=')
        .ok_or_else(|| Failure(format!("Can't parse feature=level string {text}: equals sign not found.")))?;
    let parsed = level.trim().parse().map_err(|_| {
        Failure(format!(
            "Can't parse feature=level string {text}: unable to parse {} as a short.",
            level.trim()
        ))
    })?;
    Ok((name.trim(), parsed))
}

fn check_level(name: &str, level: i16) -> Result<(), Failure> {
    let others: Vec<&str> = features::SUPPORTED
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| *name != MetadataVersion::FEATURE)
        .collect();
    if !others.contains(&name) {
        let known = others.join(", ");
        return Err(Failure(format!("Unsupported feature: {name}. Supported features are: {known}")));
    }
    let range = features::supported(name);
    if level < range.min || level > range.max {
        return Err(Failure(format!("No feature:{name} with feature level {level}")));
    }
    Ok(())
}

fn supported() -> impl Iterator<Item = MetadataVersion> {
    (MetadataVersion::OLDEST.0..=MetadataVersion::LATEST.0).filter_map(MetadataVersion::from_level)
}

fn metadata_version(name: &str) -> Result<MetadataVersion, Failure> {
    let found = MetadataVersion::from_name(name).filter(|version| supported().any(|it| it == *version));
    found.ok_or_else(|| {
        let names: Vec<&str> = supported().map(MetadataVersion::name).collect();
        let known = names.join(", ");
        Failure(format!("Unknown metadata.version '{name}'. Supported metadata.version are: {known}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(release: Option<&str>, named: &[&str]) -> Result<(i16, Option<i16>), String> {
        let named: Vec<String> = named.iter().map(|text| (*text).to_owned()).collect();
        let levels = Levels::parse(release, &named).map_err(|failure| failure.0)?;
        Ok((levels.metadata_version.0, levels.kraft_version))
    }

    #[test]
    fn levels_and_messages() {
        assert_eq!(parse(None, &[]), Ok((30, None)));
        assert_eq!(parse(Some("4.0"), &["kraft.version=1", "group.version=0"]), Ok((25, Some(1))));
        assert_eq!(parse(None, &["metadata.version=22"]), Ok((22, None)));
        let cases = [
            (&["group.version=2"][..], "No feature:group.version with feature level 2"),
            (&["share.version=1"], "No feature:share.version with feature level 1"),
            (&["group.version"], "Can't parse feature=level string group.version: equals sign not found."),
            (
                &["group.version=x"],
                "Can't parse feature=level string group.version=x: unable to parse x as a short.",
            ),
            (
                &["metadata.version=21"],
                "No MetadataVersion with feature level 21. Valid feature levels are from 22 to 30.",
            ),
        ];
        for (named, message) in cases {
            assert_eq!(parse(None, named), Err(message.to_owned()));
        }
        assert!(
            parse(None, &["x=1"]).is_err_and(|error| error.starts_with("Unsupported feature: x. Supported"))
        );
        assert!(
            parse(Some("3.9"), &[]).is_err_and(|error| error.starts_with("Unknown metadata.version '3.9'. "))
        );
        assert!(parse(Some("4.3"), &["metadata.version=30"]).is_err());
    }

    #[test]
    fn a_cluster_begins_with_group_version_1_unless_told_otherwise() {
        let shown = |named: &[&str]| {
            let named: Vec<String> = named.iter().map(|text| (*text).to_owned()).collect();
            let levels = Levels::parse(None, &named).map_err(|failure| failure.0).expect("known levels");
            let records = levels.records().into_iter().map(|it| format!("{}={}", it.name, it.feature_level));
            records.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(shown(&[]), "metadata.version=30 group.version=1");
        assert_eq!(shown(&["group.version=0"]), "metadata.version=30");
    }
}
