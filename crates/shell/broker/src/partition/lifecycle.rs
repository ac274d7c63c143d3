//! What the metadata does to a partition: new epochs, new settings, the end; and the clean stop.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use headwater_base::error_code::ErrorCode;
use headwater_base::{LeaderEpoch, Offset};
use headwater_log::{LogConfig, LogError};

use super::{Partition, PartitionSettings, Wakes};

/// Where a log stood when the node stopped cleanly; goes into the directory's checkpoints.
#[derive(Clone, Copy, Debug)]
pub struct Stopped {
    /// Everything below is durable.
    pub recovery_point: Offset,
    /// First offset that was not deleted.
    pub log_start_offset: Offset,
    /// Everything below was committed.
    pub high_watermark: Offset,
}

impl Partition {
    /// Leads in a new epoch from now on.
    pub fn lead(&self, epoch: LeaderEpoch) {
        // The log takes note of the epoch with the first batch of it: an empty log needs no files for being led.
        self.leader_epoch.store(epoch.0, Ordering::Release);
    }

    /// Does not lead any more: who waits is sent to look for the leader.
    pub fn stop_leading(&self) -> Wakes {
        self.leader_epoch.store(LeaderEpoch::NONE.0, Ordering::Release);
        self.state().waiters.failed(ErrorCode::NotLeaderOrFollower)
    }

    /// Takes over a changed configuration.
    pub fn configure(&self, settings: PartitionSettings) {
        self.state().log.set_config(settings.log_config());
        self.settings.store(Arc::new(settings));
    }

    /// What its log takes from the configuration.
    #[must_use]
    pub fn log_config(&self) -> LogConfig {
        self.settings.load().log_config()
    }

    /// How long the files of a deleted partition are kept (`file.delete.delay.ms`).
    pub fn delete_delay(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.settings.load().topic.file_delete_delay_ms).unwrap_or(0))
    }

    /// Serves nobody from now on: whoever waits, and whoever comes, hears `why`.
    pub fn close(&self, why: ErrorCode) -> Wakes {
        let mut state = self.state();
        state.closed.get_or_insert(why);
        state.waiters.failed(why)
    }

    /// Everything durable, indexes and producer state written: what a clean stop leaves behind.
    ///
    /// # Errors
    /// What the disk says.
    pub fn stop(&self) -> Result<Stopped, LogError> {
        let _ = self.close(ErrorCode::NotLeaderOrFollower);
        let _reshaping = self.reshaping();
        let mut state = self.state();
        state.log.close()?;
        let end = state.log.log_end_offset();
        Ok(Stopped {
            recovery_point: end,
            log_start_offset: state.log.log_start_offset(),
            high_watermark: end,
        })
    }

    /// Forgets producers that were silent for `producer.id.expiration.ms`.
    pub fn expire_producers(&self, now_ms: i64) {
        self.state().log.expire_producers(now_ms);
    }

    /// Where the log stands, for the checkpoints; none of a partition that serves nobody any more.
    pub fn standing(&self) -> Option<Stopped> {
        let state = self.state();
        state.closed.is_none().then(|| Stopped {
            recovery_point: state.log.recovery_point(),
            log_start_offset: state.log.log_start_offset(),
            high_watermark: state.high_watermark,
        })
    }
}
