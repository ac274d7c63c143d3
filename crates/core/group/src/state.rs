//! What one partition of `__consumer_offsets` adds up to.

use std::collections::BTreeMap;
use std::sync::Arc;

use headwater_metadata::Image;

use crate::classic::{ClassicGroup, ClassicState};
use crate::consumer::{ConsumerGroup, MemberState};
use crate::decide::{Context, Soft};
use crate::offsets::Offsets;
use crate::timers::{TimerKey, Timers};

/// A group of one of the protocols.
#[derive(Clone, Debug)]
pub(crate) enum Group {
    /// The clients assign.
    Classic(Arc<ClassicGroup>),
    /// The coordinator assigns (KIP-848).
    Consumer(Arc<ConsumerGroup>),
}

impl Group {
    /// Kafka's name of its protocol.
    pub(crate) fn protocol_name(&self) -> &'static str {
        match self {
            Group::Classic(_) => "classic",
            Group::Consumer(_) => "consumer",
        }
    }

    /// Kafka's name of its state.
    pub(crate) fn state_name(&self) -> &'static str {
        match self {
            Group::Classic(group) => group.state.name(),
            Group::Consumer(group) => group.state().name(),
        }
    }

    /// Whether it has no members, and nobody is about to join.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Group::Classic(group) => group.state == ClassicState::Empty,
            Group::Consumer(group) => group.members.is_empty(),
        }
    }

    /// Whether members consume a topic.
    pub(crate) fn is_subscribed_to(&self, topic: &str) -> bool {
        match self {
            Group::Classic(group) => group.is_subscribed_to(topic),
            Group::Consumer(group) => group.is_subscribed_to(topic),
        }
    }
}

/// Until when, and from which epoch on, a consumer group's picture of its topics holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// Monotonic time in milliseconds.
    pub(crate) deadline_ms: i64,
    /// The group's epoch then; a group of an earlier one has lost what was decided.
    pub(crate) epoch: i32,
}

/// See the crate.
#[derive(Clone, Debug, Default)]
pub struct Shard {
    pub(crate) groups: BTreeMap<Arc<str>, Group>,
    pub(crate) offsets: Offsets,
    pub(crate) timers: Timers,
    /// Of consumer groups whose topics nobody changed since they were looked at.
    pub(crate) refreshes: BTreeMap<Arc<str>, Refresh>,
    /// Consumer groups whose regular expressions are being resolved, and until when it is waited for.
    pub(crate) resolving: BTreeMap<Arc<str>, i64>,
    /// Offset of the last metadata with new topics.
    pub(crate) new_topics_version: i64,
}

impl Shard {
    /// Applies one of a decision's soft changes, after its records.
    pub fn apply_soft(&mut self, soft: Soft) {
        match soft {
            Soft::Group(mut group) => {
                // What the log says of the group comes from the log alone.
                let stored = self.classic(&group.id).and_then(|known| known.stored.clone());
                Arc::make_mut(&mut group).stored = stored;
                self.groups.insert(Arc::clone(&group.id), Group::Classic(group));
            }
            Soft::Timer(key, deadline_ms) => self.timers.set(key, deadline_ms),
            Soft::MetadataRefresh(group, Some(refresh)) => {
                self.refreshes.insert(group, refresh);
            }
            Soft::MetadataRefresh(group, None) => {
                self.refreshes.remove(&group);
            }
            Soft::Resolving(group, Some(until_ms)) => {
                self.resolving.insert(group, until_ms);
            }
            Soft::Resolving(group, None) => {
                self.resolving.remove(&group);
            }
            Soft::NewTopics(version) => self.new_topics_version = version,
        }
    }

    /// The classic group of an id.
    pub(crate) fn classic(&self, id: &str) -> Option<&Arc<ClassicGroup>> {
        match self.groups.get(id) {
            Some(Group::Classic(group)) => Some(group),
            Some(Group::Consumer(_)) | None => None,
        }
    }

    /// Forgets a group and all its deadlines.
    pub(crate) fn forget(&mut self, id: &str) {
        if let Some((id, _)) = self.groups.remove_entry(id) {
            self.timers.forget(&id);
            self.refreshes.remove(&id);
            self.resolving.remove(&id);
        }
    }

    /// This node leads the partition from now on, and the log is read: sessions begin (`onLoaded`).
    pub fn begin_sessions(&mut self, context: &Context<'_>) {
        let timers = &mut self.timers;
        let mut begin = |key: TimerKey, after_ms: i32| {
            timers.set(key, Some(context.now_ms.saturating_add(i64::from(after_ms))));
        };
        for group in self.groups.values() {
            match group {
                Group::Classic(group) => {
                    for (id, member) in &group.members {
                        let key = TimerKey::Member(Arc::clone(&group.id), Arc::clone(id));
                        begin(key, member.session_timeout_ms);
                    }
                }
                Group::Consumer(group) => {
                    for (id, member) in &group.members {
                        let key = TimerKey::Member(Arc::clone(&group.id), Arc::clone(id));
                        begin(key, context.session_timeout_ms(&group.id));
                        if member.state == MemberState::UnrevokedPartitions {
                            let key = TimerKey::Rebalance(Arc::clone(&group.id), Arc::clone(id));
                            begin(key, member.rebalance_timeout_ms);
                        }
                    }
                }
            }
        }
        self.new_topics_version = context.image.provenance.offset.0;
    }

    /// Nobody could say which topics changed: every group looks at its own again.
    pub fn topics_may_have_changed(&mut self, image: &Image) {
        self.refreshes.clear();
        self.new_topics_version = image.provenance.offset.0;
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
            *counts.entry(group.state_name()).or_insert(0) += 1;
        }
        counts
    }

    /// How many groups there are, by protocol and state, in Kafka's names.
    #[must_use]
    pub fn census(&self) -> BTreeMap<(&'static str, &'static str), usize> {
        let mut counts = BTreeMap::new();
        for group in self.groups.values() {
            *counts.entry((group.protocol_name(), group.state_name())).or_insert(0) += 1;
        }
        counts
    }

    /// The protocol of a group, in Kafka's name.
    #[must_use]
    pub fn protocol_of(&self, group: &str) -> Option<&'static str> {
        self.groups.get(group).map(Group::protocol_name)
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
            match group {
                Group::Classic(group) => {
                    if let Some(stored) = &group.stored {
                        text.push_str(&format!("{} {stored:?}\n", group.id));
                    }
                }
                Group::Consumer(group) => text.push_str(&format!("{group:?}\n")),
            }
        }
        text.push_str(&self.offsets.describe());
        text
    }
}
