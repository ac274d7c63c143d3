//! Membership in a group of the classic protocol.
//!
//! | state | event | next |
//! | --- | --- | --- |
//! | outside, told to rejoin | poll | what is given up is given up (eager: all), a task joins and syncs |
//! | joining | assignment came | the next poll applies it |
//! | member | REBALANCE_IN_PROGRESS, other topics, other numbers of partitions | told to rejoin |
//! | member | unknown to the coordinator, or not polled for `max.poll.interval.ms` | outside: all is lost, told to rejoin |
//!
//! Callbacks and changes of what is read happen only inside of polls, so nothing changes under the feet of whoever works
//! on a batch. Heartbeats are a task of their own. A poll that is dropped leaves the joining task at work.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use headwater_base::{ErrorCode, TopicPartition};
use headwater_protocol::ApiKey;
use headwater_protocol::messages::heartbeat_request::HeartbeatRequest;
use headwater_protocol::messages::join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol};
use headwater_protocol::messages::join_group_response::JoinGroupResponse;
use headwater_protocol::messages::leave_group_request::{LeaveGroupRequest, MemberIdentity};
use headwater_protocol::messages::sync_group_request::{SyncGroupRequest, SyncGroupRequestAssignment};
use headwater_runtime::Tick;

use super::Core;
use crate::admin::CommittedOffset;
use crate::error::{Error, ErrorKind, Result, check};
use crate::machine::assignor::{Assignor, Member, read_assignment, write_assignment};
use crate::net::cluster::Topics;
use crate::net::link::Link;
use crate::net::routing::Target;
use crate::request::Request;

/// Offsets to be committed.
pub type Offsets = BTreeMap<TopicPartition, CommittedOffset>;

/// What a consumer is told about its partitions. All calls happen inside of a poll or the close.
pub trait RebalanceListener {
    /// These partitions are read from now on.
    fn assigned(&mut self, partitions: &[TopicPartition]) {
        let _ = partitions;
    }

    /// These partitions will be given to others as soon as this returns; what it gives is committed before.
    fn revoked(&mut self, partitions: &[TopicPartition]) -> Offsets {
        let _ = partitions;
        Offsets::new()
    }

    /// These partitions may be with others already; nothing can be committed for them.
    fn lost(&mut self, partitions: &[TopicPartition]) {
        let _ = partitions;
    }
}

/// Which topics.
#[derive(Clone)]
pub(super) enum Subscription {
    Names(Vec<String>),
    Matching(Rc<dyn Fn(&str) -> bool>),
}

/// What a consumer knows of its membership.
#[derive(Default)]
pub(super) struct Membership {
    pub(super) subscription: Option<Subscription>,
    pub(super) listener: Option<Box<dyn RebalanceListener>>,
    topics: Vec<String>,
    pub(super) member_id: String,
    pub(super) generation: Option<i32>,
    /// What it read last, for assignors that keep it.
    remembered: Vec<TopicPartition>,
    remembered_generation: i32,
    rejoin: bool,
    joining: bool,
    lost: bool,
    pending: Option<Vec<TopicPartition>>,
    /// The leader's view of the topics when it shared them out.
    led: Option<BTreeMap<String, i32>>,
    last_poll: Tick,
    next_look: Tick,
    heart_beats: bool,
    /// Grows with each subscription: a rebalance that began before it is followed by another.
    subscribed: u64,
    /// Distinguishes memberships, so that a task of an older one changes nothing.
    epoch: u64,
}

const GROUP_TYPE: &str = "consumer";
/// More than the broker waits for the members of a rebalance.
const JOIN_SLACK_MS: u64 = 5_000;

impl Core {
    fn target(&self) -> Result<Target> {
        Ok(Target::Group(self.group()?.to_owned()))
    }

    fn is_cooperative(&self) -> bool {
        self.config.assignors.iter().all(|it| *it == Assignor::CooperativeSticky)
    }

    /// Generation and member id for requests; those of nobody when the partitions were assigned by hand.
    pub(super) fn identity(&self) -> (i32, String, Option<String>) {
        let membership = self.membership.borrow();
        match (&membership.subscription, membership.generation) {
            (Some(_), Some(generation)) => {
                (generation, membership.member_id.clone(), self.config.instance_id.clone())
            }
            _ => (-1, String::new(), None),
        }
    }

    pub(super) fn subscribe(self: &Rc<Self>, subscription: Subscription) -> Result<()> {
        self.group()?;
        let mut membership = self.membership.borrow_mut();
        if membership.subscription.is_none() {
            // What was assigned by hand is of the past.
            self.state.borrow_mut().assign(Vec::new());
        }
        membership.subscription = Some(subscription);
        membership.subscribed += 1;
        membership.rejoin = true;
        membership.last_poll = self.cluster.now();
        if !std::mem::replace(&mut membership.heart_beats, true) {
            self.cluster.runtime().spawn_detached("consumer-heartbeat", heart(self.clone()));
        }
        Ok(())
    }

    /// Ends the membership; gives the request that tells the coordinator.
    pub(super) fn end_membership(&self) -> Option<LeaveGroupRequest> {
        let mut membership = self.membership.borrow_mut();
        membership.subscription.take()?;
        membership.epoch += 1;
        (membership.rejoin, membership.lost) = (false, false);
        membership.pending = None;
        membership.led = None;
        membership.generation.take()?;
        let member_id = std::mem::take(&mut membership.member_id);
        if self.config.instance_id.is_some() {
            // A static member that comes back in time finds its place.
            return None;
        }
        Some(self.leave_request(member_id, "the consumer is being closed"))
    }

    fn leave_request(&self, member_id: String, reason: &str) -> LeaveGroupRequest {
        LeaveGroupRequest {
            group_id: self.config.group.clone().unwrap_or_default(),
            members: vec![MemberIdentity {
                member_id,
                group_instance_id: None,
                reason: Some(reason.to_owned()),
            }],
            ..LeaveGroupRequest::default()
        }
    }

    /// Tells the coordinator, in one attempt.
    pub(super) async fn leave(&self, mut request: LeaveGroupRequest) -> Result<()> {
        let deadline = self.cluster.after_ms(self.config.client.request_timeout_ms.min(5_000));
        let link = self.cluster.route(&self.target()?, deadline).await?;
        let version = link.ready().await?.pick(ApiKey::LeaveGroup, 0, i16::MAX)?;
        if version < 3 {
            request.member_id = request.members.pop().map(|member| member.member_id).unwrap_or_default();
        } else if version < 5 {
            request.members.iter_mut().for_each(|member| member.reason = None);
        }
        let response = self.cluster.exchange(&link, version, &request, deadline).await?;
        check(response.error_code)
    }

    /// What a poll does for the membership: applies what came, gives up what is lost, begins to join.
    pub(super) fn take_part(self: &Rc<Self>) {
        let mut membership = self.membership.borrow_mut();
        if membership.subscription.is_none() {
            return;
        }
        membership.last_poll = self.cluster.now();
        drop(membership);
        self.lose();
        self.apply();
        let mut membership = self.membership.borrow_mut();
        if !membership.rejoin || membership.joining || membership.pending.is_some() {
            return;
        }
        membership.joining = true;
        let epoch = membership.epoch;
        drop(membership);
        let offsets = if self.is_cooperative() {
            self.automatic_offsets(&self.assignment())
        } else {
            self.revoke(&self.assignment(), Vec::new())
        };
        let task = join(self.clone(), epoch, offsets);
        self.cluster.runtime().spawn_detached("consumer-join", task);
    }

    fn assignment(&self) -> Vec<TopicPartition> {
        self.state.borrow().partitions.keys().cloned().collect()
    }

    pub(super) fn revoke_all(&self) -> Offsets {
        self.revoke(&self.assignment(), Vec::new())
    }

    fn automatic_offsets(&self, partitions: &[TopicPartition]) -> Offsets {
        if self.config.auto_commit_ms.is_none() {
            return Offsets::new();
        }
        let mut offsets = self.positions();
        offsets.retain(|key, _| partitions.contains(key));
        offsets
    }

    /// Gives partitions up; `kept` stay. Gives what is to be committed for them.
    fn revoke(&self, partitions: &[TopicPartition], kept: Vec<TopicPartition>) -> Offsets {
        if partitions.is_empty() {
            return Offsets::new();
        }
        let mut offsets = self.automatic_offsets(partitions);
        offsets.extend(self.with_listener(|listener| listener.revoked(partitions)).unwrap_or_default());
        self.state.borrow_mut().assign(kept);
        offsets
    }

    /// Calls the listener, which may call the consumer back.
    fn with_listener<T>(&self, call: impl FnOnce(&mut dyn RebalanceListener) -> T) -> Option<T> {
        let mut listener = self.membership.borrow_mut().listener.take()?;
        let result = call(&mut *listener);
        let mut membership = self.membership.borrow_mut();
        if membership.listener.is_none() {
            membership.listener = Some(listener);
        }
        Some(result)
    }

    /// The coordinator knows us no more: what was read may be with others.
    fn lose(&self) {
        if !std::mem::take(&mut self.membership.borrow_mut().lost) {
            return;
        }
        let partitions = self.assignment();
        if !partitions.is_empty() {
            self.with_listener(|listener| listener.lost(&partitions));
            self.state.borrow_mut().assign(Vec::new());
        }
    }

    fn apply(self: &Rc<Self>) {
        let Some(partitions) = self.membership.borrow_mut().pending.take() else { return };
        let old: BTreeSet<TopicPartition> = self.assignment().into_iter().collect();
        let new: BTreeSet<TopicPartition> = partitions.iter().cloned().collect();
        let gone: Vec<TopicPartition> = old.difference(&new).cloned().collect();
        if !gone.is_empty() {
            let kept: Vec<TopicPartition> = old.intersection(&new).cloned().collect();
            let offsets = self.revoke(&gone, kept);
            // What was given up can be given to others: they wait for this member to join again.
            self.membership.borrow_mut().rejoin = true;
            let core = self.clone();
            self.cluster.runtime().spawn_detached("consumer-commit", async move {
                if let Err(error) = core.commit(offsets).await {
                    tracing::warn!("committing offsets of partitions that were given up: {error}");
                }
            });
        }
        let added: Vec<TopicPartition> = new.difference(&old).cloned().collect();
        let mut membership = self.membership.borrow_mut();
        membership.remembered.clone_from(&partitions);
        membership.remembered_generation = membership.generation.unwrap_or(-1);
        drop(membership);
        self.state.borrow_mut().assign(partitions);
        self.with_listener(|listener| listener.assigned(&added));
        self.wake.notify_one();
    }

    /// This member is none any more.
    pub(super) fn forget_member(&self, keep_id: bool) {
        let mut membership = self.membership.borrow_mut();
        membership.generation = None;
        if !keep_id {
            membership.member_id.clear();
        }
        (membership.rejoin, membership.lost) = (true, true);
        membership.pending = None;
        membership.led = None;
    }

    /// The topics that are subscribed to now.
    async fn resolve_topics(&self, subscription: &Subscription, deadline: Tick) -> Result<Vec<String>> {
        let asked = match subscription {
            Subscription::Names(names) => Topics::Named(names.clone()),
            Subscription::Matching(_) => Topics::All,
        };
        let create = self.config.create_topics && asked != Topics::All;
        let response = self.cluster.refresh(&asked, create, deadline).await?;
        let mut names = match subscription {
            Subscription::Names(names) => names.clone(),
            Subscription::Matching(matches) => response
                .topics
                .into_iter()
                .filter(|topic| !(self.config.exclude_internal && topic.is_internal))
                .filter_map(|topic| topic.name)
                .filter(|name| matches(name))
                .collect(),
        };
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// One attempt to join and to get an assignment.
    async fn join_once(&self, epoch: u64) -> Result<()> {
        let deadline = self.cluster.after_ms(self.config.max_poll_interval_ms.saturating_add(JOIN_SLACK_MS));
        let (subscription, subscribed, member_id) = {
            let membership = self.membership.borrow();
            (membership.subscription.clone(), membership.subscribed, membership.member_id.clone())
        };
        let Some(subscription) = subscription else { return Ok(()) };
        let topics = self.resolve_topics(&subscription, deadline).await?;
        let link = self.cluster.route(&self.target()?, deadline).await?;
        let request = self.join_request(&topics, member_id);
        let version = link.ready().await?.pick(
            ApiKey::JoinGroup,
            if self.config.instance_id.is_some() { 5 } else { 0 },
            i16::MAX,
        )?;
        let response = self.ask_long(&link, version, &request, deadline).await?;
        if ErrorCode::from_code(response.error_code) == ErrorCode::MemberIdRequired {
            self.membership.borrow_mut().member_id.clone_from(&response.member_id);
        }
        check(response.error_code)?;
        let protocol = response
            .protocol_name
            .as_deref()
            .and_then(Assignor::from_name)
            .ok_or_else(|| Error::api(ErrorCode::InconsistentGroupProtocol, None))?;
        let (assignments, led) = self.lead(&response, protocol, deadline).await?;
        let request = SyncGroupRequest {
            group_id: self.group()?.to_owned(),
            generation_id: response.generation_id,
            member_id: response.member_id.clone(),
            group_instance_id: self.config.instance_id.clone(),
            protocol_type: response.protocol_type.clone(),
            protocol_name: response.protocol_name.clone(),
            assignments,
        };
        let version = link.ready().await?.pick(ApiKey::SyncGroup, 0, i16::MAX)?;
        let synced = self.ask_long(&link, version, &request, deadline).await?;
        {
            // The member is known by its id whatever comes of this round.
            let mut membership = self.membership.borrow_mut();
            if membership.epoch == epoch {
                membership.member_id = response.member_id;
            }
        }
        check(synced.error_code)?;
        let unreadable = || Error::new(ErrorKind::Protocol, "an assignment that cannot be read");
        let partitions = read_assignment(&synced.assignment).ok_or_else(unreadable)?;
        let mut membership = self.membership.borrow_mut();
        if membership.epoch == epoch {
            membership.generation = Some(response.generation_id);
            membership.topics = topics;
            membership.led = led;
            membership.pending = Some(partitions);
            membership.rejoin = membership.subscribed != subscribed;
            let age = Duration::from_millis(self.config.client.metadata_max_age_ms);
            membership.next_look = self.cluster.now() + age;
        }
        Ok(())
    }

    /// A request that may wait for other members, longer than others.
    async fn ask_long<R: Request>(
        &self,
        link: &Link,
        version: i16,
        request: &R,
        deadline: Tick,
    ) -> Result<R::Response> {
        let patience = deadline.max(self.cluster.after_ms(self.config.client.request_timeout_ms));
        let receiver = link.send(version, request, &[], patience)?;
        receiver.await.map_err(|_| Error::closed())??.decode::<R>()
    }

    fn join_request(&self, topics: &[String], member_id: String) -> JoinGroupRequest {
        let owned = self.assignment();
        let membership = self.membership.borrow();
        let generation = membership.remembered_generation;
        let protocols = self.config.assignors.iter().map(|assignor| {
            let reads = if *assignor == Assignor::Sticky { &membership.remembered } else { &owned };
            let metadata = assignor.subscription(topics, reads, generation);
            JoinGroupRequestProtocol { name: assignor.name().to_owned(), metadata }
        });
        JoinGroupRequest {
            group_id: self.config.group.clone().unwrap_or_default(),
            session_timeout_ms: i32::try_from(self.config.session_timeout_ms).unwrap_or(i32::MAX),
            rebalance_timeout_ms: i32::try_from(self.config.max_poll_interval_ms).unwrap_or(i32::MAX),
            member_id,
            group_instance_id: self.config.instance_id.clone(),
            protocol_type: GROUP_TYPE.to_owned(),
            protocols: protocols.collect(),
            reason: None,
        }
    }

    /// The leader's work: it shares the partitions out. Others have none.
    async fn lead(
        &self,
        response: &JoinGroupResponse,
        protocol: Assignor,
        deadline: Tick,
    ) -> Result<(Vec<SyncGroupRequestAssignment>, Option<BTreeMap<String, i32>>)> {
        if response.leader != response.member_id {
            return Ok((Vec::new(), None));
        }
        let members: Vec<Member> = response
            .members
            .iter()
            .filter_map(|it| protocol.member(&it.member_id, it.group_instance_id.clone(), &it.metadata))
            .collect();
        let names: BTreeSet<&String> = members.iter().flat_map(|member| &member.topics).collect();
        let names: Vec<String> = names.into_iter().cloned().collect();
        if !names.is_empty() {
            self.cluster.refresh(&Topics::Named(names.clone()), self.config.create_topics, deadline).await?;
        }
        let counts = self.partition_counts(&names);
        if response.skip_assignment {
            return Ok((Vec::new(), Some(counts)));
        }
        let shares = protocol.assign(&members, &counts);
        let assignments = shares
            .into_iter()
            .map(|(member_id, share)| SyncGroupRequestAssignment {
                member_id,
                assignment: write_assignment(&share),
            })
            .collect();
        Ok((assignments, Some(counts)))
    }

    fn partition_counts(&self, names: &[String]) -> BTreeMap<String, i32> {
        let metadata = self.cluster.inner.metadata.borrow();
        let count = |name: &String| {
            let topic = metadata.topic(name)?;
            Some((name.clone(), i32::try_from(topic.partitions.len()).ok()?))
        };
        names.iter().filter_map(count).collect()
    }
}

/// Joins; when it fails the next poll tries again after a pause.
async fn join(core: Rc<Core>, epoch: u64, offsets: Offsets) {
    if let Err(error) = core.commit(offsets).await {
        tracing::warn!("committing offsets before a rebalance: {error}");
    }
    let outcome = core.join_once(epoch).await;
    if let Err(error) = outcome {
        tracing::debug!("joining the group: {error}");
        let target = Target::Group(core.config.group.clone().unwrap_or_default());
        match error.code() {
            // The id is known now.
            Some(ErrorCode::MemberIdRequired) => {}
            Some(ErrorCode::RebalanceInProgress) => {}
            Some(ErrorCode::UnknownMemberId) => core.forget_member(false),
            Some(ErrorCode::IllegalGeneration) => core.forget_member(true),
            _ => {
                if error.retriable() {
                    core.cluster.lost(&target);
                } else {
                    core.state.borrow_mut().tell(error);
                    core.arrived.notify_waiters();
                }
                let wait = core.config.client.retry_backoff.after(1, core.cluster.runtime().random_u64());
                core.cluster.runtime().sleep(Duration::from_millis(wait)).await;
            }
        }
    }
    core.membership.borrow_mut().joining = false;
    core.arrived.notify_waiters();
}

/// Tells the coordinator that the member lives, and looks whether its topics have changed.
async fn heart(core: Rc<Core>) {
    let pause = Duration::from_millis(core.config.heartbeat_ms.max(1));
    while !core.closing.get() {
        core.cluster.runtime().sleep(pause).await;
        let now = core.cluster.now();
        let (epoch, busy, generation, last_poll, next_look) = {
            let it = core.membership.borrow();
            let busy = it.joining || it.subscription.is_none();
            (it.epoch, busy, it.generation, it.last_poll, it.next_look)
        };
        let Some(generation) = generation.filter(|_| !busy) else { continue };
        if now.since(last_poll).as_millis() > u128::from(core.config.max_poll_interval_ms) {
            too_slow(&core).await;
            continue;
        }
        beat(&core, epoch, generation).await;
        if now >= next_look {
            look_at_topics(&core, epoch).await;
        }
    }
}

async fn too_slow(core: &Rc<Core>) {
    tracing::warn!("not polled within max.poll.interval.ms: leaving the group");
    let member_id = core.membership.borrow().member_id.clone();
    core.forget_member(false);
    if core.config.instance_id.is_none() {
        let request = core.leave_request(member_id, "consumer poll timeout has expired.");
        if let Err(error) = core.leave(request).await {
            tracing::debug!("leaving the group: {error}");
        }
    }
}

async fn beat(core: &Rc<Core>, epoch: u64, generation: i32) {
    let outcome = beat_once(core, generation).await;
    let (same, joining) = {
        let it = core.membership.borrow();
        (it.epoch == epoch && it.generation == Some(generation), it.joining)
    };
    // In the meantime it may be another generation.
    let Err(error) = outcome else { return };
    if !same || joining {
        return;
    }
    tracing::debug!("heartbeat: {error}");
    match error.code() {
        Some(ErrorCode::RebalanceInProgress) => core.membership.borrow_mut().rejoin = true,
        Some(ErrorCode::UnknownMemberId) => core.forget_member(false),
        Some(ErrorCode::IllegalGeneration) => core.forget_member(true),
        _ if error.retriable() => {
            core.cluster.lost(&Target::Group(core.config.group.clone().unwrap_or_default()));
        }
        _ => {
            core.forget_member(false);
            core.state.borrow_mut().tell(error);
        }
    }
    core.arrived.notify_waiters();
}

async fn beat_once(core: &Rc<Core>, generation: i32) -> Result<()> {
    let deadline =
        core.cluster.after_ms(core.config.session_timeout_ms.min(core.config.client.request_timeout_ms));
    let link = core.cluster.route(&core.target()?, deadline).await?;
    let request = HeartbeatRequest {
        group_id: core.group()?.to_owned(),
        generation_id: generation,
        member_id: core.membership.borrow().member_id.clone(),
        group_instance_id: core.config.instance_id.clone(),
    };
    let response = core.cluster.ask(&link, &request, deadline).await?;
    check(response.error_code)
}

/// Other topics match, or they have other numbers of partitions: the group shares out again.
async fn look_at_topics(core: &Rc<Core>, epoch: u64) {
    let age = Duration::from_millis(core.config.client.metadata_max_age_ms);
    let (subscription, led) = {
        let mut it = core.membership.borrow_mut();
        it.next_look = core.cluster.now() + age;
        (it.subscription.clone(), it.led.clone())
    };
    let Some(subscription) = subscription else { return };
    let deadline = core.cluster.after_ms(core.config.client.request_timeout_ms);
    let Ok(topics) = core.resolve_topics(&subscription, deadline).await else { return };
    let counts = led
        .as_ref()
        .map(|led| core.partition_counts(&led.keys().chain(&topics).cloned().collect::<Vec<_>>()));
    let mut membership = core.membership.borrow_mut();
    if membership.epoch == epoch
        && (membership.topics != topics || counts.is_some_and(|counts| Some(counts) != led))
    {
        membership.rejoin = true;
        drop(membership);
        core.arrived.notify_waiters();
    }
}
