//! Which member a request is of (`getOrMaybeSubscribeDynamicConsumerGroupMember`, `…Static…`).
//!
//! | who | joins | goes on |
//! |---|---|---|
//! | a dynamic member | is made if it is not there | must be there, in its epoch or the one before |
//! | a static member, instance unknown | is made | UNKNOWN_MEMBER_ID |
//! | a static member, instance is away (−2) | takes its place, with all it shall have | FENCED_INSTANCE_ID under another id |
//! | a static member, instance is not away | UNRELEASED_INSTANCE_ID | FENCED_INSTANCE_ID under another id |
//!
//! A member that spoke the classic protocol, or speaks it now, takes an instance without waiting for it to be released.

use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_protocol::messages::consumer_group_heartbeat_request::{
    ConsumerGroupHeartbeatRequest, TopicPartitions as Owned,
};

use super::assignment::holds;
use super::group::ConsumerGroup;
use super::member::{AWAY_EPOCH, ConsumerMember};
use super::records;
use super::work::{Refusal, Work, refuse};

impl ConsumerGroup {
    /// A member by its id.
    pub(super) fn known(&self, member: &str) -> Result<&Arc<ConsumerMember>, Refusal> {
        self.members.get(member).ok_or_else(|| Refusal {
            error: ErrorCode::UnknownMemberId,
            message: format!("Member {member} is not a member of group {}.", self.id),
        })
    }

    /// The static member of an instance, which must be this one.
    pub(super) fn known_static(&self, member: &str, instance: &str) -> Result<&Arc<ConsumerMember>, Refusal> {
        let Some(holder) = self.static_member(instance) else {
            return refuse(ErrorCode::UnknownMemberId, format!("Instance id {instance} is unknown."));
        };
        check_not_fenced(holder, member, instance)?;
        Ok(holder)
    }
}

pub(super) fn check_not_fenced(holder: &ConsumerMember, member: &str, instance: &str) -> Result<(), Refusal> {
    if &*holder.id == member {
        return Ok(());
    }
    let message =
        format!("Static member {member} with instance id {instance} was fenced by member {}.", holder.id);
    refuse(ErrorCode::FencedInstanceId, message)
}

impl Work<'_> {
    /// The member as it is before this heartbeat.
    pub(super) fn find_or_make(
        &mut self,
        id: &Arc<str>,
        request: &ConsumerGroupHeartbeatRequest,
    ) -> Result<ConsumerMember, Refusal> {
        let (epoch, owned) = (request.member_epoch, request.topic_partitions.as_deref());
        let group = Arc::clone(&self.group);
        let Some(instance) = request.instance_id.as_deref() else {
            let member = match group.members.get(id) {
                Some(known) => ConsumerMember::clone(known),
                None if epoch == 0 => ConsumerMember::new(Arc::clone(id)),
                None => ConsumerMember::clone(group.known(id)?),
            };
            check_epoch(&member, epoch, owned)?;
            return Ok(member);
        };
        if epoch == 0 {
            return self.take_instance(id, instance, false);
        }
        let holder = group.known_static(id, instance)?;
        check_epoch(holder, epoch, owned)?;
        Ok(ConsumerMember::clone(holder))
    }

    /// A static member joins: it is new, or takes the place of whoever had the instance.
    pub(super) fn take_instance(
        &mut self,
        id: &Arc<str>,
        instance: &str,
        speaks_classic: bool,
    ) -> Result<ConsumerMember, Refusal> {
        let group = Arc::clone(&self.group);
        let Some(holder) = group.static_member(instance) else {
            let known = group.members.get(id).map(|known| ConsumerMember::clone(known));
            return Ok(known.unwrap_or_else(|| ConsumerMember::new(Arc::clone(id))));
        };
        if !speaks_classic && holder.classic.is_none() && holder.epoch != AWAY_EPOCH {
            let message = format!(
                "Static member {id} with instance id {instance} cannot join the group because the instance id is \
                 owned by {} member.",
                holder.id
            );
            return refuse(ErrorCode::UnreleasedInstanceId, message);
        }
        let member = ConsumerMember {
            id: Arc::clone(id),
            epoch: 0,
            previous_epoch: 0,
            ..ConsumerMember::clone(holder)
        };
        self.forget_timers(&holder.id);
        self.out.records.extend(records::member_tombstones(&group.id, &holder.id));
        self.out.records.push(records::subscription(&group.id, &member));
        self.out.records.push(records::target(&group.id, id, &group.target(&holder.id)));
        self.out.records.push(records::current(&group.id, &member));
        Ok(member)
    }
}

/// `throwIfConsumerGroupMemberEpochIsInvalid`.
fn check_epoch(member: &ConsumerMember, epoch: i32, owned: Option<&[Owned]>) -> Result<(), Refusal> {
    let known = member.epoch;
    let relation = if epoch > known {
        "greater"
    } else {
        // An answer that got lost is told again, if the member has taken nothing that was not its own.
        let asks_again = epoch == member.previous_epoch && has_only(owned, member);
        if epoch == 0 || epoch == known || asks_again {
            return Ok(());
        }
        "smaller"
    };
    let message = format!(
        "The consumer group member has a {relation} member epoch ({epoch}) than the one known by the group \
         coordinator ({known}). The member must abandon all its partitions and rejoin."
    );
    refuse(ErrorCode::FencedMemberEpoch, message)
}

fn has_only(owned: Option<&[Owned]>, member: &ConsumerMember) -> bool {
    owned.is_some_and(|owned| {
        owned.iter().all(|topic| {
            member.assigned.contains_key(&topic.topic_id)
                && topic.partitions.iter().all(|index| holds(&member.assigned, topic.topic_id, *index))
        })
    })
}
