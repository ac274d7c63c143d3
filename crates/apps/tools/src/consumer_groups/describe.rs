//! `--describe`: what is asked, and about whom.

use std::collections::BTreeMap;

use headwater_base::{PartitionIndex, TopicPartition};
use headwater_client::admin::{CommittedOffset, GroupDescription, IsolationLevel, OffsetSpec};
use headwater_client::{Admin, Target};
use headwater_protocol::Reader;
use headwater_protocol::data::consumer_protocol_assignment::ConsumerProtocolAssignment;
use headwater_protocol::messages::consumer_group_describe_response::Assignment;
use headwater_protocol::messages::find_coordinator_request::FindCoordinatorRequest;

use super::print;
use crate::console::{Console, Stop, Thrown};
use crate::format::Format;
use crate::jopt::OptionSet;

/// A group as it is shown.
pub(super) struct Group {
    pub id: String,
    pub state: String,
    pub assignor: String,
    pub epoch: Option<i32>,
    pub assignment_epoch: Option<i32>,
    pub members: Vec<Member>,
}

/// A member as it is shown.
pub(super) struct Member {
    pub id: String,
    pub instance_id: String,
    pub client_id: String,
    pub host: String,
    pub assignment: Vec<TopicPartition>,
    pub target: Vec<TopicPartition>,
    pub epoch: Option<i32>,
    pub upgraded: Option<bool>,
}

/// A row of the offsets.
pub(super) struct OffsetRow {
    pub partition: TopicPartition,
    pub committed: Option<CommittedOffset>,
    pub end: Option<i64>,
    /// Its id, host and client id.
    pub member: Option<(String, String, String)>,
}

pub(super) async fn describe(
    admin: &Admin,
    options: &OptionSet<'_>,
    format: Format,
    console: &mut Console,
) -> Result<(), Stop> {
    let names = super::groups(admin, options).await?;
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for (name, found) in admin.describe_consumer_groups(&names).await {
        let group = found.map_err(Thrown::from).and_then(|found| group_of(&name, found));
        let group = group.map_err(|thrown| thrown.wrapped("java.util.concurrent.ExecutionException"))?;
        groups.insert(name, group);
    }
    let verbose = options.has("verbose");
    if options.has("members") {
        print::members(&groups, verbose, format, console);
    } else if options.has("state") {
        let mut coordinators = Vec::new();
        for group in groups.values() {
            coordinators.push(coordinator(admin, &group.id).await?);
        }
        print::states(&groups, &coordinators, verbose, format, console);
    } else {
        let mut rows = Vec::new();
        for group in groups.values() {
            rows.push(offset_rows(admin, group).await?);
        }
        print::offsets(&groups, &rows, verbose, format, console);
    }
    Ok(())
}

fn group_of(name: &str, found: GroupDescription) -> Result<Group, Thrown> {
    match found {
        GroupDescription::Consumer(group) => Ok(Group {
            id: name.to_owned(),
            state: group.group_state,
            assignor: group.assignor_name,
            epoch: Some(group.group_epoch),
            assignment_epoch: Some(group.assignment_epoch),
            members: group
                .members
                .into_iter()
                .map(|member| Member {
                    id: member.member_id,
                    instance_id: member.instance_id.unwrap_or_default(),
                    client_id: member.client_id,
                    host: member.client_host,
                    assignment: named(&member.assignment),
                    target: named(&member.target_assignment),
                    epoch: Some(member.member_epoch),
                    upgraded: (member.member_type != -1).then_some(member.member_type == 1),
                })
                .collect(),
        }),
        GroupDescription::Classic(group) => {
            if !group.protocol_type.is_empty() && group.protocol_type != "consumer" {
                let kind = &group.protocol_type;
                let message = format!("GroupId {name} is not a consumer group ({kind}).");
                return Err(Thrown::illegal_argument(message));
            }
            Ok(Group {
                id: name.to_owned(),
                state: group.group_state,
                assignor: group.protocol_data,
                epoch: None,
                assignment_epoch: None,
                members: group
                    .members
                    .into_iter()
                    .map(|member| Member {
                        id: member.member_id,
                        instance_id: member.group_instance_id.unwrap_or_default(),
                        client_id: member.client_id,
                        host: member.client_host,
                        assignment: classic_assignment(&member.member_assignment),
                        target: Vec::new(),
                        epoch: None,
                        upgraded: None,
                    })
                    .collect(),
            })
        }
    }
}

fn named(assignment: &Assignment) -> Vec<TopicPartition> {
    let of = |it: &headwater_protocol::messages::consumer_group_describe_response::TopicPartitions| {
        let topic = it.topic_name.clone();
        it.partitions
            .iter()
            .map(move |index| TopicPartition { topic: topic.clone(), partition: PartitionIndex(*index) })
            .collect::<Vec<_>>()
    };
    assignment.topic_partitions.iter().flat_map(of).collect()
}

/// What the leader of a classic group gave a member. Bytes that are no assignment give none.
fn classic_assignment(bytes: &[u8]) -> Vec<TopicPartition> {
    let Some((version, rest)) = bytes.split_first_chunk::<2>() else { return Vec::new() };
    let version = i16::from_be_bytes(*version).clamp(0, 3);
    let mut reader = Reader::new(rest);
    let Ok(assignment) = ConsumerProtocolAssignment::decode(&mut reader, version) else { return Vec::new() };
    let mut partitions = Vec::new();
    for topic in assignment.assigned_partitions {
        for index in topic.partitions {
            partitions.push(TopicPartition { topic: topic.topic.clone(), partition: PartitionIndex(index) });
        }
    }
    partitions
}

/// The coordinator of a group: `host:port`, node id.
async fn coordinator(admin: &Admin, group: &str) -> Result<(String, i32), Stop> {
    let request = FindCoordinatorRequest {
        coordinator_keys: vec![group.to_owned()],
        ..FindCoordinatorRequest::default()
    };
    let found = admin.call(&Target::Any, &request).await?;
    Ok(match found.coordinators.first() {
        Some(it) => (format!("{}:{}", it.host, it.port), it.node_id),
        None => (format!("{}:{}", found.host, found.port), found.node_id),
    })
}

/// The committed offsets of a group.
pub(super) async fn committed_offsets(
    admin: &Admin,
    group: &str,
) -> Result<BTreeMap<TopicPartition, CommittedOffset>, Thrown> {
    let both = |error: Thrown| {
        error.wrapped("java.util.concurrent.ExecutionException").wrapped("java.lang.RuntimeException")
    };
    let mut offsets = BTreeMap::new();
    let found = admin.list_group_offsets(group, None, false).await.map_err(|error| both(error.into()))?;
    for (partition, offset) in found {
        if let Some(offset) = offset.map_err(|error| both(error.into()))? {
            offsets.insert(partition, offset);
        }
    }
    Ok(offsets)
}

async fn offset_rows(admin: &Admin, group: &Group) -> Result<Vec<OffsetRow>, Stop> {
    let committed = committed_offsets(admin, &group.id).await?;
    let mut members: Vec<&Member> =
        group.members.iter().filter(|member| !member.assignment.is_empty()).collect();
    members.sort_by_key(|member| std::cmp::Reverse(member.assignment.len()));
    let mut rows = Vec::new();
    let mut assigned = Vec::new();
    for member in members {
        let who = (member.id.clone(), member.host.clone(), member.client_id.clone());
        rows.extend(rows_of(admin, member.assignment.clone(), &committed, Some(&who)).await?);
        assigned.extend(member.assignment.iter().cloned());
    }
    let rest: Vec<TopicPartition> =
        committed.keys().filter(|partition| !assigned.contains(partition)).cloned().collect();
    if !rest.is_empty() {
        rows.extend(rows_of(admin, rest, &committed, None).await?);
    }
    Ok(rows)
}

async fn rows_of(
    admin: &Admin,
    mut partitions: Vec<TopicPartition>,
    committed: &BTreeMap<TopicPartition, CommittedOffset>,
    member: Option<&(String, String, String)>,
) -> Result<Vec<OffsetRow>, Stop> {
    partitions.sort();
    partitions.dedup();
    let without_leader = super::targets::without_leader(admin, &partitions).await?;
    let led = partitions.iter().filter(|it| !without_leader.contains(it));
    let questions = led.map(|it| (it.clone(), OffsetSpec::Latest)).collect();
    let mut ends = BTreeMap::new();
    for (partition, found) in admin.list_offsets(questions, IsolationLevel::ReadUncommitted).await {
        let found = found.map_err(|error| {
            let thrown = Thrown::from(error).wrapped("java.util.concurrent.ExecutionException");
            thrown.wrapped("java.lang.RuntimeException")
        })?;
        ends.insert(partition, found.offset);
    }
    let row = |partition: TopicPartition| OffsetRow {
        committed: committed.get(&partition).cloned(),
        end: ends.get(&partition).copied(),
        member: member.cloned(),
        partition,
    };
    Ok(partitions.into_iter().map(row).collect())
}
