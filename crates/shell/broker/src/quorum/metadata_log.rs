//! The metadata log: one [`Log`] with the quorum's habits.

use std::sync::Arc;

use headwater_base::{LeaderEpoch, Offset, Uuid};
use headwater_log::{
    AppendContext, AppendError, Log, LogConfig, LogError, OpenContext, Origin, ReadError, Removal, SyncKind,
    SyncPlan,
};
use headwater_raft::METADATA_DIR;
use headwater_records::{BatchError, BatchView, batches};
use headwater_runtime::Disk;

use super::error::QuorumError;

/// How much is read at once when the log is loaded, in bytes; a larger batch is read whole.
const READ_BYTES: u64 = 4 << 20;

/// `__cluster_metadata-0`.
pub(super) struct MetadataLog {
    log: Log,
}

impl MetadataLog {
    /// Opens the log and looks at every batch: nobody else has a copy of it, and no checkpoint vouches for it. A torn
    /// tail is cut.
    pub(super) fn open(
        disk: Arc<dyn Disk>,
        config: LogConfig,
        power_lost: bool,
        now_ms: i64,
    ) -> Result<Self, QuorumError> {
        let context = OpenContext {
            topic_id: Some(Uuid::METADATA_TOPIC),
            clean_shutdown: false,
            power_lost,
            recovery_point: Offset::ZERO,
            log_start_offset: Offset::ZERO,
            now_ms,
        };
        let (log, report) = Log::open(disk, METADATA_DIR, config, &context)?;
        for line in report.lines() {
            tracing::warn!(partition = METADATA_DIR, what = %line, "log recovered");
        }
        Ok(Self { log })
    }

    pub(super) fn start_offset(&self) -> Offset {
        self.log.log_start_offset()
    }

    pub(super) fn end_offset(&self) -> Offset {
        self.log.log_end_offset()
    }

    /// The epoch of the last batch; 0 for a log that never had one.
    pub(super) fn last_epoch(&self) -> LeaderEpoch {
        self.log.latest_epoch().unwrap_or(LeaderEpoch(0))
    }

    pub(super) fn size_bytes(&self) -> Result<u64, LogError> {
        self.log.size_bytes()
    }

    /// Appends one batch as the leader and gives the new end.
    pub(super) fn append(
        &mut self,
        mut batch: Vec<u8>,
        leader_epoch: LeaderEpoch,
        now_ms: i64,
    ) -> Result<Offset, AppendError> {
        let context =
            AppendContext { leader_epoch, origin: Origin::Replication, transaction_version: -1, now_ms };
        let appended = self.log.append_as_leader(&mut batch, &context)?.place();
        Ok(appended.last_offset + 1)
    }

    /// What makes the records durable that are in the log now.
    pub(super) fn sync_plan(&mut self) -> Result<SyncPlan, LogError> {
        self.log.dirty(SyncKind::Data)
    }

    /// A plan was carried out.
    pub(super) fn mark_durable(&mut self, plan: &SyncPlan) {
        self.log.mark_durable(plan);
        self.log.on_high_watermark(self.log.durable_offset());
    }

    /// Calls `visit` with every batch from the one that holds `from` on, in order.
    pub(super) fn for_each_batch(
        &self,
        from: Offset,
        mut visit: impl FnMut(&BatchView<'_>) -> Result<(), QuorumError>,
    ) -> Result<(), QuorumError> {
        let end = self.log.log_end_offset();
        let mut next = from.max(self.log.log_start_offset());
        let mut bytes = Vec::new();
        while let Some(slice) = self.log.read(next, READ_BYTES, true, end).map_err(unreadable)? {
            bytes.resize(slice.len as usize, 0);
            let read = slice
                .file
                .read_at(&mut bytes, slice.position)
                .map_err(QuorumError::io("reading the metadata log"))?;
            let before = next;
            for batch in batches(&bytes[..read]) {
                let batch = match batch {
                    Ok(batch) => batch,
                    // The slice ends inside a batch.
                    Err(BatchError::Truncated { .. }) => break,
                    Err(error) => return Err(QuorumError::Record { offset: next, why: error.to_string() }),
                };
                batch
                    .verify_crc()
                    .map_err(|error| QuorumError::Record { offset: next, why: error.to_string() })?;
                next = batch.next_offset();
                // The first batch may begin before the snapshot's end.
                if next > from {
                    visit(&batch)?;
                }
            }
            if next == before {
                return Err(QuorumError::Record {
                    offset: next,
                    why: "the log ends inside a batch".to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Drops everything; the log begins and ends at `offset`.
    pub(super) fn truncate_fully(&mut self, offset: Offset, now_ms: i64) -> Result<(), LogError> {
        self.log.truncate_fully_and_start_at(offset, now_ms)
    }

    /// Lets the log begin at `offset` and gives the files that are not needed any more, to be removed.
    pub(super) fn advance_start(&mut self, offset: Offset, now_ms: i64) -> Result<Removal, LogError> {
        self.log.increase_log_start_offset(offset)?;
        let bases: Vec<Offset> = self.log.segment_bases().collect();
        // A segment ends where the next one begins; the last one is in use.
        let count = bases.iter().skip(1).take_while(|next| **next <= offset).count();
        self.log.delete_segments(count, now_ms)
    }

    /// Makes everything durable, indexes and checkpoints too, as a clean stop leaves it.
    pub(super) fn close(&mut self) -> Result<(), LogError> {
        self.log.close()
    }
}

fn unreadable(error: ReadError) -> QuorumError {
    match error {
        ReadError::Log(error) => QuorumError::Log(error),
        error => QuorumError::Storage(error.to_string()),
    }
}
