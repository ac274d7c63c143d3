//! Deltas over the log, with metadata transactions (KIP-868, `org.apache.kafka.image.loader.MetadataBatchLoader`).
//!
//! | state | begin | end | abort | other record |
//! |---|---|---|---|---|
//! | outside | what came before is published, → inside | error | error | replayed |
//! | inside | error | → outside | what the transaction replayed is forgotten, → outside | replayed, not yet published |

use headwater_base::{LeaderEpoch, Offset};

use crate::changes::Changes;
use crate::delta::Delta;
use crate::error::ReplayError;
use crate::image::{Image, Provenance};
use crate::records::MetadataRecord;

/// An image to publish.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The image before.
    pub base: Image,
    /// The image now.
    pub image: Image,
    /// What differs.
    pub changes: Changes,
}

/// A batch of the log, without its records.
#[derive(Clone, Copy, Debug)]
pub struct Batch {
    /// Offset of its first record.
    pub base_offset: Offset,
    /// Offset of its last record; beyond the records when some were control records.
    pub last_offset: Offset,
    /// Leader epoch of the quorum that wrote it.
    pub epoch: LeaderEpoch,
    /// When it was appended, in milliseconds since 1970.
    pub append_time_ms: i64,
}

/// Collects committed batches into deltas and publishes images between which no transaction is torn.
#[derive(Clone, Debug)]
pub struct Loader {
    image: Image,
    delta: Delta,
    in_transaction: bool,
    provenance: Provenance,
}

impl Loader {
    /// Goes on after an image.
    #[must_use]
    pub fn new(image: Image) -> Self {
        Self { delta: Delta::new(&image), provenance: image.provenance, image, in_transaction: false }
    }

    /// The image that was published last.
    #[must_use]
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// Takes one batch. What it returns must be published in order: the states before transactions that begin in the
    /// midst of the batch. Call [`Loader::publish`] after the last batch at hand.
    ///
    /// # Errors
    /// When a record contradicts the image, with its offset. The loader must not be used again.
    pub fn load(
        &mut self,
        batch: Batch,
        records: &[MetadataRecord],
    ) -> Result<Vec<Loaded>, (Offset, ReplayError)> {
        let mut published = Vec::new();
        for (index, record) in (0i64..).zip(records) {
            let offset = batch.base_offset + index;
            match record {
                MetadataRecord::BeginTransaction(_) => {
                    published.extend(self.flush());
                    self.begin()
                }
                MetadataRecord::EndTransaction(_) => self.end("EndTransactionRecord"),
                MetadataRecord::AbortTransaction(_) => {
                    self.delta = Delta::new(&self.image);
                    self.end("AbortTransactionRecord")
                }
                record => self.delta.replay(record),
            }
            .map_err(|error| (offset, error))?;
            self.provenance =
                Provenance { offset, epoch: batch.epoch, last_timestamp_ms: batch.append_time_ms };
        }
        self.provenance = Provenance {
            offset: batch.last_offset,
            epoch: batch.epoch,
            last_timestamp_ms: batch.append_time_ms,
        };
        Ok(published)
    }

    /// Publishes what was loaded, unless a transaction is open.
    #[must_use]
    pub fn publish(&mut self) -> Option<Loaded> {
        if self.in_transaction { None } else { self.flush() }
    }

    /// Replaces everything by the records of a snapshot.
    ///
    /// # Errors
    /// When a record contradicts those before it, with its index.
    pub fn load_snapshot(
        &mut self,
        provenance: Provenance,
        records: impl IntoIterator<Item = MetadataRecord>,
    ) -> Result<Loaded, (usize, ReplayError)> {
        let base = self.image.clone();
        let mut delta = Delta::for_snapshot(&base);
        for (index, record) in records.into_iter().enumerate() {
            delta.replay(&record).map_err(|error| (index, error))?;
        }
        let (image, changes) = delta.apply(provenance);
        *self = Self::new(image.clone());
        Ok(Loaded { base, image, changes })
    }

    fn begin(&mut self) -> Result<(), ReplayError> {
        let record = "BeginTransactionRecord";
        if self.in_transaction {
            return Err(ReplayError::Transaction { record, why: "a transaction is open" });
        }
        self.in_transaction = true;
        Ok(())
    }

    fn end(&mut self, record: &'static str) -> Result<(), ReplayError> {
        if !self.in_transaction {
            return Err(ReplayError::Transaction { record, why: "no transaction is open" });
        }
        self.in_transaction = false;
        Ok(())
    }

    fn flush(&mut self) -> Option<Loaded> {
        if self.in_transaction || self.provenance == self.image.provenance {
            return None;
        }
        let base = self.image.clone();
        let delta = std::mem::replace(&mut self.delta, Delta::new(&base));
        let (image, changes) = delta.apply(self.provenance);
        self.image = image.clone();
        self.delta = Delta::new(&image);
        Some(Loaded { base, image, changes })
    }
}
