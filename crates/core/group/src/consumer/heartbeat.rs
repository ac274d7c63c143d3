//! ConsumerGroupHeartbeat (key 68): a member joins, says what it wants and has, and hears what it shall have
//! (`GroupMetadataManager.consumerGroupHeartbeat`).
//!
//! | member epoch | what |
//! |---|---|
//! | 0 | joins, or begins anew; makes the group if there is none |
//! | > 0 | goes on in its epoch; the epoch before is good as long as the member has nothing that it was not given |
//! | −1 | leaves (`leave.rs`) |
//! | −2 | a static member leaves for a while (`leave.rs`) |
//!
//! A change of what members want begins a new group epoch. In it the next heartbeat computes everybody's target, and each
//! member goes there by its own heartbeats (`reconcile.rs`).

use std::collections::BTreeSet;
use std::sync::Arc;

use headwater_base::Uuid;
use headwater_base::error_code::ErrorCode;
use headwater_protocol::messages::consumer_group_heartbeat_request::ConsumerGroupHeartbeatRequest;
use headwater_protocol::messages::consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse;

use super::assignment::to_answer;
use super::group::ConsumerGroup;
use super::member::{AWAY_EPOCH, ConsumerMember, LEAVE_EPOCH};
use super::records;
use super::regex::RegexChange;
use super::work::{Refusal, Subscribed, Work, refuse};
use crate::decide::{Answer, Caller, Context, Decision, Ticket};
use crate::state::{Group, Shard};

/// A member that says nothing about its rebalance timeout.
const NOT_SAID: i32 = -1;

impl Shard {
    pub(crate) fn consumer_heartbeat(
        &self,
        context: &Context<'_>,
        ticket: Ticket,
        request: &ConsumerGroupHeartbeatRequest,
        caller: &Caller,
    ) -> Decision {
        let decided = match request.member_epoch {
            LEAVE_EPOCH | AWAY_EPOCH => self.consumer_leave(context, request),
            _ => self.consumer_goes_on(context, request, caller),
        };
        let (mut decision, answer) = decided.unwrap_or_else(|refusal| {
            let answer = ConsumerGroupHeartbeatResponse {
                error_code: refusal.error.code(),
                error_message: Some(refusal.message),
                ..ConsumerGroupHeartbeatResponse::default()
            };
            (Decision::default(), answer)
        });
        decision.answers.push((ticket, Answer::ConsumerHeartbeat(answer)));
        decision
    }

    fn consumer_goes_on(
        &self,
        context: &Context<'_>,
        request: &ConsumerGroupHeartbeatRequest,
        caller: &Caller,
    ) -> Result<(Decision, ConsumerGroupHeartbeatResponse), Refusal> {
        let mut work = self.consumer_group_for(context, request)?;
        work.check_room(&request.member_id)?;
        let id: Arc<str> = if request.member_id.is_empty() {
            let random = Uuid::from_random((context.random >> 64) as u64, context.random as u64);
            Arc::from(random.to_string())
        } else {
            Arc::from(request.member_id.as_str())
        };
        let member = work.find_or_make(&id, request)?;
        let answer = work.heartbeat(request, caller, &member)?;
        Ok((work.out, answer))
    }

    /// The group of a heartbeat; whoever joins makes it.
    fn consumer_group_for<'a>(
        &'a self,
        context: &'a Context<'a>,
        request: &ConsumerGroupHeartbeatRequest,
    ) -> Result<Work<'a>, Refusal> {
        let (id, joins) = (request.group_id.as_str(), request.member_epoch == 0);
        match self.groups.get_key_value(id) {
            None if joins => Ok(Work::new(context, self, Arc::new(ConsumerGroup::new(Arc::from(id))))),
            None => refuse(ErrorCode::GroupIdNotFound, format!("Consumer group {id} not found.")),
            Some((_, Group::Consumer(group))) => Ok(Work::new(context, self, Arc::clone(group))),
            Some((_, Group::Classic(group))) if joins => self.upgrade(context, group),
            Some(_) => refuse(ErrorCode::GroupIdNotFound, format!("Group {id} is not a consumer group.")),
        }
    }
}

impl Work<'_> {
    pub(super) fn check_room(&self, member: &str) -> Result<(), Refusal> {
        let (group, max) = (&self.group, self.context.config.consumer.max_size);
        if group.members.len() >= max && (member.is_empty() || !group.members.contains_key(member)) {
            let message = format!("The consumer group has reached its maximum capacity of {max} members.");
            return refuse(ErrorCode::GroupMaxSizeReached, message);
        }
        Ok(())
    }

    fn heartbeat(
        &mut self,
        request: &ConsumerGroupHeartbeatRequest,
        caller: &Caller,
        member: &ConsumerMember,
    ) -> Result<ConsumerGroupHeartbeatResponse, Refusal> {
        let group = Arc::clone(&self.group);
        let updated = updated(member, request, caller);
        if updated != *member {
            self.out.records.push(records::subscription(&group.id, &updated));
        }
        let names_changed = updated.subscribed != member.subscribed;
        let regex = self.update_regexes(member, &updated)?;
        let bumps = names_changed || regex == RegexChange::Resolved;
        let why = bumps.then(|| why(&group, member, &updated));
        let subscribed = if why.is_some() || self.metadata_is_out_of_date() {
            self.update_metadata(why, member, &updated)
        } else {
            Subscribed { epoch: group.epoch, kind: None }
        };
        let target = self.update_target(&subscribed, member, &updated)?;
        let changed = names_changed || regex != RegexChange::None;
        let owned = request.topic_partitions.as_deref();
        let reached = self.reconcile(updated, &target, changed, owned)?;
        self.session_timer(&reached.id, Some(self.context.session_timeout_ms(&group.id)));
        let is_full = request.rebalance_timeout_ms != NOT_SAID
            && (request.subscribed_topic_names.is_some() || request.subscribed_topic_regex.is_some())
            && request.topic_partitions.is_some();
        let tells = request.member_epoch == 0 || is_full || reached.assigned != member.assigned;
        Ok(ConsumerGroupHeartbeatResponse {
            member_id: Some(reached.id.to_string()),
            member_epoch: reached.epoch,
            heartbeat_interval_ms: self.context.heartbeat_interval_ms(&group.id),
            assignment: tells.then(|| to_answer(&reached.assigned)),
            ..ConsumerGroupHeartbeatResponse::default()
        })
    }
}

/// Why a member's change begins an epoch.
fn why(group: &ConsumerGroup, old: &ConsumerMember, new: &ConsumerMember) -> String {
    let (id, client) = (&new.id, &new.client_id);
    if !group.members.contains_key(id) && old.epoch == 0 {
        format!("member {id} (client {client}) joins")
    } else {
        format!("member {id} (client {client}) subscribes to other topics")
    }
}

/// The member with what the request says of it; what it does not say stays.
fn updated(
    member: &ConsumerMember,
    request: &ConsumerGroupHeartbeatRequest,
    caller: &Caller,
) -> ConsumerMember {
    let names = request.subscribed_topic_names.as_ref();
    let subscribed = match names.map(|names| names.iter().cloned().collect::<BTreeSet<_>>()) {
        Some(names) if names != *member.subscribed => Arc::new(names),
        _ => Arc::clone(&member.subscribed),
    };
    let instance_id = request.instance_id.as_deref().map(Arc::from);
    ConsumerMember {
        instance_id: instance_id.or_else(|| member.instance_id.clone()),
        rack_id: request.rack_id.clone().or_else(|| member.rack_id.clone()),
        rebalance_timeout_ms: match request.rebalance_timeout_ms {
            NOT_SAID => member.rebalance_timeout_ms,
            said => said,
        },
        assignor: request.server_assignor.clone().or_else(|| member.assignor.clone()),
        subscribed,
        regex: request.subscribed_topic_regex.clone().or_else(|| member.regex.clone()),
        client_id: caller.client_id.clone(),
        client_host: caller.client_host.clone(),
        classic: None,
        ..member.clone()
    }
}
