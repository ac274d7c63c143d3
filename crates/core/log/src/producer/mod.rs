//! What a log remembers of its producers: sequences, epochs, open transactions (`ProducerStateManager`).

pub mod check;
pub mod entry;
pub mod snapshot;

use std::collections::BTreeMap;

use headwater_base::{Offset, ProducerId};
use headwater_records::BatchHeader;

use check::{CompletedTransaction, Marker, Origin, Pending, ProducerError};
use entry::{BatchMetadata, ProducerEntry};

/// The producers of one log. Empty for most logs, and then nothing is allocated.
#[derive(Clone, Debug, Default)]
pub struct ProducerState {
    producers: BTreeMap<ProducerId, ProducerEntry>,
    /// Open transactions by first offset.
    ongoing: BTreeMap<Offset, ProducerId>,
    /// Ended transactions by first offset, with the marker's offset, until the high watermark has passed the marker.
    unreplicated: BTreeMap<Offset, Offset>,
    /// All batches before this offset are in the state.
    map_end_offset: Offset,
    /// Offset of the newest snapshot that is written or was loaded.
    snapshot_offset: Offset,
}

/// What an append would change in the state, if it is made.
#[derive(Debug, Default)]
pub(crate) struct Update {
    /// The new states. One append has batches of few producers, most often of one.
    pending: Vec<Pending>,
    started: Vec<(Offset, ProducerId)>,
    completed: Vec<CompletedTransaction>,
}

impl ProducerState {
    /// A state that begins at `offset` with nothing known.
    #[must_use]
    pub fn starting_at(offset: Offset) -> ProducerState {
        ProducerState { map_end_offset: offset, snapshot_offset: offset, ..ProducerState::default() }
    }

    /// The state of one producer.
    #[must_use]
    pub fn get(&self, id: ProducerId) -> Option<&ProducerEntry> {
        self.producers.get(&id)
    }

    /// All producers, by id.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (ProducerId, &ProducerEntry)> {
        self.producers.iter().map(|(id, entry)| (*id, entry))
    }

    /// How many producers are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.producers.len()
    }

    /// Whether no producer is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.producers.is_empty()
    }

    /// All batches before this offset are in the state.
    #[must_use]
    pub fn map_end_offset(&self) -> Offset {
        self.map_end_offset
    }

    /// Whether there is something that no snapshot holds.
    pub(crate) fn needs_snapshot(&self) -> bool {
        self.map_end_offset > self.snapshot_offset
    }

    /// Where the oldest open transaction began.
    #[must_use]
    pub fn first_undecided_offset(&self) -> Option<Offset> {
        self.ongoing.keys().next().copied()
    }

    /// The oldest offset of a transaction that is open, or whose marker is at or above `high_watermark`.
    #[must_use]
    pub fn first_unstable_offset(&self, high_watermark: Offset) -> Option<Offset> {
        let undecided = self.first_undecided_offset();
        let waiting = self.unreplicated.iter().find(|&(_, &marker)| marker >= high_watermark);
        match (undecided, waiting.map(|(&first, _)| first)) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// Forgets the ended transactions whose markers lie below the high watermark.
    pub fn on_high_watermark(&mut self, high_watermark: Offset) {
        if !self.unreplicated.is_empty() {
            self.unreplicated.retain(|_, marker| *marker >= high_watermark);
        }
    }

    /// The batch that `batch` repeats, if it is one of the last five of its producer.
    pub(crate) fn find_duplicate(&self, batch: &BatchHeader) -> Option<BatchMetadata> {
        self.producers.get(&batch.producer_id)?.find_duplicate(batch)
    }

    /// Checks one batch of an append. `marker` is the contents of a control batch.
    pub(crate) fn check(
        &self,
        update: &mut Update,
        batch: &BatchHeader,
        marker: Option<Marker>,
        origin: Origin,
        transaction_version: i16,
    ) -> Result<(), ProducerError> {
        let id = batch.producer_id;
        let slot = match update.pending.iter().position(|pending| pending.producer_id == id) {
            Some(slot) => slot,
            None => {
                update.pending.push(Pending::new(id, self.producers.get(&id), origin));
                update.pending.len() - 1
            }
        };
        let pending = &mut update.pending[slot];
        if batch.is_control() {
            // A control batch that compaction has emptied says nothing any more.
            if let Some(marker) = marker
                && let Some(completed) = pending.append_marker(batch, marker, transaction_version)?
            {
                update.completed.push(completed);
            }
        } else if pending.append_data(batch)? {
            update.started.push((batch.base_offset, id));
        }
        Ok(())
    }

    /// Takes over what an append has changed, and gives the aborted transactions with their last stable offsets, which
    /// belong into the transaction index.
    pub(crate) fn commit(&mut self, update: Update, next_offset: Offset) -> Vec<AbortedTransaction> {
        for pending in update.pending {
            self.producers.insert(pending.producer_id, pending.entry);
        }
        for (first_offset, id) in update.started {
            self.ongoing.insert(first_offset, id);
        }
        let mut aborted = Vec::new();
        for completed in update.completed {
            let last_stable_offset = self.last_stable_offset_after(&completed);
            if completed.aborted {
                aborted.push(AbortedTransaction {
                    producer_id: completed.producer_id,
                    first_offset: completed.first_offset,
                    last_offset: completed.last_offset,
                    last_stable_offset,
                });
            }
            self.ongoing.remove(&completed.first_offset);
            self.unreplicated.insert(completed.first_offset, completed.last_offset);
        }
        self.map_end_offset = next_offset;
        aborted
    }

    fn last_stable_offset_after(&self, completed: &CompletedTransaction) -> Offset {
        let other = self.ongoing.iter().find(|&(_, &id)| id != completed.producer_id);
        other.map_or(completed.last_offset + 1, |(&first, _)| first)
    }

    /// Adds batches that were looked up in the log, oldest first, to what is remembered of a producer.
    pub(crate) fn complete(&mut self, id: ProducerId, before: &[BatchMetadata]) -> Option<&ProducerEntry> {
        let entry = self.producers.get_mut(&id)?;
        entry.complete(before);
        Some(entry)
    }

    /// Forgets producers that were silent for `expiration_ms`.
    pub fn remove_expired(&mut self, now_ms: i64, expiration_ms: i64) {
        self.producers.retain(|_, entry| !entry.is_expired(now_ms, expiration_ms));
    }

    /// The bytes of a snapshot of the state as it is; it belongs to [`ProducerState::map_end_offset`].
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        snapshot::encode(self.iter())
    }

    pub(crate) fn snapshot_taken(&mut self) {
        self.snapshot_offset = self.map_end_offset;
    }

    /// A state as a snapshot at `offset` has it, without the producers that have expired since.
    #[must_use]
    pub fn from_snapshot(
        offset: Offset,
        entries: Vec<(ProducerId, ProducerEntry)>,
        now_ms: i64,
        expiration_ms: i64,
    ) -> ProducerState {
        let mut state = ProducerState::starting_at(offset);
        for (id, entry) in entries {
            if entry.is_expired(now_ms, expiration_ms) {
                continue;
            }
            if let Some(first_offset) = entry.transaction_first_offset {
                state.ongoing.insert(first_offset, id);
            }
            state.producers.insert(id, entry);
        }
        state
    }

    /// The log now begins at `offset`.
    pub(crate) fn on_log_start_offset(&mut self, offset: Offset) {
        self.unreplicated.retain(|_, marker| *marker >= offset);
        self.map_end_offset = self.map_end_offset.max(offset);
    }

    /// The timestamp of the producer with the oldest open transaction, −1 without one: tells hanging transactions.
    #[must_use]
    pub fn oldest_transaction_timestamp(&self) -> i64 {
        let id = self.ongoing.values().next();
        id.and_then(|id| self.producers.get(id)).map_or(-1, |entry| entry.last_timestamp)
    }
}

/// An aborted transaction, as the transaction index keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbortedTransaction {
    /// Who.
    pub producer_id: ProducerId,
    /// Its first record.
    pub first_offset: Offset,
    /// Its marker.
    pub last_offset: Offset,
    /// The last stable offset when the marker was written.
    pub last_stable_offset: Offset,
}
