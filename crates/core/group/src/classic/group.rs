//! A classic group: its members, its generation, and the rules that need nothing else (`ClassicGroup`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_protocol::group::group_metadata_key::GroupMetadataKey;
use headwater_protocol::group::group_metadata_value::{GroupMetadataValue, MemberMetadata};
use headwater_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use imbl::{OrdMap, OrdSet};

use super::embedded;
use super::member::Member;
use crate::record::GroupRecord;

/// The protocol type of consumers, whose metadata the coordinator may read.
pub(crate) const CONSUMER: &str = "consumer";

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassicState {
    /// No members.
    Empty,
    /// Waits for members to join.
    PreparingRebalance,
    /// Waits for the leader's assignment.
    CompletingRebalance,
    /// All have their assignment.
    Stable,
}

impl ClassicState {
    /// Kafka's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ClassicState::Empty => "Empty",
            ClassicState::PreparingRebalance => "PreparingRebalance",
            ClassicState::CompletingRebalance => "CompletingRebalance",
            ClassicState::Stable => "Stable",
        }
    }
}

/// How the first rebalance of an empty group waits for more members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InitialWait {
    pub(crate) delay_ms: i64,
    pub(crate) remaining_ms: i64,
    /// Somebody came during the last delay.
    pub(crate) member_added: bool,
}

/// A classic group. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ClassicGroup {
    /// `group.id`.
    pub id: Arc<str>,
    /// Where it stands.
    pub state: ClassicState,
    /// Since when, by the wall clock; `None` for a group that was loaded from a record without it.
    pub state_since_ms: Option<i64>,
    /// Counts rebalances.
    pub generation: i32,
    /// What the members speak: `consumer`, `connect` …
    pub protocol_type: Option<Arc<str>>,
    /// The protocol of this generation.
    pub protocol: Option<Arc<str>>,
    /// The member that assigns.
    pub leader: Option<Arc<str>>,
    /// All members, by id.
    pub members: OrdMap<Arc<str>, Arc<Member>>,
    /// Ids of static members, by instance id.
    pub(crate) instances: OrdMap<Arc<str>, Arc<str>>,
    /// Ids that were given out and did not come back yet.
    pub(crate) pending_joins: OrdSet<Arc<str>>,
    /// Members of this generation that have not asked for their assignment.
    pub(crate) pending_syncs: OrdSet<Arc<str>>,
    /// How many members wait to join.
    pub(crate) joining: usize,
    /// How many members know a protocol.
    supporters: OrdMap<Arc<str>, usize>,
    /// Topics of all members, as far as the coordinator can tell.
    pub(crate) subscribed: Option<Arc<BTreeSet<String>>>,
    /// The first rebalance of an empty group.
    pub(crate) initial: Option<InitialWait>,
    /// What the log says last.
    pub(crate) stored: Option<Arc<GroupMetadataValue>>,
}

impl ClassicGroup {
    /// A group that did not exist.
    pub(crate) fn new(id: Arc<str>, wall_ms: i64) -> Self {
        Self { state_since_ms: Some(wall_ms), ..Self::simple(id) }
    }

    /// A group for offsets alone.
    pub(crate) fn simple(id: Arc<str>) -> Self {
        Self {
            id,
            state: ClassicState::Empty,
            state_since_ms: None,
            generation: 0,
            protocol_type: None,
            protocol: None,
            leader: None,
            members: OrdMap::new(),
            instances: OrdMap::new(),
            pending_joins: OrdSet::new(),
            pending_syncs: OrdSet::new(),
            joining: 0,
            supporters: OrdMap::new(),
            subscribed: None,
            initial: None,
            stored: None,
        }
    }

    /// The group of a record.
    pub(crate) fn loaded(id: Arc<str>, value: &GroupMetadataValue) -> Self {
        let mut group = Self::simple(id);
        group.generation = value.generation;
        group.protocol = value.protocol.as_deref().map(Arc::from);
        group.state_since_ms = (value.current_state_timestamp != -1).then_some(value.current_state_timestamp);
        group.protocol_type =
            (!value.protocol_type.is_empty()).then(|| Arc::from(value.protocol_type.as_str()));
        for stored in &value.members {
            group.put(Member::loaded(stored, value.protocol.as_deref()));
        }
        group.leader = value.leader.as_deref().map(Arc::from);
        group.state = if group.members.is_empty() { ClassicState::Empty } else { ClassicState::Stable };
        group.subscribed = group.read_subscriptions();
        group.stored = Some(Arc::new(value.clone()));
        group
    }

    /// The record of the group as it is now, each member with this assignment.
    pub(crate) fn record(&self, assignment: impl Fn(&Member) -> Vec<u8>) -> GroupRecord {
        let protocol = self.protocol.as_deref();
        let members = self.members.values().map(|member| MemberMetadata {
            member_id: member.id.to_string(),
            group_instance_id: member.instance_id.as_deref().map(str::to_owned),
            client_id: member.client_id.clone(),
            client_host: member.client_host.clone(),
            rebalance_timeout: member.rebalance_timeout_ms,
            session_timeout: member.session_timeout_ms,
            subscription: protocol.map(|protocol| member.metadata(protocol).to_vec()).unwrap_or_default(),
            assignment: assignment(member),
        });
        let value = GroupMetadataValue {
            protocol_type: self.protocol_type.as_deref().unwrap_or_default().to_owned(),
            generation: self.generation,
            protocol: protocol.map(str::to_owned),
            leader: self.leader.as_deref().map(str::to_owned),
            current_state_timestamp: self.state_since_ms.unwrap_or(-1),
            members: members.collect(),
        };
        GroupRecord::Group(GroupMetadataKey { group: self.id.to_string() }, Some(value))
    }

    /// A group of no protocol, without anybody who is about to join.
    #[must_use]
    pub fn is_simple(&self) -> bool {
        self.protocol_type.is_none() && self.state == ClassicState::Empty && self.pending_joins.is_empty()
    }

    pub(crate) fn is_consumer(&self) -> bool {
        self.protocol_type.as_deref() == Some(CONSUMER)
    }

    pub(crate) fn is_leader(&self, member: &str) -> bool {
        self.leader.as_deref() == Some(member)
    }

    pub(crate) fn move_to(&mut self, state: ClassicState, wall_ms: i64) {
        self.state = state;
        self.state_since_ms = Some(wall_ms);
    }

    /// Adds a member, or replaces it.
    pub(crate) fn put(&mut self, member: Member) {
        if let Some(before) = self.members.get(&member.id).cloned() {
            self.uncount(&before);
        }
        if let Some(instance) = &member.instance_id {
            self.instances.insert(Arc::clone(instance), Arc::clone(&member.id));
        }
        if self.leader.is_none() {
            self.leader = Some(Arc::clone(&member.id));
        }
        for protocol in &member.protocols {
            let count = self.supporters.get(protocol.name.as_str()).copied().unwrap_or(0);
            self.supporters.insert(Arc::from(protocol.name.as_str()), count + 1);
        }
        self.joining += usize::from(member.joining.is_some());
        self.pending_joins.remove(&member.id);
        self.members.insert(Arc::clone(&member.id), Arc::new(member));
    }

    fn uncount(&mut self, member: &Member) {
        for protocol in &member.protocols {
            let count = self.supporters.get(protocol.name.as_str()).copied().unwrap_or(0);
            if count > 1 {
                self.supporters.insert(Arc::from(protocol.name.as_str()), count - 1);
            } else {
                self.supporters.remove(protocol.name.as_str());
            }
        }
        self.joining -= usize::from(member.joining.is_some());
    }

    /// Takes a member out, whatever it was.
    pub(crate) fn remove(&mut self, id: &str) -> Option<Arc<Member>> {
        let removed = self.members.remove(id);
        if let Some(member) = &removed {
            self.uncount(member);
            if let Some(instance) = &member.instance_id {
                self.instances.remove(instance);
            }
        }
        if self.is_leader(id) {
            self.leader = self.members.keys().next().cloned();
        }
        self.pending_joins.remove(id);
        self.pending_syncs.remove(id);
        removed
    }

    /// The member behind an id and, if it names one, an instance.
    ///
    /// # Errors
    /// UNKNOWN_MEMBER_ID, or FENCED_INSTANCE_ID when another member has the instance now.
    pub(crate) fn known(&self, member: &str, instance: Option<&str>) -> Result<&Arc<Member>, ErrorCode> {
        if let Some(instance) = instance {
            let holder = self.instances.get(instance).ok_or(ErrorCode::UnknownMemberId)?;
            if &**holder != member {
                return Err(ErrorCode::FencedInstanceId);
            }
        }
        self.members.get(member).ok_or(ErrorCode::UnknownMemberId)
    }

    /// Whether somebody who speaks these protocols can be with the members there are.
    pub(crate) fn supports(&self, protocol_type: &str, protocols: &[JoinGroupRequestProtocol]) -> bool {
        if self.state == ClassicState::Empty {
            return !protocol_type.is_empty() && !protocols.is_empty();
        }
        self.protocol_type.as_deref() == Some(protocol_type)
            && protocols.iter().any(|protocol| self.all_support(&protocol.name))
    }

    fn all_support(&self, protocol: &str) -> bool {
        self.supporters.get(protocol).copied().unwrap_or(0) == self.members.len()
    }

    pub(crate) fn all_joined(&self) -> bool {
        self.joining == self.members.len() && self.pending_joins.is_empty()
    }

    /// The longest time that a member wants for a rebalance.
    pub(crate) fn rebalance_timeout_ms(&self) -> i64 {
        i64::from(self.members.values().map(|member| member.rebalance_timeout_ms).max().unwrap_or(0))
    }

    /// The protocol that most members prefer among those that all know. Of equals the one that sorts first.
    pub(crate) fn elect_protocol(&self) -> Option<Arc<str>> {
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for member in self.members.values() {
            if let Some(name) = member.vote(|name| self.all_support(name)) {
                *votes.entry(name).or_default() += 1;
            }
        }
        let most = votes.values().max().copied()?;
        votes.iter().find(|(_, count)| **count == most).map(|(name, _)| Arc::from(*name))
    }

    /// Topics of all members, if they are consumers that can be understood.
    pub(crate) fn read_subscriptions(&self) -> Option<Arc<BTreeSet<String>>> {
        if !self.is_consumer() {
            return None;
        }
        if self.members.is_empty() {
            return Some(Arc::default());
        }
        let protocol = self.protocol.as_deref()?;
        let mut topics = BTreeSet::new();
        for member in self.members.values() {
            topics.extend(embedded::topics(member.metadata(protocol))?);
        }
        Some(Arc::new(topics))
    }

    /// Whether members consume a topic; if their metadata tells nothing, a consumer's group is taken to.
    pub(crate) fn is_subscribed_to(&self, topic: &str) -> bool {
        self.subscribed.as_ref().map_or(self.is_consumer(), |topics| topics.contains(topic))
    }
}
