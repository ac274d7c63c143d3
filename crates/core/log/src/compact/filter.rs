//! What stays of a batch (`Cleaner.cleanInto`, `MemoryRecords.filterTo`).
//!
//! | batch                                             | without records it is |
//! |---------------------------------------------------|-----------------------|
//! | holds the last record of a producer               | kept, empty           |
//! | the last one of the part that may be compacted    | kept, empty           |
//! | all others                                        | dropped               |
//!
//! Of an aborted transaction no record stays, of any other batch those that are the last of their key or lie behind the
//! map. A record without value, and the marker of a transaction of which nothing is left, get a delete horizon when they
//! are met first: it is written into their batch, and only a compaction at or after it drops them (KIP-534).

use headwater_base::Offset;
use headwater_records::{
    BatchBuilder, BatchOptions, BatchView, Header, Record, RecordsError, Scratch, empty_batch,
};

use super::LastRecords;
use super::offset_map::OffsetMap;

/// Bytes that the records of one batch may have uncompressed.
pub(super) const RECORDS_LIMIT: usize = 256 << 20;

/// What holds for a whole round.
pub(super) struct Rules<'a> {
    pub(super) map: &'a OffsetMap,
    pub(super) now_ms: i64,
    pub(super) delete_retention_ms: i64,
    /// Behind the part that may be compacted.
    pub(super) first_uncleanable: Offset,
    pub(super) producers: &'a LastRecords,
}

/// Memory that is used again for each batch.
#[derive(Default)]
pub(super) struct Workspace {
    pub(super) scratch: Scratch,
    pub(super) space: Vec<u8>,
    kept: Vec<bool>,
}

/// What a batch had, and what stayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) read: u64,
    pub(super) retained: u64,
    /// Records without key, which a compacted topic cannot keep.
    pub(super) invalid: u64,
}

impl Rules<'_> {
    /// Whether the state of a producer hangs on the batch.
    fn is_last_of_producer(&self, batch: &BatchView<'_>) -> bool {
        let last = self.producers.get(&batch.producer_id).filter(|_| batch.has_producer_id());
        last.is_some_and(|last| match last.last_data_offset {
            Some(offset) => batch.last_offset() == offset,
            None => batch.is_control() && batch.producer_epoch == last.epoch,
        })
    }

    fn keeps(&self, batch: &BatchView<'_>, record: &Record<'_>, counts: &mut Counts) -> bool {
        if batch.is_control() || record.offset > self.map.latest_offset() {
            return true;
        }
        let Some(key) = record.key else {
            counts.invalid += 1;
            return false;
        };
        let is_last = self.map.get(key).is_none_or(|last| record.offset >= last);
        is_last
            && (record.value.is_some()
                || batch.delete_horizon_ms().is_none_or(|horizon_ms| self.now_ms < horizon_ms))
    }

    /// Appends to `out` what stays of the batch. `decided` says that it belongs to an aborted transaction, or is a marker
    /// that decides about nothing.
    pub(super) fn filter(
        &self,
        batch: &BatchView<'_>,
        decided: bool,
        workspace: &mut Workspace,
        out: &mut Vec<u8>,
    ) -> Result<Counts, RecordsError> {
        let over = batch.delete_horizon_ms().is_some_and(|horizon_ms| horizon_ms <= self.now_ms);
        let discard = if batch.is_control() { decided && over } else { decided };
        let keep_empty = self.is_last_of_producer(batch) || batch.next_offset() == self.first_uncleanable;
        let mut counts = Counts::default();
        if discard {
            if keep_empty {
                counts.read = batch.record_count.max(0) as u64;
                out.extend(empty_batch(batch.header()));
            }
            return Ok(counts);
        }
        let Workspace { scratch, space, kept } = workspace;
        let records = batch.records(scratch, space, RECORDS_LIMIT)?;
        kept.clear();
        let mut tombstones = false;
        let mut before = -1;
        for record in records.clone() {
            let record = record?;
            let delta = record.offset - batch.base_offset;
            if delta <= before || delta > i64::from(batch.last_offset_delta) {
                let index = kept.len() as i32;
                return Err(RecordsError::Malformed { index, what: "an offset that is not the batch's" });
            }
            before = delta;
            let keep = self.keeps(batch, &record, &mut counts);
            tombstones |= keep && record.value.is_none();
            counts.retained += u64::from(keep);
            kept.push(keep);
        }
        counts.read = kept.len() as u64;
        if counts.retained == 0 {
            if keep_empty {
                out.extend(empty_batch(batch.header()));
            }
            return Ok(counts);
        }
        let marks = tombstones || (batch.is_control() && decided);
        let mut options = BatchOptions::of(batch.header());
        if marks && options.delete_horizon_ms.is_none() {
            options.delete_horizon_ms = Some(self.now_ms.saturating_add(self.delete_retention_ms));
        } else if counts.retained == counts.read {
            out.extend_from_slice(batch.bytes());
            return Ok(counts);
        }
        let mut builder = BatchBuilder::new(options);
        let mut headers: Vec<Header<'_>> = Vec::new();
        for (record, _) in records.zip(kept.iter()).filter(|(_, keep)| **keep) {
            let record = record?;
            headers.clear();
            headers.extend(record.headers());
            let delta = (record.offset - batch.base_offset) as i32;
            builder.append_at(delta, record.timestamp, record.key, record.value, &headers);
        }
        builder.end_at(batch.last_offset_delta);
        out.extend(builder.build());
        Ok(counts)
    }
}
