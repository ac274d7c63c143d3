//! What a producer decides: which records share a batch, which batch may leave, what an answer means for it.
//!
//! | batch | event | next |
//! | --- | --- | --- |
//! | open | full, lingered, flush | waiting |
//! | waiting | drained | in flight, with a sequence number of its own if the producer is idempotent |
//! | in flight | written | settled |
//! | in flight | an error that may pass, a lost connection | waiting, in its old place |
//! | in flight | another error | settled; what follows is numbered again once nothing is in flight |
//! | any | `delivery.timeout.ms` over | settled; whether it was written may be unknown |
//!
//! Order: the batches of a partition leave in the order in which they were made. While one is tried again nothing else
//! of its partition is in flight, so nothing overtakes it. Sequence numbers follow each other without gaps; when that can
//! no longer be true (a batch whose fate is unknown, a broker that lost its memory of the producer), the producer's
//! epoch grows and the partition begins at 0 (KIP-360).
//!
//! The bytes of a batch are shared with the connections that carry it and never changed while one does: a new number is
//! given to a copy.

mod answer;
mod drain;

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use headwater_records::{BatchBuilder, BatchOptions, Compression, Header};

use crate::error::{Error, ErrorKind};

pub use answer::{Outcome, Settled, Verdict};
pub use drain::{Ready, Sent};

/// The producer's rules.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// `batch.size`.
    pub batch_size: usize,
    /// `linger.ms`.
    pub linger_ms: u64,
    /// `max.in.flight.requests.per.connection`.
    pub max_in_flight: usize,
    /// `retries`.
    pub retries: u32,
    /// `delivery.timeout.ms`.
    pub delivery_timeout_ms: u64,
    /// `max.request.size`.
    pub max_request_size: usize,
    /// `enable.idempotence`.
    pub idempotent: bool,
    /// `compression.type` and its level.
    pub compression: Compression,
}

/// Who the producer is to brokers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Producer id.
    pub id: i64,
    /// Producer epoch.
    pub epoch: i16,
}

/// The number that a batch was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    identity: Identity,
    sequence: i32,
}

#[derive(Debug)]
enum Content {
    Open(Box<BatchBuilder>),
    Sealed(Rc<Vec<u8>>),
}

#[derive(Debug)]
struct Batch<T> {
    id: u64,
    content: Content,
    count: i32,
    created_ms: u64,
    attempts: u32,
    retry_at_ms: u64,
    stamp: Option<Stamp>,
    /// An attempt ended without an answer.
    may_be_written: bool,
    tickets: Vec<T>,
}

impl<T> Batch<T> {
    fn size(&self) -> usize {
        match &self.content {
            Content::Open(builder) => builder.size(),
            Content::Sealed(bytes) => bytes.len(),
        }
    }

    fn seal(&mut self) {
        if let Content::Open(builder) = &mut self.content {
            let empty = Box::new(BatchBuilder::new(BatchOptions::default()));
            self.content = Content::Sealed(Rc::new(std::mem::replace(builder, empty).build()));
        }
    }
}

/// What belongs to one partition.
#[derive(Debug)]
struct Queue<T> {
    open: Option<Batch<T>>,
    waiting: VecDeque<Batch<T>>,
    in_flight: Vec<Batch<T>>,
    /// Whose numbers are given.
    identity: Option<Identity>,
    next_sequence: i32,
    /// The number after the last one that was acknowledged.
    acked_next: i32,
    /// Whether the broker has acknowledged a number of this identity. Until then one batch at a time is in flight: a
    /// broker takes any first number of a producer it does not know, so the second batch could overtake the first.
    known: bool,
    /// A batch with a number will never be written: those behind it get new ones once nothing is in flight.
    gap: bool,
    /// The fate of a batch is unknown: no new numbers until it is clear from those behind it.
    unresolved: bool,
    /// Begin at 0 with the producer's present identity once nothing is in flight.
    restart: bool,
}

impl<T> Default for Queue<T> {
    fn default() -> Queue<T> {
        Queue {
            open: None,
            waiting: VecDeque::new(),
            in_flight: Vec::new(),
            identity: None,
            next_sequence: 0,
            acked_next: 0,
            known: false,
            gap: false,
            unresolved: false,
            restart: false,
        }
    }
}

impl<T> Queue<T> {
    fn batches(&self) -> impl Iterator<Item = &Batch<T>> {
        self.waiting.iter().chain(&self.in_flight).chain(&self.open)
    }

    /// Puts a batch back into its place: those before it in the order of creation leave first.
    fn put_back(&mut self, batch: Batch<T>) {
        let at = self.waiting.iter().position(|other| other.id > batch.id).unwrap_or(self.waiting.len());
        self.waiting.insert(at, batch);
    }
}

/// Between the ids of two batches there is room for an id of every record, for batches that are taken apart.
const ID_STEP: u64 = 1 << 31;

/// Room that a record takes in a batch at most, beyond its key, value and headers.
const RECORD_OVERHEAD: usize = 21;
/// The same for each header.
const HEADER_OVERHEAD: usize = 10;
/// A batch's own header.
const BATCH_OVERHEAD: usize = headwater_records::HEADER_SIZE;

/// The most bytes that a record can take in a batch of its own, uncompressed
/// (`AbstractRecords.estimateSizeInBytesUpperBound`).
#[must_use]
pub fn size_of(key: Option<&[u8]>, value: Option<&[u8]>, headers: &[Header<'_>]) -> usize {
    let headers = headers
        .iter()
        .map(|header| HEADER_OVERHEAD + header.key.len() + header.value.map_or(0, <[u8]>::len))
        .sum::<usize>();
    BATCH_OVERHEAD + RECORD_OVERHEAD + key.map_or(0, <[u8]>::len) + value.map_or(0, <[u8]>::len) + headers
}

/// The machine of a producer. `T` is what the shell remembers of each record until it is settled.
#[derive(Debug)]
pub struct ProducerMachine<T> {
    limits: Limits,
    topics: BTreeMap<String, BTreeMap<i32, Queue<T>>>,
    identity: Option<Identity>,
    next_id: u64,
    /// Batches made before this one leave without lingering.
    flush_before: u64,
    /// Where the next drain begins, so that no partition starves.
    turn: usize,
    incomplete: usize,
}

/// What an append did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// A batch was begun or became full: somebody should look at what is ready.
    pub notable: bool,
}

impl<T> ProducerMachine<T> {
    /// A producer without records.
    #[must_use]
    pub fn new(limits: Limits) -> ProducerMachine<T> {
        ProducerMachine {
            limits,
            topics: BTreeMap::new(),
            identity: None,
            next_id: 0,
            flush_before: 0,
            turn: 0,
            incomplete: 0,
        }
    }

    /// Whether numbers are needed and not there.
    #[must_use]
    pub fn wants_identity(&self) -> bool {
        self.limits.idempotent && self.identity.is_none() && self.incomplete > 0
    }

    /// The broker has given an id.
    pub fn set_identity(&mut self, identity: Identity) {
        self.identity = Some(identity);
    }

    /// Batches that are not settled.
    #[must_use]
    pub fn incomplete(&self) -> usize {
        self.incomplete
    }

    /// Adds a record to its partition's batch.
    #[allow(clippy::too_many_arguments)]
    pub fn append(
        &mut self,
        now_ms: u64,
        (topic, partition): (&str, i32),
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header<'_>],
        ticket: T,
    ) -> Appended {
        let size = size_of(key, value, headers) - BATCH_OVERHEAD;
        if !self.topics.contains_key(topic) {
            self.topics.insert(topic.to_owned(), BTreeMap::new());
        }
        let Some(partitions) = self.topics.get_mut(topic) else { return Appended { notable: true } };
        let queue = partitions.entry(partition).or_default();
        let mut notable = false;
        if queue.open.as_ref().is_some_and(|open| open.size() + size > self.limits.batch_size) {
            queue.waiting.extend(queue.open.take());
            notable = true;
        }
        let batch = queue.open.get_or_insert_with(|| {
            notable = true;
            self.next_id += ID_STEP;
            self.incomplete += 1;
            let options = BatchOptions { compression: self.limits.compression, ..BatchOptions::default() };
            Batch {
                id: self.next_id,
                content: Content::Open(Box::new(BatchBuilder::new(options))),
                count: 0,
                created_ms: now_ms,
                attempts: 0,
                retry_at_ms: 0,
                stamp: None,
                may_be_written: false,
                tickets: Vec::new(),
            }
        });
        if let Content::Open(builder) = &mut batch.content {
            builder.append(timestamp, key, value, headers);
        }
        batch.count += 1;
        batch.tickets.push(ticket);
        if batch.size() >= self.limits.batch_size {
            queue.waiting.extend(queue.open.take());
            notable = true;
        }
        Appended { notable }
    }

    /// Lets everything that is there leave without lingering; gives what to ask [`ProducerMachine::is_flushed`] with.
    pub fn flush(&mut self) -> u64 {
        self.flush_before = self.next_id + ID_STEP;
        self.flush_before
    }

    /// Whether all batches made before are settled.
    #[must_use]
    pub fn is_flushed(&self, before: u64) -> bool {
        self.queues().all(|queue| queue.batches().all(|batch| batch.id >= before))
    }

    fn queues(&self) -> impl Iterator<Item = &Queue<T>> {
        self.topics.values().flat_map(BTreeMap::values)
    }

    fn queue(&mut self, topic: &str, partition: i32) -> Option<&mut Queue<T>> {
        self.topics.get_mut(topic)?.get_mut(&partition)
    }

    /// Settles what has waited for longer than `delivery.timeout.ms`.
    pub fn expire(&mut self, now_ms: u64) -> Vec<Settled<T>> {
        let timeout = self.limits.delivery_timeout_ms;
        let mut settled = Vec::new();
        for (topic, partitions) in &mut self.topics {
            for (partition, queue) in partitions {
                let old = |batch: &Batch<T>| now_ms >= batch.created_ms.saturating_add(timeout);
                let mut expired: Vec<Batch<T>> = queue.open.take_if(|batch| old(batch)).into_iter().collect();
                let (late, kept): (VecDeque<_>, VecDeque<_>) =
                    std::mem::take(&mut queue.waiting).into_iter().partition(old);
                queue.waiting = kept;
                expired.extend(late);
                for mut batch in queue.in_flight.extract_if(.., |batch| old(batch)) {
                    batch.may_be_written = true;
                    expired.push(batch);
                }
                for batch in expired {
                    queue.unresolved |= batch.stamp.is_some() && batch.may_be_written;
                    queue.gap |= batch.stamp.is_some() && !batch.may_be_written;
                    let message = format!(
                        "Expiring {} record(s) for {topic}-{partition}:{} ms has passed since batch creation",
                        batch.count,
                        now_ms - batch.created_ms
                    );
                    let error = Error::new(ErrorKind::Timeout, message).with_written(batch.may_be_written);
                    settled.push(Settled::failed(topic, *partition, batch.tickets, error));
                }
            }
        }
        self.incomplete -= settled.len();
        settled
    }

    /// Settles everything with one error: the producer has come to its end.
    pub fn fail_all(&mut self, error: &Error) -> Vec<Settled<T>> {
        let mut settled = Vec::new();
        for (topic, partitions) in &mut self.topics {
            for (partition, queue) in partitions {
                let mut in_flight = std::mem::take(&mut queue.in_flight);
                in_flight.iter_mut().for_each(|batch| batch.may_be_written = true);
                let rest = std::mem::take(&mut queue.waiting).into_iter().chain(queue.open.take());
                for batch in in_flight.into_iter().chain(rest) {
                    let error = error.clone().with_written(batch.may_be_written);
                    settled.push(Settled::failed(topic, *partition, batch.tickets, error));
                }
            }
        }
        self.incomplete = 0;
        settled
    }

    /// The next moment at which time alone changes something: a batch has lingered, waited for its next attempt, or is
    /// over.
    #[must_use]
    pub fn next_due_ms(&self) -> Option<u64> {
        let over = |batch: &Batch<T>| batch.created_ms.saturating_add(self.limits.delivery_timeout_ms);
        let of = |queue: &Queue<T>| {
            let lingered =
                queue.open.as_ref().map(|batch| batch.created_ms.saturating_add(self.limits.linger_ms));
            let retry = queue.waiting.front().map(|batch| batch.retry_at_ms).filter(|at| *at > 0);
            let over = queue.batches().map(over).min();
            [lingered, retry, over].into_iter().flatten().min()
        };
        self.queues().filter_map(of).min()
    }
}

#[cfg(test)]
mod tests;
