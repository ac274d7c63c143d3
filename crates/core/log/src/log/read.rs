//! Reading: from an offset to a region of a file.

use std::sync::Arc;

use headwater_base::Offset;

use super::Log;
use crate::disk::DiskFile;
use crate::error::{LogError, ReadError};
use crate::producer::AbortedTransaction;
use crate::segment::Segment;

/// A region of a segment's file that begins with a whole batch. It may end inside one, as Kafka's may.
#[derive(Clone)]
pub struct LogSlice {
    /// The file.
    pub file: Arc<dyn DiskFile>,
    /// First byte.
    pub position: u64,
    /// Bytes.
    pub len: u64,
    /// Offset of the first record of the first batch; may be smaller than what was asked for.
    pub base_offset: Offset,
    /// Base offset of the segment that it lies in.
    pub segment_base_offset: Offset,
    /// Bytes of the first batch, which may be more than `len` when not even one batch was to be returned whole.
    pub first_batch_len: u64,
    /// An offset that is larger than those of all records in the slice: where a search for aborted transactions ends.
    pub end_offset_bound: Offset,
}

/// A read that is decided but not yet looked up: it needs the log no more.
#[derive(Clone)]
pub struct ReadPlan {
    segments: Arc<Vec<Arc<Segment>>>,
    first: usize,
    from: Offset,
    upper: Offset,
    log_end_offset: Offset,
    /// Bytes of the active segment that belong to the log.
    active_size: u64,
}

impl Log {
    /// Plans a read from `from` of what lies before `upper` (high watermark or last stable offset). `None` when there is
    /// nothing between.
    ///
    /// # Errors
    /// `OffsetOutOfRange` outside of log start and end offset.
    pub fn plan_read(&self, from: Offset, upper: Offset) -> Result<Option<ReadPlan>, ReadError> {
        if from < self.log_start_offset || from > self.log_end_offset {
            return Err(ReadError::OffsetOutOfRange {
                requested: from,
                log_start_offset: self.log_start_offset,
                log_end_offset: self.log_end_offset,
            });
        }
        let upper = upper.min(self.log_end_offset);
        let Some(active) = self.active() else { return Ok(None) };
        if from >= upper {
            return Ok(None);
        }
        Ok(Some(ReadPlan {
            segments: self.segments.clone(),
            first: self.segment_for(from),
            from,
            upper,
            log_end_offset: self.log_end_offset,
            active_size: active.size()?,
        }))
    }

    /// Up to `max_bytes` of batches from the one that holds `from` on, all before `upper`. With `min_one`, the first
    /// batch is given whole even if it is larger. `None` when there is nothing to give.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn read(
        &self,
        from: Offset,
        max_bytes: u64,
        min_one: bool,
        upper: Offset,
    ) -> Result<Option<LogSlice>, ReadError> {
        match self.plan_read(from, upper)? {
            Some(plan) => Ok(plan.resolve(max_bytes, min_one)?),
            None => Ok(None),
        }
    }

    /// The aborted transactions with records between `from` and `upper`, by first offset: what a `read_committed`
    /// consumer has to be told with those records.
    ///
    /// # Errors
    /// The disk's.
    pub fn aborted_transactions(
        &self,
        from: Offset,
        upper: Offset,
    ) -> Result<Vec<AbortedTransaction>, LogError> {
        let mut found = Vec::new();
        let segments = self.segments.clone();
        let first = if segments.is_empty() { 0 } else { self.segment_for(from) };
        for (index, segment) in segments.iter().enumerate().skip(first) {
            let complete = match segment.collect_aborted(from, upper, &mut found)? {
                Some(complete) => complete,
                None => {
                    self.rebuild_aborted(index)?;
                    segment.collect_aborted(from, upper, &mut found)?.unwrap_or(false)
                }
            };
            if complete {
                break;
            }
        }
        found.sort_by_key(|entry| (entry.first_offset, entry.last_offset));
        Ok(found)
    }
}

impl ReadPlan {
    /// Bytes of one segment that belong to the log.
    fn size_of(&self, index: usize) -> Result<u64, LogError> {
        let size = self.segments[index].size()?;
        Ok(if index + 1 == self.segments.len() { size.min(self.active_size) } else { size })
    }

    /// Whether the segment of a slice that it gave has been replaced: what the log says of aborted transactions by now may
    /// be less than belongs to the slice.
    #[must_use]
    pub fn is_outdated(&self, slice: &LogSlice) -> bool {
        let at = self.segments.binary_search_by_key(&slice.segment_base_offset, |segment| segment.base());
        at.is_ok_and(|at| self.segments[at].is_retired())
    }

    /// Looks up the region; see [`Log::read`].
    ///
    /// # Errors
    /// The disk's, or damage. [`LogError::Replaced`] when the log has changed since: then it has to be planned again.
    pub fn resolve(&self, max_bytes: u64, min_one: bool) -> Result<Option<LogSlice>, LogError> {
        for index in self.first..self.segments.len() {
            let segment = &self.segments[index];
            let size = self.size_of(index)?;
            let Some(first) = segment.locate(self.from, size)? else { continue };
            if first.header.last_offset() >= self.upper {
                return Ok(None);
            }
            let next_base = self.segments.get(index + 1).map_or(self.log_end_offset, |next| next.base());
            let cut = if self.upper < next_base { segment.locate(self.upper, size)? } else { None };
            let limit = cut.map_or(size, |cut| cut.position);
            let first_len = first.header.size() as u64;
            let end = self.end(segment, first.position, first_len, limit, max_bytes, min_one)?;
            let bound = if end == size { None } else { segment.offset_behind(end)? };
            return Ok(Some(LogSlice {
                file: segment.file()?,
                position: first.position,
                len: end - first.position,
                base_offset: first.header.base_offset,
                segment_base_offset: segment.base(),
                first_batch_len: first_len,
                end_offset_bound: bound.map_or(next_base, |offset| offset.min(next_base)),
            }));
        }
        Ok(None)
    }

    fn end(
        &self,
        segment: &Segment,
        start: u64,
        first_len: u64,
        limit: u64,
        max_bytes: u64,
        min_one: bool,
    ) -> Result<u64, LogError> {
        let wanted = if min_one { max_bytes.max(first_len) } else { max_bytes };
        let end = start.saturating_add(wanted);
        if end >= limit {
            return Ok(limit);
        }
        if wanted <= first_len {
            return Ok(end);
        }
        // A batch that is cut is thrown away by the client, so the cut is made where a batch is known to end.
        Ok(segment.aligned_end(start, end)?.unwrap_or(end).max(start + first_len))
    }
}
