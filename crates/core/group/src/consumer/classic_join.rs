//! JoinGroup to a group of the consumer protocol: a classic member inside of it (`classicGroupJoinToConsumerGroup`).
//!
//! It is a member as the others are. Its protocol knows no partitions to give up first and no epochs: it is told the epoch
//! as a generation, and that it is no leader; its SyncGroup brings what it has; and it is told to join again whenever
//! something changes for it.

use std::sync::Arc;

use headwater_base::Uuid;
use headwater_base::error_code::ErrorCode;
use headwater_protocol::data::consumer_protocol_subscription::ConsumerProtocolSubscription;
use headwater_protocol::group::consumer_group_member_metadata_value::{
    ClassicMemberMetadata, ClassicProtocol,
};
use headwater_protocol::messages::consumer_group_heartbeat_request::TopicPartitions as Owned;
use headwater_protocol::messages::join_group_request::JoinGroupRequest;
use headwater_protocol::messages::join_group_response::JoinGroupResponse;

use super::downgrade::Downgrade;
use super::group::ConsumerGroup;
use super::member::ConsumerMember;
use super::records;
use super::regex::RegexChange;
use super::work::{Refusal, Subscribed, Target, Work, refuse};
use crate::UNKNOWN_MEMBER;
use crate::classic::{CONSUMER, MEMBER_ID_REQUIRED_FROM, embedded, join_refused};
use crate::config::MigrationPolicy;
use crate::decide::{Answer, Caller, Context, Decision, Ticket};
use crate::state::Shard;
use crate::timers::TimerKey;

/// A member that says nothing about its rebalance timeout.
const NOT_SAID: i32 = -1;

impl Shard {
    pub(crate) fn classic_joins_consumer_group(
        &self,
        context: &Context<'_>,
        (ticket, version): (Ticket, i16),
        group: &Arc<ConsumerGroup>,
        request: &JoinGroupRequest,
        caller: &Caller,
    ) -> Decision {
        let mut work = Work::new(context, self, Arc::clone(group));
        let (mut decision, answer) = match work.classic_join(request, caller, version) {
            Ok(answer) => (work.out, answer),
            Err(refusal) => (Decision::default(), join_refused(UNKNOWN_MEMBER, refusal.error)),
        };
        decision.answers.push((ticket, Answer::Join(answer)));
        decision
    }
}

impl Work<'_> {
    fn classic_join(
        &mut self,
        request: &JoinGroupRequest,
        caller: &Caller,
        version: i16,
    ) -> Result<JoinGroupResponse, Refusal> {
        let group = Arc::clone(&self.group);
        if self.context.config.consumer.migration == MigrationPolicy::Disabled {
            return refuse(ErrorCode::InconsistentGroupProtocol, "the group migration is disabled");
        }
        let is_unknown = request.member_id == UNKNOWN_MEMBER;
        let id: Arc<str> = if is_unknown {
            let random = Uuid::from_random((self.context.random >> 64) as u64, self.context.random as u64);
            Arc::from(random.to_string())
        } else {
            Arc::from(request.member_id.as_str())
        };
        self.check_room(&id)?;
        let mut protocols = request.protocols.iter().map(|protocol| protocol.name.as_str());
        if !group.supports_classic(&request.protocol_type, &mut protocols) {
            return refuse(ErrorCode::InconsistentGroupProtocol, "the protocols are not supported");
        }
        let instance = request.group_instance_id.as_deref();
        if is_unknown && instance.is_none() && version >= MEMBER_ID_REQUIRED_FROM {
            return Ok(join_refused(&id, ErrorCode::MemberIdRequired));
        }
        let metadata = request.protocols.first().map(|protocol| protocol.metadata.as_slice());
        let Some(subscription) = metadata.and_then(embedded::subscription) else {
            return refuse(ErrorCode::UnknownServerError, "the embedded consumer protocol is malformed");
        };
        let member = match instance {
            None => match group.members.get(&id) {
                Some(known) => ConsumerMember::clone(known),
                None => ConsumerMember::new(id),
            },
            Some(instance) if is_unknown => self.take_instance(&id, instance, true)?,
            Some(instance) => ConsumerMember::clone(group.known_static(&id, instance)?),
        };
        let reached = self.classic_goes_on(request, caller, &member, subscription)?;
        Ok(JoinGroupResponse {
            member_id: reached.id.to_string(),
            generation_id: reached.epoch,
            protocol_type: Some(CONSUMER.to_owned()),
            protocol_name: reached.classic_protocol().map(str::to_owned),
            ..JoinGroupResponse::default()
        })
    }

    fn classic_goes_on(
        &mut self,
        request: &JoinGroupRequest,
        caller: &Caller,
        member: &ConsumerMember,
        subscription: ConsumerProtocolSubscription,
    ) -> Result<ConsumerMember, Refusal> {
        let group = Arc::clone(&self.group);
        let holder = request.group_instance_id.as_deref().and_then(|instance| group.static_member(instance));
        let downgrades = holder.is_some_and(|holder| self.downgrades_with(holder));
        let owned = owned_partitions(self.context, &subscription);
        let updated = joined(member, request, caller, subscription);
        if updated != *member {
            self.out.records.push(records::subscription(&group.id, &updated));
        }
        let names_changed = updated.subscribed != member.subscribed;
        let changed = self.update_regexes(member, &updated)? != RegexChange::None || names_changed;
        let why = changed.then(|| {
            let (id, client) = (&updated.id, &updated.client_id);
            format!("classic member {id} (client {client}) joins or subscribes to other topics")
        });
        let subscribed = if why.is_some() || self.metadata_is_out_of_date() {
            self.update_metadata(why, member, &updated)
        } else {
            Subscribed { epoch: group.epoch, kind: None }
        };
        if downgrades {
            return self.downgrade_with(updated, subscribed.epoch, changed, &owned);
        }
        let target = self.update_target(&subscribed, member, &updated)?;
        let reached = self.reconcile(updated, &target, changed, Some(&owned))?;
        let (of_group, of_member) = (&group.id, &reached.id);
        self.timer(TimerKey::MemberJoin(Arc::clone(of_group), Arc::clone(of_member)), None);
        self.session_timer(of_member, Some(request.session_timeout_ms));
        let sync = TimerKey::MemberSync(Arc::clone(of_group), Arc::clone(of_member));
        self.timer(sync, Some(request.rebalance_timeout_ms));
        Ok(reached)
    }

    /// The last member that spoke the consumer protocol was static, and a classic one takes its place.
    fn downgrade_with(
        &mut self,
        updated: ConsumerMember,
        epoch: i32,
        changed: bool,
        owned: &[Owned],
    ) -> Result<ConsumerMember, Refusal> {
        let group = Arc::clone(&self.group);
        let mut reached = updated;
        // Apache Kafka looks at the epoch alone: a classic member that still waits for what others had never hears of it.
        let mut stay = group.members.values().filter(|member| member.classic.is_some());
        let is_stale = group.assignment_epoch < epoch
            || !stay.all(|member| member.is_reconciled_to(group.assignment_epoch));
        if !is_stale {
            let target = Target { epoch: group.assignment_epoch, partitions: group.target_of(&reached) };
            reached = self.reconcile(reached, &target, changed, Some(owned))?;
        }
        let rebalance = is_stale
            .then(|| format!("downgrade group {} from consumer to classic with stale assignment", group.id));
        self.downgrade(&Downgrade { leaving: &[], joining: Some(&reached), rebalance });
        Ok(reached)
    }
}

/// What the member says it has, by ids.
fn owned_partitions(context: &Context<'_>, subscription: &ConsumerProtocolSubscription) -> Vec<Owned> {
    let topics = subscription.owned_partitions.iter().filter_map(|topic| {
        let topic_id = context.image.topics.id_of(&topic.topic)?;
        Some(Owned { topic_id, partitions: topic.partitions.clone() })
    });
    topics.collect()
}

/// The member with what it joins with.
fn joined(
    member: &ConsumerMember,
    request: &JoinGroupRequest,
    caller: &Caller,
    subscription: ConsumerProtocolSubscription,
) -> ConsumerMember {
    let protocols = request.protocols.iter();
    let supported_protocols =
        protocols.map(|known| ClassicProtocol { name: known.name.clone(), metadata: known.metadata.clone() });
    let classic = ClassicMemberMetadata {
        session_timeout_ms: request.session_timeout_ms,
        supported_protocols: supported_protocols.collect(),
    };
    let instance_id = request.group_instance_id.as_deref().map(Arc::from);
    ConsumerMember {
        instance_id: instance_id.or_else(|| member.instance_id.clone()),
        rack_id: subscription.rack_id.filter(|rack| !rack.is_empty()).or_else(|| member.rack_id.clone()),
        rebalance_timeout_ms: match request.rebalance_timeout_ms {
            NOT_SAID => member.rebalance_timeout_ms,
            said => said,
        },
        subscribed: Arc::new(subscription.topics.into_iter().collect()),
        regex: Some(String::new()),
        client_id: caller.client_id.clone(),
        client_host: caller.client_host.clone(),
        classic: Some(Arc::new(classic)),
        ..member.clone()
    }
}
