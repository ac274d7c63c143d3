//! A group of the consumer protocol: what its records add up to (`ConsumerGroup`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use headwater_base::Uuid;
use headwater_protocol::group::consumer_group_regular_expression_value::ConsumerGroupRegularExpressionValue;

use super::assignment::PartitionEpochs;
use super::member::{ConsumerMember, MemberState};
use super::subscriptions::Subscriptions;
use crate::assignor::TopicPartitions;

/// The epoch of a group of which no record tells one, and of a target that was never computed.
const FIRST_EPOCH: i32 = 1;

/// How a group stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsumerState {
    /// No members.
    Empty,
    /// The target is of an earlier epoch.
    Assigning,
    /// Members are on their way to the target.
    Reconciling,
    /// All have reached it.
    Stable,
}

impl ConsumerState {
    /// Kafka's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ConsumerState::Empty => "Empty",
            ConsumerState::Assigning => "Assigning",
            ConsumerState::Reconciling => "Reconciling",
            ConsumerState::Stable => "Stable",
        }
    }
}

/// The topics that a regular expression matches, as of some metadata.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResolvedRegex {
    /// The topics, in order.
    pub topics: BTreeSet<String>,
    /// Offset of the metadata that was looked through.
    pub version: i64,
    /// When, by the wall clock.
    pub timestamp_ms: i64,
}

/// See the module. All of it comes from records.
#[derive(Clone, Debug)]
pub struct ConsumerGroup {
    /// `group.id`.
    pub id: Arc<str>,
    /// Counts what changed who shall have what.
    pub epoch: i32,
    /// A hash over the subscribed topics as they were in this epoch.
    pub metadata_hash: i64,
    /// The epoch of the targets.
    pub assignment_epoch: i32,
    /// When they were computed, by the wall clock; 0 if that is not known.
    pub assignment_timestamp_ms: i64,
    /// All members, by id.
    pub members: BTreeMap<Arc<str>, Arc<ConsumerMember>>,
    /// What they shall have, by member.
    pub targets: BTreeMap<Arc<str>, Arc<TopicPartitions>>,
    /// What their regular expressions match.
    pub regexes: BTreeMap<Arc<str>, Arc<ResolvedRegex>>,
    /// Ids of static members, by instance id.
    pub(crate) instances: BTreeMap<Arc<str>, Arc<str>>,
    /// A record of a time before the hash is in the log.
    pub(crate) has_legacy_metadata: bool,
    pub(crate) subscriptions: Subscriptions,
    /// Whoever has a partition: its member epoch.
    owners: BTreeMap<(Uuid, i32), i32>,
    /// How many members prefer an assignor.
    assignors: BTreeMap<String, usize>,
    /// How many members speak the classic protocol, and how many of these know its protocols.
    pub(crate) classic_members: usize,
    classic_protocols: BTreeMap<String, usize>,
}

impl ConsumerGroup {
    pub(crate) fn new(id: Arc<str>) -> Self {
        Self {
            id,
            epoch: FIRST_EPOCH,
            metadata_hash: 0,
            assignment_epoch: FIRST_EPOCH,
            assignment_timestamp_ms: 0,
            members: BTreeMap::new(),
            targets: BTreeMap::new(),
            regexes: BTreeMap::new(),
            instances: BTreeMap::new(),
            has_legacy_metadata: false,
            subscriptions: Subscriptions::default(),
            owners: BTreeMap::new(),
            assignors: BTreeMap::new(),
            classic_members: 0,
            classic_protocols: BTreeMap::new(),
        }
    }

    /// How it stands. Looks at every member.
    #[must_use]
    pub fn state(&self) -> ConsumerState {
        if self.members.is_empty() {
            ConsumerState::Empty
        } else if self.epoch > self.assignment_epoch {
            ConsumerState::Assigning
        } else if self.members.values().all(|member| member.is_reconciled_to(self.assignment_epoch)) {
            ConsumerState::Stable
        } else {
            ConsumerState::Reconciling
        }
    }

    /// Whether a member wants the topic, by name or by a regular expression.
    #[must_use]
    pub fn is_subscribed_to(&self, topic: &str) -> bool {
        self.subscriptions.topics.contains_key(topic)
    }

    /// The member that has an instance.
    pub(crate) fn static_member(&self, instance: &str) -> Option<&Arc<ConsumerMember>> {
        self.members.get(self.instances.get(instance)?)
    }

    /// What a member shall have.
    pub(crate) fn target(&self, member: &str) -> Arc<TopicPartitions> {
        self.targets.get(member).cloned().unwrap_or_default()
    }

    /// What a member shall have; of a static member that comes back, what it had under its id of before.
    pub(crate) fn target_of(&self, member: &ConsumerMember) -> Arc<TopicPartitions> {
        match &member.instance_id {
            None => self.target(&member.id),
            Some(instance) => {
                self.instances.get(instance).map(|holder| self.target(holder)).unwrap_or_default()
            }
        }
    }

    /// The epoch of the member that has a partition; `None` if nobody has.
    pub(crate) fn owner_epoch(&self, topic: Uuid, partition: i32) -> Option<i32> {
        self.owners.get(&(topic, partition)).copied()
    }

    /// The assignor that most members prefer if one of them changes like this. Of equals, the one that sorts first.
    pub(crate) fn preferred_assignor(
        &self,
        old: Option<&ConsumerMember>,
        new: Option<&ConsumerMember>,
    ) -> Option<String> {
        let mut counts = self.assignors.clone();
        replace_count(&mut counts, names(old), names(new));
        let most = counts.values().max().copied()?;
        counts.into_iter().find(|(_, count)| *count == most).map(|(name, _)| name)
    }

    /// Adds a member, or replaces it.
    pub(crate) fn put(&mut self, member: ConsumerMember) {
        let before = self.members.get(&member.id).cloned();
        self.recount(before.as_deref(), Some(&member));
        if let Some(instance) = &member.instance_id {
            self.instances.insert(Arc::clone(instance), Arc::clone(&member.id));
        }
        self.members.insert(Arc::clone(&member.id), Arc::new(member));
    }

    /// Takes a member out.
    pub(crate) fn remove(&mut self, id: &str) {
        let Some(member) = self.members.remove(id) else { return };
        self.recount(Some(&member), None);
        if let Some(instance) = &member.instance_id
            && self.instances.get(instance).is_some_and(|holder| &**holder == id)
        {
            self.instances.remove(instance);
        }
    }

    fn recount(&mut self, old: Option<&ConsumerMember>, new: Option<&ConsumerMember>) {
        self.subscriptions.replace(old, new);
        replace_count(&mut self.assignors, names(old), names(new));
        replace_count(&mut self.classic_protocols, protocols(old), protocols(new));
        let speaks_classic = |member: Option<&ConsumerMember>| {
            usize::from(member.is_some_and(|member| member.classic.is_some()))
        };
        self.classic_members += speaks_classic(new);
        self.classic_members -= speaks_classic(old);
        if let Some(old) = old {
            self.release(&old.assigned, old.epoch);
            self.release(&old.revoking, old.epoch);
        }
        if let Some(new) = new {
            self.own(&new.assigned, new.epoch);
            self.own(&new.revoking, new.epoch);
        }
    }

    fn own(&mut self, partitions: &PartitionEpochs, epoch: i32) {
        for (topic, partitions) in partitions {
            for partition in partitions.keys() {
                let known = self.owners.entry((*topic, *partition)).or_insert(epoch);
                *known = epoch.max(*known);
            }
        }
    }

    /// A partition that somebody else got meanwhile, in another epoch, stays with him.
    fn release(&mut self, partitions: &PartitionEpochs, epoch: i32) {
        for (topic, partitions) in partitions {
            for partition in partitions.keys() {
                if self.owners.get(&(*topic, *partition)) == Some(&epoch) {
                    self.owners.remove(&(*topic, *partition));
                }
            }
        }
    }

    /// A regular expression is resolved.
    pub(crate) fn resolve(&mut self, regex: &str, value: &ConsumerGroupRegularExpressionValue) {
        self.forget_regex(regex);
        let resolved = ResolvedRegex {
            topics: value.topics.iter().cloned().collect(),
            version: value.version,
            timestamp_ms: value.timestamp,
        };
        self.subscriptions.matches(&resolved.topics);
        self.regexes.insert(Arc::from(regex), Arc::new(resolved));
    }

    /// Nobody wants a regular expression any more.
    pub(crate) fn forget_regex(&mut self, regex: &str) {
        if let Some(resolved) = self.regexes.remove(regex) {
            self.subscriptions.matches_no_more(&resolved.topics);
        }
    }

    /// The names of all topics that a member wants.
    pub(crate) fn topics_of<'a>(&'a self, member: &'a ConsumerMember) -> impl Iterator<Item = &'a str> {
        let resolved = member.regex().and_then(|regex| self.regexes.get(regex));
        let matched = resolved.into_iter().flat_map(|resolved| &resolved.topics);
        member.subscribed.iter().chain(matched).map(String::as_str)
    }

    /// Whether somebody who speaks these protocols can be with the classic members there are.
    pub(crate) fn supports_classic<'a>(
        &self,
        protocol_type: &str,
        mut protocols: impl Iterator<Item = &'a str>,
    ) -> bool {
        if protocol_type != crate::classic::CONSUMER {
            return false;
        }
        if self.members.is_empty() {
            return protocols.next().is_some();
        }
        protocols.any(|name| self.classic_protocols.get(name).copied().unwrap_or(0) == self.classic_members)
    }

    /// Whether a member waits for a partition that somebody else still has.
    pub(crate) fn waits_for_others(&self, member: &ConsumerMember) -> bool {
        member.state == MemberState::UnreleasedPartitions
            && self.target(&member.id).iter().any(|(topic, partitions)| {
                partitions.iter().any(|partition| {
                    !super::assignment::holds(&member.assigned, *topic, *partition)
                        && self.owner_epoch(*topic, *partition).is_some()
                })
            })
    }

    /// When its regular expressions were looked at last, and the metadata of then.
    pub(crate) fn last_resolution(&self) -> Option<&Arc<ResolvedRegex>> {
        self.regexes.values().next()
    }
}

fn names(member: Option<&ConsumerMember>) -> impl Iterator<Item = &str> {
    member.and_then(|member| member.assignor.as_deref()).into_iter()
}

fn protocols(member: Option<&ConsumerMember>) -> impl Iterator<Item = &str> {
    let classic = member.and_then(|member| member.classic.as_ref());
    classic.into_iter().flat_map(|classic| &classic.supported_protocols).map(|protocol| &*protocol.name)
}

fn replace_count<'a>(
    counts: &mut BTreeMap<String, usize>,
    old: impl Iterator<Item = &'a str>,
    new: impl Iterator<Item = &'a str>,
) {
    for name in old {
        match counts.get_mut(name) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                counts.remove(name);
            }
        }
    }
    for name in new {
        *counts.entry(name.to_owned()).or_default() += 1;
    }
}
