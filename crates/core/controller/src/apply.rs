//! The only way in which the replicated state changes.

use std::fmt;

use headwater_base::{NodeId, Offset, PartitionIndex};
use headwater_metadata::{Changes, ReplayError};
use headwater_protocol::metadata::MetadataRecord;

use crate::state::{Controller, State};

/// A record that cannot be applied. The controller must stop: it would decide from a wrong state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApplyError {
    /// It contradicts the image.
    Replay(ReplayError),
    /// A transaction began twice or ended without having begun.
    Transaction(&'static str),
}

impl fmt::Display for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ApplyError::Replay(error) => error.fmt(f),
            ApplyError::Transaction(record) => write!(f, "{record} is out of order"),
        }
    }
}

impl std::error::Error for ApplyError {}

impl Controller {
    /// Applies one record of the log at its offset.
    ///
    /// Any feature level is taken: what counts is the level at the end of the log, and a later record may have lowered it.
    /// Whoever loads a log looks at [`crate::features::unsupported`] then.
    ///
    /// # Errors
    /// When the record does not fit; nothing has changed then, and nothing may be applied after it.
    pub fn apply(&mut self, offset: Offset, record: &MetadataRecord) -> Result<(), ApplyError> {
        match record {
            MetadataRecord::BeginTransaction(_) => {
                if self.before_transaction.is_some() {
                    return Err(ApplyError::Transaction("BeginTransactionRecord"));
                }
                self.before_transaction = Some((offset, Box::new(self.state.clone())));
            }
            MetadataRecord::EndTransaction(_) => {
                self.before_transaction.take().ok_or(ApplyError::Transaction("EndTransactionRecord"))?;
            }
            MetadataRecord::AbortTransaction(_) => {
                let (_, state) = self
                    .before_transaction
                    .take()
                    .ok_or(ApplyError::Transaction("AbortTransactionRecord"))?;
                self.state = *state;
            }
            record => self.state.apply(offset, record).map_err(ApplyError::Replay)?,
        }
        if let MetadataRecord::RegisterBroker(registration) = record {
            // A new registration must prove itself alive.
            self.sessions.registered(NodeId(registration.broker_id));
        }
        self.state.image.provenance.offset = offset;
        Ok(())
    }
}

impl State {
    fn apply(&mut self, offset: Offset, record: &MetadataRecord) -> Result<(), ReplayError> {
        let mut changes = Changes::default();
        match record {
            MetadataRecord::Partition(r) => {
                self.with_partition(r.topic_id, PartitionIndex(r.partition_id), record, &mut changes)?;
            }
            MetadataRecord::PartitionChange(r) => {
                self.with_partition(r.topic_id, PartitionIndex(r.partition_id), record, &mut changes)?;
            }
            _ => self.image.replay(record, &mut changes)?,
        }
        match record {
            MetadataRecord::RegisterBroker(r) => {
                self.registered_at.insert(NodeId(r.broker_id), offset);
            }
            MetadataRecord::UnregisterBroker(r) => {
                self.registered_at.remove(&NodeId(r.broker_id));
            }
            MetadataRecord::Topic(_) => {
                for name in changes.created_topics.values() {
                    self.topic_named(name);
                }
            }
            MetadataRecord::RemoveTopic(_) => {
                for topic in changes.deleted_topics.values() {
                    self.topic_unnamed(&topic.name);
                    for (index, partition) in topic.partitions() {
                        self.index(topic.id, index, Some(partition), None);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn with_partition(
        &mut self,
        topic: headwater_base::Uuid,
        index: PartitionIndex,
        record: &MetadataRecord,
        changes: &mut Changes,
    ) -> Result<(), ReplayError> {
        let before = self.image.topics.partition(topic, index).cloned();
        self.image.replay(record, changes)?;
        let after = self.image.topics.partition(topic, index).cloned();
        self.index(topic, index, before.as_deref(), after.as_deref());
        Ok(())
    }
}
