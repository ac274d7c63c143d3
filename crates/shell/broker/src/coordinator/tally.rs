//! What the coordinators count, for metrics.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use headwater_group::{Event, EventKind, GroupRecord, Input};

use crate::metrics::{Counter, Histogram};

/// Events by protocol of the group, kind, and the limit that was passed.
pub type EventCounts = BTreeMap<(&'static str, &'static str, &'static str), u64>;

/// Counts of all shards of a node since its start.
#[derive(Debug, Default)]
pub struct Tally {
    /// Offsets that were committed.
    pub offset_commits: Counter,
    /// Offsets that were deleted by request.
    pub offset_deletions: Counter,
    /// Offsets that were too old.
    pub offset_expirations: Counter,
    /// Rebalances of classic groups that came to an end.
    pub classic_rebalances: Counter,
    /// New epochs of consumer groups.
    pub consumer_rebalances: Counter,
    /// From the queue to the decision.
    pub queue_time: Histogram,
    /// Decisions, with their appends.
    pub processing_time: Histogram,
    events: Mutex<EventCounts>,
}

/// What kind of records an input makes, as far as they are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    Commits,
    Deletions,
    Expirations,
    Nothing,
}

impl Counted {
    pub(super) fn of(input: &Input) -> Self {
        match input {
            Input::CommitOffsets(..) => Counted::Commits,
            Input::DeleteOffsets(_) => Counted::Deletions,
            Input::ExpireOffsets => Counted::Expirations,
            _ => Counted::Nothing,
        }
    }
}

impl Tally {
    /// Counts the records of a decision.
    pub(super) fn records(&self, counted: Counted, records: &[GroupRecord]) {
        let count = |with_value: bool| {
            let of_kind = |record: &&GroupRecord| matches!(record, GroupRecord::Offset(_, value) if value.is_some() == with_value);
            records.iter().filter(of_kind).count() as u64
        };
        match counted {
            Counted::Commits => self.offset_commits.add_shared(count(true)),
            Counted::Deletions => self.offset_deletions.add_shared(count(false)),
            Counted::Expirations => self.offset_expirations.add_shared(count(false)),
            Counted::Nothing => {}
        }
    }

    /// Counts what happened to a group of a protocol.
    pub(super) fn event(&self, protocol: &'static str, event: &Event) {
        match (protocol, event.kind) {
            ("classic", EventKind::Stable) => self.classic_rebalances.add_shared(1),
            ("consumer", EventKind::Rebalance) => self.consumer_rebalances.add_shared(1),
            _ => {}
        }
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        *events.entry((protocol, event.kind.name(), event.limit)).or_default() += 1;
    }

    /// All events so far.
    #[must_use]
    pub fn events(&self) -> EventCounts {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What the shards of a node hold now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Groups by protocol and state.
    pub groups: BTreeMap<(&'static str, &'static str), usize>,
    /// Committed offsets.
    pub offsets: usize,
    /// Partitions of `__consumer_offsets` that are served.
    pub active: usize,
    /// Those that are being read.
    pub loading: usize,
    /// Those that could not be read.
    pub failed: usize,
    /// Requests that wait for a shard.
    pub queued: usize,
    /// How long each partition took to be read, in milliseconds.
    pub load_ms: Vec<u64>,
}
