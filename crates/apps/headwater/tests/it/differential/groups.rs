//! Groups of the classic protocol and committed offsets, behind the internal topics' making.

use headwater_protocol::ApiKey;
use headwater_protocol::messages::delete_groups_request::DeleteGroupsRequest;
use headwater_protocol::messages::describe_groups_request::DescribeGroupsRequest;
use headwater_protocol::messages::heartbeat_request::HeartbeatRequest;
use headwater_protocol::messages::join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol};
use headwater_protocol::messages::join_group_response::JoinGroupResponse;
use headwater_protocol::messages::leave_group_request::{LeaveGroupRequest, MemberIdentity};
use headwater_protocol::messages::list_groups_request::ListGroupsRequest;
use headwater_protocol::messages::sync_group_request::{SyncGroupRequest, SyncGroupRequestAssignment};

use super::group_offsets;
use super::state::versions;
use super::target::{Target, body};

/// A consumer's subscription to the shared topic `plain`.
const SUBSCRIPTION: &[u8] = b"\0\0\0\0\0\x01\0\x05plain\xff\xff\xff\xff";

pub fn join(group: &str, member: &str) -> JoinGroupRequest {
    JoinGroupRequest {
        group_id: group.to_owned(),
        session_timeout_ms: 30_000,
        rebalance_timeout_ms: 60_000,
        member_id: member.to_owned(),
        protocol_type: "consumer".to_owned(),
        protocols: vec![JoinGroupRequestProtocol {
            name: "range".to_owned(),
            metadata: SUBSCRIPTION.to_vec(),
        }],
        ..JoinGroupRequest::default()
    }
}

pub fn sync(group: &str, generation_id: i32, member: &str) -> SyncGroupRequest {
    let assignment = SyncGroupRequestAssignment { member_id: member.to_owned(), assignment: b"all".to_vec() };
    SyncGroupRequest {
        group_id: group.to_owned(),
        generation_id,
        member_id: member.to_owned(),
        protocol_type: Some("consumer".to_owned()),
        protocol_name: Some("range".to_owned()),
        assignments: vec![assignment],
        ..SyncGroupRequest::default()
    }
}

pub fn heartbeat(group: &str, generation_id: i32, member: &str) -> HeartbeatRequest {
    HeartbeatRequest {
        group_id: group.to_owned(),
        generation_id,
        member_id: member.to_owned(),
        group_instance_id: None,
    }
}

fn leave(version: i16, group: &str, members: &[(&str, Option<&str>)]) -> LeaveGroupRequest {
    let identity = |(member, instance): &(&str, Option<&str>)| MemberIdentity {
        member_id: (*member).to_owned(),
        group_instance_id: instance.map(str::to_owned),
        reason: None,
    };
    let mut request = LeaveGroupRequest { group_id: group.to_owned(), ..LeaveGroupRequest::default() };
    if version < 3 {
        request.member_id = members.first().map(|(member, _)| (*member).to_owned()).unwrap_or_default();
    } else {
        request.members = members.iter().map(identity).collect();
    }
    request
}

pub fn chapter(target: &mut Target) {
    without_group(target);
    refused_joins(target);
    let member = one_member(target);
    group_offsets::of_member(target, "one", &member);
    around_a_member(target, &member);
    group_offsets::without_members(target);
    endings(target, &member);
}

fn without_group(target: &mut Target) {
    for (what, group) in [("no such group", "nosuch"), ("an empty group id", "")] {
        for version in versions::<SyncGroupRequest>() {
            let mut request = sync(group, 1, "m");
            if version < 5 {
                (request.protocol_type, request.protocol_name) = (None, None);
            }
            target.ask_raw(&format!("sync: {what}"), ApiKey::SyncGroup, version, &body(&request, version));
        }
        target.ask_each(
            &format!("heartbeat: {what}"),
            ApiKey::Heartbeat,
            versions::<HeartbeatRequest>(),
            |version| body(&heartbeat(group, 1, "m"), version),
        );
        target.ask_each(
            &format!("leave: {what}"),
            ApiKey::LeaveGroup,
            versions::<LeaveGroupRequest>(),
            |version| body(&leave(version, group, &[("m", None)]), version),
        );
        target.ask_each(
            &format!("join: {what}, as a member"),
            ApiKey::JoinGroup,
            versions::<JoinGroupRequest>(),
            |version| body(&join(group, "m"), version),
        );
    }
    describe(target, "nothing", "nosuch");
    list(target, "nothing");
}

/// A change of a request, under a name.
type Change = (&'static str, fn(&mut JoinGroupRequest));

fn refused_joins(target: &mut Target) {
    let cases: [Change; 5] = [
        ("a short session", |request| request.session_timeout_ms = 5_999),
        ("a long session", |request| request.session_timeout_ms = 1_800_001),
        ("no protocols", |request| request.protocols.clear()),
        ("no protocol type", |request| request.protocol_type.clear()),
        ("no group id", |request| request.group_id.clear()),
    ];
    for (what, change) in cases {
        for version in versions::<JoinGroupRequest>() {
            // Each on a group of its own: a refused member makes a group nevertheless.
            let mut request = join(&format!("refused-{}-{version}", what.replace(' ', "-")), "");
            change(&mut request);
            target.ask_raw(&format!("join: {what}"), ApiKey::JoinGroup, version, &body(&request, version));
        }
    }
}

/// A group `one` with a member in generation 1; gives the member's id.
fn one_member(target: &mut Target) -> String {
    let asked: Option<JoinGroupResponse> =
        target.ask("join: without an id", ApiKey::JoinGroup, 9, &join("one", ""));
    let member = asked.map(|answer| answer.member_id).unwrap_or_default();
    target.ask_raw("join: with the id", ApiKey::JoinGroup, 9, &body(&join("one", &member), 9));
    describe(target, "a group that waits for its leader", "one");
    target.ask_raw("sync: a wrong generation", ApiKey::SyncGroup, 5, &body(&sync("one", 2, &member), 5));
    for (what, change) in [
        (
            "sync: a wrong type",
            (|request| request.protocol_type = Some("x".into())) as fn(&mut SyncGroupRequest),
        ),
        ("sync: a wrong protocol", |request| request.protocol_name = Some("x".into())),
    ] {
        let mut request = sync("one", 1, &member);
        change(&mut request);
        target.ask_raw(what, ApiKey::SyncGroup, 5, &body(&request, 5));
    }
    target.ask_raw("sync: the leader's", ApiKey::SyncGroup, 5, &body(&sync("one", 1, &member), 5));
    target.ask_raw("sync: again", ApiKey::SyncGroup, 5, &body(&sync("one", 1, &member), 5));
    member
}

fn around_a_member(target: &mut Target, member: &str) {
    for version in versions::<HeartbeatRequest>() {
        for (what, generation, id) in
            [("alive", 1, member), ("a wrong generation", 7, member), ("a stranger", 1, "stranger")]
        {
            let request = heartbeat("one", generation, id);
            target.ask_raw(
                &format!("heartbeat: {what}"),
                ApiKey::Heartbeat,
                version,
                &body(&request, version),
            );
        }
    }
    for version in versions::<JoinGroupRequest>() {
        let mut other = join("one", "");
        other.protocols[0].name = "roundrobin".to_owned();
        target.ask_raw("join: other protocols", ApiKey::JoinGroup, version, &body(&other, version));
        let mut other = join("one", "");
        other.protocol_type = "connect".to_owned();
        target.ask_raw("join: another type", ApiKey::JoinGroup, version, &body(&other, version));
    }
    describe(target, "a stable group", "one");
    list(target, "a stable group");
    let delete = DeleteGroupsRequest { groups_names: vec!["one".into(), "nosuch".into()] };
    target.ask_each("delete: in use", ApiKey::DeleteGroups, versions::<DeleteGroupsRequest>(), |version| {
        body(&delete, version)
    });
}

fn endings(target: &mut Target, member: &str) {
    target.ask_each("leave: a stranger", ApiKey::LeaveGroup, versions::<LeaveGroupRequest>(), |version| {
        body(&leave(version, "one", &[("stranger", None)]), version)
    });
    for version in 3..=5 {
        let request =
            leave(version, "one", &[("", Some("no-instance")), ("", None), ("stranger", Some("x"))]);
        target.ask_raw("leave: nobody", ApiKey::LeaveGroup, version, &body(&request, version));
    }
    target.ask_raw("leave: the member", ApiKey::LeaveGroup, 5, &body(&leave(5, "one", &[(member, None)]), 5));
    describe(target, "an empty group", "one");
    list(target, "an empty group");
    let delete = DeleteGroupsRequest { groups_names: vec!["one".into(), "simple".into()] };
    target.ask_raw("delete: empty groups", ApiKey::DeleteGroups, 2, &body(&delete, 2));
    describe(target, "a deleted group", "one");
    for version in 0..4 {
        let group = format!("old-{version}");
        let asked: Option<JoinGroupResponse> =
            target.ask("join: an old client", ApiKey::JoinGroup, version, &join(&group, ""));
        let member = asked.map(|answer| answer.member_id).unwrap_or_default();
        let request = leave(2, &group, &[(&member, None)]);
        target.ask_raw(
            &format!("leave: an old client of {version}"),
            ApiKey::LeaveGroup,
            2,
            &body(&request, 2),
        );
    }
}

fn describe(target: &mut Target, what: &str, group: &str) {
    for version in versions::<DescribeGroupsRequest>() {
        let request = DescribeGroupsRequest {
            groups: vec![group.to_owned(), "nosuch2".to_owned()],
            include_authorized_operations: version >= 3,
        };
        target.ask_raw(
            &format!("describe: {what}"),
            ApiKey::DescribeGroups,
            version,
            &body(&request, version),
        );
    }
}

fn list(target: &mut Target, what: &str) {
    let all = |version: i16| body(&ListGroupsRequest::default(), version);
    target.ask_each(&format!("list: {what}"), ApiKey::ListGroups, versions::<ListGroupsRequest>(), all);
    for (filter, states, types, from) in [
        ("stable ones", &["stable"][..], &[][..], 4),
        ("empty and nonsense", &["EMPTY", "nonsense"], &[], 4),
        ("classic ones", &[], &["Classic"], 5),
        ("consumer's", &[], &["consumer"], 5),
        ("a type that is none", &[], &["nonsense"], 5),
    ] {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let request = ListGroupsRequest { states_filter: texts(states), types_filter: texts(types) };
        for version in from..=5 {
            let name = format!("list: {what}: {filter}");
            target.ask_raw(&name, ApiKey::ListGroups, version, &body(&request, version));
        }
    }
}
