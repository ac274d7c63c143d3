//! Kafka's configuration: every key of 4.3.1 as a row of a table, values as the reference parses, checks and shows them.
//!
//! A new key is one row in `rows/`. [`node`] has the keys of a node's file and of dynamic broker configuration,
//! [`topic`], [`group`] and [`client_metrics`] those of such resources. Nothing here reads files: [`crate::properties`] parses text that others have read.

mod check;
pub mod client_metrics;
pub mod definition;
pub mod group;
pub mod host_port;
pub mod iso_duration;
mod java;
pub mod node;
mod rows;
pub mod topic;
mod topic_values;
mod value;

pub use definition::{Check, Definition, Fallback, Importance, Kind, Scope, Support};
pub use topic_values::{AcksAll, CompressionType, TimestampType, TopicConfigValues};
pub use value::{ConfigError, Value};
