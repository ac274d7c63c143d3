//! May this producer append this batch now? (`ProducerAppendInfo`)
//!
//! | batch against the producer's state               | answer                                             |
//! |--------------------------------------------------|----------------------------------------------------|
//! | same sequence range as one of the last five      | duplicate, with the offsets of then                |
//! | epoch smaller than the newest                    | INVALID_PRODUCER_EPOCH                             |
//! | epoch newer, sequence 0, or producer unknown     | append                                             |
//! | epoch newer, sequence not 0                      | OUT_OF_ORDER_SEQUENCE_NUMBER                       |
//! | same epoch, next sequence (0 after 2³¹−1)        | append                                             |
//! | same epoch, any other, older replays included    | OUT_OF_ORDER_SEQUENCE_NUMBER                       |
//! | not transactional inside an open transaction     | INVALID_TXN_STATE                                  |
//! | marker of an older coordinator                   | TRANSACTION_COORDINATOR_FENCED                     |
//!
//! Kafka 4.3 no longer answers DUPLICATE_SEQUENCE_NUMBER or UNKNOWN_PRODUCER_ID to a produce request: a producer that
//! is not known may start with any sequence.

use std::fmt;

use headwater_base::{Offset, ProducerEpoch, ProducerId};
use headwater_records::BatchHeader;

use super::entry::{BatchMetadata, ProducerEntry};

/// Where an append comes from, which decides what is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A produce request: epochs, sequences, transactions.
    Client,
    /// A coordinator of this node, or a transaction marker: epochs, no sequences.
    Coordinator,
    /// The leader of the partition or of the quorum: it has checked everything.
    Replication,
}

/// A refusal of the producer state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProducerError {
    /// INVALID_PRODUCER_EPOCH.
    InvalidProducerEpoch {
        /// Who.
        producer_id: ProducerId,
        /// Where the batch would have come.
        offset: Offset,
        /// What the batch says.
        epoch: ProducerEpoch,
        /// The newest epoch that was seen.
        current: ProducerEpoch,
        /// Transaction version of a marker, −1 for data.
        transaction_version: i16,
    },
    /// OUT_OF_ORDER_SEQUENCE_NUMBER.
    OutOfOrderSequence {
        /// Who.
        producer_id: ProducerId,
        /// Where the batch would have come.
        offset: Offset,
        /// First sequence number of the batch.
        sequence: i32,
        /// Last sequence number that was appended, −1 when none of this epoch was.
        current: i32,
        /// Epoch of the batch and the newest epoch, when the batch begins a new one.
        new_epoch: Option<(ProducerEpoch, ProducerEpoch)>,
    },
    /// INVALID_TXN_STATE.
    InvalidTransactionState {
        /// Who.
        producer_id: ProducerId,
        /// Where the batch would have come.
        offset: Offset,
    },
    /// TRANSACTION_COORDINATOR_FENCED.
    CoordinatorFenced {
        /// Who.
        producer_id: ProducerId,
        /// Where the marker would have come.
        offset: Offset,
        /// What the marker says.
        coordinator_epoch: i32,
        /// The newest that was seen.
        current: i32,
    },
    /// A control batch that holds no end of a transaction where one must be.
    MalformedMarker {
        /// Who.
        producer_id: ProducerId,
        /// Where the batch would have come.
        offset: Offset,
    },
}

impl ProducerError {
    /// Kafka's words for it, for the partition `name` (`topic-0`).
    #[must_use]
    pub fn message(&self, name: &str) -> String {
        match self {
            Self::InvalidProducerEpoch { producer_id, offset, epoch, current, transaction_version } => {
                format!(
                    "Epoch of producer {producer_id} at offset {offset} in {name} is {epoch}, which is {} the last seen \
                 epoch {current} (TV{transaction_version})",
                    if *transaction_version >= 2 { "<=" } else { "<" },
                )
            }
            Self::OutOfOrderSequence {
                producer_id,
                offset,
                sequence,
                new_epoch: Some((epoch, current)),
                ..
            } => {
                format!(
                    "Invalid sequence number for new epoch of producer {producer_id}at offset {offset} in partition \
                     {name}: {epoch} (request epoch), {sequence} (seq. number), {current} (current producer epoch)"
                )
            }
            Self::OutOfOrderSequence { producer_id, offset, sequence, current, .. } => format!(
                "Out of order sequence number for producer {producer_id} at offset {offset} in partition {name}: \
                 {sequence} (incoming seq. number), {current} (current end sequence number)"
            ),
            Self::InvalidTransactionState { producer_id, offset } => format!(
                "Expected transactional write from producer {producer_id} at offset {offset} in partition {name}"
            ),
            Self::CoordinatorFenced { producer_id, offset, coordinator_epoch, current } => format!(
                "Invalid coordinator epoch for producerId {producer_id} at offset {offset} in partition {name}: \
                 {coordinator_epoch} (zombie), {current} (current)"
            ),
            Self::MalformedMarker { producer_id, offset } => format!(
                "Control batch of producer {producer_id} at offset {offset} in partition {name} holds no transaction \
                 marker"
            ),
        }
    }
}

impl fmt::Display for ProducerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message("the partition"))
    }
}

impl std::error::Error for ProducerError {}

/// The end of a transaction, as a control record says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker {
    /// Committed, or aborted.
    pub commit: bool,
    /// Epoch of the coordinator that wrote it.
    pub coordinator_epoch: i32,
    /// The record's timestamp in milliseconds.
    pub timestamp: i64,
}

/// A transaction that a marker has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompletedTransaction {
    /// Who.
    pub producer_id: ProducerId,
    /// Its first record.
    pub first_offset: Offset,
    /// Its marker.
    pub last_offset: Offset,
    /// Whether it was aborted.
    pub aborted: bool,
}

/// One producer's state while the batches of one append are checked; becomes its state when the append was made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub(super) producer_id: ProducerId,
    pub(super) entry: ProducerEntry,
    /// Whether anything was known of the producer's epoch before this append.
    known: bool,
    origin: Origin,
}

impl Pending {
    pub(super) fn new(producer_id: ProducerId, entry: Option<&ProducerEntry>, origin: Origin) -> Pending {
        let entry = entry.copied().unwrap_or_default();
        Pending { producer_id, entry, known: entry.epoch != ProducerEpoch::NONE, origin }
    }

    fn check_epoch(&self, epoch: ProducerEpoch, offset: Offset, version: i16) -> Result<(), ProducerError> {
        let current = self.entry.epoch;
        let fenced = if version >= 2 { epoch <= current } else { epoch < current };
        // A marker of version 2 that comes again after its transaction has ended is written again, harmlessly.
        let repeated = version >= 2 && epoch == current && self.entry.transaction_first_offset.is_none();
        if !fenced || repeated || self.origin == Origin::Replication {
            return Ok(());
        }
        Err(ProducerError::InvalidProducerEpoch {
            producer_id: self.producer_id,
            offset,
            epoch,
            current,
            transaction_version: version,
        })
    }

    fn check_sequence(&self, batch: &BatchHeader) -> Result<(), ProducerError> {
        let (sequence, current) = (batch.base_sequence, self.entry.last_sequence());
        let new_epoch = batch.producer_epoch != self.entry.epoch;
        let in_order = if new_epoch {
            sequence == 0 || self.entry.epoch == ProducerEpoch::NONE
        } else {
            let next = i64::from(current) + 1;
            !self.known || i64::from(sequence) == next || (sequence == 0 && current == i32::MAX)
        };
        if in_order {
            return Ok(());
        }
        Err(ProducerError::OutOfOrderSequence {
            producer_id: self.producer_id,
            offset: batch.base_offset,
            sequence,
            current,
            new_epoch: new_epoch.then_some((batch.producer_epoch, self.entry.epoch)),
        })
    }

    /// Checks a data batch and takes it in. True when it begins a transaction.
    pub(super) fn append_data(&mut self, batch: &BatchHeader) -> Result<bool, ProducerError> {
        self.check_epoch(batch.producer_epoch, batch.base_offset, -1)?;
        if self.origin == Origin::Client {
            self.check_sequence(batch)?;
        }
        self.entry.add_batch(batch.producer_epoch, BatchMetadata::of(batch));
        match (self.entry.transaction_first_offset, batch.is_transactional()) {
            (Some(_), false) => Err(ProducerError::InvalidTransactionState {
                producer_id: self.producer_id,
                offset: batch.base_offset,
            }),
            (None, true) => {
                self.entry.transaction_first_offset = Some(batch.base_offset);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Checks a marker and takes it in. `None` when no transaction was open: then it ends nothing.
    pub(super) fn append_marker(
        &mut self,
        batch: &BatchHeader,
        marker: Marker,
        transaction_version: i16,
    ) -> Result<Option<CompletedTransaction>, ProducerError> {
        let offset = batch.base_offset;
        self.check_epoch(batch.producer_epoch, offset, transaction_version)?;
        let current = self.entry.coordinator_epoch;
        if current > marker.coordinator_epoch && self.origin != Origin::Replication {
            return Err(ProducerError::CoordinatorFenced {
                producer_id: self.producer_id,
                offset,
                coordinator_epoch: marker.coordinator_epoch,
                current,
            });
        }
        let completed = self.entry.transaction_first_offset.map(|first_offset| CompletedTransaction {
            producer_id: self.producer_id,
            first_offset,
            last_offset: offset,
            aborted: !marker.commit,
        });
        self.entry.set_epoch(batch.producer_epoch);
        self.entry.coordinator_epoch = marker.coordinator_epoch;
        self.entry.last_timestamp = marker.timestamp;
        self.entry.transaction_first_offset = None;
        Ok(completed)
    }
}
