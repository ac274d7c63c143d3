//! Committed offsets of all groups of a shard (`OffsetMetadataManager`).

mod budget;
mod commit;
mod delete;
mod expire;
mod fetch;
mod store;

pub use store::CommittedOffset;
pub(crate) use store::Offsets;
