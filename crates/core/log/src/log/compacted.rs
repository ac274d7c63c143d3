//! What compaction needs of a log: its segments, that they can be replaced, and a note of up to where they were.
//!
//! Behind the recovery point a recovery after a power loss takes offsets that are missing between segments for a loss, and
//! drops what follows. Only what lies before the recovery point is replaced; but the checkpoint that holds it may be lost,
//! so the log's own folder says it too.

use std::sync::Arc;

use headwater_base::Offset;

use super::Log;
use crate::disk::{Disk, read_whole, replace_whole};
use crate::error::LogError;
use crate::names::COMPACTED;
use crate::segment::Segment;

/// The note is a number.
const MAX_NOTE: u64 = 1024;

/// Writes the note, atomically and durably.
pub(crate) fn note_compacted(disk: &dyn Disk, dir: &str, offset: Offset) -> Result<(), LogError> {
    let path = format!("{dir}/{COMPACTED}");
    replace_whole(disk, &path, format!("{offset}\n").as_bytes()).map_err(LogError::io(&path))
}

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

    /// Up to here compaction may have left offsets without a batch; everything before was durable.
    pub(crate) fn compacted_to(&self) -> Offset {
        self.compacted_to
    }

    /// Takes note of what the folder's file says by now.
    pub(crate) fn set_compacted_to(&mut self, offset: Offset) {
        self.compacted_to = offset;
    }

    /// Reads the note. One that cannot be read says nothing.
    pub(super) fn load_compacted(&mut self) -> Result<(), LogError> {
        let path = self.path(COMPACTED);
        let bytes = read_whole(self.disk.as_ref(), &path, MAX_NOTE);
        let text = match bytes {
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => None,
            Err(error) => return Err(LogError::io(&path)(error)),
            Ok(bytes) => bytes.and_then(|bytes| String::from_utf8(bytes).ok()),
        };
        let offset = text.and_then(|text| text.trim().parse().ok());
        self.compacted_to = Offset(offset.unwrap_or(0));
        Ok(())
    }

    /// What was cut off was not compacted when it comes again.
    pub(super) fn forget_compacted(&mut self, end: Offset) -> Result<(), LogError> {
        if self.compacted_to > end {
            note_compacted(self.disk.as_ref(), &self.dir, end)?;
            self.compacted_to = end;
        }
        Ok(())
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
