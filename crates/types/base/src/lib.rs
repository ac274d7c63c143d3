//! The words of the house: ids, offsets, epochs, error codes and configuration definitions.
//!
//! Everything here is a plain value without behaviour that depends on time, files or threads. Every other crate may
//! use it; it knows none of them.
//!
//! Names are Kafka's. `last_…` is inclusive, `end_…` and `next_…` are exclusive.

pub mod config;
pub mod error_code;
pub mod ids;
pub mod properties;
pub mod uuid;

pub use error_code::ErrorCode;
pub use ids::{
    LeaderEpoch, NodeId, Offset, PartitionIndex, ProducerEpoch, ProducerId, TopicIdPartition, TopicPartition,
};
pub use uuid::Uuid;
