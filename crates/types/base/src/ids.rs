//! Newtypes for what the protocol carries as bare integers.

use std::fmt;
use std::ops::{Add, Sub};

use crate::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }
    };
}

id! {
    /// Position of a record in a partition; the first is 0. Negative values have special meanings on the wire.
    Offset(i64)
}
id! {
    /// Counts the leaders of a partition (or of the quorum); grows with each new one. −1 means unknown.
    LeaderEpoch(i32)
}
id! {
    /// `node.id` of a broker or controller. −1 means none.
    NodeId(i32)
}
id! {
    /// Index of a partition inside its topic, from 0.
    PartitionIndex(i32)
}
id! {
    /// Identity of an idempotent or transactional producer. −1 means none.
    ProducerId(i64)
}
id! {
    /// Incarnation of a producer id. −1 means none.
    ProducerEpoch(i16)
}

impl Offset {
    /// The value that stands for "no offset" on the wire (−1).
    pub const NONE: Offset = Offset(-1);
    /// The first offset of a log.
    pub const ZERO: Offset = Offset(0);
}

impl Add<i64> for Offset {
    type Output = Offset;
    fn add(self, delta: i64) -> Offset {
        Offset(self.0 + delta)
    }
}

impl Sub<Offset> for Offset {
    type Output = i64;
    fn sub(self, other: Offset) -> i64 {
        self.0 - other.0
    }
}

impl LeaderEpoch {
    /// The value that stands for "unknown" on the wire (−1).
    pub const NONE: LeaderEpoch = LeaderEpoch(-1);
}

impl NodeId {
    /// The value that stands for "nobody" on the wire (−1).
    pub const NONE: NodeId = NodeId(-1);
}

impl ProducerId {
    /// The value of a batch that belongs to no producer (−1).
    pub const NONE: ProducerId = ProducerId(-1);
}

impl ProducerEpoch {
    /// The value of a batch that belongs to no producer (−1).
    pub const NONE: ProducerEpoch = ProducerEpoch(-1);
}

/// A partition by its topic's name, as clients and folders on disk name it (`topic-3`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: String,
    /// Index inside the topic.
    pub partition: PartitionIndex,
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// A partition by its topic's id, which survives deletion and re-creation of the same name as two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicIdPartition {
    /// The topic's id.
    pub topic_id: Uuid,
    /// Index inside the topic.
    pub partition: PartitionIndex,
}
