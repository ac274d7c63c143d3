//! Picks who gives and who gets, among the subscribers of one topic (`MemberAssignmentBalancer`).
//!
//! The members stand in order of how many partitions they have. At the low end is a range of members with equally few, at
//! the high end one with equally many; whoever is picked counts as changed, and a range that is through grows by the
//! members that have as many as it has now.

use super::Owner;

/// See the module.
pub(super) struct Balancer {
    members: Vec<Owner>,
    low_end: usize,
    low_level: i64,
    low_next: usize,
    high_start: usize,
    high_end: usize,
    high_level: i64,
    /// One more than the index of the next to give.
    high_next: usize,
}

impl Balancer {
    pub(super) fn new() -> Self {
        Self {
            members: Vec::new(),
            low_end: 0,
            low_level: 0,
            low_next: 0,
            high_start: 0,
            high_end: 0,
            high_level: 0,
            high_next: 0,
        }
    }

    /// Begins with a topic's subscribers, of which there is at least one. Gives the difference between most and least.
    pub(super) fn begin(&mut self, subscribers: &[Owner], sizes: &[i64]) -> i64 {
        self.members.clear();
        self.members.extend_from_slice(subscribers);
        self.members.sort_unstable_by_key(|&member| (sizes[member as usize], member));
        let least = self.members.first().map_or(0, |&member| sizes[member as usize]);
        let most = self.members.last().map_or(0, |&member| sizes[member as usize]);
        self.low_end = 0;
        self.low_level = least - 1;
        self.low_next = 0;
        self.high_start = self.members.len();
        self.high_end = self.members.len();
        self.high_level = most + 1;
        self.high_next = self.members.len();
        most - least
    }

    fn size_at(&self, index: usize, sizes: &[i64]) -> i64 {
        sizes[self.members[index] as usize]
    }

    /// Who gets the next partition.
    pub(super) fn least_loaded(&mut self, sizes: &[i64]) -> Owner {
        if self.low_next >= self.low_end {
            self.low_level += 1;
            while self.low_end < self.members.len() && self.size_at(self.low_end, sizes) == self.low_level {
                self.low_end += 1;
            }
            self.low_next = 0;
        }
        let member = self.members[self.low_next];
        self.low_next += 1;
        member
    }

    /// Who gives a partition next, if anybody can.
    pub(super) fn most_loaded(&mut self, sizes: &[i64]) -> Option<Owner> {
        if self.high_next <= self.high_start {
            if self.high_end <= self.high_start && self.high_start > 0 {
                // All of the range had nothing to give: begin a new one with whoever comes next.
                self.high_level = self.size_at(self.high_start - 1, sizes);
            } else {
                self.high_level -= 1;
            }
            while self.high_start > 0 && self.size_at(self.high_start - 1, sizes) == self.high_level {
                self.high_start -= 1;
            }
            self.high_next = self.high_end;
        }
        self.high_next = self.high_next.checked_sub(1)?;
        Some(self.members[self.high_next])
    }

    /// Whom [`Balancer::most_loaded`] named last has nothing to give, and is not asked again.
    pub(super) fn exclude_most_loaded(&mut self) {
        self.high_end -= 1;
        self.members.swap(self.high_next, self.high_end);
    }

    /// Whether more moves would not make it more even.
    pub(super) fn is_balanced(&self) -> bool {
        self.high_level - self.low_level <= 1
    }
}
