//! Records as a consumer gets them: borrowed from a batch, or owned.

use std::rc::Rc;

use crate::machine::decode::Located;

/// The records that one poll gave, in order within each partition. They borrow from what came over the network; nothing
/// is copied until [`ConsumedRecord::to_owned`].
#[derive(Debug, Default)]
pub struct Batch {
    pub(super) parts: Vec<Part>,
}

#[derive(Debug)]
pub(super) struct Part {
    pub(super) topic: Rc<str>,
    pub(super) partition: i32,
    pub(super) records: Vec<Located>,
}

/// A record, borrowed from its batch.
#[derive(Clone, Copy, Debug)]
pub struct ConsumedRecord<'a> {
    /// The topic.
    pub topic: &'a str,
    /// The partition.
    pub partition: i32,
    located: &'a Located,
}

/// A record that stands by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnedRecord {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
    /// Epoch of the leader that wrote it, −1 when unknown.
    pub leader_epoch: i32,
    /// Milliseconds since 1970, −1 for none.
    pub timestamp: i64,
    /// Whether the timestamp is the broker's (`LogAppendTime`).
    pub log_append_time: bool,
    /// The key.
    pub key: Option<Vec<u8>>,
    /// The value; `None` is a tombstone in a compacted topic.
    pub value: Option<Vec<u8>>,
    /// Headers in their order; names that are no UTF-8 with replacement characters.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

impl Batch {
    /// The records.
    pub fn records(&self) -> impl Iterator<Item = ConsumedRecord<'_>> {
        self.parts.iter().flat_map(|part| {
            part.records.iter().map(|located| ConsumedRecord {
                topic: &part.topic,
                partition: part.partition,
                located,
            })
        })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.iter().map(|part| part.records.len()).sum()
    }

    /// Whether the time was over before one came.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}

impl<'a> ConsumedRecord<'a> {
    /// The offset.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.located.offset
    }

    /// Epoch of the leader that wrote it, −1 when unknown.
    #[must_use]
    pub fn leader_epoch(&self) -> i32 {
        self.located.leader_epoch
    }

    /// Milliseconds since 1970, −1 for none.
    #[must_use]
    pub fn timestamp(&self) -> i64 {
        self.located.timestamp
    }

    /// Whether the timestamp is the broker's (`LogAppendTime`).
    #[must_use]
    pub fn is_log_append_time(&self) -> bool {
        self.located.log_append_time
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> Option<&'a [u8]> {
        self.located.key.clone().map(|range| &self.located.source[range])
    }

    /// The value; `None` is a tombstone in a compacted topic.
    #[must_use]
    pub fn value(&self) -> Option<&'a [u8]> {
        self.located.value.clone().map(|range| &self.located.source[range])
    }

    /// Headers in their order.
    pub fn headers(&self) -> impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)> + use<'a> {
        let located = self.located;
        let bytes = move |range: &std::ops::Range<usize>| &located.source[range.clone()];
        located.headers.iter().map(move |(key, value)| (bytes(key), value.as_ref().map(bytes)))
    }

    /// A copy that stands by itself.
    #[must_use]
    pub fn to_owned(&self) -> OwnedRecord {
        OwnedRecord {
            topic: self.topic.to_owned(),
            partition: self.partition,
            offset: self.offset(),
            leader_epoch: self.leader_epoch(),
            timestamp: self.timestamp(),
            log_append_time: self.is_log_append_time(),
            key: self.key().map(<[u8]>::to_vec),
            value: self.value().map(<[u8]>::to_vec),
            headers: self
                .headers()
                .map(|(key, value)| (String::from_utf8_lossy(key).into_owned(), value.map(<[u8]>::to_vec)))
                .collect(),
        }
    }
}
