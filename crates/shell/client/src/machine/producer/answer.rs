//! What an answer means for a batch, and for those behind it.

use headwater_base::ErrorCode;
use headwater_records::header::increment_sequence;
use headwater_records::{BatchBuilder, BatchOptions, BatchView, Header, Scratch};

use super::{Batch, Content, ProducerMachine, Queue};
use crate::error::Error;

/// What became of a batch that was sent.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Written at this offset (−1 when it is not known), at this time of the broker (−1 when the record's own counts).
    Written {
        /// Offset of the first record.
        base_offset: i64,
        /// The broker's time in milliseconds.
        log_append_time: i64,
    },
    /// The broker refused it.
    Refused {
        /// The broker's error.
        error: Error,
        /// Records that are to blame, by their index, with what is wrong.
        records: Vec<(i32, Option<String>)>,
    },
    /// No answer came.
    Lost(Error),
}

/// What is told about the records of a batch.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// They are written; offset of the first one and time of the broker, as in [`Outcome::Written`].
    Written {
        /// Offset of the first record.
        base_offset: i64,
        /// The broker's time in milliseconds.
        log_append_time: i64,
    },
    /// They are not, or nobody knows.
    Failed {
        /// Why.
        error: Error,
        /// Records that are to blame, by their index, with what is wrong.
        records: Vec<(i32, Option<String>)>,
    },
}

/// A batch has come to its end.
#[derive(Debug)]
pub struct Settled<T> {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// What the shell remembers of the records, in their order.
    pub tickets: Vec<T>,
    /// What became of them.
    pub verdict: Verdict,
}

impl<T> Settled<T> {
    pub(super) fn failed(topic: &str, partition: i32, tickets: Vec<T>, error: Error) -> Settled<T> {
        let verdict = Verdict::Failed { error, records: Vec::new() };
        Settled { topic: topic.to_owned(), partition, tickets, verdict }
    }
}

/// What to do with a batch that was refused.
enum Decision {
    Again,
    /// Again, with the producer's next epoch, or a new id.
    AgainInNewEpoch {
        new_id: bool,
    },
    Split,
    Done,
    Fail,
}

/// The largest batch of ours that is taken apart again.
const MAX_SPLIT: usize = 1 << 30;

impl<T> ProducerMachine<T> {
    /// Takes the answer about a batch; `retry_at_ms` is when it may be tried again. An answer about a batch that is
    /// settled already changes nothing.
    pub fn answered(
        &mut self,
        (topic, partition): (&str, i32),
        id: u64,
        outcome: Outcome,
        retry_at_ms: u64,
    ) -> Option<Settled<T>> {
        let (retries, identity) = (self.limits.retries, self.identity);
        let queue = self.queue(topic, partition)?;
        let at = queue.in_flight.iter().position(|batch| batch.id == id)?;
        let mut batch = queue.in_flight.remove(at);
        let (decision, error, records) = match outcome {
            Outcome::Written { base_offset, log_append_time } => {
                queue.acknowledge(&batch);
                self.incomplete -= 1;
                let verdict = Verdict::Written { base_offset, log_append_time };
                return Some(Settled { topic: topic.to_owned(), partition, tickets: batch.tickets, verdict });
            }
            Outcome::Lost(error) => {
                batch.may_be_written = true;
                let again = error.retriable() && batch.attempts <= retries;
                (if again { Decision::Again } else { Decision::Fail }, error, Vec::new())
            }
            Outcome::Refused { error, records } => (queue.judge(&batch, &error, retries), error, records),
        };
        batch.retry_at_ms = retry_at_ms;
        if error.is(ErrorCode::OutOfOrderSequenceNumber) {
            // The broker knows its last five, and this one is not among them.
            batch.may_be_written = false;
        }
        batch.may_be_written |= error.may_have_been_written();
        match decision {
            Decision::Again => queue.put_back(batch),
            Decision::AgainInNewEpoch { new_id } => {
                // Of several batches of one epoch only the first one brings the next.
                let first = !queue.restart && queue.identity == identity;
                queue.restart = true;
                queue.put_back(batch);
                if first && new_id {
                    self.identity = None;
                } else if first {
                    self.bump();
                }
            }
            Decision::Split => {
                queue.gap |= batch.stamp.is_some();
                self.split(topic, partition, batch);
            }
            Decision::Done => {
                queue.acknowledge(&batch);
                self.incomplete -= 1;
                let verdict = Verdict::Written { base_offset: -1, log_append_time: -1 };
                return Some(Settled { topic: topic.to_owned(), partition, tickets: batch.tickets, verdict });
            }
            Decision::Fail => {
                queue.unresolved |= batch.stamp.is_some() && batch.may_be_written;
                queue.gap |= batch.stamp.is_some() && !batch.may_be_written;
                self.incomplete -= 1;
                let error = error.with_written(batch.may_be_written);
                let verdict = Verdict::Failed { error, records };
                return Some(Settled { topic: topic.to_owned(), partition, tickets: batch.tickets, verdict });
            }
        }
        None
    }

    /// Makes two batches of one that is too large for the broker.
    fn split(&mut self, topic: &str, partition: i32, batch: Batch<T>) {
        let compression = self.limits.compression;
        let Content::Sealed(bytes) = &batch.content else { return };
        let (mut scratch, mut space) = (Scratch::new(), Vec::new());
        let view = BatchView::parse(bytes).expect("the bytes of a batch that was built here");
        let records = view.records(&mut scratch, &mut space, MAX_SPLIT).expect("compressed here");
        let builder = || BatchBuilder::new(BatchOptions { compression, ..BatchOptions::default() });
        let mut halves = [builder(), builder()];
        let half = batch.count / 2;
        for (index, record) in records.enumerate() {
            let record = record.expect("written here");
            let headers: Vec<Header<'_>> = record.headers().collect();
            let into = usize::from(index as i32 >= half);
            halves[into].append(record.timestamp, record.key, record.value, &headers);
        }
        let mut tickets = batch.tickets;
        let second_tickets = tickets.split_off(half as usize);
        let [first, second] = halves;
        let made = |id: u64, builder: BatchBuilder, tickets: Vec<T>| Batch {
            id,
            count: builder.record_count(),
            content: Content::Open(Box::new(builder)),
            created_ms: batch.created_ms,
            attempts: 0,
            retry_at_ms: 0,
            stamp: None,
            may_be_written: false,
            tickets,
        };
        let halves = [
            made(batch.id, first, tickets),
            made(batch.id + u64::from(half.unsigned_abs()), second, second_tickets),
        ];
        self.incomplete += 1;
        if let Some(queue) = self.queue(topic, partition) {
            // Both take the place of the one.
            halves.into_iter().for_each(|half| queue.put_back(half));
        }
    }
}

impl<T> Queue<T> {
    fn acknowledge(&mut self, batch: &Batch<T>) {
        if let Some(stamp) = batch.stamp
            && self.identity == Some(stamp.identity)
        {
            self.known = true;
            let next = increment_sequence(stamp.sequence, batch.count);
            // An older batch can be acknowledged after a younger one; numbers begin again behind the highest.
            if next.wrapping_sub(self.acked_next) & i32::MAX < 1 << 30 {
                self.acked_next = next;
            }
        }
    }

    fn judge(&self, batch: &Batch<T>, error: &Error, retries: u32) -> Decision {
        let may_again = batch.attempts <= retries;
        match (error.code(), batch.stamp) {
            (Some(ErrorCode::MessageTooLarge), _) if batch.count > 1 => Decision::Split,
            // An older copy of it is written.
            (Some(ErrorCode::DuplicateSequenceNumber), Some(_)) => Decision::Done,
            (Some(ErrorCode::OutOfOrderSequenceNumber), Some(stamp)) if may_again => {
                let own = self.identity == Some(stamp.identity);
                // One before it was not written (yet); else the broker has lost some, or an unknown fate is clear now.
                if !self.unresolved && (self.gap || self.restart || !own || stamp.sequence != self.acked_next)
                {
                    Decision::Again
                } else {
                    Decision::AgainInNewEpoch { new_id: false }
                }
            }
            (Some(ErrorCode::UnknownProducerId), Some(_)) if may_again => {
                Decision::AgainInNewEpoch { new_id: false }
            }
            (Some(ErrorCode::InvalidProducerEpoch), Some(_)) if may_again => {
                Decision::AgainInNewEpoch { new_id: true }
            }
            _ if error.retriable() && may_again => Decision::Again,
            _ => Decision::Fail,
        }
    }
}
