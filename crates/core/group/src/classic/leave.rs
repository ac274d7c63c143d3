//! LeaveGroup (key 13) of members of a classic group: by themselves, or by an administrator who names instances
//! (`classicGroupLeaveToClassicGroup`).

use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_protocol::messages::leave_group_request::{LeaveGroupRequest, MemberIdentity};
use headwater_protocol::messages::leave_group_response::{LeaveGroupResponse, MemberResponse};

use super::group::{ClassicGroup, ClassicState};
use super::work::Work;
use crate::UNKNOWN_MEMBER;
use crate::decide::{Answer, Context, Decision, Ticket};
use crate::event::EventKind;
use crate::state::{Group, Shard};

impl Shard {
    pub(crate) fn leave(
        &self,
        context: &Context<'_>,
        ticket: Ticket,
        request: &LeaveGroupRequest,
    ) -> Decision {
        let refuse = |error: ErrorCode| {
            let answer = LeaveGroupResponse { error_code: error.code(), ..LeaveGroupResponse::default() };
            Decision::answer(ticket, Answer::Leave(answer))
        };
        if request.group_id.is_empty() {
            return refuse(ErrorCode::InvalidGroupId);
        }
        if let Some(Group::Consumer(group)) = self.groups.get(request.group_id.as_str()) {
            return self.classic_leaves_consumer_group(context, ticket, group, request);
        }
        let Some(group) = self.classic(&request.group_id) else {
            // Whoever is named is no member, each by itself.
            let members = request.members.iter().map(|member| respond(member, ErrorCode::UnknownMemberId));
            let answer = LeaveGroupResponse { members: members.collect(), ..LeaveGroupResponse::default() };
            return Decision::answer(ticket, Answer::Leave(answer));
        };
        let mut work = Work::new(context, ClassicGroup::clone(group));
        let members: Vec<MemberResponse> = request.members.iter().map(|member| work.leaves(member)).collect();
        let left: Vec<&str> =
            members.iter().filter(|member| member.error_code == 0).map(|member| &*member.member_id).collect();
        if !left.is_empty() {
            let reason = format!("members ({}) left", left.join(", "));
            match work.group.state {
                ClassicState::PreparingRebalance => work.complete_join_if_all_are_there(),
                _ => work.without(&reason),
            }
        }
        let answer = LeaveGroupResponse { members, ..LeaveGroupResponse::default() };
        work.answer(ticket, Answer::Leave(answer));
        work.done()
    }
}

fn respond(identity: &MemberIdentity, error: ErrorCode) -> MemberResponse {
    MemberResponse {
        member_id: identity.member_id.clone(),
        group_instance_id: identity.group_instance_id.clone(),
        error_code: error.code(),
    }
}

impl Work<'_> {
    fn leaves(&mut self, identity: &MemberIdentity) -> MemberResponse {
        let result = self.find_leaving(identity);
        if let Ok(id) = &result {
            let reason = identity.reason.as_deref().unwrap_or("not provided");
            self.event(EventKind::Left, format!("member {id} left; client reason: {reason}"));
            self.take_out(id);
        }
        respond(identity, result.err().unwrap_or(ErrorCode::None))
    }

    fn find_leaving(&self, identity: &MemberIdentity) -> Result<Arc<str>, ErrorCode> {
        let (group, instance) = (&self.group, identity.group_instance_id.as_deref());
        if identity.member_id == UNKNOWN_MEMBER {
            let holder = instance.and_then(|instance| group.instances.get(instance));
            return holder.cloned().ok_or(ErrorCode::UnknownMemberId);
        }
        if let Some(id) = group.pending_joins.get(identity.member_id.as_str()) {
            return Ok(Arc::clone(id));
        }
        group.known(&identity.member_id, instance).map(|member| Arc::clone(&member.id))
    }
}
