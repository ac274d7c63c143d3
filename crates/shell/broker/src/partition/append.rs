//! Appending what a producer sent.
//!
//! A batch is checked without the partition's lock (bytes, CRC, records), then appended under it (sequence, offsets,
//! one write). In a healthy directory both happen on the connection's thread. In a slow one the append is queued and an
//! I/O thread makes it; as long as something is queued, later appends queue behind it, so the order of arrival is kept
//! in both cases and across the change between them.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::{Arc, PoisonError};

use headwater_base::error_code::ErrorCode;
use headwater_base::{LeaderEpoch, Offset};
use headwater_log::{Append, AppendContext, AppendError, ProducerError};
use headwater_records::validate::{self, RecordError, Refusal};
use headwater_records::{Scratch, TimestampType};
use headwater_runtime::Runtime;
use headwater_runtime::sync::oneshot;

use super::{Committed, Partition, State, Wakes};
use crate::committer::Urgency;

/// How many appends may queue in front of a slow partition.
const MAX_QUEUED: usize = 1_024;

/// What a producer wants to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acks {
    /// Nothing (0).
    None,
    /// That the leader has it (1).
    Leader,
    /// That it is committed (−1).
    All,
}

/// What a producer wants to be told, and in whose company.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// What for one partition.
    pub acks: Acks,
    /// Whether the same request is about many other partitions: then those who ask for few go first.
    pub among_many: bool,
}

impl From<Acks> for Wish {
    fn from(acks: Acks) -> Self {
        Self { acks, among_many: false }
    }
}

/// Where a batch went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Offset of its first record; of a duplicate the one that the original got.
    pub base_offset: Offset,
    /// The broker's time if the topic stamps records at the append, else −1.
    pub log_append_time_ms: i64,
    /// First offset that the log still has.
    pub log_start_offset: Offset,
}

/// Why a batch was not appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Kafka's code.
    pub code: ErrorCode,
    /// Kafka's words, where it has words.
    pub message: Option<String>,
    /// Which records are at fault, and why.
    pub records: Vec<RecordError>,
    /// First offset of the log, where the refusal tells it; else −1.
    pub log_start_offset: Offset,
}

impl Refused {
    /// A refusal with the code alone.
    #[must_use]
    pub fn code(code: ErrorCode) -> Self {
        Self { code, message: None, records: Vec::new(), log_start_offset: Offset::NONE }
    }

    /// Tells the log's start where the reference does: in every refusal but those that it expects of a broker at work.
    fn at(self, log_start_offset: Offset) -> Self {
        match self.code {
            ErrorCode::CorruptMessage
            | ErrorCode::MessageTooLarge
            | ErrorCode::RecordListTooLarge
            | ErrorCode::UnsupportedCompressionType
            | ErrorCode::KafkaStorageError
            | ErrorCode::NotLeaderOrFollower => self,
            _ => Self { log_start_offset, ..self },
        }
    }
}

/// The end of an append: where the batch went, and with acks=all the ticket for its commit.
pub type AppendOutcome = Result<(Appended, Option<oneshot::Receiver<Committed>>), Refused>;

/// An append that was made, or that waits for an I/O thread.
pub enum Appending {
    /// Made.
    Done(AppendOutcome),
    /// Queued.
    Later(oneshot::Receiver<AppendOutcome>),
}

struct Job {
    batch: Vec<u8>,
    log_append_time_ms: i64,
    wish: Wish,
    done: oneshot::Sender<AppendOutcome>,
}

/// Appends in front of a slow partition.
#[derive(Default)]
pub(super) struct AppendQueue {
    jobs: VecDeque<Job>,
    /// An I/O thread is at work on the queue, or will be.
    pub(super) staffed: bool,
}

thread_local! {
    /// Where compressed records pass by while they are checked.
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::new());
}

impl Partition {
    /// Appends the records of one partition of a Produce request of `version`. Offsets, epoch and, where the topic says
    /// so, timestamps are written into `request` itself.
    pub fn append(
        self: &Arc<Self>,
        runtime: &Runtime,
        request: &mut [u8],
        wish: impl Into<Wish>,
        version: i16,
    ) -> Appending {
        // Nothing to check against `min.insync.replicas`: the reference never asks for more than a partition has
        // replicas, and on one node the one there is is in sync.
        let settings = self.settings.load();
        let now_ms = runtime.wall_clock_ms();
        let rules = settings.rules(&self.name, version, now_ms);
        let checked =
            SCRATCH.with_borrow_mut(|scratch| validate::validate_in_place(request, &rules, scratch));
        match checked {
            Ok(mut validated) => {
                let stamped = validated.header.timestamp_type() == TimestampType::LogAppendTime;
                let log_append_time_ms = if stamped { now_ms } else { -1 };
                self.append_checked(runtime, validated.bytes_mut(request), log_append_time_ms, wish.into())
            }
            Err(refusal) => {
                self.count_refused(refusal.error, request.len() as u64);
                self.log_refused(refusal.error, &refusal.to_string());
                let asked = !refusal.of_request;
                let refused = Refused::from(refusal);
                Appending::Done(Err(if asked {
                    refused.at(self.state().log.log_start_offset())
                } else {
                    refused
                }))
            }
        }
    }

    fn append_checked(
        self: &Arc<Self>,
        runtime: &Runtime,
        batch: &mut [u8],
        log_append_time_ms: i64,
        wish: Wish,
    ) -> Appending {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if !queue.staffed && !self.directory().is_slow() {
            // The queue's lock is held on: nobody gets between.
            return Appending::Done(self.append_now(runtime, batch, log_append_time_ms, wish));
        }
        if queue.jobs.len() >= MAX_QUEUED {
            return Appending::Done(Err(Refused::code(ErrorCode::RequestTimedOut)));
        }
        let (done, outcome) = oneshot::channel();
        queue.jobs.push_back(Job { batch: batch.to_vec(), log_append_time_ms, wish, done });
        if !std::mem::replace(&mut queue.staffed, true) {
            let (partition, runtime) = (Arc::clone(self), runtime.clone());
            self.directory().io.submit_now(Box::new(move || partition.work_off(&runtime)));
        }
        Appending::Later(outcome)
    }

    /// What an I/O thread does: makes the queued appends.
    pub(super) fn work_off(self: Arc<Self>, runtime: &Runtime) {
        loop {
            let job = {
                let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(job) = queue.jobs.pop_front() else {
                    queue.staffed = false;
                    return;
                };
                job
            };
            let Job { mut batch, log_append_time_ms, wish, done } = job;
            let outcome = self.append_now(runtime, &mut batch, log_append_time_ms, wish);
            // Whoever lost the connection meanwhile hears nothing.
            let _ = done.send(outcome);
        }
    }

    fn append_now(
        self: &Arc<Self>,
        runtime: &Runtime,
        batch: &mut [u8],
        log_append_time_ms: i64,
        wish: Wish,
    ) -> AppendOutcome {
        let began = runtime.now();
        let context = AppendContext::client(self.leader_epoch(), runtime.wall_clock_ms());
        let (outcome, wakes) = self.state().append(self, batch, &context, log_append_time_ms, wish);
        if let Err(refused) = &outcome {
            self.count_refused(refused.code, batch.len() as u64);
        }
        let took = runtime.now().since(began);
        self.directory().append_took(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
        wakes.wake();
        outcome
    }

    fn append_failed(&self, error: AppendError) -> Refused {
        let name = self.name.to_string();
        let (code, why) = match &error {
            AppendError::Producer(error) => (producer_code(error), error.message(&name)),
            AppendError::Malformed(_) => (ErrorCode::CorruptMessage, error.to_string()),
            AppendError::Invalid(_) | AppendError::UnexpectedOffset { .. } => {
                (ErrorCode::InvalidRecord, error.to_string())
            }
            AppendError::TooLarge { .. } => (ErrorCode::RecordListTooLarge, error.to_string()),
            AppendError::Log(failure) => {
                if !failure.is_passing() {
                    self.directory().fail(&format!("{name}: an append failed: {failure}"));
                }
                (ErrorCode::KafkaStorageError, error.to_string())
            }
        };
        self.log_refused(code, &why);
        Refused::code(code)
    }

    /// One line for a batch that was refused, or one for many.
    fn log_refused(&self, code: ErrorCode, why: &str) {
        if let Some(unlogged) = self.directory().admit_line() {
            tracing::info!(partition = %self.name, code = code.name(), why, unlogged, "records refused");
        }
    }
}

fn producer_code(error: &ProducerError) -> ErrorCode {
    match error {
        ProducerError::InvalidProducerEpoch { .. } => ErrorCode::InvalidProducerEpoch,
        ProducerError::OutOfOrderSequence { .. } => ErrorCode::OutOfOrderSequenceNumber,
        ProducerError::InvalidTransactionState { .. } => ErrorCode::InvalidTxnState,
        ProducerError::CoordinatorFenced { .. } => ErrorCode::TransactionCoordinatorFenced,
        ProducerError::MalformedMarker { .. } => ErrorCode::InvalidRecord,
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let message = refusal.wire_message().map(str::to_owned);
        Self { message, records: refusal.record_errors, ..Refused::code(refusal.error) }
    }
}

impl State {
    fn append(
        &mut self,
        partition: &Arc<Partition>,
        batch: &mut [u8],
        context: &AppendContext,
        log_append_time_ms: i64,
        wish: Wish,
    ) -> (AppendOutcome, Wakes) {
        let acks = wish.acks;
        if let Err(code) = self.check_open(partition) {
            return (Err(Refused::code(code)), Wakes::default());
        }
        // It was the leader when it was asked, and is no more: what queued for an I/O thread came too late.
        if context.leader_epoch == LeaderEpoch::NONE {
            return (Err(Refused::code(ErrorCode::NotLeaderOrFollower)), Wakes::default());
        }
        let log_start_offset = self.log.log_start_offset();
        if !partition.directory().has_room(batch.len() as u64) {
            return (Err(Refused::code(ErrorCode::KafkaStorageError)), Wakes::default());
        }
        let (place, bytes, log_append_time_ms) = match self.log.append_as_leader(batch, context) {
            Ok(Append::Appended(place)) => (place, batch.len() as u64, log_append_time_ms),
            // The time of then. The reference gives it also where the topic keeps the producer's times.
            Ok(Append::Duplicate(place)) => (place, 0, place.max_timestamp),
            Err(error) => {
                return (Err(partition.append_failed(error).at(log_start_offset)), Wakes::default());
            }
        };
        self.counts.produce_requests += 1;
        self.counts.bytes_in += batch.len() as u64;
        self.counts.messages_in += u64::try_from(place.last_offset - place.base_offset).unwrap_or(0) + 1;
        let settings = partition.settings.load();
        if bytes > 0 {
            self.unflushed_since_ms.get_or_insert(context.now_ms);
        }
        // `flush.messages`: who brings the record that is one too many waits until all are synced, also at acks=1.
        let unflushed = self.log.log_end_offset() - self.log.durable_offset();
        let flush = bytes > 0 && unflushed >= settings.topic.flush_messages;
        let on_disk = settings.acks_on_disk();
        if bytes > 0 && (on_disk || flush) {
            let urgency = match acks == Acks::All || flush || self.waiters.has_fetches() {
                true if wish.among_many => Urgency::Bulk,
                true => Urgency::Urgent,
                false => Urgency::Lazy,
            };
            let committer = &partition.directory().committer;
            self.sync = committer.appended(partition, self.sync, bytes, urgency);
        } else if on_disk && (acks == Acks::All || self.waiters.has_fetches()) {
            partition.hurry(self);
        }
        let wakes = if on_disk { Wakes::default() } else { self.advance_to(self.log.log_end_offset()) };
        let end = place.last_offset + 1;
        let ticket = if flush && acks != Acks::None && !on_disk {
            Some(self.waiters.wait_for_flush(end))
        } else {
            let waits = acks == Acks::All || (flush && acks != Acks::None);
            (waits && end > self.high_watermark).then(|| self.waiters.wait_for(end))
        };
        (
            Ok((Appended { base_offset: place.base_offset, log_append_time_ms, log_start_offset }, ticket)),
            wakes,
        )
    }
}
