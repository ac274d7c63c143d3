//! The log as a whole, over a disk in memory that forgets and fails.
#![allow(clippy::unwrap_used, missing_docs)]

mod compact_reference;
mod compaction;
mod crash_points;
mod damage;
mod disk;
mod handles;
mod model;
mod reads;
mod reference;
mod repair;
mod scripts;
mod sequences;
mod std_disk;
mod support;
mod writes;
