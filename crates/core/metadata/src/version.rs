//! Levels of the feature `metadata.version`, which says which records, in which versions, a log may hold
//! (`org.apache.kafka.server.common.MetadataVersion`).

use crate::records::MetadataRecord;

/// A level of `metadata.version`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetadataVersion(pub i16);

impl MetadataVersion {
    /// Name of the feature.
    pub const FEATURE: &'static str = "metadata.version";
    /// 3.3-IV3, the oldest level whose records can be read.
    pub const OLDEST_READABLE: MetadataVersion = MetadataVersion(7);
    /// 4.0-IV0, the oldest level that a node serves.
    pub const OLDEST: MetadataVersion = MetadataVersion(22);
    /// 4.3-IV0, the newest level that a node serves and what a new cluster gets.
    pub const LATEST: MetadataVersion = MetadataVersion(30);

    /// The level, if its records can be read.
    #[must_use]
    pub const fn from_level(level: i16) -> Option<Self> {
        if level >= Self::OLDEST_READABLE.0 && level <= Self::LATEST.0 { Some(Self(level)) } else { None }
    }

    /// Kafka's name of the level, such as `4.3-IV0`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        const NAMES: [&str; 24] = [
            "3.3-IV3", "3.4-IV0", "3.5-IV0", "3.5-IV1", "3.5-IV2", "3.6-IV0", "3.6-IV1", "3.6-IV2",
            "3.7-IV0", "3.7-IV1", "3.7-IV2", "3.7-IV3", "3.7-IV4", "3.8-IV0", "3.9-IV0", "4.0-IV0",
            "4.0-IV1", "4.0-IV2", "4.0-IV3", "4.1-IV0", "4.1-IV1", "4.2-IV0", "4.2-IV1", "4.3-IV0",
        ];
        let index = self.0 - Self::OLDEST_READABLE.0;
        if index >= 0 && (index as usize) < NAMES.len() { NAMES[index as usize] } else { "unknown" }
    }

    /// The level of a name such as `4.3-IV0`, or of a release such as `4.3` (its last level).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let levels = || (Self::OLDEST_READABLE.0..=Self::LATEST.0).rev().map(Self);
        levels().find(|level| level.name() == name).or_else(|| {
            levels().find(|level| level.name().split_once("-IV").is_some_and(|(release, _)| release == name))
        })
    }

    /// Whether several batches of records can form a transaction (KIP-868).
    #[must_use]
    pub const fn has_transactions(self) -> bool {
        self.0 >= 13
    }

    /// Whether controllers register (KIP-919).
    #[must_use]
    pub const fn has_controller_registration(self) -> bool {
        self.0 >= 15
    }

    /// Whether replicas are assigned to log directories (KIP-858).
    #[must_use]
    pub const fn has_directories(self) -> bool {
        self.0 >= 17
    }

    /// Whether partitions may have eligible leader replicas (KIP-966).
    #[must_use]
    pub const fn has_eligible_leader_replicas(self) -> bool {
        self.0 >= 23
    }

    /// Whether log directories can be cordoned (KIP-1066).
    #[must_use]
    pub const fn has_cordoned_directories(self) -> bool {
        self.0 >= 30
    }

    /// Whether going down from `higher` to this level could lose what records say: at some level above this one, up to
    /// `higher`, a record got a new field or appeared (`MetadataVersion.checkIfMetadataChanged`).
    #[must_use]
    pub fn loses_records_of(self, higher: MetadataVersion) -> bool {
        const CHANGED: [i16; 9] = [7, 8, 11, 13, 14, 15, 17, 23, 30];
        CHANGED.iter().any(|level| *level > self.0 && *level <= higher.0)
    }

    /// Version in which RegisterBrokerRecord is written.
    #[must_use]
    pub const fn register_broker_record(self) -> i16 {
        if self.has_cordoned_directories() {
            4
        } else if self.has_directories() {
            3
        } else if self.0 >= 8 {
            2
        } else {
            1
        }
    }

    /// Version in which a record is written into a log of this level: the lowest that can say what it says, so that
    /// older readers understand it.
    #[must_use]
    pub fn record_version(self, record: &MetadataRecord) -> i16 {
        match record {
            MetadataRecord::RegisterBroker(_) => self.register_broker_record(),
            MetadataRecord::Partition(_) | MetadataRecord::PartitionChange(_) => self.partition_record(),
            MetadataRecord::BrokerRegistrationChange(change) => {
                if change.cordoned_log_dirs.is_some() {
                    3
                } else if !change.log_dirs.is_empty() {
                    2
                } else {
                    i16::from(change.in_controlled_shutdown != 0)
                }
            }
            _ => 0,
        }
    }

    /// Version in which PartitionRecord and PartitionChangeRecord are written.
    #[must_use]
    pub const fn partition_record(self) -> i16 {
        if self.has_eligible_leader_replicas() {
            2
        } else if self.has_directories() {
            1
        } else {
            0
        }
    }
}

impl std::fmt::Display for MetadataVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_levels_agree() {
        assert_eq!(MetadataVersion::LATEST.name(), "4.3-IV0");
        assert_eq!(MetadataVersion::OLDEST.name(), "4.0-IV0");
        assert_eq!(MetadataVersion::OLDEST_READABLE.name(), "3.3-IV3");
        assert_eq!(MetadataVersion(17).name(), "3.7-IV2");
        assert_eq!(MetadataVersion::from_name("4.2"), Some(MetadataVersion(29)));
        assert_eq!(MetadataVersion::from_name("3.9-IV0"), Some(MetadataVersion(21)));
        assert_eq!(MetadataVersion::from_name("4.4"), None);
        assert_eq!(MetadataVersion::from_level(31), None);
        assert_eq!(MetadataVersion::from_level(6), None);
    }
}
