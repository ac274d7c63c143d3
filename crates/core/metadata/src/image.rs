//! The image as a whole.

use headwater_base::{LeaderEpoch, Offset};

use crate::acls::AclsImage;
use crate::changes::Changes;
use crate::cluster::ClusterImage;
use crate::configs::ConfigsImage;
use crate::error::ReplayError;
use crate::features::FeaturesImage;
use crate::quotas::QuotasImage;
use crate::records::{MetadataRecord, ProducerIdsRecord};
use crate::scram::ScramImage;
use crate::tokens::TokensImage;
use crate::topics::TopicsImage;

/// How far in the log an image goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The last offset whose record the image holds; −1 for the empty image.
    pub offset: Offset,
    /// Leader epoch of that record's batch; −1 for the empty image.
    pub epoch: LeaderEpoch,
    /// Time at which that batch was appended, in milliseconds since 1970; −1 for the empty image.
    pub last_timestamp_ms: i64,
}

impl Default for Provenance {
    fn default() -> Self {
        Self { offset: Offset::NONE, epoch: LeaderEpoch::NONE, last_timestamp_ms: -1 }
    }
}

/// What the records of the log up to [`Provenance::offset`] add up to. Cloning is cheap.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Image {
    /// How far it goes.
    pub provenance: Provenance,
    /// Finalized feature levels.
    pub features: FeaturesImage,
    /// Brokers and controllers.
    pub cluster: ClusterImage,
    /// Topics and partitions.
    pub topics: TopicsImage,
    /// Dynamic configuration.
    pub configs: ConfigsImage,
    /// Client quotas.
    pub quotas: QuotasImage,
    /// The first producer id that no block holds yet; `None` before the first block.
    pub next_producer_id: Option<i64>,
    /// Access control entries.
    pub acls: AclsImage,
    /// SCRAM credentials.
    pub scram: ScramImage,
    /// Delegation tokens.
    pub tokens: TokensImage,
}

impl Image {
    /// True when two images say the same, however far in the log they go.
    #[must_use]
    pub fn same_content(&self, other: &Image) -> bool {
        let other = Image { provenance: self.provenance, ..other.clone() };
        *self == other
    }

    /// True when no record added anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.same_content(&Image::default())
    }

    /// Replays one record. `provenance` is not touched: the caller knows the offset.
    ///
    /// # Errors
    /// When the record contradicts the image or is none that an image can hold; nothing has changed then.
    pub fn replay(&mut self, record: &MetadataRecord, changes: &mut Changes) -> Result<(), ReplayError> {
        use MetadataRecord as R;
        match record {
            R::RegisterBroker(r) => self.cluster.register(r, changes),
            R::UnregisterBroker(r) => self.cluster.unregister(r, changes)?,
            R::BrokerRegistrationChange(r) => self.cluster.change_registration(r, changes)?,
            R::FenceBroker(r) => self.cluster.fence(r, changes)?,
            R::UnfenceBroker(r) => self.cluster.unfence(r, changes)?,
            R::RegisterController(r) => self.cluster.register_controller(r, changes),
            R::Topic(r) => self.topics.create(r, changes)?,
            R::Partition(r) => self.topics.set_partition(r, changes)?,
            R::PartitionChange(r) => self.topics.change_partition(r, changes)?,
            R::ClearElr(r) => self.topics.clear_elr(r, changes)?,
            R::RemoveTopic(r) => {
                let topic = self.topics.remove(r, changes)?;
                self.configs.topic_removed(&topic.name, changes);
            }
            R::Config(r) => self.configs.set(r, changes),
            R::FeatureLevel(r) => self.features.set(r, changes)?,
            R::ClientQuota(r) => self.quotas.set(r, changes),
            R::ProducerIds(r) => {
                self.next_producer_id = Some(r.next_producer_id);
                changes.producer_ids = true;
            }
            R::AccessControlEntry(r) => self.acls.add(r, changes),
            R::RemoveAccessControlEntry(r) => self.acls.remove(r, changes)?,
            R::UserScramCredential(r) => self.scram.set(r, changes)?,
            R::RemoveUserScramCredential(r) => self.scram.remove(r, changes)?,
            R::DelegationToken(r) => self.tokens.set(r, changes),
            R::RemoveDelegationToken(r) => self.tokens.remove(r, changes),
            // Written by idle controllers, and by clusters that once came from ZooKeeper.
            R::NoOp(_) | R::ZkMigrationState(_) => {}
            R::BeginTransaction(_) => return Err(transaction("BeginTransactionRecord")),
            R::EndTransaction(_) => return Err(transaction("EndTransactionRecord")),
            R::AbortTransaction(_) => return Err(transaction("AbortTransactionRecord")),
        }
        Ok(())
    }

    /// The records of a snapshot: replayed into an empty image they give this one again. The level of
    /// `metadata.version` comes first, as readers need it.
    #[must_use]
    pub fn records(&self) -> Vec<MetadataRecord> {
        let mut out = Vec::new();
        self.features.records(&mut out);
        self.cluster.records(&mut out);
        self.topics.records(&mut out);
        self.configs.records(&mut out);
        self.quotas.records(&mut out);
        if let Some(next_producer_id) = self.next_producer_id {
            out.push(ProducerIdsRecord { broker_id: -1, broker_epoch: -1, next_producer_id }.into());
        }
        self.acls.records(&mut out);
        self.scram.records(&mut out);
        self.tokens.records(&mut out);
        out
    }

    /// What turns `base` into this image.
    #[must_use]
    pub fn changes_since(&self, base: &Image) -> Changes {
        let mut changes = Changes {
            features: self.features != base.features,
            producer_ids: self.next_producer_id != base.next_producer_id,
            ..Changes::default()
        };
        self.cluster.compare(&base.cluster, &mut changes);
        self.topics.compare(&base.topics, &mut changes);
        self.configs.compare(&base.configs, &mut changes);
        self.quotas.compare(&base.quotas, &mut changes);
        self.acls.compare(&base.acls, &mut changes);
        self.scram.compare(&base.scram, &mut changes);
        self.tokens.compare(&base.tokens, &mut changes);
        changes
    }
}

fn transaction(record: &'static str) -> ReplayError {
    ReplayError::Transaction { record, why: "an image knows no transactions" }
}
