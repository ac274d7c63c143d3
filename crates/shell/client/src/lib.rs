//! A native Kafka client.
//!
//! What it is: [`Admin`] for every API of administration, [`Producer`], idempotent by default, and [`Consumer`], with
//! partitions assigned by hand or by a group of the classic protocol, over a pool of connections that negotiate versions,
//! so that it works against Headwater and against Apache Kafka. It stands on the `runtime` crate. A client belongs to the
//! core on which it was made; make one per core.
//!
//! Invariants:
//! - What decides lies in [`machine`] and knows no clock, socket or task.
//! - Every length that comes from a broker is bounded by the bytes that came; every queue has a named bound.
//! - Every future may be dropped at any time; what was sent stays sent.
//! - An [`Error`] says whether the call may be tried again and whether something may have been written.
//!
//! What it does not know: how a broker works inside, and who uses it.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod admin;
pub mod config;
pub mod consumer;
mod error;
pub mod machine;
mod net;
pub mod producer;
mod request;

pub use admin::Admin;
pub use consumer::{Batch, ConsumedRecord, Consumer, OwnedRecord};
pub use error::{Error, ErrorKind, Result};
pub use net::routing::Target;
pub use producer::{Delivery, Producer, Record, RecordMetadata};
pub use request::Request;
