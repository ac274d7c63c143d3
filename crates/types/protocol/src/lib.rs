//! Kafka's wire and record messages, at the versions of Apache Kafka 4.3.1: a generated codec.
//!
//! What it is: for every message a plain Rust structure with Kafka's names and defaults, `decode` from a [`Reader`] and
//! `encode` to a [`Writer`] in every valid version; the table of APIs ([`api`]); the frames around records of the
//! metadata log and of the coordinators' topics. The specification lies in `spec/`, one line per field; `cargo xtask
//! codegen` turns it into the files below `messages`, `data`, `metadata`, `group`, `transaction`, `share`, `raft` and
//! `storage`, which are committed.
//!
//! Invariants:
//! - A decoder never panics, whatever the bytes. Every length is bounded by the bytes that remain, and what is
//!   allocated is charged to the reader's budget first.
//! - The first error wins. Reader and writer remember it, later reads give zeros, later writes nothing; `decode` and
//!   `encode` look once at the end. The generated code stays small that way, and its branches cheap.
//! - A value that a version cannot carry is an [`EncodeError`], unless Kafka calls the field ignorable.
//! - What this crate encodes is byte for byte what the reference's own classes encode.
//!
//! What it does not know: sockets, frames' origins, record batches (bytes to it), which API is served.
//!
//! Non-obvious:
//! - Unknown tagged fields are skipped, not kept. Trailing bytes are left to the caller, see [`Reader::remaining`].
//! - Strings that are not UTF-8 are read with replacement characters, as the reference does.
//! - Record bytes of a response need not be in memory: [`Records::External`].

pub mod api;
#[allow(missing_docs)]
pub mod data;
mod error;
mod framing;
#[allow(missing_docs)]
pub mod group;
pub mod header;
mod message;
#[allow(missing_docs)]
pub mod messages;
#[allow(missing_docs)]
pub mod metadata;
#[allow(missing_docs)]
pub mod raft;
mod reader;
mod records;
#[allow(missing_docs)]
pub mod share;
#[allow(missing_docs)]
pub mod storage;
#[allow(missing_docs)]
pub mod transaction;
pub mod view;
mod writer;

pub use api::{ApiKey, ApiRow};
pub use error::{DecodeError, EncodeError};
pub use framing::FrameError;
pub use message::Message;
pub use reader::Reader;
pub use records::Records;
pub use writer::{Gap, Writer};

pub(crate) use framing::{framed_records, record_keys, record_values};
pub(crate) use message::message;
