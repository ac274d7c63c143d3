//! One producer's batches for one partition, as Kafka's own client keeps them: in order, sent again in order, never
//! dropped before they are acknowledged.

use std::collections::VecDeque;

use headwater_records::Codec;

use super::Topic;
use super::record::{Draft, Identity, encode};
use crate::history::Place;

/// A batch that is not acknowledged.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Number of its first record.
    pub first: u64,
    /// Its records.
    pub drafts: Vec<Draft>,
    /// Sequence of its first record.
    pub base_sequence: i32,
    /// How its records are compressed.
    pub codec: Codec,
}

/// See the module.
#[derive(Debug)]
pub struct Queue {
    /// Where to.
    pub topic: Topic,
    /// Where to.
    pub place: Place,
    /// Number of the next record.
    pub next_number: u64,
    /// Not acknowledged, in order.
    pub batches: VecDeque<Batch>,
    /// How many of them, from the first, are sent and not answered.
    pub sent: usize,
    next_sequence: i32,
    /// The log knows the producer. A log that does not takes any sequence, so only one batch may be under way before.
    pub known: bool,
    /// A batch failed: nothing is sent before all that is under way is answered, then everything from the first.
    pub rewinding: bool,
}

impl Queue {
    /// An empty queue.
    #[must_use]
    pub fn new(topic: &Topic, partition: i32) -> Self {
        Self {
            topic: topic.clone(),
            place: Place { topic: topic.id, partition },
            next_number: 0,
            batches: VecDeque::new(),
            sent: 0,
            next_sequence: 0,
            known: false,
            rewinding: false,
        }
    }

    /// Adds a batch behind all others.
    pub fn push(&mut self, drafts: Vec<Draft>, codec: Codec) {
        let count = drafts.len();
        let (first, base_sequence) = (self.next_number, self.next_sequence);
        self.next_number += count as u64;
        self.next_sequence = advance(base_sequence, count);
        self.batches.push_back(Batch { first, drafts, base_sequence, codec });
    }

    /// The number of the first record of the next batch to send, and the batch's bytes; it counts as sent.
    pub fn take(&mut self, identity: Identity) -> Option<(u64, Vec<u8>)> {
        if self.rewinding || (!self.known && self.sent > 0) {
            return None;
        }
        let batch = self.batches.get(self.sent)?;
        self.sent += 1;
        let sequence = if identity == Identity::NONE { -1 } else { batch.base_sequence };
        let bytes = encode(&batch.drafts, identity, sequence, batch.codec);
        Some((batch.first, bytes))
    }

    /// Takes an answered batch away. Its records are acknowledged.
    pub fn acknowledged(&mut self, first: u64) -> Option<Batch> {
        let at = self.batches.iter().position(|batch| batch.first == first)?;
        self.sent = self.sent.saturating_sub(1);
        self.known = true;
        self.batches.remove(at)
    }

    /// Everything from the first batch on is to be sent again, for example over a new connection.
    pub fn rewind(&mut self) {
        self.sent = 0;
        self.rewinding = false;
    }

    /// The log forgot the producer: a new identity begins with sequence 0.
    pub fn renumber(&mut self) {
        self.rewind();
        self.known = false;
        let mut sequence = 0;
        for batch in &mut self.batches {
            batch.base_sequence = sequence;
            sequence = advance(sequence, batch.drafts.len());
        }
        self.next_sequence = sequence;
    }
}

/// Sequences wrap to 0 behind 2^31 − 1.
fn advance(sequence: i32, count: usize) -> i32 {
    ((i64::from(sequence) + count as i64) % (i64::from(i32::MAX) + 1)) as i32
}
