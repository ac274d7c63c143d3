//! Groups that change between the classic and the consumer protocol while they have members, and what members of one
//! protocol hear in a group of the other.

use headwater_protocol::ApiKey;
use headwater_protocol::messages::heartbeat_request::HeartbeatRequest;
use headwater_protocol::messages::join_group_response::JoinGroupResponse;
use headwater_protocol::messages::leave_group_request::{LeaveGroupRequest, MemberIdentity};
use headwater_protocol::messages::sync_group_request::SyncGroupRequest;

use super::consumer_groups::{alive, beat, joining, settle, show};
use super::groups::{heartbeat, join, sync};
use super::target::{Target, body};

/// The assignment of all of `plain` in the format of consumers.
const ALL_OF_PLAIN: &[u8] =
    b"\0\0\0\0\0\x01\0\x05plain\0\0\0\x03\0\0\0\0\0\0\0\x01\0\0\0\x02\xff\xff\xff\xff";

/// What members of the classic protocol hear of `group`.
pub fn classic_requests(target: &mut Target, what: &str, group: &str, member: &str, epoch: i32) {
    for (who, id) in [("a stranger", "stranger"), ("a member", member)] {
        let name = |request: &str| format!("{request}: {what}, {who}");
        target.ask_raw(&name("sync"), ApiKey::SyncGroup, 5, &body(&sync(group, epoch, id), 5));
        let beat: HeartbeatRequest = heartbeat(group, epoch, id);
        target.ask_raw(&name("classic heartbeat"), ApiKey::Heartbeat, 4, &body(&beat, 4));
        let leaving = LeaveGroupRequest {
            group_id: group.to_owned(),
            members: vec![MemberIdentity { member_id: "stranger".to_owned(), ..MemberIdentity::default() }],
            ..LeaveGroupRequest::default()
        };
        target.ask_raw(&name("classic leave"), ApiKey::LeaveGroup, 5, &body(&leaving, 5));
    }
    let mut other = join(group, "");
    other.protocol_type = "connect".to_owned();
    target.ask_raw(&format!("join: {what}, another type"), ApiKey::JoinGroup, 9, &body(&other, 9));
    let mut other = join(group, "");
    other.protocols[0].metadata = b"nonsense".to_vec();
    target.ask_raw(&format!("join: {what}, no subscription"), ApiKey::JoinGroup, 9, &body(&other, 9));
    let mut other = join(group, "");
    other.protocols.clear();
    target.ask_raw(&format!("join: {what}, no protocols"), ApiKey::JoinGroup, 9, &body(&other, 9));
    target.ask_raw(
        &format!("join: {what}, as a stranger"),
        ApiKey::JoinGroup,
        9,
        &body(&join(group, "stranger"), 9),
    );
}

pub fn chapter(target: &mut Target) {
    empty_groups(target);
    up_and_down(target);
    connect_group(target);
}

/// A group without members takes the protocol of whoever comes.
fn empty_groups(target: &mut Target) {
    let member = classic_member(target, "turn");
    beat(
        target,
        "a consumer joins a classic group in which a classic member waits",
        &joining("turn", "member-t", &["plain"]),
    );
    let leaving = LeaveGroupRequest {
        group_id: "turn".to_owned(),
        members: vec![MemberIdentity { member_id: member, ..MemberIdentity::default() }],
        ..LeaveGroupRequest::default()
    };
    target.ask_raw("leave: the classic member of a turned group", ApiKey::LeaveGroup, 5, &body(&leaving, 5));
    show(target, "a turned group", "turn");
    beat(target, "the consumer of a turned group leaves", &alive("turn", "member-t", -1));
    let asked: Option<JoinGroupResponse> =
        target.ask("join: an empty consumer group", ApiKey::JoinGroup, 9, &join("turn", ""));
    let member = asked.map(|answer| answer.member_id).unwrap_or_default();
    target.ask_raw(
        "join: an empty consumer group, with the id",
        ApiKey::JoinGroup,
        9,
        &body(&join("turn", &member), 9),
    );
    show(target, "a group turned back", "turn");
}

/// A classic member with an assignment; gives its id. The pairs are those of [`super::groups`].
fn classic_member(target: &mut Target, group: &str) -> String {
    let asked: JoinGroupResponse = target.call(ApiKey::JoinGroup, 9, &join(group, ""));
    let member = asked.member_id;
    let joined: JoinGroupResponse = target.call(ApiKey::JoinGroup, 9, &join(group, &member));
    let mut assigning: SyncGroupRequest = sync(group, joined.generation_id, &member);
    assigning.assignments[0].assignment = ALL_OF_PLAIN.to_vec();
    target.ask_raw(&format!("sync: the member of {group}"), ApiKey::SyncGroup, 5, &body(&assigning, 5));
    member
}

/// A consumer comes to a classic member, and goes again.
fn up_and_down(target: &mut Target) {
    let member = classic_member(target, "mixed");
    let epoch =
        beat(target, "a consumer joins a stable classic group", &joining("mixed", "member-m", &["plain"]));
    show(target, "a mixed group", "mixed");
    let name = |what: &str| format!("mixed: {what}");
    target.ask_raw(
        &name("the classic member's heartbeat"),
        ApiKey::Heartbeat,
        4,
        &body(&heartbeat("mixed", 1, &member), 4),
    );
    let rejoined: Option<JoinGroupResponse> =
        target.ask(&name("the classic member joins again"), ApiKey::JoinGroup, 9, &join("mixed", &member));
    let generation = rejoined.map_or(-1, |answer| answer.generation_id);
    target.ask_raw(
        &name("the classic member's sync"),
        ApiKey::SyncGroup,
        5,
        &body(&sync("mixed", generation, &member), 5),
    );
    let epoch = settle(target, "mixed", "member-m", epoch);
    target.ask_raw(
        &name("the classic member's heartbeat again"),
        ApiKey::Heartbeat,
        4,
        &body(&heartbeat("mixed", generation, &member), 4),
    );
    let rejoined: JoinGroupResponse = target.call(ApiKey::JoinGroup, 9, &join("mixed", &member));
    target.ask_raw(
        &name("the classic member's last sync"),
        ApiKey::SyncGroup,
        5,
        &body(&sync("mixed", rejoined.generation_id, &member), 5),
    );
    let epoch = settle(target, "mixed", "member-m", epoch);
    show(target, "a settled mixed group", "mixed");
    classic_requests(target, "a mixed group", "mixed", &member, epoch);
    beat(target, "the last consumer of a mixed group leaves", &alive("mixed", "member-m", -1));
    show(target, "a group that went back", "mixed");
    target.ask_raw(
        &name("the classic member's heartbeat after all"),
        ApiKey::Heartbeat,
        4,
        &body(&heartbeat("mixed", rejoined.generation_id, &member), 4),
    );
}

/// A classic group of another type of client stays as it is.
fn connect_group(target: &mut Target) {
    let mut worker = join("workers", "");
    worker.protocol_type = "connect".to_owned();
    let asked: JoinGroupResponse = target.call(ApiKey::JoinGroup, 9, &worker);
    worker.member_id = asked.member_id;
    let _: JoinGroupResponse = target.call(ApiKey::JoinGroup, 9, &worker);
    beat(target, "a consumer joins a group of another type", &joining("workers", "member-w", &["plain"]));
    show(target, "a group of another type", "workers");
}
