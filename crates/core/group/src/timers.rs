//! Deadlines of groups and members, as data.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a deadline is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimerKey {
    /// The rebalance waits no longer for members to join.
    Join(Arc<str>),
    /// The generation waits no longer for members to ask for their assignment.
    Sync(Arc<str>),
    /// A member of a group must be heard of.
    Member(Arc<str>, Arc<str>),
    /// A member of a consumer group must give up partitions.
    Rebalance(Arc<str>, Arc<str>),
    /// A classic member of a consumer group must join again.
    MemberJoin(Arc<str>, Arc<str>),
    /// A classic member of a consumer group must ask for its assignment.
    MemberSync(Arc<str>, Arc<str>),
}

impl TimerKey {
    pub(crate) fn group(&self) -> &Arc<str> {
        match self {
            TimerKey::Join(group)
            | TimerKey::Sync(group)
            | TimerKey::Member(group, _)
            | TimerKey::Rebalance(group, _)
            | TimerKey::MemberJoin(group, _)
            | TimerKey::MemberSync(group, _) => group,
        }
    }

    /// The member that it is about.
    pub(crate) fn member(&self) -> Option<&Arc<str>> {
        match self {
            TimerKey::Join(_) | TimerKey::Sync(_) => None,
            TimerKey::Member(_, member)
            | TimerKey::Rebalance(_, member)
            | TimerKey::MemberJoin(_, member)
            | TimerKey::MemberSync(_, member) => Some(member),
        }
    }

    /// All deadlines that a member can have.
    pub(crate) fn all_of_member(group: &Arc<str>, member: &Arc<str>) -> [TimerKey; 4] {
        [TimerKey::Member, TimerKey::Rebalance, TimerKey::MemberJoin, TimerKey::MemberSync]
            .map(|kind| kind(Arc::clone(group), Arc::clone(member)))
    }
}

/// All deadlines of a shard, in monotonic milliseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers {
    by_key: BTreeMap<TimerKey, i64>,
    by_time: BTreeSet<(i64, TimerKey)>,
}

impl Timers {
    pub(crate) fn set(&mut self, key: TimerKey, deadline_ms: Option<i64>) {
        let before = match deadline_ms {
            Some(deadline) => self.by_key.insert(key.clone(), deadline),
            None => self.by_key.remove(&key),
        };
        if let Some(before) = before {
            self.by_time.remove(&(before, key.clone()));
        }
        if let Some(deadline) = deadline_ms {
            self.by_time.insert((deadline, key));
        }
    }

    /// Forgets what belongs to a group.
    pub(crate) fn forget(&mut self, group: &Arc<str>) {
        for first in TimerKey::all_of_member(group, &Arc::from("")) {
            let of_kind = self.by_key.range(first.clone()..).map(|(key, _)| key);
            let same_kind = |key: &&TimerKey| std::mem::discriminant(*key) == std::mem::discriminant(&first);
            let members: Vec<TimerKey> =
                of_kind.take_while(|key| same_kind(key) && key.group() == group).cloned().collect();
            for key in members {
                self.set(key, None);
            }
        }
        self.set(TimerKey::Join(Arc::clone(group)), None);
        self.set(TimerKey::Sync(Arc::clone(group)), None);
    }

    /// Whether a deadline is set.
    pub(crate) fn runs(&self, key: &TimerKey) -> bool {
        self.by_key.contains_key(key)
    }

    /// The next deadline.
    pub(crate) fn first(&self) -> Option<&(i64, TimerKey)> {
        self.by_time.first()
    }

    pub(crate) fn len(&self) -> usize {
        self.by_key.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(group: &str, id: &str) -> TimerKey {
        TimerKey::Member(Arc::from(group), Arc::from(id))
    }

    #[test]
    fn the_earliest_comes_first_and_can_be_moved() {
        let mut timers = Timers::default();
        timers.set(member("g", "a"), Some(20));
        timers.set(member("g", "b"), Some(10));
        assert_eq!(timers.first(), Some(&(10, member("g", "b"))));
        timers.set(member("g", "b"), Some(30));
        assert_eq!(timers.first(), Some(&(20, member("g", "a"))));
        timers.set(member("g", "a"), None);
        assert_eq!((timers.len(), timers.first()), (1, Some(&(30, member("g", "b")))));
    }

    #[test]
    fn a_group_is_forgotten_whole_and_alone() {
        let mut timers = Timers::default();
        for (group, id) in [("a", "1"), ("g", "1"), ("g", "2"), ("ga", "1")] {
            timers.set(member(group, id), Some(1));
        }
        timers.set(TimerKey::Join(Arc::from("g")), Some(1));
        timers.set(TimerKey::Sync(Arc::from("h")), Some(1));
        timers.set(TimerKey::Rebalance(Arc::from("g"), Arc::from("1")), Some(1));
        timers.set(TimerKey::MemberSync(Arc::from("g"), Arc::from("1")), Some(1));
        timers.forget(&Arc::from("g"));
        assert_eq!(timers.len(), 3);
    }
}
