//! What compaction needs of a partition. All of it is short under the partition's lock; files are read and renamed
//! without it.

use headwater_base::Offset;
use headwater_log::compact::{
    Cleanable, Compaction, CompactionLimits, LastRecords, LogView, Replacement, Step,
};
use headwater_log::{AbortedTransaction, LogError, SyncKind};

use super::Partition;

impl Partition {
    /// Whether the topic is compacted, and from which share of dirty bytes on.
    #[must_use]
    pub fn min_cleanable_ratio(&self) -> Option<f64> {
        let settings = self.settings.load();
        settings.topic.cleanup_compact.then_some(settings.topic.min_cleanable_dirty_ratio)
    }

    /// Whether segments also go by age or size.
    #[must_use]
    pub fn is_deleted_from(&self) -> bool {
        self.settings.load().topic.cleanup_delete
    }

    /// What may be compacted now, if anything. Runs on an I/O thread.
    ///
    /// # Errors
    /// What the disk says.
    pub fn cleanable(&self, checkpoint: Option<Offset>, now_ms: i64) -> Result<Option<Cleanable>, LogError> {
        let extent = {
            let state = self.state();
            if state.check_open(self).is_err() {
                return Ok(None);
            }
            state.log.extent(state.high_watermark)
        };
        let found = match extent.cleanable(checkpoint, now_ms) {
            // Retention was quicker. There will be another look.
            Err(LogError::Replaced(_)) => Ok(None),
            found => found,
        };
        let state = self.state();
        if !state.log.is_dirty(SyncKind::Checkpoint) {
            // Looking at them has opened files of logs that rest.
            state.log.close_idle()?;
        }
        found
    }

    /// Begins a compaction. Runs on an I/O thread.
    ///
    /// # Errors
    /// What the disk says; [`LogError::Replaced`] when the partition serves nobody any more.
    pub fn compaction(
        &self,
        range: Cleanable,
        limits: CompactionLimits,
        now_ms: i64,
    ) -> Result<Compaction, LogError> {
        let state = self.state();
        if state.check_open(self).is_err() {
            return Err(LogError::Replaced(self.name.to_string()));
        }
        Compaction::new(&state.log, range, limits, now_ms)
    }

    /// Goes on with a compaction for about `bytes`. `Ready` is seen to here: the new files take their place. Gives the
    /// files of old segments, renamed, which are to be removed when readers had their time.
    ///
    /// # Errors
    /// As [`Compaction::step`] and [`Replacement::run`].
    pub fn compact(
        &self,
        compaction: &mut Compaction,
        bytes: u64,
        old: &mut Vec<String>,
    ) -> Result<Step, LogError> {
        let mut moved = 0;
        loop {
            match compaction.step(self)? {
                Step::Moved(more) => moved += more,
                Step::Ready(replacement) => {
                    old.extend(self.replace(&replacement)?);
                    return Ok(Step::Moved(moved));
                }
                over @ Step::Over(_) => return Ok(over),
            }
            if moved >= bytes {
                return Ok(Step::Moved(moved));
            }
        }
    }

    fn replace(&self, replacement: &Replacement) -> Result<Vec<String>, LogError> {
        let _reshaping = self.reshaping();
        if self.state().check_open(self).is_err() {
            return Err(LogError::Replaced(self.name.to_string()));
        }
        replacement.run(&mut |change| change(&mut self.state().log))
    }
}

impl LogView for Partition {
    fn last_records(&self) -> LastRecords {
        self.state().log.last_records()
    }

    fn aborted_transactions(&self, from: Offset, upper: Offset) -> Result<Vec<AbortedTransaction>, LogError> {
        self.state().log.aborted_transactions(from, upper)
    }
}
