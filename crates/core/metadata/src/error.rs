//! Why a record cannot be replayed.

use std::fmt;

use headwater_base::{NodeId, Uuid};

/// A record that contradicts the image, or that this version does not know. Nobody may go on after one: the log is
/// damaged, or written by something newer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplayError {
    /// `metadata.version` was set to a level whose records are not known here.
    MetadataVersion(i16),
    /// A record names a topic id that does not exist.
    NoSuchTopic {
        /// Type of the record.
        record: &'static str,
        /// The id.
        topic_id: Uuid,
    },
    /// A record names a topic by a name that does not exist.
    NoSuchTopicName(String),
    /// A topic is created whose name or id exists.
    DuplicateTopic {
        /// The name.
        name: String,
        /// The id in the record.
        topic_id: Uuid,
    },
    /// A record changes a partition that does not exist.
    NoSuchPartition {
        /// The topic's id.
        topic_id: Uuid,
        /// The index.
        partition: i32,
    },
    /// The number of directories is not the number of replicas.
    Directories {
        /// The topic's id.
        topic_id: Uuid,
        /// The index.
        partition: i32,
    },
    /// A field has a value that has no meaning.
    Field {
        /// Type of the record.
        record: &'static str,
        /// Name of the field.
        field: &'static str,
        /// Its value.
        value: i64,
    },
    /// A record changes a broker that is not registered.
    NoSuchBroker {
        /// Type of the record.
        record: &'static str,
        /// The broker.
        broker: NodeId,
    },
    /// A record names another broker epoch than the registered one.
    BrokerEpoch {
        /// Type of the record.
        record: &'static str,
        /// The broker.
        broker: NodeId,
        /// Epoch of its registration.
        registered: i64,
        /// Epoch in the record.
        epoch: i64,
    },
    /// An access control entry is removed that does not exist.
    NoSuchAcl(Uuid),
    /// A record belongs to the handling of transactions and cannot be replayed here.
    Transaction {
        /// Type of the record.
        record: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReplayError::MetadataVersion(level) => {
                write!(f, "metadata.version {level} is not one that can be read here")
            }
            ReplayError::NoSuchTopic { record, topic_id } => {
                write!(f, "{record}: no topic has the id {topic_id}")
            }
            ReplayError::NoSuchTopicName(name) => write!(f, "ClearElrRecord: no topic has the name `{name}`"),
            ReplayError::DuplicateTopic { name, topic_id } => {
                write!(f, "TopicRecord: the name `{name}` or the id {topic_id} is taken")
            }
            ReplayError::NoSuchPartition { topic_id, partition } => {
                write!(f, "PartitionChangeRecord: topic {topic_id} has no partition {partition}")
            }
            ReplayError::Directories { topic_id, partition } => {
                write!(f, "partition {partition} of topic {topic_id} has not one directory for each replica")
            }
            ReplayError::Field { record, field, value } => {
                write!(f, "{record}: {value} is no value of {field}")
            }
            ReplayError::NoSuchBroker { record, broker } => {
                write!(f, "{record}: broker {broker} is not registered")
            }
            ReplayError::BrokerEpoch { record, broker, registered, epoch } => {
                write!(f, "{record}: broker {broker} is registered with epoch {registered}, not {epoch}")
            }
            ReplayError::NoSuchAcl(id) => write!(f, "RemoveAccessControlEntryRecord: there is no entry {id}"),
            ReplayError::Transaction { record, why } => write!(f, "{record}: {why}"),
        }
    }
}

impl std::error::Error for ReplayError {}
