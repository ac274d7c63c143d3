//! What happened to a group, and why: for the log and for metrics.

use std::fmt;
use std::sync::Arc;

/// The kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// A rebalance begins.
    Rebalance,
    /// A generation has begun: its members are known.
    Generation,
    /// A generation has its assignment.
    Stable,
    /// A member was put out by the coordinator.
    Evicted,
    /// A member left by itself, or an administrator took it out.
    Left,
    /// The group has no member any more.
    Empty,
    /// The group changes its protocol.
    Migrated,
}

impl EventKind {
    /// A word for logs and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            EventKind::Rebalance => "rebalance",
            EventKind::Generation => "generation",
            EventKind::Stable => "stable",
            EventKind::Evicted => "evicted",
            EventKind::Left => "left",
            EventKind::Empty => "empty",
            EventKind::Migrated => "migrated",
        }
    }
}

/// One event. Its text names who, which limit, and how it compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// To which group.
    pub group: Arc<str>,
    /// In which generation, as far as it has one.
    pub generation: i32,
    /// Which limit a member passed that was put out; empty for everything else.
    pub limit: &'static str,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} group={} generation={}: {}", self.kind.name(), self.group, self.generation, self.reason)
    }
}
