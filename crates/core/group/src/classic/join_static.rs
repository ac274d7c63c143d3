//! A static member comes back without its member id: it takes its own place (KIP-345,
//! `updateStaticMemberThenRebalanceOrCompleteJoin`).
//!
//! The old member id is fenced. In a stable group whose protocol stays the same nobody rebalances: the member gets the
//! generation as it is, and its assignment with it.

use std::sync::Arc;

use headwater_base::error_code::ErrorCode;

use super::group::ClassicState;
use super::join::Joining;
use super::member::Member;
use super::work::{Work, join_refused, sync_refused};
use crate::decide::Answer;

/// The first version whose answer tells the members of a generation to a leader that need not assign (KIP-814).
const SKIP_ASSIGNMENT_FROM: i16 = 9;

impl Work<'_> {
    pub(super) fn replace_static(&mut self, joining: &Joining<'_>, before: &Arc<str>, id: Arc<str>) {
        let was_leader = self.group.is_leader(before);
        let old_leader = self.group.leader.clone();
        self.put_in_place(before, &id);
        self.update(joining, &id);
        self.heard(&id);
        match self.group.state {
            ClassicState::Stable => {
                if self.group.protocol == self.group.elect_protocol() {
                    return self.same_generation(joining, &id, was_leader, old_leader);
                }
                self.prepare_rebalance(&format!(
                    "static member {id} comes back, and the group's protocol changes; client reason: {}",
                    joining.reason()
                ));
            }
            ClassicState::CompletingRebalance => {
                // The leader may be assigning to the old member id.
                self.prepare_rebalance(&format!(
                    "static member {id} comes back while the leader assigns; client reason: {}",
                    joining.reason()
                ));
            }
            ClassicState::PreparingRebalance | ClassicState::Empty => self.complete_join_if_all_are_there(),
        }
    }

    /// The same member under another id. Who waits under the old id is fenced.
    fn put_in_place(&mut self, before: &Arc<str>, id: &Arc<str>) {
        self.answer_join(before, join_refused(before, ErrorCode::FencedInstanceId));
        self.answer_sync(before, sync_refused(ErrorCode::FencedInstanceId));
        self.member_timer(before, None);
        let was_leader = self.group.is_leader(before);
        if let Some(removed) = self.group.remove(before) {
            self.group.put(Member { id: Arc::clone(id), is_new: false, ..Member::clone(&removed) });
        }
        if was_leader {
            self.group.leader = Some(Arc::clone(id));
        }
    }

    fn same_generation(
        &mut self,
        joining: &Joining<'_>,
        id: &Arc<str>,
        was_leader: bool,
        old_leader: Option<Arc<str>>,
    ) {
        let mut answer = self.joined(id);
        if joining.version >= SKIP_ASSIGNMENT_FROM {
            answer.skip_assignment = was_leader;
        } else {
            // It would believe that it has to assign. With the old leader's id it takes itself for a follower.
            answer.members.clear();
            answer.leader = old_leader.as_deref().unwrap_or_default().to_owned();
        }
        self.change(id, |member| member.joining = None);
        self.answer(joining.ticket, Answer::Join(answer));
        let record = self.group.record(|member| member.assignment.clone());
        self.out.records.push(record);
    }
}
