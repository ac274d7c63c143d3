//! What is remembered of one producer (`ProducerStateEntry`).

use headwater_base::{Offset, ProducerEpoch};
use headwater_records::BatchHeader;

/// How many batches of a producer are remembered to recognize a repeated one.
pub const BATCHES_TO_RETAIN: usize = 5;

/// One remembered batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchMetadata {
    /// Sequence number of its last record.
    pub last_sequence: i32,
    /// Offset of its last record.
    pub last_offset: Offset,
    /// Last offset minus first offset.
    pub offset_delta: i32,
    /// Its largest timestamp, in milliseconds.
    pub timestamp: i64,
}

impl BatchMetadata {
    /// What is remembered of a batch.
    #[must_use]
    pub fn of(batch: &BatchHeader) -> BatchMetadata {
        BatchMetadata {
            last_sequence: batch.last_sequence(),
            last_offset: batch.last_offset(),
            offset_delta: batch.last_offset_delta,
            timestamp: batch.max_timestamp,
        }
    }

    /// Offset of its first record.
    #[must_use]
    pub fn first_offset(&self) -> Offset {
        Offset(self.last_offset.0 - i64::from(self.offset_delta))
    }

    /// Sequence number of its first record; counts down from 0 to 2³¹−1.
    #[must_use]
    pub fn first_sequence(&self) -> i32 {
        let first = self.last_sequence.wrapping_sub(self.offset_delta);
        if self.last_sequence < self.offset_delta {
            // Wraps in the space of 2³¹ numbers, not of 2³².
            i32::MAX.wrapping_sub(self.offset_delta.wrapping_sub(self.last_sequence)).wrapping_add(1)
        } else {
            first
        }
    }
}

/// State of one producer in one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerEntry {
    /// The newest epoch seen; −1 when none was.
    pub epoch: ProducerEpoch,
    /// Epoch of the transaction coordinator that wrote the last marker; −1 when there was none.
    pub coordinator_epoch: i32,
    /// Timestamp of its last batch or marker, in milliseconds.
    pub last_timestamp: i64,
    /// Where its open transaction began.
    pub transaction_first_offset: Option<Offset>,
    pub(super) batches: [BatchMetadata; BATCHES_TO_RETAIN],
    pub(super) count: u8,
    /// False after a snapshot: it keeps only the last batch, and the log may have others.
    pub(super) complete: bool,
}

const NOTHING: BatchMetadata =
    BatchMetadata { last_sequence: -1, last_offset: Offset(-1), offset_delta: 0, timestamp: -1 };

impl Default for ProducerEntry {
    fn default() -> Self {
        ProducerEntry {
            epoch: ProducerEpoch::NONE,
            coordinator_epoch: -1,
            last_timestamp: -1,
            transaction_first_offset: None,
            batches: [NOTHING; BATCHES_TO_RETAIN],
            count: 0,
            complete: true,
        }
    }
}

impl ProducerEntry {
    /// The remembered batches of the current epoch, oldest first.
    #[must_use]
    pub fn batches(&self) -> &[BatchMetadata] {
        &self.batches[..usize::from(self.count)]
    }

    /// The newest remembered batch.
    #[must_use]
    pub fn last_batch(&self) -> Option<&BatchMetadata> {
        self.batches().last()
    }

    /// Sequence number of the last record, −1 without any.
    #[must_use]
    pub fn last_sequence(&self) -> i32 {
        self.last_batch().map_or(-1, |batch| batch.last_sequence)
    }

    /// Takes a new epoch, which forgets the batches of the old one.
    pub(super) fn set_epoch(&mut self, epoch: ProducerEpoch) {
        if self.epoch != epoch {
            self.epoch = epoch;
            self.count = 0;
            self.complete = true;
        }
    }

    /// Says that the log may have batches of the current epoch that are not remembered.
    pub(super) fn set_incomplete(&mut self) {
        self.complete = false;
    }

    /// Whether all that can be remembered is.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete || usize::from(self.count) == BATCHES_TO_RETAIN
    }

    /// Adds batches, oldest first, that lie before the remembered ones.
    pub(super) fn complete(&mut self, before: &[BatchMetadata]) {
        self.complete = true;
        let room = BATCHES_TO_RETAIN - usize::from(self.count);
        let before = &before[before.len().saturating_sub(room)..];
        self.batches.rotate_right(before.len());
        self.batches[..before.len()].copy_from_slice(before);
        self.count += before.len() as u8;
    }

    /// Remembers a batch of an epoch.
    pub(super) fn add_batch(&mut self, epoch: ProducerEpoch, batch: BatchMetadata) {
        self.set_epoch(epoch);
        if usize::from(self.count) == BATCHES_TO_RETAIN {
            self.batches.rotate_left(1);
            self.count -= 1;
        }
        self.batches[usize::from(self.count)] = batch;
        self.count += 1;
        self.last_timestamp = batch.timestamp;
    }

    /// The remembered batch that has exactly the sequence numbers of `batch`, if its epoch is the current one.
    #[must_use]
    pub fn find_duplicate(&self, batch: &BatchHeader) -> Option<BatchMetadata> {
        if batch.producer_epoch != self.epoch {
            return None;
        }
        let (first, last) = (batch.base_sequence, batch.last_sequence());
        let same = |known: &&BatchMetadata| known.last_sequence == last && known.first_sequence() == first;
        self.batches().iter().find(same).copied()
    }

    /// Whether it has been silent for so long that it is forgotten; never with an open transaction.
    #[must_use]
    pub fn is_expired(&self, now_ms: i64, expiration_ms: i64) -> bool {
        self.transaction_first_offset.is_none() && now_ms.saturating_sub(self.last_timestamp) >= expiration_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_sequence_wraps() {
        let batch = |last_sequence, offset_delta| BatchMetadata {
            last_sequence,
            last_offset: Offset(100),
            offset_delta,
            timestamp: 0,
        };
        assert_eq!(batch(9, 9).first_sequence(), 0);
        assert_eq!(batch(0, 1).first_sequence(), i32::MAX);
        assert_eq!(batch(3, 5).first_sequence(), i32::MAX - 1);
        assert_eq!(batch(9, 4).first_offset(), Offset(96));
    }

    #[test]
    fn five_batches_are_kept_and_a_new_epoch_forgets_them() {
        let mut entry = ProducerEntry::default();
        for index in 0..7 {
            let batch = BatchMetadata {
                last_sequence: index,
                last_offset: Offset(i64::from(index)),
                offset_delta: 0,
                timestamp: 1,
            };
            entry.add_batch(ProducerEpoch(0), batch);
        }
        let sequences: Vec<i32> = entry.batches().iter().map(|batch| batch.last_sequence).collect();
        assert_eq!(sequences, [2, 3, 4, 5, 6]);
        entry.set_epoch(ProducerEpoch(1));
        assert!(entry.batches().is_empty() && entry.last_sequence() == -1);
    }
}
