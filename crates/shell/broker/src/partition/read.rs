//! Reading: a range of the log for a fetch, and offsets for those who ask where to begin.

use std::io;
use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_base::{LeaderEpoch, Offset};
use headwater_log::producer::ProducerState;
use headwater_log::{AbortedTransaction, LogError, LogSlice, ReadError, ReadPlan, SyncKind, TimestampOffset};
use headwater_runtime::sync::oneshot;

use super::{Committed, ParkedFetch, Partition, State};

/// How often a read looks again because its segment was replaced meanwhile, which takes a compaction each time.
const MAX_LOOKS: usize = 8;

/// How far a consumer may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchBound {
    /// Up to the high watermark (`read_uncommitted`).
    HighWatermark,
    /// Up to the last stable offset (`read_committed`).
    LastStable,
}

/// What a fetch asks of one partition.
#[derive(Clone, Copy, Debug)]
pub struct ReadRequest {
    /// From which offset on.
    pub from: Offset,
    /// At most so many bytes,
    pub max_bytes: u64,
    /// unless the first batch alone is larger and this is set.
    pub min_one_batch: bool,
    /// How far.
    pub bound: FetchBound,
    /// The epoch that the client believes in.
    pub current_leader_epoch: LeaderEpoch,
    /// The epoch of the last record that the client has; −1 if it does not tell.
    pub last_fetched_epoch: LeaderEpoch,
}

/// What a fetch gets of one partition.
pub struct PartitionRead {
    /// Kafka's code.
    pub error: ErrorCode,
    /// −1 with an error.
    pub high_watermark: Offset,
    /// −1 with an error.
    pub last_stable_offset: Offset,
    /// −1 with an error.
    pub log_start_offset: Offset,
    /// Where the batches lie, if there are any.
    pub slice: Option<LogSlice>,
    /// Aborted transactions that overlap the slice, in offset order; only with [`FetchBound::LastStable`].
    pub aborted: Vec<AbortedTransaction>,
    /// The client's last epoch ended here earlier: what it has behind this is not in the log (KIP-595).
    pub diverging: Option<(LeaderEpoch, Offset)>,
    /// Records lie behind the bound that only wait for a sync.
    pub unsynced: bool,
    /// Whose bytes these are, where there are any; counts those that leave.
    pub of: Option<Arc<Partition>>,
}

impl PartitionRead {
    /// An answer that is an error alone.
    #[must_use]
    pub fn error(error: ErrorCode) -> Self {
        Self {
            error,
            high_watermark: Offset::NONE,
            last_stable_offset: Offset::NONE,
            log_start_offset: Offset::NONE,
            slice: None,
            aborted: Vec::new(),
            diverging: None,
            unsynced: false,
            of: None,
        }
    }

    /// Bytes of records.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.slice.as_ref().map_or(0, |slice| slice.len)
    }
}

/// Where a partition's offsets stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offsets {
    /// First offset.
    pub log_start: Offset,
    /// Offset behind the last record.
    pub log_end: Offset,
    /// Offset behind the last committed record.
    pub high_watermark: Offset,
    /// Offset behind the last record of no open transaction.
    pub last_stable: Offset,
}

impl Partition {
    /// Reads for a fetch. With `park`, the fetch hangs here from now on and hears of the next progress; nothing can
    /// happen between the reading and the parking.
    pub fn read(self: &Arc<Self>, request: &ReadRequest, park: Option<&Arc<ParkedFetch>>) -> PartitionRead {
        let mut park = park;
        for _ in 0..MAX_LOOKS {
            if let Some(read) = self.try_read(request, park.take()) {
                return read;
            }
        }
        tracing::error!(partition = %self.name, "segments are replaced faster than they can be read");
        PartitionRead::error(ErrorCode::KafkaStorageError)
    }

    /// `None` when the segment was replaced, or has left the log, since the read was planned.
    fn try_read(
        self: &Arc<Self>,
        request: &ReadRequest,
        park: Option<&Arc<ParkedFetch>>,
    ) -> Option<PartitionRead> {
        let directory = self.directory();
        let (mut read, plan) = {
            let mut state = self.state();
            if let Some(fetch) = park {
                state.waiters.park(fetch);
            }
            let checked =
                state.check_open(self).and_then(|()| self.check_epoch(request.current_leader_epoch));
            if let Err(error) = checked {
                return Some(PartitionRead::error(error));
            }
            state.counts.fetch_requests += 1;
            let planned = match state.plan(request, self.leader_epoch()) {
                Ok(planned) => planned,
                Err(error) => {
                    drop(state);
                    return Some(PartitionRead::error(self.read_failed(&error)));
                }
            };
            if planned.0.unsynced {
                self.hurry(&mut state);
            }
            planned
        };
        let Some(plan) = plan else { return Some(read) };
        // Index and batch headers are looked at without the lock: an append does not wait for a reader's disk.
        let failed = |error: LogError| Some(PartitionRead::error(self.read_failed(&error.into())));
        match plan.resolve(request.max_bytes, request.min_one_batch) {
            Ok(slice) => {
                if let (Some(slice), FetchBound::LastStable) = (&slice, request.bound) {
                    match self.state().log.aborted_transactions(slice.base_offset, slice.end_offset_bound) {
                        Ok(aborted) => read.aborted = aborted,
                        Err(error) => return failed(error),
                    }
                    if plan.is_outdated(slice) {
                        return None;
                    }
                }
                read.slice = slice;
                Some(read)
            }
            Err(LogError::Replaced(_)) => None,
            // It was moved since the read was planned.
            Err(_) if !Arc::ptr_eq(&directory, &self.directory()) => None,
            // The segment has left the log since the read was planned, and its file its name.
            Err(_) if self.state().log.log_start_offset() > request.from => {
                Some(PartitionRead::error(ErrorCode::OffsetOutOfRange))
            }
            Err(error) => failed(error),
        }
    }

    /// Takes a fetch away that was answered.
    pub fn unpark(&self, fetch: &Arc<ParkedFetch>) {
        self.state().waiters.unpark(fetch);
    }

    /// Where the offsets stand.
    ///
    /// # Errors
    /// Why the partition serves nobody, or an epoch that is not ours.
    pub fn offsets(&self, client_epoch: LeaderEpoch) -> Result<Offsets, ErrorCode> {
        let state = self.state();
        state.check_open(self)?;
        self.check_epoch(client_epoch)?;
        Ok(state.offsets())
    }

    /// A ticket for the moment when everything appended so far is committed; none if it is.
    pub fn wait_for_end(self: &Arc<Self>) -> Option<oneshot::Receiver<Committed>> {
        let mut state = self.state();
        let end = state.log.log_end_offset();
        if state.closed.is_some() || end <= state.high_watermark {
            return None;
        }
        self.hurry(&mut state);
        Some(state.waiters.wait_for(end))
    }

    /// The first record that is not older than `timestamp_ms`.
    ///
    /// # Errors
    /// KAFKA_STORAGE_ERROR if the log cannot be read, or why the partition serves nobody.
    pub fn offset_for_timestamp(
        &self,
        timestamp_ms: i64,
    ) -> Result<Option<(TimestampOffset, LeaderEpoch)>, ErrorCode> {
        let state = self.state();
        state.check_open(self)?;
        let found = state.log.offset_for_timestamp(timestamp_ms);
        found.map_err(|error| self.read_failed(&error.into()))
    }

    /// The record with the largest timestamp; of several the first.
    ///
    /// # Errors
    /// As [`Partition::offset_for_timestamp`].
    pub fn max_timestamp(&self) -> Result<Option<(TimestampOffset, LeaderEpoch)>, ErrorCode> {
        let state = self.state();
        state.check_open(self)?;
        state.log.max_timestamp().map_err(|error| self.read_failed(&error.into()))
    }

    /// The epoch of the record at or before an offset; −1 in an empty log.
    pub fn epoch_for_offset(&self, offset: Offset) -> LeaderEpoch {
        let state = self.state();
        state.log.epoch_for_offset(offset).unwrap_or(LeaderEpoch::NONE)
    }

    /// Where an epoch ended: the largest epoch not above the one asked for, and the offset behind its last record
    /// (KIP-101, KIP-279).
    ///
    /// # Errors
    /// Why the partition serves nobody, or an epoch that is not ours.
    pub fn end_offset_for_epoch(
        &self,
        client_epoch: LeaderEpoch,
        epoch: LeaderEpoch,
    ) -> Result<(LeaderEpoch, Offset), ErrorCode> {
        let state = self.state();
        state.check_open(self)?;
        self.check_epoch(client_epoch)?;
        Ok(state.end_of_epoch(epoch, self.leader_epoch()).unwrap_or((LeaderEpoch::NONE, Offset::NONE)))
    }

    /// Bytes of the log's segments.
    ///
    /// # Errors
    /// The disk's.
    pub fn size_bytes(&self) -> Result<u64, LogError> {
        let state = self.state();
        let size = state.log.size_bytes()?;
        if !state.log.is_dirty(SyncKind::Checkpoint) {
            state.log.close_idle()?;
        }
        Ok(size)
    }

    /// Looks at what is known of the producers.
    ///
    /// # Errors
    /// Why the partition serves nobody.
    pub fn with_producers<T>(&self, look: impl FnOnce(&ProducerState) -> T) -> Result<T, ErrorCode> {
        let state = self.state();
        state.check_open(self)?;
        Ok(look(state.log.producers()))
    }

    fn read_failed(&self, error: &ReadError) -> ErrorCode {
        match error {
            ReadError::OffsetOutOfRange { .. } => ErrorCode::OffsetOutOfRange,
            ReadError::Log(error) => {
                self.count_failed_fetch();
                tracing::error!(partition = %self.name, %error, "cannot read the log");
                if matches!(error, LogError::Io { .. }) && !error.is_passing() {
                    self.directory().fail(&format!("{}: a read failed: {error}", self.name));
                }
                ErrorCode::KafkaStorageError
            }
        }
    }

    /// A range that [`Partition::read`] gave could not be read.
    pub fn range_failed(&self, source: io::Error) {
        self.read_failed(&ReadError::Log(LogError::Io { path: self.name.to_string(), source }));
    }
}

impl State {
    fn offsets(&self) -> Offsets {
        Offsets {
            log_start: self.log.log_start_offset(),
            log_end: self.log.log_end_offset(),
            high_watermark: self.high_watermark,
            last_stable: self.log.last_stable_offset(self.high_watermark),
        }
    }

    /// Everything about a read but the look-up in the files.
    fn plan(
        &self,
        request: &ReadRequest,
        leader_epoch: LeaderEpoch,
    ) -> Result<(PartitionRead, Option<ReadPlan>), ReadError> {
        let offsets = self.offsets();
        let upper = match request.bound {
            FetchBound::HighWatermark => offsets.high_watermark,
            FetchBound::LastStable => offsets.last_stable,
        };
        let mut read = PartitionRead {
            high_watermark: offsets.high_watermark,
            last_stable_offset: offsets.last_stable,
            log_start_offset: offsets.log_start,
            unsynced: offsets.log_end > offsets.high_watermark,
            ..PartitionRead::error(ErrorCode::None)
        };
        if request.last_fetched_epoch != LeaderEpoch::NONE {
            match self.end_of_epoch(request.last_fetched_epoch, leader_epoch) {
                None => return Ok((PartitionRead::error(ErrorCode::OffsetOutOfRange), None)),
                Some((epoch, end)) if epoch < request.last_fetched_epoch || end < request.from => {
                    read.diverging = Some((epoch, end));
                    return Ok((read, None));
                }
                Some(_) => {}
            }
        }
        self.log.plan_read(request.from, upper).map(|plan| (read, plan))
    }

    /// The largest epoch up to `epoch`, and where it ended.
    fn end_of_epoch(&self, epoch: LeaderEpoch, leader_epoch: LeaderEpoch) -> Option<(LeaderEpoch, Offset)> {
        if epoch == leader_epoch {
            // The current epoch is in the log only from its first batch on.
            return Some((epoch, self.log.log_end_offset()));
        }
        self.log.end_offset_for_epoch(epoch)
    }
}
