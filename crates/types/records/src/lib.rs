//! Record batches: views, builder, validation, compression, CRC.
//!
//! A batch of magic 2 is 61 bytes of header and then records, which may be compressed as a whole. This crate reads
//! them without copying, changes in place the few fields that a leader assigns, builds new ones, and decides whether a
//! batch that a client sent may be appended.
//!
//! Invariants
//! - Every length is bounded by the bytes that are there; nothing is allocated from a length found in the input.
//! - Decompressed bytes come out as a stream with an absolute limit.
//! - The first 17 bytes of a batch (base offset, length, leader epoch, magic) lie outside the checksum. So assigning
//!   offsets costs no checksum; changing timestamps does.
//!
//! What it does not know: files, segments, producers' history (sequence checks are the log's), clocks.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod batch;
pub mod builder;
pub mod checksum;
pub mod compression;
pub mod control;
pub mod header;
pub mod partitioner;
pub mod patch;
pub mod record;
pub mod validate;
pub mod varint;

pub use batch::{BatchError, BatchView, Batches, batches};
pub use builder::{BatchBuilder, BatchOptions, empty_batch};
pub use checksum::crc32c;
pub use compression::{Compression, DecompressError, Scratch, decompress, decompress_into};
pub use header::{Attributes, BatchHeader, Codec, HEADER_SIZE, LOG_OVERHEAD, TimestampType};
pub use record::{Header, Headers, Record, Records, RecordsError};
pub use validate::{RecordError, Refusal, Rules, Validated, validate_in_place};
