//! The metadata image: what the records of `__cluster_metadata` add up to.
//!
//! [`Image`] is immutable to its readers and cheap to clone (persistent maps). A [`Delta`] starts from an image,
//! replays records and yields the next image together with [`Changes`], the list of what differs, for whoever keeps
//! state of his own (partitions, metrics, caches). A snapshot arrives as a delta too: [`Delta::for_snapshot`] begins
//! empty and finds the changes by comparing. [`Loader`] drives deltas over the log and knows metadata transactions.
//! Controller and broker use the same replay.
//!
//! Invariants: `replay(records(image)) == image`; replaying a log in any grouping into deltas gives the same image; an
//! unknown record, or one that contradicts the image, is an error and never skipped.
//!
//! This crate does not know who decides records (the controller), how they are stored (raft, log), or what a
//! configuration key means. Delegation tokens, ACLs, SCRAM credentials and quotas are kept as they were written, so that
//! nothing of another node's log is lost.

pub mod acls;
pub mod changes;
pub mod cluster;
pub mod configs;
pub mod delta;
pub mod directory;
pub mod error;
pub mod features;
pub mod image;
pub mod loader;
pub mod partition;
pub mod quotas;
mod records;
pub mod scram;
pub mod tokens;
pub mod topics;
pub mod version;

pub use changes::{Changes, LocalChanges};
pub use cluster::{BrokerRegistration, ClusterImage, ControllerRegistration, Endpoint, VersionRange};
pub use configs::{ConfigResource, Configs, ConfigsImage, ResourceType};
pub use delta::Delta;
pub use error::ReplayError;
pub use features::FeaturesImage;
pub use image::{Image, Provenance};
pub use loader::{Loaded, Loader};
pub use partition::{LeaderRecoveryState, Partition};
pub use topics::{TopicImage, TopicsImage};
pub use version::MetadataVersion;
