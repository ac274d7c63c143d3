//! Reading a checkpoint (`RecordsSnapshotReader`), with every check that its format allows.

use std::fmt;

use headwater_base::Offset;
use headwater_records::{BatchError, BatchView, Batches, RecordsError, Scratch, batches};

use crate::control::{self, ControlError, ControlRecord};
use crate::voters::VoterSet;

/// What the first batch says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SnapshotHeader {
    /// Timestamp of the last record that the snapshot stands for, in milliseconds.
    pub last_contained_log_timestamp_ms: i64,
    /// The finalized kraft.version; absent means 0.
    pub kraft_version: Option<i16>,
    /// The voters; absent for kraft.version 0.
    pub voters: Option<VoterSet>,
}

/// Why a checkpoint cannot be used. All but the position are facts about the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotError {
    /// Where the batch begins that is not as it should be, in bytes from the start of the file.
    pub position: usize,
    /// What is wrong with it.
    pub kind: SnapshotErrorKind,
}

/// What is wrong with a batch of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotErrorKind {
    /// Not a batch, or its checksum does not fit.
    Batch(BatchError),
    /// Its records cannot be read.
    Records(RecordsError),
    /// A control record cannot be read.
    Control(ControlError),
    /// The first batch does not begin with a header.
    NoHeader,
    /// The file ends before the footer.
    NoFooter,
    /// There is something behind the footer.
    BehindFooter,
    /// The offsets do not follow each other.
    Offset {
        /// Where the batch should begin.
        expected: Offset,
        /// Where it begins.
        found: Offset,
    },
    /// A record without value.
    NullValue,
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: ", self.position)?;
        match &self.kind {
            SnapshotErrorKind::Batch(error) => error.fmt(f),
            SnapshotErrorKind::Records(error) => error.fmt(f),
            SnapshotErrorKind::Control(error) => error.fmt(f),
            SnapshotErrorKind::NoHeader => f.write_str("the first batch has no snapshot header"),
            SnapshotErrorKind::NoFooter => f.write_str("the file ends without a snapshot footer"),
            SnapshotErrorKind::BehindFooter => f.write_str("there is data behind the snapshot footer"),
            SnapshotErrorKind::Offset { expected, found } => {
                write!(f, "expected a batch at offset {expected}, found one at {found}")
            }
            SnapshotErrorKind::NullValue => f.write_str("a record without value"),
        }
    }
}

impl std::error::Error for SnapshotError {}

impl From<BatchError> for SnapshotErrorKind {
    fn from(error: BatchError) -> Self {
        SnapshotErrorKind::Batch(error)
    }
}

impl From<RecordsError> for SnapshotErrorKind {
    fn from(error: RecordsError) -> Self {
        SnapshotErrorKind::Records(error)
    }
}

impl From<ControlError> for SnapshotErrorKind {
    fn from(error: ControlError) -> Self {
        SnapshotErrorKind::Control(error)
    }
}

/// Reads a checkpoint batch by batch.
#[derive(Clone, Debug)]
pub struct SnapshotReader<'a> {
    batches: Batches<'a>,
    header: SnapshotHeader,
    next_offset: Offset,
    footer: bool,
}

impl<'a> SnapshotReader<'a> {
    /// A reader of the whole file, whose header is read.
    ///
    /// # Errors
    /// When the header is not there or damaged.
    pub fn new(file: &'a [u8]) -> Result<SnapshotReader<'a>, SnapshotError> {
        let mut reader = SnapshotReader {
            batches: batches(file),
            header: SnapshotHeader::default(),
            next_offset: Offset::ZERO,
            footer: false,
        };
        reader.read_header().map_err(|kind| SnapshotError { position: 0, kind })?;
        Ok(reader)
    }

    /// What the header says.
    #[must_use]
    pub fn header(&self) -> &SnapshotHeader {
        &self.header
    }

    /// The values of the next batch's records; `None` once the footer was read and nothing follows it.
    ///
    /// # Errors
    /// When the file is damaged or not whole. Records that were given out before may still be wrong as a whole: use
    /// none of them.
    pub fn next_batch(&mut self) -> Result<Option<Vec<Vec<u8>>>, SnapshotError> {
        let position = self.batches.position();
        self.read_batch().map_err(|kind| SnapshotError { position, kind })
    }

    fn read_header(&mut self) -> Result<(), SnapshotErrorKind> {
        let batch = self.whole_batch()?.ok_or(SnapshotErrorKind::NoHeader)?;
        if !batch.is_control() {
            return Err(SnapshotErrorKind::NoHeader);
        }
        for (i, record) in control::decode_batch(&batch)?.into_iter().enumerate() {
            match record {
                ControlRecord::SnapshotHeader { last_contained_log_timestamp_ms } if i == 0 => {
                    self.header.last_contained_log_timestamp_ms = last_contained_log_timestamp_ms;
                }
                _ if i == 0 => return Err(SnapshotErrorKind::NoHeader),
                ControlRecord::KRaftVersion(level) => self.header.kraft_version = Some(level),
                ControlRecord::Voters(voters) => self.header.voters = Some(voters),
                _ => {}
            }
        }
        Ok(())
    }

    fn read_batch(&mut self) -> Result<Option<Vec<Vec<u8>>>, SnapshotErrorKind> {
        let Some(batch) = self.whole_batch()? else {
            return if self.footer { Ok(None) } else { Err(SnapshotErrorKind::NoFooter) };
        };
        if self.footer {
            return Err(SnapshotErrorKind::BehindFooter);
        }
        if batch.is_control() {
            self.footer = control::decode_batch(&batch)?.contains(&ControlRecord::SnapshotFooter);
            return Ok(Some(Vec::new()));
        }
        let mut values = Vec::new();
        let mut space = Vec::new();
        for record in batch.records(&mut Scratch::new(), &mut space, control::MAX_RECORDS_BYTES)? {
            values.push(record?.value.ok_or(SnapshotErrorKind::NullValue)?.to_vec());
        }
        Ok(Some(values))
    }

    fn whole_batch(&mut self) -> Result<Option<BatchView<'a>>, SnapshotErrorKind> {
        let Some(batch) = self.batches.next() else { return Ok(None) };
        let batch = batch?;
        batch.verify_crc()?;
        if batch.base_offset != self.next_offset {
            return Err(SnapshotErrorKind::Offset { expected: self.next_offset, found: batch.base_offset });
        }
        self.next_offset = batch.next_offset();
        Ok(Some(batch))
    }
}
