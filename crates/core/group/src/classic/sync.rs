//! SyncGroup (key 14) to a classic group: the leader brings the assignment, the others fetch theirs
//! (`classicGroupSyncToClassicGroup`).
//!
//! The group is stable as soon as the record of its generation is in the log; the members hear of it when the record is
//! committed.

use std::collections::BTreeMap;
use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_protocol::messages::sync_group_request::SyncGroupRequest;

use super::group::{ClassicGroup, ClassicState};
use super::work::{Work, sync_refused};
use crate::decide::{Answer, Context, Decision, Ticket};
use crate::event::EventKind;
use crate::state::{Group, Shard};

impl Shard {
    pub(crate) fn sync(&self, context: &Context<'_>, ticket: Ticket, request: SyncGroupRequest) -> Decision {
        let refuse = |error| Decision::answer(ticket, Answer::Sync(sync_refused(error)));
        if request.group_id.is_empty() {
            return refuse(ErrorCode::InvalidGroupId);
        }
        if let Some(Group::Consumer(group)) = self.groups.get(request.group_id.as_str()) {
            return self.classic_syncs_in_consumer_group(context, ticket, group, &request);
        }
        let Some(group) = self.classic(&request.group_id) else {
            return refuse(ErrorCode::UnknownMemberId);
        };
        if let Err(error) = check(group, &request) {
            return refuse(error);
        }
        let mut work = Work::new(context, ClassicGroup::clone(group));
        work.sync(ticket, request);
        work.done()
    }
}

fn check(group: &ClassicGroup, request: &SyncGroupRequest) -> Result<(), ErrorCode> {
    group.known(&request.member_id, request.group_instance_id.as_deref())?;
    if request.generation_id != group.generation {
        return Err(ErrorCode::IllegalGeneration);
    }
    // Before version 5 the request does not say.
    let differs = |said: &Option<String>, known: &Option<Arc<str>>| {
        said.as_deref().is_some_and(|said| known.as_deref().is_some_and(|known| known != said))
    };
    if differs(&request.protocol_type, &group.protocol_type)
        || differs(&request.protocol_name, &group.protocol)
    {
        return Err(ErrorCode::InconsistentGroupProtocol);
    }
    match group.state {
        ClassicState::Empty => Err(ErrorCode::UnknownMemberId),
        ClassicState::PreparingRebalance => Err(ErrorCode::RebalanceInProgress),
        ClassicState::CompletingRebalance | ClassicState::Stable => Ok(()),
    }
}

impl Work<'_> {
    fn sync(&mut self, ticket: Ticket, request: SyncGroupRequest) {
        let id: Arc<str> = Arc::from(request.member_id.as_str());
        self.group.pending_syncs.remove(&id);
        if self.group.pending_syncs.is_empty() {
            self.sync_timer(None);
        }
        if self.group.state == ClassicState::Stable {
            let assignment = self.group.members.get(&id).map(|member| member.assignment.clone());
            let answer = self.assigned(assignment.unwrap_or_default());
            return self.answer(ticket, Answer::Sync(answer));
        }
        // Whoever asks twice hears once; its first connection is told to ask again.
        self.answer_sync(&id, sync_refused(ErrorCode::RebalanceInProgress));
        self.change(&id, |member| member.syncing = Some(ticket));
        if self.group.is_leader(&id) {
            self.assign(request);
        }
    }

    /// The leader's assignment. Members that it left out get an empty one.
    fn assign(&mut self, request: SyncGroupRequest) {
        let mut given: BTreeMap<String, Vec<u8>> =
            request.assignments.into_iter().map(|given| (given.member_id, given.assignment)).collect();
        let ids: Vec<Arc<str>> = self.group.members.keys().cloned().collect();
        for id in &ids {
            let assignment = given.remove(&**id).unwrap_or_default();
            self.change(id, |member| member.assignment = assignment);
        }
        self.move_to(ClassicState::Stable);
        self.event(
            EventKind::Stable,
            format!("leader {} assigned to {} members", request.member_id, ids.len()),
        );
        let record = self.group.record(|member| member.assignment.clone());
        self.out.records.push(record);
        for id in &ids {
            let assignment = self.group.members.get(id).map(|member| member.assignment.clone());
            let answer = self.assigned(assignment.unwrap_or_default());
            if self.answer_sync(id, answer) {
                self.heard(id);
            }
        }
    }
}
