//! One decision on one consumer group while it is being made.

use std::collections::BTreeSet;
use std::sync::Arc;

use headwater_base::Uuid;
use headwater_base::error_code::ErrorCode;
use headwater_protocol::messages::consumer_group_heartbeat_request::TopicPartitions as Owned;

use super::group::ConsumerGroup;
use super::member::{ConsumerMember, MemberState};
use super::metadata_hash::metadata_hash;
use super::reconcile::{Fenced, Goal};
use super::records;
use super::subscriptions::Subscriptions;
use super::target;
use crate::assignor::{SubscriptionType, TopicPartitions};
use crate::decide::{Context, Decision, Soft};
use crate::event::{Event, EventKind};
use crate::state::{Refresh, Shard};
use crate::timers::TimerKey;

/// How long what is known of the topics holds, if nobody says that they changed.
const REFRESH_AFTER_MS: i64 = i32::MAX as i64;

/// Why a request is refused: code and words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) error: ErrorCode,
    pub(crate) message: String,
}

pub(crate) fn refuse<T>(error: ErrorCode, message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { error, message: message.into() })
}

/// The group's epoch once the decision holds, and how its members subscribe, if that may be different then.
pub(super) struct Subscribed {
    pub(super) epoch: i32,
    pub(super) kind: Option<SubscriptionType>,
}

/// What a member shall have, as of which epoch.
pub(super) struct Target {
    pub(super) epoch: i32,
    pub(super) partitions: Arc<TopicPartitions>,
}

/// See the module. The group stays as it is; what changes it are the records that come out.
pub(super) struct Work<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) shard: &'a Shard,
    pub(super) group: Arc<ConsumerGroup>,
    /// The group's epoch once the decision holds.
    epoch: i32,
    pub(super) out: Decision,
}

impl<'a> Work<'a> {
    pub(super) fn new(context: &'a Context<'a>, shard: &'a Shard, group: Arc<ConsumerGroup>) -> Self {
        let epoch = group.epoch;
        Self { context, shard, group, epoch, out: Decision::default() }
    }

    pub(super) fn event(&mut self, kind: EventKind, epoch: i32, reason: impl Into<String>) {
        let group = Arc::clone(&self.group.id);
        self.out.events.push(Event { kind, group, generation: epoch, limit: "", reason: reason.into() });
    }

    /// A member passed a limit and is put out.
    pub(super) fn evicted(&mut self, limit: &'static str, reason: String) {
        let (group, generation) = (Arc::clone(&self.group.id), self.group.epoch);
        self.out.events.push(Event { kind: EventKind::Evicted, group, generation, limit, reason });
    }

    pub(super) fn timer(&mut self, key: TimerKey, after_ms: Option<i32>) {
        let deadline = after_ms.map(|after| self.context.now_ms.saturating_add(i64::from(after.max(0))));
        self.out.soft.push(Soft::Timer(key, deadline));
    }

    pub(super) fn session_timer(&mut self, member: &Arc<str>, after_ms: Option<i32>) {
        self.timer(TimerKey::Member(Arc::clone(&self.group.id), Arc::clone(member)), after_ms);
    }

    pub(super) fn rebalance_timer(&mut self, member: &Arc<str>, after_ms: Option<i32>) {
        self.timer(TimerKey::Rebalance(Arc::clone(&self.group.id), Arc::clone(member)), after_ms);
    }

    /// Takes all deadlines of a member away.
    pub(super) fn forget_timers(&mut self, member: &Arc<str>) {
        for key in TimerKey::all_of_member(&self.group.id, member) {
            self.timer(key, None);
        }
    }

    /// Brings what is known of the group's topics up to date; begins an epoch if it differs, or if `why` says so
    /// (`updateSubscriptionMetadata`).
    pub(super) fn update_metadata(
        &mut self,
        why: Option<String>,
        old: &ConsumerMember,
        new: &ConsumerMember,
    ) -> Subscribed {
        let group = Arc::clone(&self.group);
        let subscriptions = subscriptions_with(&group, old, new);
        let hash = metadata_hash(self.context.image, subscriptions.topics.keys().map(|topic| &**topic));
        let comes_back =
            new.instance_id.as_ref().is_some_and(|instance| group.instances.contains_key(instance));
        let is_new = !group.members.contains_key(&new.id) && !comes_back;
        let kind = subscriptions.kind(group.members.len() + usize::from(is_new));
        let mut epoch = group.epoch;
        let changed = (hash != group.metadata_hash).then(|| "topics of the group changed".to_owned());
        if let Some(why) = why.or(changed) {
            epoch += 1;
            self.epoch = epoch;
            self.out.records.push(records::epoch(&group.id, epoch, hash));
            self.event(EventKind::Rebalance, epoch, why);
        }
        self.refreshed(epoch);
        if group.has_legacy_metadata {
            self.out.records.push(records::legacy_metadata_tombstone(&group.id));
        }
        Subscribed { epoch, kind: Some(kind) }
    }

    /// What is known of the topics is of now.
    pub(super) fn refreshed(&mut self, epoch: i32) {
        let deadline_ms = self.context.now_ms.saturating_add(REFRESH_AFTER_MS);
        let refresh = Refresh { deadline_ms, epoch };
        self.out.soft.push(Soft::MetadataRefresh(Arc::clone(&self.group.id), Some(refresh)));
    }

    /// Computes targets if the epoch has none yet and enough time has passed since the last ones
    /// (`maybeUpdateTargetAssignment`).
    pub(super) fn update_target(
        &mut self,
        subscribed: &Subscribed,
        old: &ConsumerMember,
        new: &ConsumerMember,
    ) -> Result<Target, Refusal> {
        let group = Arc::clone(&self.group);
        if group.assignment_epoch >= subscribed.epoch || !self.may_compute_target() {
            return Ok(Target { epoch: group.assignment_epoch, partitions: group.target_of(new) });
        }
        let assignor = target::assignor(self.context, &group, old, new);
        let kind = subscribed.kind.unwrap_or_else(|| group.subscriptions.kind(group.members.len()));
        let computed = target::compute(self.context.image, &group, new, assignor, kind);
        let computed = match computed {
            Ok(computed) => computed,
            Err(error) => {
                let epoch = subscribed.epoch;
                let message = format!("Failed to compute a new target assignment for epoch {epoch}: {error}");
                return refuse(ErrorCode::UnknownServerError, message);
            }
        };
        let (members, name) = (computed.members, assignor.name);
        self.out.records.extend(computed.records);
        self.out.records.push(records::target_epoch(&group.id, subscribed.epoch, self.context.wall_ms));
        self.event(
            EventKind::Generation,
            subscribed.epoch,
            format!("{name} computed the targets of {members} members"),
        );
        Ok(Target { epoch: subscribed.epoch, partitions: computed.of_member })
    }

    /// Apache Kafka waits for a clock that was set back to come by again; till then new members have nothing and what
    /// those who are gone had lies idle. Here the interval is over at once.
    fn may_compute_target(&self) -> bool {
        let interval_ms = i64::from(self.context.assignment_interval_ms(&self.group.id));
        let last_ms = self.group.assignment_timestamp_ms;
        last_ms == 0 || interval_ms == 0 || self.context.since_ms(last_ms) >= interval_ms
    }

    /// One step of a member to its target (`maybeReconcile`).
    pub(super) fn reconcile(
        &mut self,
        member: ConsumerMember,
        target: &Target,
        subscription_changed: bool,
        owned: Option<&[Owned]>,
    ) -> Result<ConsumerMember, Refusal> {
        if !subscription_changed && member.is_reconciled_to(target.epoch) {
            return Ok(member);
        }
        let group = Arc::clone(&self.group);
        let goal = Goal {
            group: &group,
            epoch: target.epoch,
            target: Arc::clone(&target.partitions),
            subscribed: existing_topics(self.context, &group, &member),
            subscription_changed,
            owned,
        };
        let next = match goal.step(&member) {
            Ok(Some(next)) if next != member => next,
            Ok(_) => return Ok(member),
            Err(Fenced) => {
                return refuse(
                    ErrorCode::FencedMemberEpoch,
                    "The consumer group member is in a unknown state. The member must abandon all its \
                     partitions and rejoin.",
                );
            }
        };
        self.out.records.push(records::current(&group.id, &next));
        if next.classic.is_none() {
            let must_revoke = next.state == MemberState::UnrevokedPartitions;
            self.rebalance_timer(&next.id, must_revoke.then_some(next.rebalance_timeout_ms));
        }
        self.tell_if_stable(&next, target.epoch);
        Ok(next)
    }

    /// One line when the last member has reached the group's epoch.
    fn tell_if_stable(&mut self, member: &ConsumerMember, target_epoch: i32) {
        let group = Arc::clone(&self.group);
        if !member.is_reconciled_to(target_epoch) || target_epoch < self.epoch {
            return;
        }
        let replaced = member.instance_id.as_ref().and_then(|instance| group.instances.get(instance));
        let mut others =
            group.members.values().filter(|other| other.id != member.id && Some(&other.id) != replaced);
        if others.all(|other| other.is_reconciled_to(target_epoch)) {
            let reason = format!("member {} is the last one to have what it shall have", member.id);
            self.event(EventKind::Stable, target_epoch, reason);
        }
    }
}

/// What members want once one of them has changed (`computeSubscribedTopicNames`).
fn subscriptions_with(group: &ConsumerGroup, old: &ConsumerMember, new: &ConsumerMember) -> Subscriptions {
    let mut subscriptions = group.subscriptions.clone();
    if let Some(regex) = old.regex().filter(|regex| new.regex() != Some(regex))
        && subscriptions.members_of(regex) == 1
        && let Some(resolved) = group.regexes.get(regex)
    {
        subscriptions.matches_no_more(&resolved.topics);
    }
    subscriptions.replace(Some(old), Some(new));
    subscriptions
}

/// Topics that a member wants and that there are.
pub(super) fn existing_topics(
    context: &Context<'_>,
    group: &ConsumerGroup,
    member: &ConsumerMember,
) -> BTreeSet<Uuid> {
    group.topics_of(member).filter_map(|name| context.image.topics.id_of(name)).collect()
}
