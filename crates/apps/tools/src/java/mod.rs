//! What Kafka's tools show of Java itself: the order of its hash maps, how it reads and writes numbers.

mod hash;
mod number;
mod time;
mod uuid;

pub use hash::{hash_order, hash_order_sized, partition_hash, string_hash};
pub use number::{double_text, parse_double};
pub use time::{parse_date_time, parse_duration_ms};
pub use uuid::parse_uuid;
