//! One partition's log on a disk: segments, indexes, checkpoints, producer state, recovery.
//!
//! All files have the formats and names of Apache Kafka 4.3.1, so that its tools read them and either can go on where
//! the other stopped in order.
//!
//! Invariants
//! - Offsets of batches grow; only compaction leaves holes. What is before the durable offset survives a power loss.
//! - An append that fails changes nothing. A log whose file could not be put right refuses all further changes.
//! - Nothing is synced inside an append: a [`SyncPlan`] says what a committer has to sync, without the log's lock.
//!   Only a checkpoint moves the recovery point, and a start looks only at what lies behind it.
//! - Recovery cuts torn tails and says what it cut; it never cuts before valid batches that were promised.
//! - An empty log is a folder and a small struct. Files are opened at first use and given back by
//!   [`Log::close_idle`].
//!
//! What it does not know: replication, high watermarks beyond those it is told, clocks (time comes in), threads. It
//! calls out through [`Disk`] only.
//!
//! Not obvious: a segment is shared with readers ([`ReadPlan`]) and locks itself, so lookups need not hold the log.
//! Index entries wait in memory and reach their files in groups; a crash loses some, and recovery makes them again.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod checkpoint;
pub mod compact;
pub mod config;
pub mod dir;
pub mod disk;
pub mod epochs;
pub mod error;
mod index;
mod log;
pub mod names;
pub mod producer;
mod segment;
mod sweep;

pub use config::LogConfig;
pub use disk::{Disk, DiskFile, MemDisk, OpenMode};
pub use error::{LogError, ReadError};
pub use log::{
    Append, AppendContext, AppendError, Appended, Doomed, Log, LogSlice, OpenContext, ReadPlan, Reason,
    RecoveryReport, Removal, SyncKind, SyncPlan,
};
pub use producer::AbortedTransaction;
pub use producer::check::{Origin, ProducerError};
pub use segment::TimestampOffset;
pub use segment::recover::Cut;
