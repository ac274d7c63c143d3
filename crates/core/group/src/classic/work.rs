//! One decision on one group while it is being made: a copy of the group, and what comes out.

use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_protocol::messages::join_group_response::{JoinGroupResponse, JoinGroupResponseMember};
use headwater_protocol::messages::sync_group_response::SyncGroupResponse;

use super::group::{ClassicGroup, ClassicState};
use super::member::Member;
use crate::UNKNOWN_MEMBER;
use crate::decide::{Answer, Context, Decision, Soft, Ticket};
use crate::event::{Event, EventKind};
use crate::timers::TimerKey;

/// How long a member that is new may wait for its first generation (`CLASSIC_GROUP_NEW_MEMBER_JOIN_TIMEOUT_MS`).
pub(crate) const NEW_MEMBER_JOIN_TIMEOUT_MS: i64 = 5 * 60 * 1_000;

/// See the module.
pub(crate) struct Work<'a> {
    pub(crate) context: &'a Context<'a>,
    pub(crate) group: ClassicGroup,
    pub(crate) out: Decision,
}

impl<'a> Work<'a> {
    pub(crate) fn new(context: &'a Context<'a>, group: ClassicGroup) -> Self {
        Self { context, group, out: Decision::default() }
    }

    /// The decision, with the group as it is now.
    pub(crate) fn done(mut self) -> Decision {
        self.out.soft.push(Soft::Group(Arc::new(self.group)));
        self.out
    }

    pub(crate) fn answer(&mut self, ticket: Ticket, answer: Answer) {
        self.out.answers.push((ticket, answer));
    }

    pub(crate) fn event(&mut self, kind: EventKind, reason: impl Into<String>) {
        let (group, generation) = (Arc::clone(&self.group.id), self.group.generation);
        self.out.events.push(Event { kind, group, generation, limit: "", reason: reason.into() });
    }

    /// A member passed a limit and is put out.
    pub(crate) fn evicted(&mut self, limit: &'static str, reason: String) {
        let (group, generation) = (Arc::clone(&self.group.id), self.group.generation);
        self.out.events.push(Event { kind: EventKind::Evicted, group, generation, limit, reason });
    }

    pub(crate) fn move_to(&mut self, state: ClassicState) {
        self.group.move_to(state, self.context.wall_ms);
    }

    pub(crate) fn timer(&mut self, key: TimerKey, after_ms: Option<i64>) {
        let deadline = after_ms.map(|after| self.context.now_ms.saturating_add(after.max(0)));
        self.out.soft.push(Soft::Timer(key, deadline));
    }

    pub(crate) fn join_timer(&mut self, after_ms: Option<i64>) {
        self.timer(TimerKey::Join(Arc::clone(&self.group.id)), after_ms);
    }

    pub(crate) fn sync_timer(&mut self, after_ms: Option<i64>) {
        self.timer(TimerKey::Sync(Arc::clone(&self.group.id)), after_ms);
    }

    pub(crate) fn member_timer(&mut self, member: &Arc<str>, after_ms: Option<i64>) {
        self.timer(TimerKey::Member(Arc::clone(&self.group.id), Arc::clone(member)), after_ms);
    }

    /// A member was heard of: its session begins anew.
    pub(crate) fn heard(&mut self, member: &Arc<str>) {
        if let Some(session_ms) = self.group.members.get(member).map(|known| known.session_timeout_ms) {
            self.member_timer(member, Some(i64::from(session_ms)));
        }
    }

    /// Changes a member.
    pub(crate) fn change(&mut self, id: &str, change: impl FnOnce(&mut Member)) {
        if let Some(member) = self.group.members.get(id) {
            let mut member = Member::clone(member);
            change(&mut member);
            self.group.put(member);
        }
    }

    /// Answers a member that waits to join.
    pub(crate) fn answer_join(&mut self, id: &str, answer: JoinGroupResponse) {
        let waiting = self.group.members.get(id).and_then(|member| member.joining);
        if let Some(ticket) = waiting {
            self.change(id, |member| member.joining = None);
            self.answer(ticket, Answer::Join(answer));
        }
    }

    /// Answers a member that waits for its assignment. True if it did.
    pub(crate) fn answer_sync(&mut self, id: &str, answer: SyncGroupResponse) -> bool {
        let waiting = self.group.members.get(id).and_then(|member| member.syncing);
        if let Some(ticket) = waiting {
            self.change(id, |member| member.syncing = None);
            self.answer(ticket, Answer::Sync(answer));
        }
        waiting.is_some()
    }

    /// What a member of this generation hears; the leader also who the members are.
    pub(crate) fn joined(&self, member: &str) -> JoinGroupResponse {
        let group = &self.group;
        let protocol = group.protocol.as_deref().unwrap_or_default();
        let members = group.is_leader(member).then(|| {
            group.members.values().map(|member| JoinGroupResponseMember {
                member_id: member.id.to_string(),
                group_instance_id: member.instance_id.as_deref().map(str::to_owned),
                metadata: member.metadata(protocol).to_vec(),
            })
        });
        JoinGroupResponse {
            generation_id: group.generation,
            protocol_type: group.protocol_type.as_deref().map(str::to_owned),
            protocol_name: group.protocol.as_deref().map(str::to_owned),
            leader: group.leader.as_deref().unwrap_or_default().to_owned(),
            member_id: member.to_owned(),
            members: members.into_iter().flatten().collect(),
            ..JoinGroupResponse::default()
        }
    }

    /// A member's assignment.
    pub(crate) fn assigned(&self, assignment: Vec<u8>) -> SyncGroupResponse {
        SyncGroupResponse {
            protocol_type: self.group.protocol_type.as_deref().map(str::to_owned),
            protocol_name: self.group.protocol.as_deref().map(str::to_owned),
            assignment,
            ..SyncGroupResponse::default()
        }
    }

    /// Takes a member out. If it waits to join it hears that it is unknown, so that it tries again if it is alive.
    pub(crate) fn take_out(&mut self, id: &Arc<str>) {
        self.member_timer(id, None);
        self.answer_join(id, join_refused(UNKNOWN_MEMBER, ErrorCode::UnknownMemberId));
        self.answer_sync(id, sync_refused(ErrorCode::UnknownMemberId));
        self.group.remove(id);
    }
}

/// A JoinGroup that is refused.
pub(crate) fn join_refused(member: &str, error: ErrorCode) -> JoinGroupResponse {
    JoinGroupResponse {
        error_code: error.code(),
        protocol_name: None,
        member_id: member.to_owned(),
        ..JoinGroupResponse::default()
    }
}

/// A SyncGroup that is refused.
pub(crate) fn sync_refused(error: ErrorCode) -> SyncGroupResponse {
    SyncGroupResponse {
        error_code: error.code(),
        protocol_type: None,
        protocol_name: None,
        ..SyncGroupResponse::default()
    }
}
