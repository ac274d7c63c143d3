//! Putting a log away.

use super::Log;
use super::sync::SyncKind;
use crate::error::LogError;

impl Log {
    /// Gives back the file handles and caches of all segments. The log goes on; files are opened again at their use.
    ///
    /// # Errors
    /// The disk's, of index entries that could not be written first. All handles are given back then too, and the
    /// entries wait in memory.
    pub fn close_idle(&self) -> Result<(), LogError> {
        let open = self.segments.iter().filter(|segment| segment.is_open());
        open.map(|segment| segment.close()).fold(Ok(()), Result::and)
    }

    /// Writes and syncs everything, so that the next start need not look at the batches if the clean shutdown is marked
    /// afterwards, with [`Log::recovery_point`] in its checkpoint. The log may go on.
    ///
    /// # Errors
    /// The disk's; then no clean shutdown may be marked.
    pub fn close(&mut self) -> Result<(), LogError> {
        self.check_poison()?;
        if self.folder_is_missing {
            // There never was room for it, and nothing was ever put into it.
            return Ok(());
        }
        self.write_topic_id()?;
        let Some(active) = self.active().cloned() else {
            // Of a log without records nothing is worth a sync: what is lost of it is written again.
            return Ok(());
        };
        let dirty = self.is_dirty(SyncKind::Checkpoint) || self.producers.needs_snapshot();
        if dirty || self.unsettled {
            let changed = active.seal()?;
            self.write_snapshot()?;
            let mut plan = self.dirty(SyncKind::Checkpoint)?;
            if changed {
                plan.add_files(active.files()?);
            }
            plan.run(self.disk.as_ref()).map_err(LogError::io(&self.dir))?;
            self.mark_durable(&plan);
            self.unsettled = false;
        }
        self.close_idle()
    }
}
