//! Scripts: commands, and below each what it led to.
//!
//! `A join g range:x` — client A joins group g; further words: `as=B` with B's member id, `instance=`, `session=`,
//! `rebalance=`, `v=`. `A sync 1 A=x B=y`, `A heartbeat 1`, `A leave`, `A commit 1 t-0=5`, `fetch g t-0 t-1`,
//! `describe g`, `delete g`, `kick g i` (an administrator takes an instance out), `deleteoffset g t-0`, `expire offsets`, `deleted topic t`, `wait 3000`, `config max=2`,
//! `clock -600000` (the wall clock is set back by ten minutes), `disk broken`, `disk whole`, `restart`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use headwater_base::error_code::ErrorCode;
use headwater_group::{Answer, Caller, GroupRecord, Input};
use headwater_protocol::messages::heartbeat_request::HeartbeatRequest;
use headwater_protocol::messages::join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol};
use headwater_protocol::messages::join_group_response::JoinGroupResponse;
use headwater_protocol::messages::leave_group_request::{LeaveGroupRequest, MemberIdentity};
use headwater_protocol::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use headwater_protocol::messages::offset_delete_request::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use headwater_protocol::messages::offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics};
use headwater_protocol::messages::sync_group_request::{SyncGroupRequest, SyncGroupRequestAssignment};

use crate::consumer::{Reached, is_consumers, show_consumer_record, show_groups, show_heartbeat, topic_id};
use crate::world::{Outcome, World};

#[derive(Default)]
pub struct Player {
    pub members: BTreeMap<String, String>,
    pub groups: BTreeMap<String, String>,
    pub instances: BTreeMap<String, String>,
    /// Epoch and partitions of members of consumer groups, as they were told.
    pub reached: BTreeMap<String, Reached>,
}

/// Words such as `session=6000`, and those without a value.
pub struct Words<'a> {
    pub named: BTreeMap<&'a str, &'a str>,
    pub plain: Vec<&'a str>,
}

impl<'a> Words<'a> {
    pub fn of(words: &[&'a str]) -> Self {
        let named = words.iter().filter_map(|word| word.split_once('=')).collect();
        let plain = words.iter().filter(|word| !word.contains('=')).copied().collect();
        Self { named, plain }
    }

    pub fn number(&self, name: &str, default: i32) -> i32 {
        self.named.get(name).map_or(default, |text| text.parse().expect("a number"))
    }
}

/// The consumer protocol's subscription to one topic.
fn subscription(topic: &str) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, 0, 0, 1, 0, topic.len() as u8];
    bytes.extend(topic.as_bytes());
    bytes.extend([255; 4]);
    bytes
}

pub fn topic_partition(text: &str) -> (&str, i32) {
    let (topic, partition) = text.split_once('-').expect("topic-partition");
    (topic, partition.parse().expect("a partition"))
}

impl Player {
    pub fn id(&self, client: &str) -> String {
        self.members.get(client).cloned().unwrap_or_default()
    }

    pub fn group(&self, client: &str) -> String {
        self.groups.get(client).cloned().unwrap_or_default()
    }

    fn input(&mut self, client: &str, verb: &str, words: &[&str]) -> Input {
        let given = Words::of(words);
        let generation = || given.plain.first().map_or(-1, |text| text.parse().expect("a generation"));
        let (member_id, group_id) = (self.id(client), self.group(client));
        let group_instance_id = self.instances.get(client).cloned();
        match verb {
            "join" => self.join(client, &given),
            "sync" => Input::Sync(SyncGroupRequest {
                group_id,
                generation_id: generation(),
                member_id,
                group_instance_id,
                assignments: given
                    .named
                    .iter()
                    .map(|(to, what)| SyncGroupRequestAssignment {
                        member_id: self.id(to),
                        assignment: what.as_bytes().to_vec(),
                    })
                    .collect(),
                ..SyncGroupRequest::default()
            }),
            "heartbeat" => Input::Heartbeat(HeartbeatRequest {
                group_id,
                generation_id: generation(),
                member_id,
                group_instance_id,
            }),
            "leave" => Input::Leave(LeaveGroupRequest {
                group_id,
                members: vec![MemberIdentity { member_id, group_instance_id, reason: None }],
                ..LeaveGroupRequest::default()
            }),
            "commit" => {
                let topics = given.named.iter().map(|(place, offset)| {
                    let (topic, partition_index) = topic_partition(place);
                    OffsetCommitRequestTopic {
                        name: topic.to_owned(),
                        topic_id: topic_id(topic),
                        partitions: vec![OffsetCommitRequestPartition {
                            partition_index,
                            committed_offset: offset.parse().expect("an offset"),
                            ..OffsetCommitRequestPartition::default()
                        }],
                    }
                });
                let request = OffsetCommitRequest {
                    generation_id_or_member_epoch: generation(),
                    topics: topics.collect(),
                    group_id,
                    member_id,
                    group_instance_id,
                    ..OffsetCommitRequest::default()
                };
                Input::CommitOffsets(request, 9)
            }
            other => panic!("no verb {other}"),
        }
    }

    fn join(&mut self, client: &str, given: &Words<'_>) -> Input {
        let member_id = given.named.get("as").map(|alias| self.id(alias)).unwrap_or_default();
        let group_id = given.plain.first().copied().unwrap_or_default().to_owned();
        self.groups.insert(client.to_owned(), group_id.clone());
        if let Some(instance) = given.named.get("instance") {
            self.instances.insert(client.to_owned(), (*instance).to_owned());
        }
        let protocols = given.plain.iter().skip(1).map(|protocol| {
            let (name, topic) = protocol.split_once(':').expect("protocol:topic");
            JoinGroupRequestProtocol { name: name.to_owned(), metadata: subscription(topic) }
        });
        let request = JoinGroupRequest {
            group_id,
            session_timeout_ms: given.number("session", 10_000),
            rebalance_timeout_ms: given.number("rebalance", 30_000),
            member_id,
            group_instance_id: self.instances.get(client).cloned(),
            protocol_type: given.named.get("type").copied().unwrap_or("consumer").to_owned(),
            protocols: protocols.collect(),
            reason: None,
        };
        let caller = Caller { client_id: client.to_owned(), client_host: "/127.0.0.1".to_owned() };
        Input::Join(request, caller, given.number("v", 9) as i16)
    }

    fn line(&mut self, world: &mut World, words: &[&str]) -> String {
        match words {
            ["wait", ms] => {
                let outcomes = world.pass(ms.parse().expect("milliseconds"));
                outcomes.iter().fold(String::new(), |text, (at, outcome)| {
                    let shown = self.show(outcome);
                    text + &shown.lines().map(|line| format!("{at} {line}\n")).collect::<String>()
                })
            }
            ["config", setting] => {
                let (name, value) = setting.split_once('=').expect("name=value");
                let value: i64 = value.parse().expect("a number");
                match name {
                    "max" => world.config.max_size = value as usize,
                    "delay" => world.config.initial_rebalance_delay_ms = value as i32,
                    "retention" => world.config.offsets_retention_ms = value,
                    other => panic!("no setting {other}"),
                }
                String::new()
            }
            ["clock", ms] => {
                world.wall_ahead_ms += ms.parse::<i64>().expect("milliseconds");
                String::new()
            }
            ["disk", state] => {
                world.broken = *state == "broken";
                String::new()
            }
            ["restart"] => {
                world.restart();
                String::new()
            }
            words if is_consumers(words) => self.consumer_line(world, words),
            words => {
                let (client, input) = self.asked(words);
                let outcome = world.ask(client, input);
                world.asked.retain(|_, client| client != "-");
                if outcome.refused {
                    return format!("{client} nothing was written, nothing has changed\n");
                }
                // Where nobody waits for more members, the first rebalance ends at once.
                let at_once = world.pass(0);
                at_once.iter().fold(self.show(&outcome), |text, (_, outcome)| text + &self.show(outcome))
            }
        }
    }

    fn asked<'a>(&mut self, words: &[&'a str]) -> (&'a str, Input) {
        match words {
            ["expire", "offsets"] => ("-", Input::ExpireOffsets),
            ["deleted", "topic", topic] => ("-", Input::TopicsDeleted(vec![Arc::from(*topic)])),
            ["fetch", group, places @ ..] => {
                let topics = (!places.is_empty()).then(|| {
                    let topic = |place: &&str| {
                        let (name, partition) = topic_partition(place);
                        OffsetFetchRequestTopics {
                            name: name.to_owned(),
                            partition_indexes: vec![partition],
                            ..OffsetFetchRequestTopics::default()
                        }
                    };
                    places.iter().map(topic).collect()
                });
                let request = OffsetFetchRequestGroup {
                    group_id: (*group).to_owned(),
                    topics,
                    ..OffsetFetchRequestGroup::default()
                };
                ("fetch", Input::FetchOffsets(request, true))
            }
            ["kick", group, instance] => {
                let identity = MemberIdentity {
                    group_instance_id: Some((*instance).to_owned()),
                    ..MemberIdentity::default()
                };
                let request = LeaveGroupRequest {
                    group_id: (*group).to_owned(),
                    members: vec![identity],
                    ..LeaveGroupRequest::default()
                };
                ("kick", Input::Leave(request))
            }
            ["describe", group] => ("describe", Input::Describe(vec![(*group).to_owned()], 6)),
            ["delete", group] => ("delete", Input::Delete(vec![(*group).to_owned()])),
            ["deleteoffset", group, place] => {
                let (topic, partition_index) = topic_partition(place);
                let request = OffsetDeleteRequest {
                    group_id: (*group).to_owned(),
                    topics: vec![OffsetDeleteRequestTopic {
                        name: topic.to_owned(),
                        partitions: vec![OffsetDeleteRequestPartition { partition_index }],
                    }],
                };
                ("deleteoffset", Input::DeleteOffsets(request))
            }
            [client, verb, words @ ..] => (client, self.input(client, verb, words)),
            other => panic!("cannot read {other:?}"),
        }
    }

    /// Ids by the names that the script gave.
    fn named(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (client, id) in &self.members {
            if !id.is_empty() {
                text = text.replace(id, client);
            }
        }
        text
    }

    pub fn show(&mut self, outcome: &Outcome) -> String {
        let mut text = String::new();
        for (client, answer) in &outcome.answers {
            if let Answer::Join(joined) = answer
                && !joined.member_id.is_empty()
            {
                self.members.insert(client.clone(), joined.member_id.clone());
            }
            self.remember(client, answer);
            let _ = writeln!(text, "{client} {}", show_answer(answer));
        }
        for event in &outcome.events {
            let _ = writeln!(text, "  ! {event}");
        }
        for record in &outcome.records {
            let _ = writeln!(text, "  + {}", show_record(record));
        }
        self.named(&text)
    }
}

pub fn error(code: i16) -> String {
    ErrorCode::from_code(code).name().to_owned()
}

fn show_join(answer: &JoinGroupResponse) -> String {
    if answer.error_code != 0 {
        return error(answer.error_code);
    }
    let members: Vec<&str> = answer.members.iter().map(|member| member.member_id.as_str()).collect();
    let skip = if answer.skip_assignment { ", need not assign" } else { "" };
    format!(
        "in generation {} with {}, leader {}, members [{}]{skip}",
        answer.generation_id,
        answer.protocol_name.as_deref().unwrap_or("-"),
        answer.leader,
        members.join(" "),
    )
}

fn show_answer(answer: &Answer) -> String {
    match answer {
        Answer::Join(answer) => show_join(answer),
        Answer::Sync(answer) if answer.error_code == 0 => {
            format!("assigned {:?}", String::from_utf8_lossy(&answer.assignment))
        }
        Answer::Sync(answer) => error(answer.error_code),
        Answer::Heartbeat(code) => code.name().to_owned(),
        Answer::Leave(answer) if answer.error_code != 0 => error(answer.error_code),
        Answer::Leave(answer) => {
            answer.members.iter().map(|member| error(member.error_code)).collect::<Vec<_>>().join(" ")
        }
        Answer::CommitOffsets(answer) => {
            let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
            partitions.map(|partition| error(partition.error_code)).collect::<Vec<_>>().join(" ")
        }
        Answer::FetchOffsets(answer) => {
            let partitions = answer.topics.iter().flat_map(|topic| {
                topic.partitions.iter().map(move |partition| {
                    format!("{}-{}={}", topic.name, partition.partition_index, partition.committed_offset)
                })
            });
            partitions.collect::<Vec<_>>().join(" ")
        }
        Answer::DeleteOffsets(answer) if answer.error_code != 0 => error(answer.error_code),
        Answer::DeleteOffsets(answer) => {
            let partitions = answer.topics.iter().flat_map(|topic| &topic.partitions);
            partitions.map(|partition| error(partition.error_code)).collect::<Vec<_>>().join(" ")
        }
        Answer::Describe(groups) => {
            let groups = groups.iter().map(|group| {
                let members: Vec<&str> =
                    group.members.iter().map(|member| member.member_id.as_str()).collect();
                let (state, code) = (&group.group_state, error(group.error_code));
                format!(
                    "{state} {code} {:?} {:?} [{}]",
                    group.protocol_type,
                    group.protocol_data,
                    members.join(" ")
                )
            });
            groups.collect::<Vec<_>>().join(" ")
        }
        Answer::List(groups) => {
            let shown = groups.iter().map(|group| {
                format!(
                    "{} {} {:?} {}",
                    group.group_id, group.group_type, group.protocol_type, group.group_state
                )
            });
            shown.collect::<Vec<_>>().join(" · ")
        }
        Answer::Delete(answer) => {
            answer.results.iter().map(|result| error(result.error_code)).collect::<Vec<_>>().join(" ")
        }
        Answer::ConsumerHeartbeat(answer) => show_heartbeat(answer),
        Answer::ConsumerDescribe(groups) => show_groups(groups),
        Answer::Failed(code) => format!("failed {}", code.name()),
    }
}

fn show_record(record: &GroupRecord) -> String {
    match record {
        GroupRecord::Group(key, None) => format!("group {} is gone", key.group),
        GroupRecord::Group(key, Some(value)) => {
            let members = value.members.iter().map(|member| {
                format!("{}={:?}", member.member_id, String::from_utf8_lossy(&member.assignment))
            });
            let members = members.collect::<Vec<_>>().join(" ");
            let leader = value.leader.as_deref().unwrap_or("-");
            format!("group {} generation {} leader {leader} [{members}]", key.group, value.generation)
        }
        GroupRecord::Offset(key, None) => {
            format!("offset {} {}-{} is gone", key.group, key.topic, key.partition)
        }
        GroupRecord::Offset(key, Some(value)) => {
            format!("offset {} {}-{}={}", key.group, key.topic, key.partition, value.offset)
        }
        of_consumer => show_consumer_record(of_consumer),
    }
}

pub fn check(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(format!("{name}.txt"));
    let script = std::fs::read_to_string(&path).expect("the script");
    let (mut world, mut player, mut played) = (World::new(), Player::default(), String::new());
    for line in script.lines().filter(|line| !line.starts_with("    ")) {
        let _ = writeln!(played, "{line}");
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.is_empty() || line.starts_with('#') {
            continue;
        }
        for result in player.line(&mut world, &words).lines() {
            let _ = writeln!(played, "    {result}");
        }
        world.check_law();
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &played).expect("the script is writable");
    }
    assert_eq!(script, played, "{name}");
}

#[test]
fn one_member() {
    check("one_member");
}

#[test]
fn two_members() {
    check("two_members");
}

#[test]
fn static_members() {
    check("static_members");
}

#[test]
fn limits() {
    check("limits");
}

#[test]
fn offsets() {
    check("offsets");
}

#[test]
fn failures() {
    check("failures");
}

#[test]
fn consumer_members() {
    check("consumer_members");
}

#[test]
fn consumer_limits() {
    check("consumer_limits");
}

#[test]
fn consumer_static() {
    check("consumer_static");
}

#[test]
fn consumer_topics() {
    check("consumer_topics");
}

#[test]
fn consumer_upgrade() {
    check("consumer_upgrade");
}

#[test]
fn consumer_downgrade() {
    check("consumer_downgrade");
}

#[test]
fn consumer_offsets() {
    check("consumer_offsets");
}

#[test]
fn c1_consumer_clock() {
    check("consumer_clock");
}
