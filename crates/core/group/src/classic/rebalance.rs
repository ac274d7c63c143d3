//! The way from one generation to the next.

use std::sync::Arc;

use headwater_base::error_code::ErrorCode;

use super::group::{ClassicState, InitialWait};
use super::work::{Work, sync_refused};
use crate::event::EventKind;

impl Work<'_> {
    /// Begins a rebalance, or goes on with the one that runs.
    pub(super) fn rebalance_or_complete(&mut self, reason: &str) {
        if self.group.state == ClassicState::PreparingRebalance {
            self.complete_join_if_all_are_there();
        } else {
            self.prepare_rebalance(reason);
        }
    }

    /// All members have to join again (`prepareRebalance`).
    pub(crate) fn prepare_rebalance(&mut self, reason: &str) {
        if self.group.state == ClassicState::CompletingRebalance {
            self.reset_assignments();
        }
        self.group.pending_syncs.clear();
        self.sync_timer(None);
        let was_empty = self.group.state == ClassicState::Empty;
        self.event(EventKind::Rebalance, reason);
        self.move_to(ClassicState::PreparingRebalance);
        if was_empty {
            self.wait_for_more();
        } else if self.group.all_joined() {
            self.complete_join();
        } else {
            let wait_ms = self.group.rebalance_timeout_ms();
            self.join_timer(Some(wait_ms));
        }
    }

    fn reset_assignments(&mut self) {
        let ids: Vec<Arc<str>> = self.group.members.keys().cloned().collect();
        for id in ids {
            self.change(&id, |member| member.assignment = Vec::new());
            if self.answer_sync(&id, sync_refused(ErrorCode::RebalanceInProgress)) {
                self.heard(&id);
            }
        }
    }

    /// A group that was empty waits, because members of one application tend to come one after the other.
    fn wait_for_more(&mut self) {
        let delay_ms = i64::from(self.context.config.initial_rebalance_delay_ms);
        let remaining_ms = (self.group.rebalance_timeout_ms() - delay_ms).max(0);
        self.group.initial = Some(InitialWait { delay_ms, remaining_ms, member_added: false });
        self.join_timer(Some(delay_ms));
    }

    /// The join timer is due.
    pub(crate) fn join_time_is_up(&mut self) {
        let Some(initial) = self.group.initial else { return self.complete_join() };
        if !initial.member_added || initial.remaining_ms == 0 {
            return self.complete_join();
        }
        let step_ms = i64::from(self.context.config.initial_rebalance_delay_ms).min(initial.remaining_ms);
        self.group.initial = Some(InitialWait {
            delay_ms: step_ms,
            remaining_ms: (initial.remaining_ms - initial.delay_ms).max(0),
            member_added: false,
        });
        self.join_timer(Some(step_ms));
    }

    /// Goes on when nobody is missing (`maybeCompleteJoinPhase`). The first rebalance of an empty group ends by time.
    pub(super) fn complete_join_if_all_are_there(&mut self) {
        let preparing = self.group.state == ClassicState::PreparingRebalance;
        if preparing && self.group.initial.is_none() && self.group.all_joined() {
            self.complete_join();
        }
    }

    /// Begins the next generation with those who are there (`completeClassicGroupJoin`). Static members may be missing:
    /// their sessions decide.
    pub(super) fn complete_join(&mut self) {
        self.group.initial = None;
        self.join_timer(None);
        let late: Vec<Arc<str>> = self
            .group
            .members
            .values()
            .filter(|member| member.joining.is_none() && member.instance_id.is_none())
            .map(|member| Arc::clone(&member.id))
            .collect();
        let limit_ms = self.group.rebalance_timeout_ms();
        for id in late {
            self.evicted("rebalance", format!("member {id} did not join again within {limit_ms} ms"));
            self.take_out(&id);
        }
        if !self.elect_leader() && !self.group.members.is_empty() {
            // Nobody came, but static members may yet.
            let wait_ms = self.group.rebalance_timeout_ms();
            self.event(EventKind::Rebalance, format!("no member came; waits another {wait_ms} ms"));
            return self.join_timer(Some(wait_ms));
        }
        self.next_generation();
    }

    /// The leader must be there. True if there is one who is.
    fn elect_leader(&mut self) -> bool {
        let group = &mut self.group;
        let Some(leader) = group.leader.clone() else { return false };
        if group.members.get(&leader).is_some_and(|member| member.joining.is_some()) {
            return true;
        }
        let next = group.members.values().find(|member| member.joining.is_some());
        let Some(next) = next.map(|member| Arc::clone(&member.id)) else { return false };
        group.leader = Some(next);
        true
    }

    fn next_generation(&mut self) {
        self.group.generation = self.group.generation.wrapping_add(1);
        self.group.protocol = self.group.elect_protocol();
        self.group.subscribed = self.group.read_subscriptions();
        self.group.pending_syncs.clear();
        if self.group.members.is_empty() {
            self.move_to(ClassicState::Empty);
            self.event(EventKind::Empty, "the last member is gone");
            let record = self.group.record(|_| Vec::new());
            return self.out.records.push(record);
        }
        self.move_to(ClassicState::CompletingRebalance);
        let (members, leader) = (self.group.members.len(), self.group.leader.clone().unwrap_or_default());
        self.event(EventKind::Generation, format!("{members} members, leader {leader}"));
        let ids: Vec<Arc<str>> = self.group.members.keys().cloned().collect();
        for id in ids {
            let answer = self.joined(&id);
            self.answer_join(&id, answer);
            self.heard(&id);
            self.change(&id, |member| member.is_new = false);
            self.group.pending_syncs.insert(id);
        }
        let wait_ms = self.group.rebalance_timeout_ms();
        self.sync_timer(Some(wait_ms));
    }

    /// The sync timer is due: who has not asked for its assignment is put out (`expirePendingSync`).
    pub(crate) fn sync_time_is_up(&mut self) {
        let waiting = matches!(self.group.state, ClassicState::CompletingRebalance | ClassicState::Stable);
        let silent: Vec<Arc<str>> = self.group.pending_syncs.iter().cloned().collect();
        self.sync_timer(None);
        if !waiting || silent.is_empty() {
            return;
        }
        let limit_ms = self.group.rebalance_timeout_ms();
        for id in &silent {
            self.evicted("sync", format!("member {id} did not ask for its assignment within {limit_ms} ms"));
            self.take_out(id);
        }
        self.prepare_rebalance(&format!("{} members did not ask for their assignment", silent.len()));
    }

    /// A member's timer is due (`expireClassicGroupMemberHeartbeat`).
    pub(crate) fn member_time_is_up(&mut self, id: &Arc<str>) {
        self.member_timer(id, None);
        if self.group.pending_joins.remove(id).is_some() {
            self.evicted("first join", format!("member {id} got its id and did not come back with it"));
            return self.complete_join_if_nobody_is_missing();
        }
        let Some(member) = self.group.members.get(id).cloned() else { return };
        let waits_for_first = member.is_new && member.joining.is_some();
        if !member.owes_heartbeats() && !waits_for_first {
            return;
        }
        let limit = if waits_for_first {
            "waited for its first generation for 300000 ms".to_owned()
        } else {
            format!("was not heard of for its session timeout of {} ms", member.session_timeout_ms)
        };
        self.evicted("session", format!("member {id} (client {}) {limit}", member.client_id));
        self.take_out(id);
        self.without(&format!("member {id} {limit}"));
    }

    /// A member has been taken out: what follows from that.
    pub(super) fn without(&mut self, reason: &str) {
        match self.group.state {
            ClassicState::Stable | ClassicState::CompletingRebalance => self.prepare_rebalance(reason),
            ClassicState::PreparingRebalance => self.complete_join_if_nobody_is_missing(),
            ClassicState::Empty => {}
        }
    }

    /// As [`Work::complete_join_if_all_are_there`], but also while an empty group waits for more: there may be nobody left.
    fn complete_join_if_nobody_is_missing(&mut self) {
        if self.group.state == ClassicState::PreparingRebalance && self.group.all_joined() {
            self.complete_join();
        }
    }
}
