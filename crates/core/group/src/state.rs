//! What one partition of `__consumer_offsets` adds up to.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::classic::ClassicGroup;
use crate::decide::Soft;
use crate::offsets::Offsets;
use crate::timers::{TimerKey, Timers};

/// See the crate.
#[derive(Clone, Debug, Default)]
pub struct Shard {
    pub(crate) groups: BTreeMap<Arc<str>, Arc<ClassicGroup>>,
    pub(crate) offsets: Offsets,
    pub(crate) timers: Timers,
}

impl Shard {
    /// Applies one of a decision's soft changes, after its records.
    pub fn apply_soft(&mut self, soft: Soft) {
        match soft {
            Soft::Group(mut group) => {
                // What the log says of the group comes from the log alone.
                let stored = self.groups.get(&group.id).and_then(|known| known.stored.clone());
                Arc::make_mut(&mut group).stored = stored;
                self.groups.insert(Arc::clone(&group.id), group);
            }
            Soft::Timer(key, deadline_ms) => self.timers.set(key, deadline_ms),
        }
    }

    /// This node leads the partition from now on, and the log is read: sessions begin (`onLoaded`).
    pub fn begin_sessions(&mut self, now_ms: i64) {
        for group in self.groups.values() {
            for (id, member) in &group.members {
                let key = TimerKey::Member(Arc::clone(&group.id), Arc::clone(id));
                self.timers.set(key, Some(now_ms.saturating_add(i64::from(member.session_timeout_ms))));
            }
        }
    }

    /// When [`crate::Input::Expire`] should be asked next, in monotonic milliseconds.
    #[must_use]
    pub fn next_deadline_ms(&self) -> Option<i64> {
        self.timers.first().map(|(deadline, _)| *deadline)
    }

    /// The decision on the deadline that is due could not be written down: it is asked again later.
    pub fn postpone_due(&mut self, until_ms: i64) {
        if let Some((_, key)) = self.timers.first().cloned() {
            self.timers.set(key, Some(until_ms));
        }
    }

    /// How many groups there are, by state.
    #[must_use]
    pub fn group_counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for group in self.groups.values() {
            *counts.entry(group.state.name()).or_insert(0) += 1;
        }
        counts
    }

    /// How many offsets are committed.
    #[must_use]
    pub fn offset_count(&self) -> usize {
        self.offsets.len()
    }

    /// How many deadlines run.
    #[must_use]
    pub fn timer_count(&self) -> usize {
        self.timers.len()
    }

    /// What the log alone says: equal for two shards that applied the same records.
    #[must_use]
    pub fn replicated(&self) -> String {
        let mut text = String::new();
        for group in self.groups.values() {
            if let Some(stored) = &group.stored {
                text.push_str(&format!("{} {stored:?}\n", group.id));
            }
        }
        text.push_str(&self.offsets.describe());
        text
    }
}
