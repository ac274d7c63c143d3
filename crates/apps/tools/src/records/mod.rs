//! Records of Kafka's own logs as JSON, in the form of its generated `…JsonConverter`s.
//!
//! Nothing here knows a record: the notation of the protocol's specification says what the bytes are, and it is read when a
//! tool needs it.

mod decode;
mod lists;
mod notation;

pub use decode::{DecodeError, Input, decode};
pub use lists::{Coordinator, coordinator_record, data, metadata_record};
pub use notation::{Field, Message};
