//! Who waits for a partition's progress: producers for an offset, consumers for anything new.
//!
//! Waiters are woken after the partition's lock is released; [`Wakes`] carries them out of it.

use std::collections::VecDeque;
use std::sync::Arc;

use headwater_base::Offset;
use headwater_base::error_code::ErrorCode;
use headwater_runtime::sync::{Notify, oneshot};

/// What a producer that waits for its offset hears.
pub type Committed = Result<(), ErrorCode>;

/// A consumer's parked fetch; it hangs on every partition that it asks for.
#[derive(Debug, Default)]
pub struct ParkedFetch {
    /// Notified at each progress of one of the partitions.
    pub progress: Notify,
}

/// The waiters of one partition.
#[derive(Debug, Default)]
pub struct Waiters {
    /// In the order of their offsets, because appends come in that order.
    producers: VecDeque<(Offset, oneshot::Sender<Committed>)>,
    /// Those who wait for a sync where commits need none, in the order of their offsets.
    flushes: VecDeque<(Offset, oneshot::Sender<Committed>)>,
    fetches: Vec<Arc<ParkedFetch>>,
}

/// Waiters taken from a partition, to be woken without its lock.
#[must_use = "waiters that are dropped hear of a closed channel, not of their offset"]
#[derive(Debug, Default)]
pub struct Wakes {
    producers: Vec<(oneshot::Sender<Committed>, Committed)>,
    fetches: Vec<Arc<ParkedFetch>>,
}

impl Wakes {
    /// Wakes them all.
    pub fn wake(self) {
        for (sender, result) in self.producers {
            // Whoever gave up waiting needs no answer.
            let _ = sender.send(result);
        }
        for fetch in self.fetches {
            fetch.progress.notify_one();
        }
    }
}

impl Waiters {
    /// True if somebody waits to read what is appended.
    #[must_use]
    pub fn has_fetches(&self) -> bool {
        !self.fetches.is_empty()
    }

    /// Waits until everything below `end` is committed.
    pub fn wait_for(&mut self, end: Offset) -> oneshot::Receiver<Committed> {
        let (sender, receiver) = oneshot::channel();
        // Only a wait for an older end (a duplicate's) is not the last.
        let at = self.producers.partition_point(|(other, _)| *other <= end);
        self.producers.insert(at, (end, sender));
        receiver
    }

    /// Waits until everything below `end` is synced.
    pub fn wait_for_flush(&mut self, end: Offset) -> oneshot::Receiver<Committed> {
        let (sender, receiver) = oneshot::channel();
        self.flushes.push_back((end, sender));
        receiver
    }

    /// Adds those whose wait ends with this sync.
    pub fn flushed(&mut self, durable: Offset, wakes: &mut Wakes) {
        let reached = self.flushes.partition_point(|(end, _)| *end <= durable);
        wakes.producers.extend(self.flushes.drain(..reached).map(|(_, sender)| (sender, Ok(()))));
    }

    /// Hangs a fetch here until the next progress or [`Waiters::unpark`].
    pub fn park(&mut self, fetch: &Arc<ParkedFetch>) {
        if !self.fetches.iter().any(|parked| Arc::ptr_eq(parked, fetch)) {
            self.fetches.push(Arc::clone(fetch));
        }
    }

    /// Takes a fetch away that was answered.
    pub fn unpark(&mut self, fetch: &Arc<ParkedFetch>) {
        self.fetches.retain(|parked| !Arc::ptr_eq(parked, fetch));
    }

    /// Takes those out whose wait ends at this high watermark.
    pub fn advanced(&mut self, high_watermark: Offset) -> Wakes {
        let reached = self.producers.partition_point(|(end, _)| *end <= high_watermark);
        let producers = self.producers.drain(..reached).map(|(_, sender)| (sender, Ok(()))).collect();
        Wakes { producers, fetches: std::mem::take(&mut self.fetches) }
    }

    /// Takes everybody out, because the partition cannot serve any more.
    pub fn failed(&mut self, why: ErrorCode) -> Wakes {
        let waiting = self.producers.drain(..).chain(self.flushes.drain(..));
        let producers = waiting.map(|(_, sender)| (sender, Err(why))).collect();
        Wakes { producers, fetches: std::mem::take(&mut self.fetches) }
    }
}
