//! Which leader epoch starts at which offset (`LeaderEpochFileCache`).

use headwater_base::{LeaderEpoch, Offset};

use crate::checkpoint::EpochEntry;

/// The epochs of a log, oldest first: epochs and start offsets both grow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeaderEpochs {
    entries: Vec<EpochEntry>,
}

impl LeaderEpochs {
    /// Takes entries as a checkpoint had them. `None` when they do not grow.
    #[must_use]
    pub fn from_entries(entries: Vec<EpochEntry>) -> Option<LeaderEpochs> {
        let grows = |pair: &[EpochEntry]| {
            pair[0].epoch < pair[1].epoch && pair[0].start_offset < pair[1].start_offset
        };
        entries.windows(2).all(grows).then_some(LeaderEpochs { entries })
    }

    /// All entries, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[EpochEntry] {
        &self.entries
    }

    /// The newest entry.
    #[must_use]
    pub fn latest(&self) -> Option<EpochEntry> {
        self.entries.last().copied()
    }

    /// Notes that `epoch` starts at `start_offset`, dropping what contradicts it. True when something changed: a known
    /// epoch with a later start changes nothing.
    pub fn assign(&mut self, epoch: LeaderEpoch, start_offset: Offset) -> bool {
        if epoch.0 < 0 || start_offset.0 < 0 {
            return false;
        }
        if let Some(latest) = self.latest()
            && latest.epoch == epoch
            && start_offset >= latest.start_offset
        {
            return false;
        }
        while self.latest().is_some_and(|last| last.epoch >= epoch || last.start_offset >= start_offset) {
            self.entries.pop();
        }
        self.entries.push(EpochEntry { epoch, start_offset });
        true
    }

    /// Drops the epochs that start at or behind `end_offset`. True when something changed.
    pub fn truncate_from_end(&mut self, end_offset: Offset) -> bool {
        let keep = self.entries.partition_point(|entry| entry.start_offset < end_offset);
        let changed = keep < self.entries.len();
        self.entries.truncate(keep);
        changed
    }

    /// Drops the epochs that end at or before `start_offset`, and lets the one that it lies in start there. True when
    /// something changed.
    pub fn truncate_from_start(&mut self, start_offset: Offset) -> bool {
        let covered = self.entries.partition_point(|entry| entry.start_offset <= start_offset);
        if covered == 0 || (covered == 1 && self.entries[0].start_offset == start_offset) {
            return false;
        }
        self.entries.drain(..covered - 1);
        self.entries[0].start_offset = start_offset;
        true
    }

    /// The largest known epoch that is not larger than `epoch`, and its end offset: what OffsetForLeaderEpoch answers.
    /// An epoch before the first known one is answered with itself and the first known start. `None` for an epoch that
    /// is newer than all known ones, or negative.
    #[must_use]
    pub fn end_offset_for(
        &self,
        epoch: LeaderEpoch,
        log_end_offset: Offset,
    ) -> Option<(LeaderEpoch, Offset)> {
        let latest = self.latest()?;
        if epoch == LeaderEpoch::NONE || epoch > latest.epoch {
            return None;
        }
        if epoch == latest.epoch {
            return Some((epoch, log_end_offset));
        }
        let higher = self.entries.partition_point(|entry| entry.epoch <= epoch);
        let found = if higher == 0 { epoch } else { self.entries[higher - 1].epoch };
        Some((found, self.entries[higher].start_offset))
    }

    /// The epoch that `offset` belongs to.
    #[must_use]
    pub fn epoch_for_offset(&self, offset: Offset) -> Option<LeaderEpoch> {
        let after = self.entries.partition_point(|entry| entry.start_offset <= offset);
        after.checked_sub(1).map(|index| self.entries[index].epoch)
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(entries: &[(i32, i64)]) -> LeaderEpochs {
        let mut epochs = LeaderEpochs::default();
        for &(epoch, start) in entries {
            epochs.assign(LeaderEpoch(epoch), Offset(start));
        }
        epochs
    }

    fn listed(epochs: &LeaderEpochs) -> Vec<(i32, i64)> {
        epochs.entries().iter().map(|entry| (entry.epoch.0, entry.start_offset.0)).collect()
    }

    #[test]
    fn assigning_keeps_both_columns_growing() {
        let mut some = epochs(&[(1, 0), (2, 10), (4, 20)]);
        assert!(!some.assign(LeaderEpoch(4), Offset(25)), "known");
        assert!(some.assign(LeaderEpoch(5), Offset(20)), "nothing was written in epoch 4");
        assert_eq!(listed(&some), [(1, 0), (2, 10), (5, 20)]);
        assert!(some.assign(LeaderEpoch(2), Offset(12)), "an older epoch replaces the newer ones");
        assert_eq!(listed(&some), [(1, 0), (2, 12)]);
    }

    #[test]
    fn end_offsets() {
        let some = epochs(&[(2, 10), (4, 20), (7, 30)]);
        let end = |epoch| some.end_offset_for(LeaderEpoch(epoch), Offset(50)).map(|(e, o)| (e.0, o.0));
        assert_eq!(end(1), Some((1, 10)));
        assert_eq!(end(2), Some((2, 20)));
        assert_eq!(end(3), Some((2, 20)));
        assert_eq!(end(7), Some((7, 50)));
        assert_eq!(end(8), None);
        assert_eq!(end(-1), None);
        let epoch = |offset| some.epoch_for_offset(Offset(offset)).map(|epoch| epoch.0);
        assert_eq!([epoch(9), epoch(10), epoch(29), epoch(99)], [None, Some(2), Some(4), Some(7)]);
    }

    #[test]
    fn truncation_on_both_ends() {
        let mut some = epochs(&[(2, 10), (4, 20), (7, 30)]);
        assert!(!some.truncate_from_end(Offset(31)));
        assert!(some.truncate_from_end(Offset(30)));
        assert_eq!(listed(&some), [(2, 10), (4, 20)]);
        assert!(!some.truncate_from_start(Offset(10)));
        assert!(some.truncate_from_start(Offset(15)));
        assert_eq!(listed(&some), [(2, 15), (4, 20)]);
        assert!(some.truncate_from_start(Offset(20)));
        assert_eq!(listed(&some), [(4, 20)]);
        assert!(some.truncate_from_start(Offset(25)));
        assert_eq!(listed(&some), [(4, 25)]);
    }
}
