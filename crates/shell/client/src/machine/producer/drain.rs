//! Which batches may leave now.

use std::rc::Rc;

use headwater_base::{ProducerEpoch, ProducerId};
use headwater_records::header::increment_sequence;
use headwater_records::patch;

use super::{Content, Identity, Limits, ProducerMachine, Queue, Stamp};

/// A partition with a batch that may leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
}

/// A batch that leaves.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// Names the batch in its answer.
    pub id: u64,
    /// The batch.
    pub bytes: Rc<Vec<u8>>,
}

/// What a queue may be asked with.
#[derive(Clone, Copy)]
struct Moment {
    now_ms: u64,
    flush_before: u64,
    /// Somebody waits for memory: nothing lingers.
    hurry: bool,
    identity: Option<Identity>,
    limits: Limits,
}

impl<T> Queue<T> {
    /// Whether a batch may leave, once [`Queue::settle_numbers`] has been asked.
    fn is_ready(&self, moment: &Moment) -> bool {
        let limit = if moment.limits.idempotent { moment.limits.max_in_flight.min(5) } else { usize::MAX };
        let unknown = moment.limits.idempotent && !self.known;
        // A broker knows the last five numbers: what is tried again must not fall behind five younger ones.
        let again = self.in_flight.iter().any(|batch| batch.attempts > 1);
        let alone = unknown || again || moment.limits.max_in_flight == 1;
        if self.in_flight.len() >= limit || (alone && !self.in_flight.is_empty()) {
            return false;
        }
        let Some(first) = self.waiting.get(self.first()) else {
            return self.open.as_ref().is_some_and(|open| {
                let lingered = moment.now_ms >= open.created_ms.saturating_add(moment.limits.linger_ms);
                (lingered || moment.hurry || open.id < moment.flush_before) && self.may_number(moment)
            });
        };
        let again = first.attempts > 0;
        first.retry_at_ms <= moment.now_ms
            && (!again || self.in_flight.is_empty())
            && (first.stamp.is_some() || self.may_number(moment))
    }

    /// Behind a gap: the first batch that may have been written under the number it has. It is asked about before anything
    /// gets another number, since a broker takes any first number of a producer it does not know.
    fn probe(&self) -> Option<usize> {
        self.waiting.iter().position(|batch| batch.stamp.is_some() && batch.may_be_written)
    }

    /// The batch that leaves next.
    fn first(&self) -> usize {
        if self.gap { self.probe().unwrap_or(0) } else { 0 }
    }

    /// Whether a batch may be given a number.
    fn may_number(&self, moment: &Moment) -> bool {
        if !moment.limits.idempotent {
            return true;
        }
        let settled = !self.gap && !self.unresolved && !self.restart;
        settled && moment.identity.is_some() && self.identity == moment.identity
    }

    /// Brings the numbers in order when nothing is in flight. True when the producer needs a higher epoch for it.
    fn settle_numbers(&mut self, identity: Option<Identity>) -> bool {
        if !self.in_flight.is_empty() {
            return false;
        }
        let numbered = self.waiting.iter().any(|batch| batch.stamp.is_some());
        if self.unresolved && !self.restart && !numbered {
            self.unresolved = false;
            // Those behind it were written, so it was too; or nobody knows.
            self.restart = self.acked_next != self.next_sequence;
            return self.restart;
        }
        if self.restart || (!numbered && self.identity != identity) {
            if self.restart && self.identity == identity {
                return false;
            }
            self.identity = identity;
            (self.next_sequence, self.acked_next) = (0, 0);
            self.known = false;
            (self.restart, self.gap, self.unresolved) = (false, false, false);
            self.waiting.iter_mut().for_each(|batch| batch.stamp = None);
        } else if self.gap && !self.unresolved && self.probe().is_none() {
            self.gap = false;
            self.next_sequence = self.acked_next;
            self.waiting.iter_mut().for_each(|batch| batch.stamp = None);
        }
        false
    }

    /// Takes the first batch and puts it in flight.
    fn send(&mut self, topic: &str, partition: i32, moment: &Moment) -> Option<Sent> {
        let mut batch = self.waiting.remove(self.first()).or_else(|| self.open.take())?;
        batch.seal();
        let Content::Sealed(bytes) = &mut batch.content else { return None };
        if let (true, None, Some(identity)) = (moment.limits.idempotent, batch.stamp, self.identity) {
            let sequence = self.next_sequence;
            self.next_sequence = increment_sequence(sequence, batch.count);
            batch.stamp = Some(Stamp { identity, sequence });
            // A copy, if a connection still carries the bytes with the number they had before.
            patch::set_producer(
                Rc::make_mut(bytes).as_mut_slice(),
                ProducerId(identity.id),
                ProducerEpoch(identity.epoch),
                sequence,
            );
        }
        let sent = Sent { topic: topic.to_owned(), partition, id: batch.id, bytes: bytes.clone() };
        batch.attempts = batch.attempts.saturating_add(1);
        self.in_flight.push(batch);
        Some(sent)
    }
}

impl<T> ProducerMachine<T> {
    fn moment(&self, now_ms: u64, hurry: bool) -> Moment {
        Moment {
            now_ms,
            flush_before: self.flush_before,
            hurry,
            identity: self.identity,
            limits: self.limits,
        }
    }

    /// Partitions with a batch that may leave at `now_ms`; with `hurry` nothing lingers.
    pub fn ready(&mut self, now_ms: u64, hurry: bool) -> Vec<Ready> {
        let mut bumps = 0;
        if self.limits.idempotent {
            let identity = self.identity;
            for queue in self.topics.values_mut().flat_map(|partitions| partitions.values_mut()) {
                bumps += i32::from(queue.settle_numbers(identity));
            }
        }
        if bumps > 0 {
            self.bump();
            return self.ready(now_ms, hurry);
        }
        let moment = self.moment(now_ms, hurry);
        let mut ready = Vec::new();
        for (topic, partitions) in &self.topics {
            for (partition, queue) in partitions {
                if queue.is_ready(&moment) {
                    ready.push(Ready { topic: topic.clone(), partition: *partition });
                }
            }
        }
        if !ready.is_empty() {
            self.turn = self.turn.wrapping_add(1);
            let first = self.turn % ready.len();
            ready.rotate_left(first);
        }
        ready
    }

    /// Takes one batch of each partition, all of which one broker leads, as far as they fit into one request.
    pub fn drain(&mut self, now_ms: u64, hurry: bool, partitions: &[Ready]) -> Vec<Sent> {
        let moment = self.moment(now_ms, hurry);
        let mut sent = Vec::new();
        let mut bytes = 0;
        for it in partitions {
            let Some(queue) = self.queue(&it.topic, it.partition) else { continue };
            if !queue.is_ready(&moment) {
                continue;
            }
            let size = queue.waiting.get(queue.first()).or(queue.open.as_ref()).map_or(0, super::Batch::size);
            if bytes > 0 && bytes + size > moment.limits.max_request_size {
                break;
            }
            bytes += size;
            sent.extend(queue.send(&it.topic, it.partition, &moment));
        }
        sent
    }

    /// The producer's next epoch, or a new id when there is none.
    pub(super) fn bump(&mut self) {
        self.identity = self.identity.and_then(|identity| {
            let epoch = identity.epoch.checked_add(1).filter(|epoch| *epoch < i16::MAX)?;
            Some(Identity { epoch, ..identity })
        });
    }
}
