//! Committing and fetching offsets, with what must be true of them.

use std::collections::BTreeMap;

use headwater_base::ErrorCode;
use headwater_protocol::messages::find_coordinator_request::FindCoordinatorRequest;
use headwater_protocol::messages::find_coordinator_response::FindCoordinatorResponse;
use headwater_protocol::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use headwater_protocol::messages::offset_commit_response::OffsetCommitResponse;
use headwater_protocol::messages::offset_fetch_request::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use headwater_protocol::messages::offset_fetch_response::OffsetFetchResponse;

use super::super::Topic;
use crate::client::{Client, Connection, Lost};
use crate::group_history::{FetchedOffset, LateCommit, SentCommit};
use crate::history::Place;

/// Who commits.
pub(super) struct Committer<'a> {
    pub(super) group: &'a str,
    pub(super) member: &'a str,
    pub(super) instance: Option<&'a str>,
    pub(super) generation: i32,
    /// Members of one group may rightly be in different epochs.
    pub(super) modern: bool,
    /// Names the commit, and counts up with each.
    pub(super) number: u64,
    pub(super) name: u64,
}

/// Commits one offset; gives the answer's code.
pub(super) async fn commit(
    client: &Client,
    connection: &mut Connection,
    version: i16,
    by: &Committer<'_>,
    topic: &Topic,
    (partition, offset): (i32, i64),
) -> Result<ErrorCode, Lost> {
    let place = Place { topic: topic.id, partition };
    let metadata = format!("{}-{}", by.name, by.number);
    let (life, newest) = {
        let mut history = client.history.borrow_mut();
        let life = history.life();
        let group = history.group(by.group);
        let sent = SentCommit { place, offset, order: (by.generation, by.number), life, answered: false };
        group.sent.insert(metadata.clone(), sent);
        (life, group.newest(life))
    };
    let part = OffsetCommitRequestPartition {
        partition_index: partition,
        committed_offset: offset,
        committed_metadata: Some(metadata.clone()),
        ..OffsetCommitRequestPartition::default()
    };
    let topics = vec![OffsetCommitRequestTopic {
        name: topic.name.clone(),
        topic_id: topic.id,
        partitions: vec![part],
    }];
    let request = OffsetCommitRequest {
        group_id: by.group.to_owned(),
        generation_id_or_member_epoch: by.generation,
        member_id: by.member.to_owned(),
        group_instance_id: by.instance.map(str::to_owned),
        topics,
        ..OffsetCommitRequest::default()
    };
    let answer: OffsetCommitResponse = connection.ask(version, &request).await?;
    let found = answer.topics.first().and_then(|topic| topic.partitions.first());
    let code = found.map_or(ErrorCode::UnknownServerError, |found| ErrorCode::from_code(found.error_code));
    let mut history = client.history.borrow_mut();
    if code == ErrorCode::None {
        history.counts.commits += 1;
        let group = history.group(by.group);
        group.acknowledge(&metadata);
        if by.generation >= 0 && !by.modern && newest > by.generation {
            group.late.push(LateCommit { life, generation: by.generation, newest });
        }
    }
    Ok(code)
}

/// Looks for a group's coordinator; the answer's code.
pub(super) async fn find(connection: &mut Connection, group: &str) -> Result<ErrorCode, Lost> {
    let request = FindCoordinatorRequest {
        coordinator_keys: vec![group.to_owned()],
        ..FindCoordinatorRequest::default()
    };
    let answer: FindCoordinatorResponse = connection.ask(6, &request).await?;
    Ok(answer
        .coordinators
        .first()
        .map_or(ErrorCode::UnknownServerError, |found| ErrorCode::from_code(found.error_code)))
}

/// Commits once without being a member, so that the group has an offset from its beginning on and is never forgotten.
pub(super) async fn anchor(client: &Client, group: &str, topic: &Topic) -> Result<bool, Lost> {
    let mut connection = client.connect().await?;
    if find(&mut connection, group).await? != ErrorCode::None {
        return Ok(false);
    }
    let by = Committer {
        group,
        member: "",
        instance: None,
        generation: -1,
        modern: false,
        number: 0,
        name: u64::MAX,
    };
    Ok(commit(client, &mut connection, 8, &by, topic, (0, 0)).await? == ErrorCode::None)
}

/// The committed offsets of some places, 0 where there is none; the code if there is an error.
pub(super) async fn fetch(
    client: &Client,
    connection: &mut Connection,
    version: i16,
    id: &str,
    topics: &[Topic],
    places: &[Place],
) -> Result<Result<BTreeMap<Place, i64>, ErrorCode>, Lost> {
    let (life, floors) = {
        let mut history = client.history.borrow_mut();
        (history.life(), history.group(id).acknowledged.clone())
    };
    let asked = topics.iter().filter_map(|topic| {
        let of_topic = places.iter().filter(|place| place.topic == topic.id);
        let partition_indexes: Vec<i32> = of_topic.map(|place| place.partition).collect();
        let name = topic.name.clone();
        (!partition_indexes.is_empty()).then_some(OffsetFetchRequestTopics {
            name,
            topic_id: topic.id,
            partition_indexes,
        })
    });
    let asked = OffsetFetchRequestGroup {
        group_id: id.to_owned(),
        topics: Some(asked.collect()),
        ..OffsetFetchRequestGroup::default()
    };
    let request = OffsetFetchRequest { groups: vec![asked], ..OffsetFetchRequest::default() };
    let answer: OffsetFetchResponse = connection.ask(version, &request).await?;
    let Some(group) = answer.groups.first() else { return Ok(Err(ErrorCode::UnknownServerError)) };
    if group.error_code != 0 {
        return Ok(Err(ErrorCode::from_code(group.error_code)));
    }
    let mut positions: BTreeMap<Place, i64> = places.iter().map(|place| (*place, 0)).collect();
    for found in &group.topics {
        let Some(topic) = topics.iter().find(|topic| topic.name == found.name) else { continue };
        for part in &found.partitions {
            if part.error_code != 0 {
                return Ok(Err(ErrorCode::from_code(part.error_code)));
            }
            let place = Place { topic: topic.id, partition: part.partition_index };
            positions.insert(place, part.committed_offset.max(0));
            let mut history = client.history.borrow_mut();
            // A topic that goes takes its offsets with it.
            if history.topics.get(&topic.id).is_none_or(|topic| topic.deleting) {
                continue;
            }
            history.group(id).fetched.push(FetchedOffset {
                life,
                place,
                floor: floors.get(&place).copied(),
                offset: part.committed_offset,
                metadata: part.metadata.clone().unwrap_or_default(),
            });
        }
    }
    Ok(Ok(positions))
}
