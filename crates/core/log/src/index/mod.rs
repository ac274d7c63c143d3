//! The sparse indexes of a segment.
//!
//! A sealed segment's indexes are files; the active segment's are files with the newest entries still in memory. Memory
//! stays small for any number of segments: lookups search the files, which the page cache holds.

mod fixed;
pub mod offset;
pub mod time;
pub mod transaction;

pub(crate) use fixed::IndexFile;
