//! The first records of a new active controller (`org.apache.kafka.controller.ActivationRecordsGenerator`,
//! `org.apache.kafka.metadata.bootstrap.BootstrapMetadata`).
//!
//! | log | open transaction | records |
//! |---|---|---|
//! | empty | no | begin, bootstrap, end |
//! | empty | yes | abort, begin, bootstrap, end |
//! | not empty | no | none |
//! | not empty | yes | abort |

use std::collections::BTreeMap;

use headwater_metadata::{ConfigResource, MetadataVersion};
use headwater_protocol::metadata::MetadataRecord;
use headwater_protocol::metadata::abort_transaction_record::AbortTransactionRecord;
use headwater_protocol::metadata::begin_transaction_record::BeginTransactionRecord;
use headwater_protocol::metadata::config_record::ConfigRecord;
use headwater_protocol::metadata::end_transaction_record::EndTransactionRecord;
use headwater_protocol::metadata::feature_level_record::FeatureLevelRecord;

use crate::decide::Decision;
use crate::state::Controller;

/// The records with which a cluster begins: what `storage format` leaves in `bootstrap.checkpoint`.
#[derive(Clone, Debug, PartialEq)]
pub struct Bootstrap {
    pub(crate) records: Vec<MetadataRecord>,
}

impl Bootstrap {
    /// Feature levels (those above 0, `metadata.version` first) and cluster-wide configuration. `kraft.version` is not
    /// among the records: it stands in the control records of the log's first snapshot.
    #[must_use]
    pub fn new(
        metadata_version: MetadataVersion,
        features: &BTreeMap<String, i16>,
        cluster_configs: &BTreeMap<String, String>,
    ) -> Self {
        let feature = |(name, feature_level): (&str, i16)| -> MetadataRecord {
            FeatureLevelRecord { name: name.to_owned(), feature_level }.into()
        };
        let others = features.iter().map(|(name, level)| (name.as_str(), *level)).filter(|(name, level)| {
            *level > 0 && *name != MetadataVersion::FEATURE && *name != crate::features::KRAFT_VERSION
        });
        let first = std::iter::once((MetadataVersion::FEATURE, metadata_version.0));
        let mut records: Vec<MetadataRecord> = first.chain(others).map(feature).collect();
        records.extend(cluster_configs.iter().map(|(name, value)| {
            let cluster = ConfigResource::cluster();
            MetadataRecord::from(ConfigRecord {
                resource_type: cluster.kind.0,
                resource_name: cluster.name.to_string(),
                name: name.clone(),
                value: Some(value.clone()),
            })
        }));
        Self { records }
    }

    /// The records of a `bootstrap.checkpoint`. Without a level of `metadata.version` there is none.
    #[must_use]
    pub fn from_records(records: Vec<MetadataRecord>) -> Option<Self> {
        let bootstrap = Self { records };
        bootstrap.metadata_version().map(|_| bootstrap)
    }

    /// The records.
    #[must_use]
    pub fn records(&self) -> &[MetadataRecord] {
        &self.records
    }

    /// The level of `metadata.version`; the last one wins.
    #[must_use]
    pub fn metadata_version(&self) -> Option<MetadataVersion> {
        let level = |record: &MetadataRecord| match record {
            MetadataRecord::FeatureLevel(r) if r.name == MetadataVersion::FEATURE => {
                MetadataVersion::from_level(r.feature_level)
            }
            _ => None,
        };
        self.records.iter().rev().find_map(level)
    }
}

impl Default for Bootstrap {
    /// What a new cluster of this version finalizes: the newest `metadata.version`, and nothing that is not
    /// implemented.
    fn default() -> Self {
        Self::new(MetadataVersion::LATEST, &BTreeMap::new(), &BTreeMap::new())
    }
}

fn begin() -> MetadataRecord {
    BeginTransactionRecord { name: Some("Bootstrap records".to_owned()) }.into()
}

fn abort() -> MetadataRecord {
    AbortTransactionRecord { reason: Some("Controller failover".to_owned()) }.into()
}

impl Controller {
    /// The records of activation, and a sentence for the log.
    pub(crate) fn activate(&self, bootstrap: &Bootstrap) -> Decision<String> {
        let open = self.before_transaction.as_ref().map(|(offset, state)| (*offset, state));
        // The level that holds when the open transaction is aborted.
        let version = match &open {
            Some((_, before)) => before.image.features.metadata_version(),
            None => self.state.image.features.metadata_version(),
        };
        let aborted =
            open.map(|(offset, _)| format!("aborting the transaction that began at offset {offset}; "));
        let aborted_text = aborted.as_deref().unwrap_or_default();
        let mut records: Vec<MetadataRecord> = aborted.iter().map(|_| abort()).collect();
        if let Some(version) = version {
            let text = format!("activating: {aborted_text}metadata.version is {version}");
            return Decision::atomic(records, text);
        }
        let version = bootstrap.metadata_version().unwrap_or(MetadataVersion::LATEST);
        let count = bootstrap.records().len();
        let text = format!(
            "activating: {aborted_text}the metadata log is empty, {count} bootstrap records at metadata.version {version}"
        );
        if !version.has_transactions() {
            records.extend_from_slice(bootstrap.records());
            return Decision::atomic(records, text);
        }
        records.push(begin());
        records.extend_from_slice(bootstrap.records());
        records.push(EndTransactionRecord {}.into());
        Decision::records(records, text)
    }
}
