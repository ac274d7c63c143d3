//! What Kafka's tools show of Java itself: the order of its hash maps, how it reads and writes numbers.

mod hash;
mod number;

pub use hash::{hash_order, string_hash};
pub use number::{double_text, parse_double};
