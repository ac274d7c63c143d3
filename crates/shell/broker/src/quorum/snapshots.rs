//! When a snapshot is taken, writing it, and what it lets go (`SnapshotGenerator`, `KafkaMetadataLog.maybeClean`).

use std::time::Duration;

use headwater_base::Offset;
use headwater_metadata::Image;
use headwater_raft::SnapshotId;
use headwater_raft::snapshot::retention::{Limits, SnapshotInfo, new_log_start};
use headwater_runtime::Tick;
use headwater_runtime::sync::oneshot;

use super::config::QuorumConfig;
use super::driver::{Driver, opt};
use super::error::QuorumError;
use super::load::Machines;
use super::storage::{self, QuorumAtSnapshot};

type Written = Result<SnapshotInfo, QuorumError>;

/// The snapshots on disk and the way to the next one.
pub(super) struct Snapshots {
    bytes_limit: u64,
    interval: Duration,
    retention: Limits,
    /// Ascending.
    stored: Vec<SnapshotInfo>,
    bytes_since: u64,
    last_at: Tick,
    /// The last image that ends with a batch and outside a transaction.
    image: Image,
    writing: Option<oneshot::Receiver<Written>>,
    written: Option<Written>,
}

impl Snapshots {
    pub(super) fn new(config: &QuorumConfig, machines: &Machines, now: Tick) -> Self {
        Self {
            bytes_limit: config.snapshot_bytes,
            interval: config.snapshot_interval,
            retention: config.retention,
            stored: machines.snapshots.clone(),
            bytes_since: machines.bytes_since_snapshot,
            last_at: now,
            image: Image::default(),
            writing: None,
            written: None,
        }
    }

    /// Bytes of the log became committed.
    pub(super) fn committed(&mut self, bytes: u64) {
        self.bytes_since += bytes;
    }

    /// An image that a snapshot may be taken of.
    pub(super) fn published(&mut self, image: &Image) {
        self.image = image.clone();
    }

    /// When time alone asks for a snapshot.
    pub(super) fn deadline(&self) -> Tick {
        let by_time = self.writing.is_none() && !self.interval.is_zero() && self.has_news();
        if by_time { self.last_at + self.interval } else { Tick::NEVER }
    }

    /// Waits for the snapshot that is being written.
    pub(super) async fn written(&mut self) {
        let written = opt(&mut self.writing).await;
        self.writing = None;
        self.written = Some(written);
    }

    /// Waits for the snapshot that is being written, if there is one.
    pub(super) async fn finish(&mut self) {
        if self.writing.is_some() {
            self.written().await;
        }
    }

    fn id(&self) -> SnapshotId {
        let provenance = self.image.provenance;
        SnapshotId { end_offset: provenance.offset + 1, epoch: provenance.epoch }
    }

    /// Whether the image holds records that no snapshot holds.
    fn has_news(&self) -> bool {
        let latest = self.stored.last().map_or(Offset::ZERO, |info| info.id.end_offset);
        self.bytes_since > 0 && self.id().end_offset > latest
    }

    fn is_due(&self, now: Tick) -> bool {
        let by_bytes = self.bytes_since >= self.bytes_limit;
        self.writing.is_none() && self.has_news() && (by_bytes || self.deadline() <= now)
    }
}

impl Driver {
    /// Takes in a written snapshot and starts the next one if it is due.
    pub(super) async fn maintain_snapshots(&mut self) {
        match self.snapshots.written.take() {
            Some(Ok(info)) => {
                tracing::info!(snapshot = %info.id, bytes = info.size_bytes, "metadata snapshot written");
                self.snapshots.stored.push(info);
                self.clean().await;
            }
            Some(Err(error)) => tracing::error!(%error, "metadata snapshot failed; the log is kept"),
            None => {}
        }
        if self.snapshots.is_due(self.runtime.now()) {
            self.write_snapshot().await;
        }
    }

    async fn write_snapshot(&mut self) {
        let id = self.snapshots.id();
        let image = self.snapshots.image.clone();
        let quorum = self.quorum_now();
        let disk = self.disk.clone();
        let now_ms = self.runtime.wall_clock_ms();
        let (sender, receiver) = oneshot::channel();
        self.snapshots.bytes_since = 0;
        self.snapshots.last_at = self.runtime.now();
        self.snapshots.writing = Some(receiver);
        self.background
            .submit(Box::new(move || {
                // The driver may have ended meanwhile.
                let _ = sender.send(storage::write_snapshot(&*disk, id, &image, &quorum, now_ms));
            }))
            .await;
    }

    /// Moves the log's start to a snapshot and removes the snapshots before it, as far as retention says so.
    async fn clean(&mut self) {
        match self.remove_old().await {
            Ok(None) => {}
            Ok(Some(start)) => tracing::info!(log_start = %start, "metadata log cleaned"),
            Err(error) => tracing::error!(%error, "old metadata could not be removed"),
        }
    }

    async fn remove_old(&mut self) -> Result<Option<Offset>, QuorumError> {
        let now_ms = self.runtime.wall_clock_ms();
        let start = new_log_start(
            &self.snapshots.stored,
            self.log.start_offset(),
            self.log.size_bytes()?,
            now_ms,
            self.snapshots.retention,
        );
        let Some(start) = start else { return Ok(None) };
        let segments = self.log.advance_start(start, now_ms)?;
        let (gone, kept): (Vec<SnapshotInfo>, Vec<SnapshotInfo>) =
            self.snapshots.stored.iter().partition(|info| info.id.end_offset < start);
        self.snapshots.stored = kept;
        let ids: Vec<SnapshotId> = gone.iter().map(|info| info.id).collect();
        let disk = self.disk.clone();
        let removal = move || {
            segments.run(&*disk).map_err(QuorumError::io("removing segments of the metadata log"))?;
            storage::remove_snapshots(&*disk, &ids)
        };
        self.io.run(removal).await?;
        Ok(Some(start))
    }

    fn quorum_now(&self) -> QuorumAtSnapshot {
        let (kraft_version, voters) = self.quorum();
        QuorumAtSnapshot { kraft_version, voters }
    }
}
