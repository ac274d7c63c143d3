//! Heartbeat (key 12) of a member of a classic group (`classicGroupHeartbeatToClassicGroup`).

use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_protocol::messages::heartbeat_request::HeartbeatRequest;

use super::group::ClassicState;
use crate::decide::{Answer, Context, Decision, Soft, Ticket};
use crate::state::{Group, Shard};
use crate::timers::TimerKey;

impl Shard {
    pub(crate) fn heartbeat(
        &self,
        context: &Context<'_>,
        ticket: Ticket,
        request: &HeartbeatRequest,
    ) -> Decision {
        if let Some(Group::Consumer(group)) = self.groups.get(request.group_id.as_str()) {
            return self.classic_beats_in_consumer_group(context, ticket, group, request);
        }
        match self.heard(context, request) {
            // The group itself stays as it is: nothing is copied.
            Ok((soft, error)) => {
                Decision { soft: vec![soft], ..Decision::answer(ticket, Answer::Heartbeat(error)) }
            }
            Err(error) => Decision::answer(ticket, Answer::Heartbeat(error)),
        }
    }

    fn heard(
        &self,
        context: &Context<'_>,
        request: &HeartbeatRequest,
    ) -> Result<(Soft, ErrorCode), ErrorCode> {
        if request.group_id.is_empty() {
            return Err(ErrorCode::InvalidGroupId);
        }
        let group = self.classic(&request.group_id).ok_or(ErrorCode::UnknownMemberId)?;
        let member = group.known(&request.member_id, request.group_instance_id.as_deref())?;
        if request.generation_id != group.generation {
            return Err(ErrorCode::IllegalGeneration);
        }
        let error = match group.state {
            ClassicState::Empty => return Err(ErrorCode::UnknownMemberId),
            ClassicState::PreparingRebalance => ErrorCode::RebalanceInProgress,
            ClassicState::CompletingRebalance | ClassicState::Stable => ErrorCode::None,
        };
        let key = TimerKey::Member(Arc::clone(&group.id), Arc::clone(&member.id));
        let deadline = context.now_ms.saturating_add(i64::from(member.session_timeout_ms));
        Ok((Soft::Timer(key, Some(deadline)), error))
    }
}
