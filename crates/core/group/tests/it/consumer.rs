//! What scripts say of groups of the consumer protocol.
//!
//! `topic t 3` makes a topic with three partitions, or grows it; `drop t` deletes it. `A joins g t,u` — client A joins group
//! g and wants topics t and u; further words: `regex=`, `instance=`, `rebalance=`, `assignor=`, `as=B` with B's member
//! id. `A beats` goes on in the epoch that it was told and says nothing else; further words: `epoch=`, `topics=`,
//! `regex=`, and `owns=t:0,1;u:0` (`owns=-` for nothing, `owns=told` for what it was told last). `A leaves`, `A goes away`.
//! `set max=2`, `set interval=0`, `set policy=upgrade`: the node's configuration; `gset g key=value`: a group's.
//! `simple g t-0 5`: somebody commits who is no member.
//! `cdescribe g`, `list`, `resolve` (what was left to run beside the coordinator).

use std::fmt::Write as _;
use std::sync::Arc;

use headwater_base::{Offset, Uuid};
use headwater_group::{Answer, Caller, GroupRecord, Input, MigrationPolicy};
use headwater_metadata::{Delta, Provenance, ResourceType};
use headwater_protocol::group::consumer_group_current_member_assignment_value::TopicPartitions as CurrentPartitions;
use headwater_protocol::messages::consumer_group_describe_response::{Assignment, DescribedGroup};
use headwater_protocol::messages::consumer_group_heartbeat_request::{
    ConsumerGroupHeartbeatRequest, TopicPartitions,
};
use headwater_protocol::messages::consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse;
use headwater_protocol::messages::list_groups_request::ListGroupsRequest;
use headwater_protocol::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use headwater_protocol::metadata::MetadataRecord;
use headwater_protocol::metadata::config_record::ConfigRecord;
use headwater_protocol::metadata::partition_record::PartitionRecord;
use headwater_protocol::metadata::remove_topic_record::RemoveTopicRecord;
use headwater_protocol::metadata::topic_record::TopicRecord;

use crate::scripts::{Player, Words, error, topic_partition};
use crate::world::World;

/// What a client of the consumer protocol was told last.
#[derive(Default)]
pub struct Reached {
    pub epoch: i32,
    pub assigned: Vec<(Uuid, Vec<i32>)>,
}

/// A topic's id says its name.
pub fn topic_id(name: &str) -> Uuid {
    Uuid(name.bytes().fold(0, |id, byte| id << 8 | u128::from(byte)))
}

fn topic_name(id: Uuid) -> String {
    String::from_utf8_lossy(&(id.0 as u64).to_be_bytes()).trim_start_matches('\0').to_owned()
}

impl World {
    fn replay(&mut self, records: &[MetadataRecord]) {
        let mut delta = Delta::new(&self.image);
        records.iter().for_each(|record| delta.replay(record).expect("a record that fits"));
        let offset = Offset(self.image.provenance.offset.0 + 1);
        self.image = delta.apply(Provenance { offset, ..Provenance::default() }).0;
    }

    /// Makes a topic, or grows it.
    pub fn set_topic(&mut self, name: &str, partitions: i32) {
        let fresh = Uuid(topic_id(name).0 | self.dropped << 64);
        let id = self.image.topics.id_of(name).unwrap_or(fresh);
        let known = self.image.topics.by_name(name).map(|topic| topic.partition_count() as i32);
        let mut records = Vec::new();
        if known.is_none() {
            records.push(TopicRecord { name: name.to_owned(), topic_id: id }.into());
        }
        for partition_id in known.unwrap_or(0)..partitions {
            let partition = PartitionRecord {
                partition_id,
                topic_id: id,
                replicas: vec![1],
                isr: vec![1],
                leader: 1,
                directories: vec![Uuid(9)],
                ..PartitionRecord::default()
            };
            records.push(partition.into());
        }
        self.replay(&records);
        let names = vec![Arc::from(name)];
        self.ask("-", Input::TopicsChanged { names, created: known.is_none() });
        self.asked.retain(|_, client| client != "-");
    }

    pub fn drop_topic(&mut self, name: &str) {
        let topic_id = self.image.topics.id_of(name).expect("the topic");
        self.dropped += 1;
        self.replay(&[RemoveTopicRecord { topic_id }.into()]);
        self.ask("-", Input::TopicsChanged { names: vec![Arc::from(name)], created: false });
        self.asked.retain(|_, client| client != "-");
    }
}

/// Whether this line speaks of the consumer protocol.
pub fn is_consumers(words: &[&str]) -> bool {
    matches!(words, ["topic" | "drop" | "cdescribe" | "list" | "resolve" | "set" | "gset" | "simple", ..])
        || matches!(words, [_, "joins" | "beats" | "leaves" | "goes", ..])
}

fn names(text: &str) -> Vec<String> {
    text.split(',').filter(|name| *name != "-").map(str::to_owned).collect()
}

impl Player {
    pub fn consumer_line(&mut self, world: &mut World, words: &[&str]) -> String {
        let (client, input) = match words {
            ["topic", name, partitions] => {
                world.set_topic(name, partitions.parse().expect("a number"));
                return String::new();
            }
            ["drop", name] => {
                world.drop_topic(name);
                return String::new();
            }
            ["set", setting] => {
                let (name, value) = setting.split_once('=').expect("name=value");
                let config = &mut world.config.consumer;
                match name {
                    "max" => config.max_size = value.parse().expect("a number"),
                    "interval" => config.assignment_interval_ms.default = value.parse().expect("a number"),
                    "policy" => config.migration = MigrationPolicy::parse(value).expect("a policy"),
                    other => panic!("no setting {other}"),
                }
                return String::new();
            }
            ["gset", group, setting] => {
                let (name, value) = setting.split_once('=').expect("name=value");
                let record = ConfigRecord {
                    resource_type: ResourceType::GROUP.0,
                    resource_name: (*group).to_owned(),
                    name: name.to_owned(),
                    value: Some(value.to_owned()),
                };
                world.replay(&[record.into()]);
                return String::new();
            }
            ["resolve"] => {
                let outcomes = world.run_jobs();
                return outcomes.iter().fold(String::new(), |text, outcome| text + &self.show(outcome));
            }
            ["simple", group, place, offset] => {
                let (name, partition_index) = topic_partition(place);
                let partition = OffsetCommitRequestPartition {
                    partition_index,
                    committed_offset: offset.parse().expect("an offset"),
                    ..OffsetCommitRequestPartition::default()
                };
                let topic = OffsetCommitRequestTopic {
                    name: name.to_owned(),
                    topic_id: topic_id(name),
                    partitions: vec![partition],
                };
                let request = OffsetCommitRequest {
                    group_id: (*group).to_owned(),
                    generation_id_or_member_epoch: -1,
                    topics: vec![topic],
                    ..OffsetCommitRequest::default()
                };
                ("simple", Input::CommitOffsets(request, 9))
            }
            ["cdescribe", group] => ("describe", Input::ConsumerDescribe(vec![(*group).to_owned()])),
            ["list", filters @ ..] => {
                let given = Words::of(filters);
                let filter = |name: &str| given.named.get(name).map(|text| names(text)).unwrap_or_default();
                let request =
                    ListGroupsRequest { states_filter: filter("states"), types_filter: filter("types") };
                ("list", Input::List(request))
            }
            [client, verb, words @ ..] => (*client, self.heartbeat(client, verb, words)),
            other => panic!("cannot read {other:?}"),
        };
        let outcome = world.ask(client, input);
        if outcome.refused {
            return format!("{client} nothing was written, nothing has changed\n");
        }
        self.show(&outcome)
    }

    fn heartbeat(&mut self, client: &str, verb: &str, words: &[&str]) -> Input {
        let given = Words::of(words);
        let text = |name: &str| given.named.get(name).map(|text| (*text).to_owned());
        if verb == "joins" {
            self.groups.insert(client.to_owned(), given.plain[0].to_owned());
            let id = given.named.get("as").map(|other| self.id(other)).unwrap_or_default();
            let id =
                if id.is_empty() && !given.named.contains_key("v0") { format!("id-{client}") } else { id };
            self.members.insert(client.to_owned(), id);
            if let Some(instance) = text("instance") {
                self.instances.insert(client.to_owned(), instance);
            }
        }
        let reached = self.reached.entry(client.to_owned()).or_default();
        let topics = |text: &str| match text {
            "-" => Vec::new(),
            "told" => reached.assigned.clone(),
            text => text
                .split(';')
                .map(|topic| {
                    let (name, partitions) = topic.split_once(':').expect("topic:partitions");
                    let partitions = partitions.split(',').map(|index| index.parse().expect("a partition"));
                    (topic_id(name), partitions.collect())
                })
                .collect(),
        };
        let owns = text("owns").map(|owns| topics(&owns));
        let mut request = ConsumerGroupHeartbeatRequest {
            group_id: self.groups.get(client).cloned().unwrap_or_default(),
            member_id: self.members.get(client).cloned().unwrap_or_default(),
            member_epoch: given.number("epoch", reached.epoch),
            instance_id: self.instances.get(client).cloned(),
            rebalance_timeout_ms: given.number("rebalance", -1),
            subscribed_topic_names: text("topics").map(|topics| names(&topics)),
            subscribed_topic_regex: text("regex"),
            server_assignor: text("assignor"),
            topic_partitions: owns.map(|owns| {
                let owned = owns.into_iter();
                owned.map(|(topic_id, partitions)| TopicPartitions { topic_id, partitions }).collect()
            }),
            rack_id: None,
        };
        match verb {
            "joins" => {
                request.member_epoch = given.number("epoch", 0);
                request.rebalance_timeout_ms = given.number("rebalance", 30_000);
                request.subscribed_topic_names =
                    Some(given.plain.get(1).map(|text| names(text)).unwrap_or_default());
                request.topic_partitions = Some(Vec::new());
            }
            "leaves" => request.member_epoch = -1,
            "goes" => request.member_epoch = -2,
            _ => {}
        }
        let caller = Caller { client_id: client.to_owned(), client_host: "/127.0.0.1".to_owned() };
        Input::ConsumerHeartbeat(request, caller)
    }

    /// Keeps what a heartbeat's answer tells.
    pub fn remember(&mut self, client: &str, answer: &Answer) {
        let Answer::ConsumerHeartbeat(answer) = answer else { return };
        if answer.error_code != 0 {
            return;
        }
        if let Some(id) = &answer.member_id {
            self.members.insert(client.to_owned(), id.clone());
        }
        let reached = self.reached.entry(client.to_owned()).or_default();
        reached.epoch = answer.member_epoch;
        if let Some(assignment) = &answer.assignment {
            let topics = assignment.topic_partitions.iter();
            reached.assigned = topics.map(|topic| (topic.topic_id, topic.partitions.clone())).collect();
        }
    }
}

fn show_partitions<'a>(topics: impl Iterator<Item = (Uuid, &'a [i32])>) -> String {
    let topics = topics.map(|(id, partitions)| {
        let partitions: Vec<String> = partitions.iter().map(i32::to_string).collect();
        format!("{}:{}", topic_name(id), partitions.join(","))
    });
    let shown = topics.collect::<Vec<_>>().join(";");
    if shown.is_empty() { "-".to_owned() } else { shown }
}

pub fn show_heartbeat(answer: &ConsumerGroupHeartbeatResponse) -> String {
    if answer.error_code != 0 {
        return format!("{} {}", error(answer.error_code), answer.error_message.as_deref().unwrap_or("-"));
    }
    let assignment = answer.assignment.as_ref().map(|assignment| {
        show_partitions(assignment.topic_partitions.iter().map(|topic| (topic.topic_id, &*topic.partitions)))
    });
    let assignment = assignment.map_or_else(|| "the same".to_owned(), |shown| format!("has {shown}"));
    format!("in epoch {}, {assignment}", answer.member_epoch)
}

pub fn show_groups(groups: &[DescribedGroup]) -> String {
    let mut text = String::new();
    for group in groups {
        if group.error_code != 0 {
            let _ =
                write!(text, "{} {}", error(group.error_code), group.error_message.as_deref().unwrap_or("-"));
            continue;
        }
        let (state, epoch, assignment_epoch) =
            (&group.group_state, group.group_epoch, group.assignment_epoch);
        let _ = write!(text, "{state} epoch {epoch} target of {assignment_epoch} by {}", group.assignor_name);
        let show = |assignment: &Assignment| {
            show_partitions(
                assignment.topic_partitions.iter().map(|topic| (topic.topic_id, &*topic.partitions)),
            )
        };
        for member in &group.members {
            let (has, shall) = (show(&member.assignment), show(&member.target_assignment));
            let kind = if member.member_type == 0 { " classic" } else { "" };
            let _ = write!(
                text,
                " [{}{kind} epoch {} has {has} shall {shall}]",
                member.member_id, member.member_epoch
            );
        }
    }
    text
}

pub fn show_consumer_record(record: &GroupRecord) -> String {
    match record {
        GroupRecord::ConsumerGroup(key, Some(value)) => format!("{} epoch {}", key.group_id, value.epoch),
        GroupRecord::ConsumerGroup(key, None) => format!("{} is gone", key.group_id),
        GroupRecord::ConsumerPartitionMetadata(key, _) => format!("{} legacy topics are gone", key.group_id),
        GroupRecord::ConsumerMember(key, Some(value)) => {
            let kind = if value.classic_member_metadata.is_some() { "classic member" } else { "member" };
            let (topics, regex) =
                (value.subscribed_topic_names.join(","), value.subscribed_topic_regex.as_deref());
            let regex = regex.filter(|regex| !regex.is_empty()).map(|regex| format!(" regex {regex}"));
            format!("{} {kind} {} wants {topics}{}", key.group_id, key.member_id, regex.unwrap_or_default())
        }
        GroupRecord::ConsumerMember(key, None) => {
            format!("{} member {} is gone", key.group_id, key.member_id)
        }
        GroupRecord::ConsumerTargetEpoch(key, Some(value)) => {
            format!("{} target epoch {}", key.group_id, value.assignment_epoch)
        }
        GroupRecord::ConsumerTargetEpoch(key, None) => format!("{} target epoch is gone", key.group_id),
        GroupRecord::ConsumerTarget(key, Some(value)) => {
            let topics = value.topic_partitions.iter().map(|topic| (topic.topic_id, &*topic.partitions));
            format!("{} target {} {}", key.group_id, key.member_id, show_partitions(topics))
        }
        GroupRecord::ConsumerTarget(key, None) => {
            format!("{} target {} is gone", key.group_id, key.member_id)
        }
        GroupRecord::ConsumerCurrent(key, Some(value)) => {
            let show = |topics: &[_]| {
                let topics: &[CurrentPartitions] = topics;
                show_partitions(topics.iter().map(|topic| (topic.topic_id, &*topic.partitions)))
            };
            let (has, revokes) =
                (show(&value.assigned_partitions), show(&value.partitions_pending_revocation));
            let state = ["stable", "unrevoked", "unreleased"].get(value.state as usize).unwrap_or(&"unknown");
            let (group, member, epoch) = (&key.group_id, &key.member_id, value.member_epoch);
            format!("{group} current {member} epoch {epoch} {state} has {has} gives up {revokes}")
        }
        GroupRecord::ConsumerCurrent(key, None) => {
            format!("{} current {} is gone", key.group_id, key.member_id)
        }
        GroupRecord::ConsumerRegex(key, Some(value)) => {
            format!("{} regex {} matches {}", key.group_id, key.regular_expression, value.topics.join(","))
        }
        GroupRecord::ConsumerRegex(key, None) => {
            format!("{} regex {} is gone", key.group_id, key.regular_expression)
        }
        GroupRecord::Group(..) | GroupRecord::Offset(..) => unreachable!("no record of a consumer group"),
    }
}
