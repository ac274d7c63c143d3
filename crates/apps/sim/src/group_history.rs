//! What members of groups did and were told: the evidence for the invariants of groups. Nothing here judges.

use std::collections::{BTreeMap, BTreeSet};

use crate::history::Place;

/// Where a commit stands among those of its partition: the generation it was made in (−1 without members), then the
/// committer's own count.
pub type Order = (i32, u64);

/// A commit on its way.
#[derive(Clone, Debug)]
pub struct SentCommit {
    /// What it commits.
    pub place: Place,
    /// The offset.
    pub offset: i64,
    /// Where it stands among the others.
    pub order: Order,
    /// The life of the node that it was sent to.
    pub life: usize,
    /// An answer came, so it happens no more after that.
    pub answered: bool,
}

/// A commit that was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcknowledgedCommit {
    /// The offset.
    pub offset: i64,
    /// Where it stands among the others.
    pub order: Order,
    /// The life of the node that acknowledged it.
    pub life: usize,
}

/// An answer to OffsetFetch, for one partition.
#[derive(Clone, Debug)]
pub struct FetchedOffset {
    /// The life of the node that gave it.
    pub life: usize,
    /// Of which partition.
    pub place: Place,
    /// What was acknowledged when it was asked.
    pub floor: Option<AcknowledgedCommit>,
    /// The offset; −1 for none.
    pub offset: i64,
    /// The metadata string, which names the commit.
    pub metadata: String,
}

/// A generation as JoinGroup told it.
#[derive(Clone, Copy, Debug)]
pub struct ToldGeneration {
    /// The life of the node that told it.
    pub life: usize,
    /// The newest that members knew when the request was sent.
    pub floor: i32,
    /// What was told.
    pub generation: i32,
}

/// An acknowledged commit of a generation when members of a newer one had been told of theirs.
#[derive(Clone, Copy, Debug)]
pub struct LateCommit {
    /// The life of the node that took it.
    pub life: usize,
    /// The committer's generation.
    pub generation: i32,
    /// The newest that was known when the request was sent.
    pub newest: i32,
}

/// A group at the end of a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupView {
    /// Its state as ListGroups tells it; `None` if it is not listed.
    pub state: Option<String>,
    /// All offsets, by topic's name and partition.
    pub offsets: BTreeMap<(String, i32), (i64, String)>,
}

/// What happened in a group.
#[derive(Debug, Default)]
pub struct GroupHistory {
    /// Newest generation that JoinGroup told, by life: what no SyncGroup confirmed may be forgotten with the life.
    pub joined: BTreeMap<usize, i32>,
    /// Newest generation whose assignment somebody was told.
    pub synced: i32,
    /// All generations that were told.
    pub generations: Vec<ToldGeneration>,
    /// Who was given a partition in a generation: member ids, or instance ids of static members.
    pub owners: BTreeMap<(i32, Place), BTreeSet<String>>,
    /// All commits, by their metadata strings.
    pub sent: BTreeMap<String, SentCommit>,
    /// The newest acknowledged commit of each partition.
    pub acknowledged: BTreeMap<Place, AcknowledgedCommit>,
    /// Acknowledged commits that should have been fenced.
    pub late: Vec<LateCommit>,
    /// What was fetched.
    pub fetched: Vec<FetchedOffset>,
    /// What the final readers found: one before and one after a clean restart.
    pub views: Vec<GroupView>,
}

impl GroupHistory {
    /// The newest generation that members know in a life.
    #[must_use]
    pub fn newest(&self, life: usize) -> i32 {
        self.joined.get(&life).copied().unwrap_or(0).max(self.synced)
    }

    /// JoinGroup told a generation.
    pub fn told(&mut self, life: usize, floor: i32, generation: i32) {
        self.generations.push(ToldGeneration { life, floor, generation });
        let newest = self.joined.entry(life).or_default();
        *newest = generation.max(*newest);
    }

    /// SyncGroup told an assignment.
    pub fn assigned(&mut self, generation: i32, who: &str, places: &[Place]) {
        self.synced = self.synced.max(generation);
        for place in places {
            self.owners.entry((generation, *place)).or_default().insert(who.to_owned());
        }
    }

    /// A commit was acknowledged.
    pub fn acknowledge(&mut self, metadata: &str) {
        let Some(sent) = self.sent.get_mut(metadata) else { return };
        sent.answered = true;
        let new = AcknowledgedCommit { offset: sent.offset, order: sent.order, life: sent.life };
        let known = self.acknowledged.entry(sent.place).or_insert(new);
        if known.order < new.order {
            *known = new;
        }
    }
}
