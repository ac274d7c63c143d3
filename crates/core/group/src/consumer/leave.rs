//! A member leaves, for good or for a while, or is put out (`consumerGroupLeave`, `consumerGroupFenceMembers`).

use std::collections::BTreeMap;
use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_protocol::messages::consumer_group_heartbeat_request::ConsumerGroupHeartbeatRequest;
use headwater_protocol::messages::consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse;

use super::assignment::PartitionEpochs;
use super::group::ConsumerGroup;
use super::member::{AWAY_EPOCH, ConsumerMember};
use super::metadata_hash::metadata_hash;
use super::records;
use super::work::{Refusal, Work, refuse};
use crate::decide::{Context, Decision};
use crate::event::EventKind;
use crate::state::{Group, Shard};

impl Shard {
    /// The consumer group of an id, for whoever does not make one.
    pub(super) fn known_consumer_group(&self, id: &str) -> Result<&Arc<ConsumerGroup>, Refusal> {
        match self.groups.get(id) {
            Some(Group::Consumer(group)) => Ok(group),
            Some(Group::Classic(_)) => {
                refuse(ErrorCode::GroupIdNotFound, format!("Group {id} is not a consumer group."))
            }
            None => refuse(ErrorCode::GroupIdNotFound, format!("Group {id} not found.")),
        }
    }

    pub(super) fn consumer_leave(
        &self,
        context: &Context<'_>,
        request: &ConsumerGroupHeartbeatRequest,
    ) -> Result<(Decision, ConsumerGroupHeartbeatResponse), Refusal> {
        let group = self.known_consumer_group(&request.group_id)?;
        let member = match request.instance_id.as_deref() {
            None => group.known(&request.member_id)?,
            Some(instance) => group.known_static(&request.member_id, instance)?,
        };
        let is_away = request.instance_id.is_some() && request.member_epoch == AWAY_EPOCH;
        let mut work = Work::new(context, self, Arc::clone(group));
        let client = &member.client_id;
        if is_away {
            let reason = format!("static member {} (client {client}) left for a while", member.id);
            work.event(EventKind::Left, group.epoch, reason);
            work.out.records.push(records::current(&group.id, &away(member)));
        } else {
            let reason = format!("member {} (client {client}) left", member.id);
            work.event(EventKind::Left, group.epoch, reason);
            work.put_out(&[Arc::clone(member)]);
        }
        let answer = ConsumerGroupHeartbeatResponse {
            member_id: Some(request.member_id.clone()),
            member_epoch: request.member_epoch,
            ..ConsumerGroupHeartbeatResponse::default()
        };
        Ok((work.out, answer))
    }
}

/// A static member that will be back: what it has stays its own, what it had to give up is free.
fn away(member: &ConsumerMember) -> ConsumerMember {
    let mut assigned = member.assigned.clone();
    assigned.values_mut().flat_map(BTreeMap::values_mut).for_each(|since| *since = 0);
    ConsumerMember { epoch: AWAY_EPOCH, assigned, revoking: PartitionEpochs::new(), ..member.clone() }
}

impl Work<'_> {
    /// Takes members out; those who stay get a new epoch.
    pub(super) fn put_out(&mut self, members: &[Arc<ConsumerMember>]) {
        let group = Arc::clone(&self.group);
        if members.is_empty() || self.downgrade_without(members) {
            return;
        }
        for member in members {
            self.out.records.extend(records::member_tombstones(&group.id, &member.id));
            self.forget_timers(&member.id);
        }
        let mut subscriptions = group.subscriptions.clone();
        for member in members {
            subscriptions.replace(Some(member), None);
        }
        for regex in group.subscriptions.regexes.keys() {
            if subscriptions.members_of(regex) == 0 {
                self.out.records.push(records::regex_tombstone(&group.id, regex));
                let topics = group.regexes.get(regex).into_iter().flat_map(|resolved| &resolved.topics);
                subscriptions.matches_no_more(topics);
            }
        }
        let hash = metadata_hash(self.context.image, subscriptions.topics.keys().map(|topic| &**topic));
        let epoch = group.epoch + 1;
        self.out.records.push(records::epoch(&group.id, epoch, hash));
        if group.members.len() == members.len() {
            self.event(EventKind::Empty, epoch, "the last member is gone");
        } else {
            let ids: Vec<&str> = members.iter().map(|member| &*member.id).collect();
            self.event(EventKind::Rebalance, epoch, format!("members ({}) are gone", ids.join(", ")));
        }
    }
}
