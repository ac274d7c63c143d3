//! JoinGroup (key 11) to a classic group (`GroupMetadataManager.classicGroupJoin…`).
//!
//! | who | group | what |
//! |---|---|---|
//! | no member id, no instance | any | since version 4: an id is given out, MEMBER_ID_REQUIRED; before: joins |
//! | no member id, an instance that is known | any | takes the place of the member that had the instance (`join_static.rs`) |
//! | no member id, a new instance | any | joins |
//! | an id that was given out | any | joins |
//! | a member | PreparingRebalance | waits with the others |
//! | a member, same protocols | CompletingRebalance | hears of the generation again |
//! | a member, other protocols | CompletingRebalance, Stable | rebalance |
//! | the leader | Stable | rebalance: it knows why |
//! | another member, same protocols | Stable | hears of the generation again |
//! | anybody else | | UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID |

use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_protocol::messages::join_group_request::JoinGroupRequest;

use super::group::{ClassicGroup, ClassicState};
use super::member::Member;
use super::work::{NEW_MEMBER_JOIN_TIMEOUT_MS, Work, join_refused};
use crate::UNKNOWN_MEMBER;
use crate::decide::{Answer, Caller, Context, Decision, Ticket};
use crate::event::EventKind;
use crate::state::{Group, Shard};

/// The first version in which a member without an id is sent away to come back with one (KIP-394).
pub(crate) const MEMBER_ID_REQUIRED_FROM: i16 = 4;

/// A JoinGroup and who sent it.
pub(super) struct Joining<'a> {
    pub(super) request: &'a JoinGroupRequest,
    pub(super) caller: &'a Caller,
    pub(super) ticket: Ticket,
    pub(super) version: i16,
}

impl Joining<'_> {
    /// The client's reason, for the log.
    pub(super) fn reason(&self) -> &str {
        self.request.reason.as_deref().filter(|reason| !reason.is_empty()).unwrap_or("not provided")
    }
}

impl Shard {
    pub(crate) fn join(
        &self,
        context: &Context<'_>,
        ticket: Ticket,
        request: JoinGroupRequest,
        caller: &Caller,
        version: i16,
    ) -> Decision {
        let refuse = |error| Decision::answer(ticket, Answer::Join(join_refused(&request.member_id, error)));
        if request.group_id.is_empty() {
            return refuse(ErrorCode::InvalidGroupId);
        }
        let config = context.config;
        if !(config.min_session_timeout_ms..=config.max_session_timeout_ms)
            .contains(&request.session_timeout_ms)
        {
            return refuse(ErrorCode::InvalidSessionTimeout);
        }
        let mut tombstones = Vec::new();
        if let Some(Group::Consumer(group)) = self.groups.get(request.group_id.as_str()) {
            if !group.members.is_empty() {
                let asked = (ticket, version);
                return self.classic_joins_consumer_group(context, asked, group, &request, caller);
            }
            tombstones = group.tombstones();
        }
        let known = self.classic(&request.group_id);
        let group = match known {
            Some(group) => ClassicGroup::clone(group),
            None if request.member_id == UNKNOWN_MEMBER => {
                ClassicGroup::new(Arc::from(request.group_id.as_str()), context.wall_ms)
            }
            None => return refuse(ErrorCode::UnknownMemberId),
        };
        let mut work = Work::new(context, group);
        let joining = Joining { request: &request, caller, ticket, version };
        work.join(&joining);
        if known.is_none() && work.out.records.is_empty() {
            // The group exists from now on, also if nobody ever completes it.
            let empty = ClassicGroup::new(Arc::clone(&work.group.id), context.wall_ms);
            work.out.records.push(empty.record(|_| Vec::new()));
        }
        if !tombstones.is_empty() {
            work.event(EventKind::Migrated, "the empty consumer group becomes a classic group");
            tombstones.append(&mut work.out.records);
            work.out.records = tombstones;
        }
        work.done()
    }
}

impl Work<'_> {
    fn join(&mut self, joining: &Joining<'_>) {
        let request = joining.request;
        let member = request.member_id.as_str();
        if !self.accepts(member) {
            self.group.remove(member);
            return self.refuse(joining, UNKNOWN_MEMBER, ErrorCode::GroupMaxSizeReached);
        }
        if !self.group.supports(&request.protocol_type, &request.protocols) {
            return self.refuse(joining, member, ErrorCode::InconsistentGroupProtocol);
        }
        if member == UNKNOWN_MEMBER {
            self.join_unknown(joining);
        } else if self.group.pending_joins.contains(member) {
            if request.group_instance_id.is_some() {
                // Ids are given out to members without an instance alone.
                return self.refuse(joining, member, ErrorCode::UnknownServerError);
            }
            self.add(joining, Arc::from(member));
        } else {
            match self.group.known(member, request.group_instance_id.as_deref()) {
                Ok(known) => {
                    let known = Arc::clone(known);
                    self.join_again(joining, &known);
                }
                Err(error) => self.refuse(joining, member, error),
            }
        }
    }

    /// Whether there is room. While members gather those are counted who have come, so that the last ones to come are
    /// left out when `group.max.size` was lowered.
    fn accepts(&self, member: &str) -> bool {
        let (group, max) = (&self.group, self.context.config.max_size);
        let known = group.members.get(member);
        match group.state {
            ClassicState::Empty => true,
            ClassicState::PreparingRebalance => {
                known.is_some_and(|member| member.joining.is_some()) || group.joining < max
            }
            ClassicState::CompletingRebalance | ClassicState::Stable => {
                known.is_some() || group.members.len() < max
            }
        }
    }

    fn refuse(&mut self, joining: &Joining<'_>, member: &str, error: ErrorCode) {
        self.answer(joining.ticket, Answer::Join(join_refused(member, error)));
    }

    fn join_unknown(&mut self, joining: &Joining<'_>) {
        let named = joining.request.group_instance_id.as_deref();
        let id: Arc<str> = Arc::from(format!(
            "{}-{}",
            named.unwrap_or(&joining.caller.client_id),
            hyphenated(self.context.random)
        ));
        match named.and_then(|instance| self.group.instances.get(instance)).cloned() {
            Some(before) => self.replace_static(joining, &before, id),
            None if named.is_none() && joining.version >= MEMBER_ID_REQUIRED_FROM => {
                self.group.pending_joins.insert(Arc::clone(&id));
                self.member_timer(&id, Some(i64::from(joining.request.session_timeout_ms)));
                self.refuse(joining, &id, ErrorCode::MemberIdRequired);
            }
            None => self.add(joining, id),
        }
    }

    fn add(&mut self, joining: &Joining<'_>, id: Arc<str>) {
        let group = &mut self.group;
        if group.members.is_empty() {
            group.protocol_type = Some(Arc::from(joining.request.protocol_type.as_str()));
        }
        if let Some(initial) = group.initial.as_mut() {
            initial.member_added = true;
        }
        group.put(Member::joined(Arc::clone(&id), joining.request, joining.caller, joining.ticket));
        // It cannot send heartbeats before it hears its id. If it gave up meanwhile it must not stay for ever.
        self.member_timer(&id, Some(NEW_MEMBER_JOIN_TIMEOUT_MS));
        self.rebalance_or_complete(&format!("member {id} joins; client reason: {}", joining.reason()));
    }

    /// A member joins that is one.
    fn join_again(&mut self, joining: &Joining<'_>, member: &Arc<Member>) {
        let same = member.protocols == joining.request.protocols;
        let reason = match self.group.state {
            ClassicState::Empty => return self.refuse(joining, &member.id, ErrorCode::UnknownMemberId),
            ClassicState::PreparingRebalance => "joins while the group rebalances",
            ClassicState::CompletingRebalance if same => return self.tell_again(joining, &member.id),
            ClassicState::Stable if same && !self.group.is_leader(&member.id) => {
                return self.tell_again(joining, &member.id);
            }
            ClassicState::Stable if self.group.is_leader(&member.id) => "leads the group and joins again",
            ClassicState::CompletingRebalance | ClassicState::Stable => "joins with other metadata",
        };
        let reason = format!("member {} {reason}; client reason: {}", member.id, joining.reason());
        self.update(joining, &member.id);
        self.rebalance_or_complete(&reason);
    }

    /// Takes what a member joins with.
    pub(super) fn update(&mut self, joining: &Joining<'_>, id: &str) {
        let superseded = self.group.members.get(id).and_then(|member| member.joining);
        if let Some(ticket) = superseded {
            // It asked twice: nobody reads the first answer any more, but a connection waits for it.
            self.answer(ticket, Answer::Join(join_refused(id, ErrorCode::RebalanceInProgress)));
        }
        self.change(id, |member| {
            member.protocols.clone_from(&joining.request.protocols);
            member.rebalance_timeout_ms = joining.request.rebalance_timeout_ms;
            member.session_timeout_ms = joining.request.session_timeout_ms;
            member.joining = Some(joining.ticket);
        });
    }

    /// The members are known already, or it is not the leader's business: only this one is told.
    fn tell_again(&mut self, joining: &Joining<'_>, member: &str) {
        let mut answer = self.joined(member);
        if self.group.state == ClassicState::Stable {
            answer.members.clear();
        }
        self.answer(joining.ticket, Answer::Join(answer));
    }
}

/// A random id as Java writes one (RFC 9562, version 4).
fn hyphenated(random: u128) -> String {
    let version_4 = (random & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{version_4:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_look_like_javas() {
        assert_eq!(super::hyphenated(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(super::hyphenated(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
