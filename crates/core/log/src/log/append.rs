//! Appending batches.
//!
//! Order of steps: shape of the batches, sequences and transactions of their producers, roll, one write, and only then
//! what is in memory. Whatever fails before the write has happened changes nothing; a write that fails is cut back.

use std::fmt;
use std::sync::Arc;

use headwater_base::{LeaderEpoch, Offset};
use headwater_records::control::TransactionMarker;
use headwater_records::{BatchError, BatchHeader, BatchView, Scratch, batches, patch};

use super::Log;
use crate::error::LogError;
use crate::names::Stage;
use crate::producer::check::{Marker, Origin, ProducerError};
use crate::producer::{ProducerState, Update};
use crate::segment::{Ahead, Segment};

/// What an append has to know beside the batches.
#[derive(Clone, Copy, Debug)]
pub struct AppendContext {
    /// The leader's epoch, written into the batches.
    pub leader_epoch: LeaderEpoch,
    /// Where the batches come from.
    pub origin: Origin,
    /// `transaction.version` of the markers in them; −1 where there are none.
    pub transaction_version: i16,
    /// Wall clock in milliseconds.
    pub now_ms: i64,
}

impl AppendContext {
    /// For a produce request.
    #[must_use]
    pub fn client(leader_epoch: LeaderEpoch, now_ms: i64) -> AppendContext {
        AppendContext { leader_epoch, origin: Origin::Client, transaction_version: -1, now_ms }
    }
}

/// Where batches have come to lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Offset of the first record.
    pub base_offset: Offset,
    /// Offset of the last record.
    pub last_offset: Offset,
    /// Largest timestamp of the batches, in milliseconds.
    pub max_timestamp: i64,
}

/// What an append did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Append {
    /// The batches are in the log, not yet durable.
    Appended(Appended),
    /// They were there before: nothing was written. The offsets are those of then.
    Duplicate(Appended),
}

impl Append {
    /// The offsets, of now or then.
    #[must_use]
    pub fn place(&self) -> Appended {
        match self {
            Append::Appended(place) | Append::Duplicate(place) => *place,
        }
    }
}

/// Why an append did nothing.
#[derive(Debug)]
pub enum AppendError {
    /// Sequences, epochs, transactions.
    Producer(ProducerError),
    /// CORRUPT_MESSAGE: the bytes are not whole batches.
    Malformed(BatchError),
    /// INVALID_RECORD: no bytes, or offsets that cannot be.
    Invalid(&'static str),
    /// RECORD_LIST_TOO_LARGE: more bytes than a segment may have.
    TooLarge {
        /// Bytes of the batches.
        size: usize,
        /// `segment.bytes`.
        limit: u32,
    },
    /// A follower or observer was given offsets before its end.
    UnexpectedOffset {
        /// First offset of the batches.
        first: Offset,
        /// End of the log.
        expected: Offset,
    },
    /// The disk.
    Log(LogError),
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AppendError::Producer(error) => error.fmt(f),
            AppendError::Malformed(error) => error.fmt(f),
            AppendError::Invalid(what) => f.write_str(what),
            AppendError::TooLarge { size, limit } => {
                write!(
                    f,
                    "Message batch size is {size} bytes in append, which exceeds the maximum configured segment size of {limit}."
                )
            }
            AppendError::UnexpectedOffset { first, expected } => {
                write!(
                    f,
                    "Unexpected offset in append. First offset {first} is less than the next offset {expected}."
                )
            }
            AppendError::Log(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for AppendError {}

impl From<LogError> for AppendError {
    fn from(error: LogError) -> Self {
        AppendError::Log(error)
    }
}

impl From<ProducerError> for AppendError {
    fn from(error: ProducerError) -> Self {
        AppendError::Producer(error)
    }
}

/// The marker in a control batch, if it holds one.
pub(super) fn marker_of(batch: &BatchView<'_>) -> Option<Marker> {
    let mut space = Vec::new();
    let record = batch.records(&mut Scratch::new(), &mut space, 1 << 20).ok()?.next()?.ok()?;
    let marker = TransactionMarker::parse(record.key?, record.value?)?;
    Some(Marker {
        commit: marker.commit,
        coordinator_epoch: marker.coordinator_epoch,
        timestamp: record.timestamp,
    })
}

/// Checks the producers of batches whose headers have their offsets.
pub(super) fn check_producers(
    producers: &ProducerState,
    update: &mut Update,
    batch: &BatchView<'_>,
    header: &BatchHeader,
    origin: Origin,
    transaction_version: i16,
) -> Result<(), ProducerError> {
    if !header.has_producer_id() {
        return Ok(());
    }
    let marker = if header.is_control() { marker_of(batch) } else { None };
    let empty = header.record_count == 0;
    if header.is_control() && marker.is_none() && !empty && origin != Origin::Replication {
        return Err(ProducerError::MalformedMarker {
            producer_id: header.producer_id,
            offset: header.base_offset,
        });
    }
    producers.check(update, header, marker, origin, transaction_version)
}

impl Log {
    /// Appends validated batches as the leader: assigns offsets and the leader epoch in place, checks the producers,
    /// writes. Batches of clients are those that `validate_in_place` let through.
    ///
    /// # Errors
    /// See [`AppendError`]. The log is as it was; only `batches` may have got offsets.
    pub fn append_as_leader(
        &mut self,
        bytes: &mut [u8],
        context: &AppendContext,
    ) -> Result<Append, AppendError> {
        self.check_poison()?;
        let mut headers = parse(bytes)?;
        let mut next = self.log_end_offset;
        let mut position = 0;
        for header in &mut headers {
            let batch = &mut bytes[position..];
            patch::set_base_offset(batch, next);
            patch::set_leader_epoch(batch, context.leader_epoch);
            header.base_offset = next;
            header.leader_epoch = context.leader_epoch;
            if header.last_offset_delta < 0 {
                return Err(AppendError::Invalid("a batch ends before it begins"));
            }
            next = header.next_offset();
            position += header.size();
        }
        let mut update = Update::default();
        let mut position = 0;
        for header in &headers {
            let bytes = &bytes[position..position + header.size()];
            position += header.size();
            if !header.has_producer_id() {
                continue;
            }
            if context.origin == Origin::Client
                && let Some(found) = self.producers.find_duplicate(header)
            {
                return Ok(Append::Duplicate(Appended {
                    base_offset: found.first_offset(),
                    last_offset: found.last_offset,
                    max_timestamp: found.timestamp,
                }));
            }
            let batch = BatchView::parse(bytes).map_err(AppendError::Malformed)?;
            let (origin, version) = (context.origin, context.transaction_version);
            let checked = check_producers(&self.producers, &mut update, &batch, header, origin, version);
            if let Err(error) = checked {
                return self
                    .remember(header)
                    .map_or_else(|| Err(error.into()), |found| Ok(Append::Duplicate(found)));
            }
        }
        self.write(bytes, &headers, update, context.now_ms).map(Append::Appended)
    }

    /// Appends batches that have their offsets and epochs: those that a follower or observer fetched.
    ///
    /// # Errors
    /// See [`AppendError`]; the log is as it was.
    pub fn append_as_follower(&mut self, bytes: &[u8], now_ms: i64) -> Result<Appended, AppendError> {
        self.check_poison()?;
        let headers = parse(bytes)?;
        let mut expected = self.log_end_offset;
        for header in &headers {
            // The first batch of an empty log may begin before the offset that was asked for.
            let overlaps = self.log_end_offset == self.log_start_offset
                && expected == self.log_end_offset
                && header.last_offset() >= expected;
            if (header.base_offset < expected && !overlaps) || header.last_offset_delta < 0 {
                return Err(AppendError::UnexpectedOffset { first: header.base_offset, expected });
            }
            expected = header.next_offset();
        }
        let mut update = Update::default();
        for (batch, header) in batches(bytes).zip(&headers) {
            let batch = batch.map_err(AppendError::Malformed)?;
            check_producers(&self.producers, &mut update, &batch, header, Origin::Replication, -1)?;
        }
        self.write(bytes, &headers, update, now_ms)
    }

    fn write(
        &mut self,
        bytes: &[u8],
        headers: &[BatchHeader],
        update: Update,
        now_ms: i64,
    ) -> Result<Appended, AppendError> {
        if bytes.len() as u64 > u64::from(self.config.segment_bytes) {
            return Err(AppendError::TooLarge { size: bytes.len(), limit: self.config.segment_bytes });
        }
        let [first, .., last] = headers else {
            return match headers {
                [only] => self.write_run(bytes, headers, only, only, update, now_ms),
                _ => Err(AppendError::Invalid("no batches")),
            };
        };
        self.write_run(bytes, headers, first, last, update, now_ms)
    }

    fn write_run(
        &mut self,
        bytes: &[u8],
        headers: &[BatchHeader],
        first: &BatchHeader,
        last: &BatchHeader,
        update: Update,
        now_ms: i64,
    ) -> Result<Appended, AppendError> {
        let max_timestamp = headers.iter().map(|header| header.max_timestamp).max().unwrap_or(-1);
        self.create_folder()?;
        self.write_topic_id()?;
        self.unsettled = true;
        let segment =
            self.segment_for_append(bytes.len(), first, last.last_offset(), max_timestamp, now_ms)?;
        let ahead = Ahead {
            preallocate: self.config.preallocate_bytes.into(),
            zeros: if self.sync.is_in_small_steps() { self.config.headroom_bytes.into() } else { 0 },
            limit: self.config.segment_bytes.into(),
        };
        if let Err((error, cut_failed)) = segment.append(bytes, headers, ahead) {
            if cut_failed {
                // Not the first error: room may come back, but nobody knows any more what the file ends with.
                let why = format!("{error}, and the file could not be cut back");
                self.poison(&why);
                return Err(LogError::Poisoned(why).into());
            }
            return Err(error.into());
        }
        self.sync.appended(bytes.len() as u64);
        self.log_end_offset = last.next_offset();
        for header in headers {
            if header.leader_epoch.0 >= 0 && self.epochs.assign(header.leader_epoch, header.base_offset) {
                self.sync.epochs_changed();
            }
        }
        let aborted = self.producers.commit(update, self.log_end_offset);
        if !aborted.is_empty()
            && let Err(error) = segment.add_aborted(&aborted)
        {
            // The markers are written; what reads the index from now on would miss them.
            self.poison(&error.to_string());
        }
        Ok(Appended { base_offset: first.base_offset, last_offset: last.last_offset(), max_timestamp })
    }

    /// The active segment if it can take the batches, else a new one.
    fn segment_for_append(
        &mut self,
        size: usize,
        first: &BatchHeader,
        last_offset: Offset,
        max_timestamp: i64,
        now_ms: i64,
    ) -> Result<Arc<Segment>, LogError> {
        let Some(active) = self.active().cloned() else {
            let fits = last_offset - self.log_end_offset <= i64::from(i32::MAX);
            let base = if fits { self.log_end_offset.min(first.base_offset) } else { first.base_offset };
            return self.add_segment(base, now_ms);
        };
        let used = active.size()?;
        let aged = match active.first_timestamp()? {
            Some(timestamp) if timestamp >= 0 => max_timestamp.saturating_sub(timestamp),
            _ => now_ms.saturating_sub(self.active_since_ms),
        };
        let limit_ms = self.config.segment_ms - self.config.jitter_ms(&self.dir, active.base().0);
        let roll = used + size as u64 > u64::from(self.config.segment_bytes)
            || (used > 0 && aged > limit_ms)
            || active.is_full(last_offset, self.config.segment_index_bytes)?;
        if !roll {
            return Ok(active);
        }
        self.roll_at(first.base_offset.max(self.log_end_offset), now_ms)
    }

    /// Ends the active segment and begins a new one at the end of the log. Nothing happens when the active one is empty.
    ///
    /// # Errors
    /// The disk's; the log is as it was.
    pub fn roll(&mut self, now_ms: i64) -> Result<(), LogError> {
        self.check_poison()?;
        self.roll_at(self.log_end_offset, now_ms).map(|_| ())
    }

    fn roll_at(&mut self, base: Offset, now_ms: i64) -> Result<Arc<Segment>, LogError> {
        if let Some(active) = self.active().cloned() {
            if active.base() == base {
                return Ok(active);
            }
            self.order_names()?;
            active.seal()?;
            self.sync.sealed(active);
            self.write_snapshot()?;
        }
        self.add_segment(base, now_ms)
    }

    /// A segment's name must not be lost while a later one's is kept: then the log would begin in the middle. Where a
    /// whole segment was filled without any sync of the folder, it is synced here.
    fn order_names(&mut self) -> Result<(), LogError> {
        if !self.sync.has_unsynced_names() {
            return Ok(());
        }
        if let Err(source) = self.disk.sync_dir(&self.dir) {
            let error = LogError::Io { path: self.dir.to_string(), source };
            self.poison(&error.to_string());
            return Err(error);
        }
        self.sync.names_synced();
        Ok(())
    }

    fn add_segment(&mut self, base: Offset, now_ms: i64) -> Result<Arc<Segment>, LogError> {
        let interval = self.config.index_interval_bytes;
        let segment = Segment::create(self.disk.clone(), self.dir.clone(), base, interval, Stage::Final)?;
        let segment = Arc::new(segment);
        Arc::make_mut(&mut self.segments).push(segment.clone());
        self.active_since_ms = now_ms;
        self.unsettled = true;
        self.sync.names_changed();
        Ok(segment)
    }
}

fn parse(bytes: &[u8]) -> Result<Vec<BatchHeader>, AppendError> {
    let mut headers = Vec::with_capacity(1);
    for batch in batches(bytes) {
        headers.push(*batch.map_err(AppendError::Malformed)?.header());
    }
    if headers.is_empty() {
        return Err(AppendError::Invalid("no batches"));
    }
    Ok(headers)
}
