//! Committing, fetching and deleting offsets, as a member and as nobody's member.

use headwater_protocol::ApiKey;
use headwater_protocol::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use headwater_protocol::messages::offset_delete_request::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use headwater_protocol::messages::offset_fetch_request::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};

use super::state::versions;
use super::target::{Target, body};

/// A topic of the shared state, and one that is not there.
const KNOWN: &str = "plain";
const UNKNOWN: &str = "not-there";

/// The first version whose topics come as ids.
const TOPIC_IDS_FROM: i16 = 10;

fn commit(
    target: &Target,
    version: i16,
    group: &str,
    generation: i32,
    member: &str,
    topics: &[&str],
) -> OffsetCommitRequest {
    let topic = |name: &&str| {
        let partition = |index, offset| OffsetCommitRequestPartition {
            partition_index: index,
            committed_offset: offset,
            committed_leader_epoch: if version >= 6 { 3 } else { -1 },
            committed_metadata: Some("note".to_owned()),
        };
        let mut topic = OffsetCommitRequestTopic {
            partitions: vec![partition(0, 5), partition(9, 1)],
            ..OffsetCommitRequestTopic::default()
        };
        if version < TOPIC_IDS_FROM {
            topic.name = (*name).to_owned();
        } else if *name == KNOWN {
            topic.topic_id = target.topic_id(KNOWN);
        } else {
            topic.topic_id = "MoUUQUQAT2Cc9tNQ0tGQ0w".parse().expect("an id");
        }
        topic
    };
    OffsetCommitRequest {
        group_id: group.to_owned(),
        generation_id_or_member_epoch: generation,
        member_id: member.to_owned(),
        topics: topics.iter().map(topic).collect(),
        ..OffsetCommitRequest::default()
    }
}

fn fetch(target: &Target, version: i16, group: &str, topics: Option<&[&str]>) -> OffsetFetchRequest {
    let indexes = vec![0, 1, 9];
    if version < 8 {
        let topic = |name: &&str| OffsetFetchRequestTopic {
            name: (*name).to_owned(),
            partition_indexes: indexes.clone(),
        };
        return OffsetFetchRequest {
            group_id: group.to_owned(),
            topics: topics.map(|topics| topics.iter().map(topic).collect()),
            ..OffsetFetchRequest::default()
        };
    }
    let topic = |name: &&str| {
        let mut topic = OffsetFetchRequestTopics {
            partition_indexes: indexes.clone(),
            ..OffsetFetchRequestTopics::default()
        };
        if version < TOPIC_IDS_FROM {
            topic.name = (*name).to_owned();
        } else if *name == KNOWN {
            topic.topic_id = target.topic_id(KNOWN);
        } else {
            topic.topic_id = "MoUUQUQAT2Cc9tNQ0tGQ0w".parse().expect("an id");
        }
        topic
    };
    let group = OffsetFetchRequestGroup {
        group_id: group.to_owned(),
        topics: topics.map(|topics| topics.iter().map(topic).collect()),
        ..OffsetFetchRequestGroup::default()
    };
    OffsetFetchRequest { groups: vec![group], require_stable: true, ..OffsetFetchRequest::default() }
}

fn ask_commits(target: &mut Target, what: &str, group: &str, generation: i32, member: &str, topics: &[&str]) {
    for version in versions::<OffsetCommitRequest>() {
        let request = commit(target, version, group, generation, member, topics);
        target.ask_raw(&format!("commit: {what}"), ApiKey::OffsetCommit, version, &body(&request, version));
    }
}

fn ask_fetches(target: &mut Target, what: &str, group: &str) {
    for version in versions::<OffsetFetchRequest>() {
        for (which, topics) in
            [("some", Some(&[KNOWN, UNKNOWN][..])), ("no topics", Some(&[])), ("all", None)]
        {
            if version < 2 && topics.is_none() {
                continue;
            }
            let request = fetch(target, version, group, topics);
            let name = format!("fetch: {what}: {which}");
            target.ask_raw(&name, ApiKey::OffsetFetch, version, &body(&request, version));
        }
    }
}

/// While the member of generation 1 consumes.
pub fn of_member(target: &mut Target, group: &str, member: &str) {
    ask_fetches(target, "nothing yet", group);
    ask_commits(target, "a member", group, 1, member, &[KNOWN, UNKNOWN]);
    ask_fetches(target, "a member's", group);
    ask_commits(target, "a wrong generation", group, 4, member, &[KNOWN]);
    ask_commits(target, "a stranger", group, 1, "stranger", &[KNOWN]);
    ask_commits(target, "no member", group, -1, "", &[KNOWN]);
    ask_commits(target, "only what is not there", group, 1, member, &[UNKNOWN]);
    ask_commits(target, "nothing", group, 1, member, &[]);
    let mut long = commit(target, 9, group, 1, member, &[KNOWN]);
    long.topics[0].partitions[1].committed_metadata = Some("x".repeat(4_097));
    target.ask_raw("commit: long metadata", ApiKey::OffsetCommit, 9, &body(&long, 9));
    ask_deletes(target, "in use", group);
}

fn ask_deletes(target: &mut Target, what: &str, group: &str) {
    let topic = |name: &str| OffsetDeleteRequestTopic {
        name: name.to_owned(),
        partitions: vec![
            OffsetDeleteRequestPartition { partition_index: 0 },
            OffsetDeleteRequestPartition { partition_index: 7 },
        ],
    };
    let request =
        OffsetDeleteRequest { group_id: group.to_owned(), topics: vec![topic(KNOWN), topic(UNKNOWN)] };
    target.ask_raw(&format!("delete offsets: {what}"), ApiKey::OffsetDelete, 0, &body(&request, 0));
}

/// Groups of those who assign themselves.
pub fn without_members(target: &mut Target) {
    ask_fetches(target, "no group", "nosuch");
    ask_fetches(target, "an empty group id", "");
    ask_commits(target, "no such group, a generation", "nosuch", 1, "m", &[KNOWN]);
    ask_commits(target, "nobody's member", "simple", -1, "", &[KNOWN, UNKNOWN]);
    ask_fetches(target, "nobody's", "simple");
    ask_deletes(target, "no group", "nosuch");
    ask_deletes(target, "an empty group id", "");
    ask_deletes(target, "nobody's", "simple");
    ask_fetches(target, "what is left", "simple");
}

/// With the epoch of a member of the consumer protocol.
pub fn of_consumer(target: &mut Target, group: &str, member: &str, epoch: i32) {
    ask_commits(target, "a consumer's epoch", group, epoch, member, &[KNOWN, UNKNOWN]);
    ask_commits(target, "an older epoch", group, epoch - 1, member, &[KNOWN]);
    ask_commits(target, "a later epoch", group, epoch + 1, member, &[KNOWN]);
    ask_commits(target, "a stranger to a consumer group", group, epoch, "stranger", &[KNOWN]);
    ask_commits(target, "no member of a consumer group", group, -1, "", &[KNOWN]);
    ask_fetches(target, "a consumer group's", group);
    for version in 9..=10 {
        for (who, id, epoch) in [
            ("a member", Some(member), epoch),
            ("an older epoch", Some(member), epoch - 1),
            ("a later epoch", Some(member), epoch + 1),
            ("a stranger", Some("stranger"), epoch),
            ("no epoch", Some(member), -1),
            ("no id", None, epoch),
            ("an empty id", Some(""), -1),
        ] {
            let mut request = fetch(target, version, group, Some(&[KNOWN]));
            request.groups[0].member_id = id.map(str::to_owned);
            request.groups[0].member_epoch = epoch;
            let name = format!("fetch as a consumer: {who}");
            target.ask_raw(&name, ApiKey::OffsetFetch, version, &body(&request, version));
        }
    }
    ask_deletes(target, "a consumer group in use", group);
}
