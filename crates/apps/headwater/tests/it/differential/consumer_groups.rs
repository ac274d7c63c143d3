//! Groups of the consumer protocol (KIP-848): heartbeats in every state, what other APIs say of such groups, and groups
//! that change their protocol.

use std::time::Duration;

use headwater_protocol::ApiKey;
use headwater_protocol::messages::consumer_group_describe_request::ConsumerGroupDescribeRequest;
use headwater_protocol::messages::consumer_group_heartbeat_request::{
    ConsumerGroupHeartbeatRequest, TopicPartitions,
};
use headwater_protocol::messages::consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse;
use headwater_protocol::messages::delete_groups_request::DeleteGroupsRequest;
use headwater_protocol::messages::describe_groups_request::DescribeGroupsRequest;
use headwater_protocol::messages::list_groups_request::ListGroupsRequest;

use super::state::versions;
use super::target::{Target, body};

pub type Request = ConsumerGroupHeartbeatRequest;

/// What a member says of itself when it joins; no topics are owned.
pub fn joining(group: &str, member: &str, topics: &[&str]) -> Request {
    Request {
        group_id: group.to_owned(),
        member_id: member.to_owned(),
        member_epoch: 0,
        rebalance_timeout_ms: 60_000,
        subscribed_topic_names: Some(topics.iter().map(|topic| (*topic).to_owned()).collect()),
        topic_partitions: Some(Vec::new()),
        ..Request::default()
    }
}

/// A heartbeat in which nothing is new.
pub fn alive(group: &str, member: &str, member_epoch: i32) -> Request {
    Request {
        group_id: group.to_owned(),
        member_id: member.to_owned(),
        member_epoch,
        rebalance_timeout_ms: -1,
        ..Request::default()
    }
}

/// As [`alive`], and these partitions are owned.
pub fn owning(target: &Target, group: &str, member: &str, epoch: i32, owned: &[(&str, &[i32])]) -> Request {
    let topic = |(name, partitions): &(&str, &[i32])| TopicPartitions {
        topic_id: target.topic_id(name),
        partitions: partitions.to_vec(),
    };
    Request { topic_partitions: Some(owned.iter().map(topic).collect()), ..alive(group, member, epoch) }
}

/// One pair; gives the member's epoch.
pub fn beat(target: &mut Target, name: &str, request: &Request) -> i32 {
    let answer: Option<ConsumerGroupHeartbeatResponse> =
        target.ask(&format!("heartbeat: {name}"), ApiKey::ConsumerGroupHeartbeat, 1, request);
    answer.map_or(-9, |answer| answer.member_epoch)
}

/// Heartbeats that nobody notes, owning whatever is assigned, until the epoch and the assignment stay as they are.
pub fn settle(target: &mut Target, group: &str, member: &str, epoch: i32) -> i32 {
    let mut request = alive(group, member, epoch);
    let mut quiet = 0;
    while quiet < 3 {
        let answer: ConsumerGroupHeartbeatResponse = target.call(ApiKey::ConsumerGroupHeartbeat, 1, &request);
        assert_eq!(answer.error_code, 0, "{member}: {:?}", answer.error_message);
        quiet += 1;
        if answer.member_epoch != request.member_epoch {
            request.member_epoch = answer.member_epoch;
            quiet = 0;
        }
        request.topic_partitions = None;
        if let Some(assignment) = answer.assignment {
            let own =
                |topic: &headwater_protocol::messages::consumer_group_heartbeat_response::TopicPartitions| {
                    TopicPartitions { topic_id: topic.topic_id, partitions: topic.partitions.clone() }
                };
            request.topic_partitions = Some(assignment.topic_partitions.iter().map(own).collect());
            quiet = 0;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    request.member_epoch
}

pub fn chapter(target: &mut Target) {
    refused(target);
    let epoch = one_member(target);
    strangers(target, epoch);
    two_members(target, epoch);
    static_members(target);
    expressions(target);
    ends(target);
    super::group_migrations::chapter(target);
}

/// A change of a request, under a name.
type Change = (&'static str, fn(&mut Request));

fn refused(target: &mut Target) {
    let cases: [Change; 20] = [
        ("no member id", |it| it.member_id.clear()),
        ("a blank member id", |it| it.member_id = " ".to_owned()),
        ("no group id", |it| it.group_id.clear()),
        ("a blank group id", |it| it.group_id = " \t".to_owned()),
        ("an empty instance id", |it| it.instance_id = Some(String::new())),
        ("an empty rack", |it| it.rack_id = Some(String::new())),
        ("no rebalance timeout", |it| it.rebalance_timeout_ms = -1),
        ("no partitions", |it| it.topic_partitions = None),
        ("partitions", |it| it.topic_partitions = Some(vec![TopicPartitions::default()])),
        ("no topics", |it| it.subscribed_topic_names = None),
        ("an unknown assignor", |it| it.server_assignor = Some("best".to_owned())),
        ("an empty assignor", |it| it.server_assignor = Some(String::new())),
        ("away without an instance", |it| it.member_epoch = -2),
        ("an epoch below all", |it| it.member_epoch = -3),
        ("no such group", |it| it.member_epoch = 5),
        ("no such group, leaving", |it| it.member_epoch = -1),
        ("no such group, a static member leaving", |it| {
            (it.member_epoch, it.instance_id) = (-2, Some("i".to_owned()));
        }),
        ("a later heartbeat without a member id", |it| {
            it.member_epoch = 1;
            it.member_id.clear();
        }),
        ("leaving without a member id", |it| {
            it.member_epoch = -1;
            it.member_id.clear();
        }),
        ("nothing at all", |it| *it = Request::default()),
    ];
    for (what, change) in cases {
        for version in versions::<Request>() {
            // Each on a group of its own.
            let mut request =
                joining(&format!("refused-{}-{version}", what.replace([' ', ','], "-")), "m", &["plain"]);
            change(&mut request);
            // Version 0 gives ids to those who have none.
            if version == 0 && matches!(what, "no member id" | "a blank member id") {
                continue;
            }
            let name = format!("heartbeat: refused: {what}");
            target.ask_raw(&name, ApiKey::ConsumerGroupHeartbeat, version, &body(&request, version));
        }
    }
    for (what, expression) in
        [("a wrong expression", "["), ("a look-ahead", "(?=a)"), ("a repetition of nothing", "*")]
    {
        let mut request = joining("refused-expression", "m", &[]);
        request.subscribed_topic_names = None;
        request.subscribed_topic_regex = Some(expression.to_owned());
        beat(target, &format!("refused: {what}"), &request);
    }
    show(target, "no group", "nosuch");
}

/// What all APIs say of a group.
pub fn show(target: &mut Target, what: &str, group: &str) {
    for version in versions::<ConsumerGroupDescribeRequest>() {
        for operations in [true, false] {
            let request = ConsumerGroupDescribeRequest {
                group_ids: vec![group.to_owned(), String::new(), "nosuch2".to_owned()],
                include_authorized_operations: operations,
            };
            let name = format!("describe: {what}, operations {operations}");
            target.ask_raw(&name, ApiKey::ConsumerGroupDescribe, version, &body(&request, version));
        }
    }
    for version in [0, 5, 6] {
        let request =
            DescribeGroupsRequest { groups: vec![group.to_owned()], include_authorized_operations: false };
        target.ask_raw(
            &format!("describe as classic: {what}"),
            ApiKey::DescribeGroups,
            version,
            &body(&request, version),
        );
    }
    for (filter, states, types) in [
        ("all", &[][..], &[][..]),
        ("consumer", &[], &["Consumer"]),
        ("classic", &[], &["classic"]),
        ("reconciling", &["Reconciling", "ASSIGNING"], &[]),
        ("stable consumer", &["stable"], &["consumer"]),
    ] {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let request = ListGroupsRequest { states_filter: texts(states), types_filter: texts(types) };
        target.ask_raw(&format!("list: {what}: {filter}"), ApiKey::ListGroups, 5, &body(&request, 5));
    }
    target.ask_raw(&format!("list: {what}"), ApiKey::ListGroups, 3, &body(&ListGroupsRequest::default(), 3));
}

/// A group `modern` of one member; gives its epoch.
fn one_member(target: &mut Target) -> i32 {
    let epoch = beat(target, "the first member joins", &joining("modern", "member-a", &["plain", "nowhere"]));
    beat(target, "the first member joins again", &joining("modern", "member-a", &["plain", "nowhere"]));
    show(target, "the first member has not answered", "modern");
    let all = owning(target, "modern", "member-a", epoch, &[("plain", &[0, 1, 2])]);
    let epoch = beat(target, "the first member owns all", &all);
    beat(target, "the first member is alive", &alive("modern", "member-a", epoch));
    let epoch = settle(target, "modern", "member-a", epoch);
    show(target, "one member", "modern");
    epoch
}

fn strangers(target: &mut Target, epoch: i32) {
    beat(target, "an older epoch", &alive("modern", "member-a", epoch - 1));
    let older = owning(target, "modern", "member-a", epoch - 1, &[("plain", &[0, 1, 2])]);
    beat(target, "an older epoch with what is owned", &older);
    let more = owning(target, "modern", "member-a", epoch - 1, &[("plain", &[0, 1, 2]), ("empty", &[0])]);
    beat(target, "an older epoch with more than is owned", &more);
    beat(target, "a later epoch", &alive("modern", "member-a", epoch + 1));
    beat(target, "a stranger", &alive("modern", "stranger", epoch));
    beat(target, "a stranger leaves", &alive("modern", "stranger", -1));
    let mut request = alive("modern", "member-a", epoch);
    request.instance_id = Some("i".to_owned());
    beat(target, "a member with a new instance", &request);
    super::group_migrations::classic_requests(target, "a consumer group", "modern", "member-a", epoch);
    super::group_offsets::of_consumer(target, "modern", "member-a", epoch);
    let delete = DeleteGroupsRequest { groups_names: vec!["modern".into()] };
    target.ask_raw("delete: a consumer group in use", ApiKey::DeleteGroups, 2, &body(&delete, 2));
}

fn two_members(target: &mut Target, epoch: i32) {
    let second = beat(target, "a second member joins", &joining("modern", "member-b", &["plain"]));
    show(target, "a second member waits", "modern");
    let first = beat(target, "the first member hears of it", &alive("modern", "member-a", epoch));
    let second = beat(target, "the second member still waits", &alive("modern", "member-b", second));
    let first = beat(
        target,
        "the first member still owns",
        &owning(target, "modern", "member-a", first, &[("plain", &[0, 1, 2])]),
    );
    let first = settle(target, "modern", "member-a", first);
    let second = settle(target, "modern", "member-b", second);
    let first = settle(target, "modern", "member-a", first);
    show(target, "two members", "modern");
    let mut range = alive("modern", "member-b", second);
    range.server_assignor = Some("range".to_owned());
    range.subscribed_topic_names = Some(vec!["plain".to_owned(), "empty".to_owned()]);
    range.rack_id = Some("r1".to_owned());
    let second = beat(target, "the second member wants range and more topics", &range);
    let second = settle(target, "modern", "member-b", second);
    let first = settle(target, "modern", "member-a", first);
    let second = settle(target, "modern", "member-b", second);
    show(target, "two members with different topics", "modern");
    beat(target, "the second member leaves", &alive("modern", "member-b", -1));
    beat(target, "the second member is gone", &alive("modern", "member-b", second));
    settle(target, "modern", "member-a", first);
    show(target, "one member is left", "modern");
    beat(target, "the first member leaves", &alive("modern", "member-a", -1));
    show(target, "an empty group", "modern");
}

fn static_members(target: &mut Target) {
    let instance = |mut request: Request| {
        request.instance_id = Some("i1".to_owned());
        request
    };
    let epoch = beat(target, "a static member joins", &instance(joining("static", "static-a", &["plain"])));
    let epoch = settle(target, "static", "static-a", epoch);
    show(target, "a static member", "static");
    beat(target, "its instance again", &instance(joining("static", "static-b", &["plain"])));
    beat(target, "its instance under another id", &instance(alive("static", "static-b", epoch)));
    beat(target, "without its instance", &alive("static", "static-a", epoch));
    beat(target, "a static stranger is away", &{
        let mut request = alive("static", "static-x", -2);
        request.instance_id = Some("ix".to_owned());
        request
    });
    beat(target, "the static member is away", &instance(alive("static", "static-a", -2)));
    show(target, "a static member away", "static");
    let epoch =
        beat(target, "the static member is back", &instance(joining("static", "static-c", &["plain"])));
    let epoch = settle(target, "static", "static-c", epoch);
    show(target, "a static member back", "static");
    beat(target, "the old id of the static member", &instance(alive("static", "static-a", epoch)));
    beat(target, "the static member leaves for good", &instance(alive("static", "static-c", -1)));
    show(target, "no static member", "static");
}

fn expressions(target: &mut Target) {
    let mut request = joining("pattern", "member-p", &[]);
    request.subscribed_topic_names = None;
    request.subscribed_topic_regex = Some("pla.*|emp[t]y".to_owned());
    let epoch = beat(target, "a pattern", &request);
    let epoch = settle(target, "pattern", "member-p", epoch);
    show(target, "a pattern", "pattern");
    let mut request = alive("pattern", "member-p", epoch);
    request.subscribed_topic_regex = Some("(".to_owned());
    beat(target, "a wrong pattern later", &request);
    request.subscribed_topic_regex = Some(String::new());
    request.subscribed_topic_names = Some(vec!["data".to_owned()]);
    let epoch = beat(target, "names instead of a pattern", &request);
    let epoch = settle(target, "pattern", "member-p", epoch);
    show(target, "names instead of a pattern", "pattern");
    beat(target, "the member of the pattern leaves", &alive("pattern", "member-p", -1));
    let _ = epoch;
}

fn ends(target: &mut Target) {
    let delete =
        DeleteGroupsRequest { groups_names: vec!["modern".into(), "static".into(), "pattern".into()] };
    target.ask_raw("delete: empty consumer groups", ApiKey::DeleteGroups, 2, &body(&delete, 2));
    show(target, "a deleted group", "modern");
}
