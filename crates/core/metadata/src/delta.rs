//! From one image to the next.

use crate::changes::Changes;
use crate::error::ReplayError;
use crate::image::{Image, Provenance};
use crate::records::MetadataRecord;

/// An image in the making. Records go in one after the other; [`Delta::apply`] gives the image and what changed.
#[derive(Clone, Debug)]
pub struct Delta {
    base: Image,
    next: Image,
    changes: Changes,
    snapshot: bool,
}

impl Delta {
    /// A delta for the records that follow `base`.
    #[must_use]
    pub fn new(base: &Image) -> Self {
        Self { base: base.clone(), next: base.clone(), changes: Changes::default(), snapshot: false }
    }

    /// A delta for the records of a snapshot, which replace `base` altogether.
    #[must_use]
    pub fn for_snapshot(base: &Image) -> Self {
        Self { base: base.clone(), next: Image::default(), changes: Changes::default(), snapshot: true }
    }

    /// Replays one record.
    ///
    /// # Errors
    /// When the record contradicts what came before it. The delta must not be applied then.
    pub fn replay(&mut self, record: &MetadataRecord) -> Result<(), ReplayError> {
        self.next.replay(record, &mut self.changes)
    }

    /// The image that the delta started from.
    #[must_use]
    pub fn base(&self) -> &Image {
        &self.base
    }

    /// The image as the records so far made it, except for its provenance.
    #[must_use]
    pub fn next(&self) -> &Image {
        &self.next
    }

    /// The new image, and how it differs from the one before.
    #[must_use]
    pub fn apply(self, provenance: Provenance) -> (Image, Changes) {
        let next = Image { provenance, ..self.next };
        let changes = if self.snapshot { next.changes_since(&self.base) } else { self.changes };
        (next, changes)
    }
}
