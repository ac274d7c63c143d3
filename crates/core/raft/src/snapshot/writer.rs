//! Writing a checkpoint (`RecordsSnapshotWriter`).

use headwater_base::Offset;
use headwater_records::{BatchBuilder, BatchOptions};

use super::SnapshotId;
use crate::control;
use crate::voters::{KRaftVersion, VoterSet};

/// A batch is closed when it is this long; it can grow beyond by one record.
const BATCH_BYTES: usize = 1 << 20;

/// What the header says.
#[derive(Clone, Debug)]
pub struct SnapshotOptions<'a> {
    /// Which snapshot it is. Its epoch goes into every batch.
    pub id: SnapshotId,
    /// Timestamp of the last record that the snapshot stands for, in milliseconds; 0 if there is none.
    pub last_contained_log_timestamp_ms: i64,
    /// Written for version 1 only.
    pub kraft_version: KRaftVersion,
    /// Written for version 1 only.
    pub voters: Option<&'a VoterSet>,
    /// Wall clock, which becomes the timestamp of all batches, in milliseconds.
    pub now_ms: i64,
}

/// Collects records and gives out the bytes of the file piece by piece.
#[derive(Clone, Debug)]
pub struct SnapshotWriter {
    id: SnapshotId,
    now_ms: i64,
    next_offset: Offset,
    batch: Option<BatchBuilder>,
    out: Vec<u8>,
}

impl SnapshotWriter {
    /// A writer whose header is written.
    #[must_use]
    pub fn new(options: &SnapshotOptions<'_>) -> SnapshotWriter {
        let mut writer = SnapshotWriter {
            id: options.id,
            now_ms: options.now_ms,
            next_offset: Offset::ZERO,
            batch: None,
            out: Vec::new(),
        };
        let quorum =
            (options.kraft_version != KRaftVersion::V0).then_some((options.kraft_version, options.voters));
        let mut batch = writer.builder(true);
        let count = control::append_snapshot_header(
            &mut batch,
            options.now_ms,
            options.last_contained_log_timestamp_ms,
            quorum,
        );
        writer.close_batch(batch, count);
        writer
    }

    /// Adds one record: its encoded value, as it would stand in the log.
    pub fn append(&mut self, value: &[u8]) {
        let mut batch = self.batch.take().unwrap_or_else(|| self.builder(false));
        batch.append(self.now_ms, None, Some(value), &[]);
        if batch.size() >= BATCH_BYTES {
            let count = batch.record_count();
            self.close_batch(batch, count);
        } else {
            self.batch = Some(batch);
        }
    }

    /// The bytes that are ready, to be written behind those given out before.
    #[must_use]
    pub fn take_bytes(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Closes the last batch, adds the footer and gives out the remaining bytes.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        if let Some(batch) = self.batch.take() {
            let count = batch.record_count();
            self.close_batch(batch, count);
        }
        let mut footer = self.builder(true);
        control::append_snapshot_footer(&mut footer, self.now_ms);
        self.close_batch(footer, 1);
        self.out
    }

    fn builder(&self, control: bool) -> BatchBuilder {
        BatchBuilder::new(BatchOptions {
            base_offset: self.next_offset,
            leader_epoch: self.id.epoch,
            control,
            ..BatchOptions::default()
        })
    }

    fn close_batch(&mut self, batch: BatchBuilder, count: i32) {
        self.out.extend_from_slice(&batch.build());
        self.next_offset = self.next_offset + i64::from(count);
    }
}
