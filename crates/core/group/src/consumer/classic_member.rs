//! SyncGroup, Heartbeat and LeaveGroup of classic members of a consumer group (`classicGroup…ToConsumerGroup`).

use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_protocol::messages::heartbeat_request::HeartbeatRequest;
use headwater_protocol::messages::leave_group_request::{LeaveGroupRequest, MemberIdentity};
use headwater_protocol::messages::leave_group_response::{LeaveGroupResponse, MemberResponse};
use headwater_protocol::messages::sync_group_request::SyncGroupRequest;
use headwater_protocol::messages::sync_group_response::SyncGroupResponse;

use super::group::ConsumerGroup;
use super::identify::check_not_fenced;
use super::member::{ConsumerMember, MemberState};
use super::work::{Refusal, Work};
use crate::UNKNOWN_MEMBER;
use crate::classic::{CONSUMER, embedded, sync_refused};
use crate::decide::{Answer, Context, Decision, Ticket};
use crate::event::EventKind;
use crate::state::Shard;
use crate::timers::TimerKey;

impl ConsumerGroup {
    /// A classic member, in its generation.
    fn classic_member(
        &self,
        id: &str,
        instance: Option<&str>,
        generation: i32,
    ) -> Result<(&Arc<ConsumerMember>, i32), ErrorCode> {
        let member = match instance {
            None => self.known(id),
            Some(instance) => self.known_static(id, instance),
        };
        let member = member.map_err(|refusal| refusal.error)?;
        let session_ms = member.classic.as_ref().map(|classic| classic.session_timeout_ms);
        let session_ms = session_ms.ok_or(ErrorCode::UnknownMemberId)?;
        if member.epoch != generation {
            return Err(ErrorCode::IllegalGeneration);
        }
        Ok((member, session_ms))
    }
}

impl Shard {
    pub(crate) fn classic_syncs_in_consumer_group(
        &self,
        context: &Context<'_>,
        ticket: Ticket,
        group: &Arc<ConsumerGroup>,
        request: &SyncGroupRequest,
    ) -> Decision {
        let mut work = Work::new(context, self, Arc::clone(group));
        let answer = work.classic_sync(request).unwrap_or_else(sync_refused);
        work.out.answers.push((ticket, Answer::Sync(answer)));
        work.out
    }

    pub(crate) fn classic_beats_in_consumer_group(
        &self,
        context: &Context<'_>,
        ticket: Ticket,
        group: &Arc<ConsumerGroup>,
        request: &HeartbeatRequest,
    ) -> Decision {
        let mut work = Work::new(context, self, Arc::clone(group));
        let answer = work.classic_heartbeat(request).err().unwrap_or(ErrorCode::None);
        work.out.answers.push((ticket, Answer::Heartbeat(answer)));
        work.out
    }

    pub(crate) fn classic_leaves_consumer_group(
        &self,
        context: &Context<'_>,
        ticket: Ticket,
        group: &Arc<ConsumerGroup>,
        request: &LeaveGroupRequest,
    ) -> Decision {
        let mut work = Work::new(context, self, Arc::clone(group));
        let mut leaving: Vec<Arc<ConsumerMember>> = Vec::new();
        let mut members = Vec::new();
        for identity in &request.members {
            let found = find_leaving(group, identity);
            let error = found.as_ref().map_or_else(|refusal| refusal.error, |_| ErrorCode::None);
            members.push(MemberResponse {
                member_id: identity.member_id.clone(),
                group_instance_id: identity.group_instance_id.clone(),
                error_code: error.code(),
            });
            let Ok(member) = found else { continue };
            if leaving.iter().all(|known| known.id != member.id) {
                let reason = identity.reason.as_deref().unwrap_or("not provided");
                let reason = format!("member {} left; client reason: {reason}", member.id);
                work.event(EventKind::Left, group.epoch, reason);
                leaving.push(Arc::clone(member));
            }
        }
        work.put_out(&leaving);
        let answer = LeaveGroupResponse { members, ..LeaveGroupResponse::default() };
        work.out.answers.push((ticket, Answer::Leave(answer)));
        work.out
    }
}

fn find_leaving<'a>(
    group: &'a ConsumerGroup,
    identity: &MemberIdentity,
) -> Result<&'a Arc<ConsumerMember>, Refusal> {
    let Some(instance) = identity.group_instance_id.as_deref() else {
        return group.known(&identity.member_id);
    };
    let holder = group.static_member(instance).ok_or_else(|| Refusal {
        error: ErrorCode::UnknownMemberId,
        message: format!("Instance id {instance} is unknown."),
    })?;
    // An administrator names the instance alone.
    if identity.member_id != UNKNOWN_MEMBER {
        check_not_fenced(holder, &identity.member_id, instance)?;
    }
    Ok(holder)
}

impl Work<'_> {
    fn classic_sync(&mut self, request: &SyncGroupRequest) -> Result<SyncGroupResponse, ErrorCode> {
        let group = Arc::clone(&self.group);
        let instance = request.group_instance_id.as_deref();
        let (member, session_ms) =
            group.classic_member(&request.member_id, instance, request.generation_id)?;
        let protocol = member.classic_protocol().unwrap_or_default();
        let differs = |said: &Option<String>, known: &str| said.as_deref().is_some_and(|said| said != known);
        if differs(&request.protocol_type, CONSUMER) || differs(&request.protocol_name, protocol) {
            return Err(ErrorCode::InconsistentGroupProtocol);
        }
        if group.assignment_epoch > member.epoch && member.state != MemberState::UnrevokedPartitions {
            self.expect_join(member);
            return Err(ErrorCode::RebalanceInProgress);
        }
        let sync = TimerKey::MemberSync(Arc::clone(&group.id), Arc::clone(&member.id));
        self.timer(sync, None);
        self.session_timer(&member.id, Some(session_ms));
        let metadata = member.classic.as_ref().and_then(|classic| classic.supported_protocols.first());
        let version = metadata.and_then(|protocol| embedded::version(&protocol.metadata)).unwrap_or(0);
        let has = member.assigned.iter();
        let has = has.map(|(topic, partitions)| (*topic, partitions.keys().copied().collect())).collect();
        Ok(SyncGroupResponse {
            protocol_type: request.protocol_type.clone(),
            protocol_name: request.protocol_name.clone(),
            assignment: embedded::assignment_bytes(self.context.image, &has, version),
            ..SyncGroupResponse::default()
        })
    }

    fn classic_heartbeat(&mut self, request: &HeartbeatRequest) -> Result<(), ErrorCode> {
        let group = Arc::clone(&self.group);
        let instance = request.group_instance_id.as_deref();
        let (member, session_ms) =
            group.classic_member(&request.member_id, instance, request.generation_id)?;
        self.session_timer(&member.id, Some(session_ms));
        let has_to_join = member.epoch < group.assignment_epoch
            || member.state == MemberState::UnrevokedPartitions
            || member.state == MemberState::UnreleasedPartitions && !group.waits_for_others(member);
        if has_to_join {
            self.expect_join(member);
            return Err(ErrorCode::RebalanceInProgress);
        }
        Ok(())
    }

    /// A classic member has been told to join again: from the first time on its time runs.
    fn expect_join(&mut self, member: &ConsumerMember) {
        let key = TimerKey::MemberJoin(Arc::clone(&self.group.id), Arc::clone(&member.id));
        if !self.shard.timers.runs(&key) {
            self.timer(key, Some(member.rebalance_timeout_ms));
        }
    }
}
