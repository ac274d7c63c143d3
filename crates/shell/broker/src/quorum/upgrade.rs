//! Raising `kraft.version`: a control batch of the quorum, appended because the controller decided so.

use headwater_metadata::loader::Batch;
use headwater_raft::{Action, Event, KRaftVersion};

use super::driver::{Driver, Uncommitted, Waiting};
use super::error::{QuorumError, SubmitError};
use super::publish::Publication;

impl Driver {
    /// Appends the new level. Controller and raft have it when this succeeds and are unchanged when it does not.
    pub(super) async fn upgrade(
        &mut self,
        level: i16,
        publication: &mut Publication,
    ) -> Result<Result<(), SubmitError>, QuorumError> {
        let Some(version) = KRaftVersion::from_level(level) else {
            return Ok(Err(SubmitError::Unexpected(format!("kraft.version {level}"))));
        };
        let now_ms = self.runtime.wall_clock_ms();
        let base_offset = self.raft.log_end_offset();
        let mut actions = Vec::new();
        self.raft.step(now_ms, Event::Upgrade(version), &mut actions);
        let Some(Action::Append { epoch, batch, .. }) = actions.pop() else {
            return Ok(Err(SubmitError::NotController));
        };
        let bytes = batch.len() as u64;
        match self.log.append(batch, epoch, now_ms) {
            Ok(end_offset) => {
                self.controller.set_kraft_version(level);
                let info = Batch { base_offset, last_offset: end_offset + -1, epoch, append_time_ms: now_ms };
                let batch = Uncommitted::Batch { info, records: Vec::new(), bytes };
                self.waiting.push_back(Waiting { end_offset, what: batch });
                self.waiting.push_back(Waiting { end_offset, what: Uncommitted::KRaftVersion(level) });
                self.step(Event::Appended { end_offset }, publication).await?;
                tracing::info!(level, "kraft.version raised: the voters are in the log from here on");
                Ok(Ok(()))
            }
            Err(error) => {
                tracing::error!(%error, "metadata append failed");
                self.step(Event::AppendFailed, publication).await?;
                Ok(Err(SubmitError::Storage(error.to_string())))
            }
        }
    }
}
