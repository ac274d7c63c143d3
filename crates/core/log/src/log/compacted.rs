//! What compaction needs of a log: its segments, and that they can be replaced.

use std::sync::Arc;

use super::Log;
use crate::disk::Disk;
use crate::error::LogError;
use crate::segment::Segment;

impl Log {
    /// Oldest first; the last one is active.
    pub(crate) fn segments(&self) -> &[Arc<Segment>] {
        &self.segments
    }

    pub(crate) fn shared_segments(&self) -> Arc<Vec<Arc<Segment>>> {
        self.segments.clone()
    }

    pub(crate) fn shared_disk(&self) -> Arc<dyn Disk> {
        self.disk.clone()
    }

    /// Whether segments are being replaced right now: until that is over, none can be taken out.
    #[must_use]
    pub fn is_claimed(&self) -> bool {
        self.claimed
    }

    /// Truncation has to wait until segments that are being replaced are in place.
    pub(super) fn check_claim(&self) -> Result<(), LogError> {
        if self.claimed { Err(LogError::Replaced(self.dir.to_string())) } else { Ok(()) }
    }

    pub(crate) fn set_claimed(&mut self, claimed: bool) {
        self.claimed = claimed;
    }

    /// Puts `new` in the place of `old`, which are neighbours. Everything of `new` is durable.
    pub(crate) fn replace_segments(&mut self, old: &[Arc<Segment>], new: &Arc<Segment>) {
        let at = self.segment_for(old[0].base());
        let segments = Arc::make_mut(&mut self.segments);
        segments.splice(at..at + old.len(), [new.clone()]);
        self.sync.replaced(old);
        self.sync.names_changed();
    }
}
