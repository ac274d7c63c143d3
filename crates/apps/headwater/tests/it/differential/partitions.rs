//! CreatePartitions, ElectLeaders and reassignments on one broker.

use headwater_protocol::ApiKey;
use headwater_protocol::messages::alter_partition_reassignments_request::{
    AlterPartitionReassignmentsRequest, ReassignablePartition, ReassignableTopic,
};
use headwater_protocol::messages::create_partitions_request::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
};
use headwater_protocol::messages::create_topics_request::CreateTopicsRequest;
use headwater_protocol::messages::create_topics_response::CreateTopicsResponse;
use headwater_protocol::messages::elect_leaders_request::{ElectLeadersRequest, TopicPartitions};
use headwater_protocol::messages::list_partition_reassignments_request::{
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsTopics,
};
use headwater_protocol::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};

use super::state::{T0, append, batch, creatable, versions};
use super::target::{Target, body};

/// A topic, the count that is asked for, and the brokers of each new partition, if they are named.
type More<'a> = (&'a str, i32, Option<&'a [&'a [i32]]>);

/// A topic and partitions of it.
type Asked<'a> = (&'a str, &'a [i32]);
/// A topic, and where partitions of it shall be.
type Moved<'a> = (&'a str, &'a [(i32, Option<&'a [i32]>)]);

pub fn chapter(target: &mut Target) {
    let topics = (0..=3).map(|version| creatable(&format!("grows-v{version}"), 1, &[]));
    let request = CreateTopicsRequest {
        topics: topics.chain([creatable("grows", 2, &[])]).collect(),
        timeout_ms: 30_000,
        ..CreateTopicsRequest::default()
    };
    target.ask::<CreateTopicsResponse>("topics", ApiKey::CreateTopics, 7, &request);
    target.learn_topics(&["grows", "grows-v0", "grows-v3"]);
    more_partitions(target);
    live_partitions(target);
    elections(target);
    reassignments(target);
    listings(target);
}

fn more(topics: &[More<'_>], validate_only: bool, timeout_ms: i32) -> CreatePartitionsRequest {
    let by_hand = |brokers: &&[i32]| CreatePartitionsAssignment { broker_ids: brokers.to_vec() };
    let topic = |(name, count, assignments): &More<'_>| CreatePartitionsTopic {
        name: (*name).to_owned(),
        count: *count,
        assignments: assignments.map(|assignments| assignments.iter().map(by_hand).collect()),
    };
    CreatePartitionsRequest { topics: topics.iter().map(topic).collect(), timeout_ms, validate_only }
}

fn more_partitions(target: &mut Target) {
    for version in versions::<CreatePartitionsRequest>() {
        let own = format!("grows-v{version}");
        let own = own.as_str();
        let cases: &[(&str, &[More<'_>], bool)] = &[
            ("nothing", &[], false),
            ("more, only tried", &[(own, 3, None)], true),
            ("more", &[(own, 3, None)], false),
            ("as many as there are", &[(own, 3, None)], false),
            ("as many as there are, only tried", &[(own, 3, None)], true),
            ("fewer", &[(own, 2, None)], false),
            ("none", &[(own, 0, None)], false),
            ("fewer than none", &[(own, -1, None)], false),
            ("the least", &[(own, i32::MIN, None)], false),
            ("an unknown topic", &[("nowhere", 3, None)], false),
            ("an odd name", &[("a b", 3, None)], false),
            ("no name", &[("", 3, None)], false),
            ("the metadata log", &[("__cluster_metadata", 3, None)], false),
            ("a topic twice", &[(own, 4, None), (own, 5, None)], false),
            ("a topic twice beside others", &[(own, 4, None), (own, 4, None), ("nowhere", 2, None)], false),
            ("by hand", &[(own, 4, Some(&[&[1]]))], false),
            ("by hand, two", &[(own, 6, Some(&[&[1], &[1]]))], false),
            ("by hand, only tried", &[(own, 7, Some(&[&[1]]))], true),
            ("by hand, too few", &[(own, 8, Some(&[&[1]]))], false),
            ("by hand, too many", &[(own, 7, Some(&[&[1], &[1]]))], false),
            ("by hand, but none", &[(own, 7, Some(&[]))], false),
            ("by hand, none to one", &[(own, 8, Some(&[&[1], &[]]))], false),
            ("by hand, a broker twice", &[(own, 7, Some(&[&[1, 1]]))], false),
            ("by hand, an unknown broker", &[(own, 7, Some(&[&[2]]))], false),
            ("by hand, a broker below zero", &[(own, 7, Some(&[&[-1]]))], false),
            ("by hand, as many as there are", &[(own, 6, Some(&[]))], false),
            ("by hand, fewer", &[(own, 1, Some(&[&[1]]))], false),
            (
                "good and bad ones",
                &[(own, 7, None), ("grows", 1, None), ("nowhere", 9, Some(&[&[1]]))],
                false,
            ),
        ];
        for (what, topics, validate_only) in cases {
            let bytes = body(&more(topics, *validate_only, 30_000), version);
            target.ask_raw(what, ApiKey::CreatePartitions, version, &bytes);
        }
        // The time is up before the controller looks.
        for timeout_ms in [0, -1] {
            let bytes = body(&more(&[(own, 99, None), ("nowhere", 2, None)], false, timeout_ms), version);
            target.ask_raw(&format!("in {timeout_ms} ms"), ApiKey::CreatePartitions, version, &bytes);
            let bytes = body(&more(&[], false, timeout_ms), version);
            target.ask_raw(&format!("nothing in {timeout_ms} ms"), ApiKey::CreatePartitions, version, &bytes);
        }
        let too_many = body(&more(&[("grows", i32::MAX, Some(&[&[1]]))], false, 30_000), version);
        target.ask_raw("as many as there can be", ApiKey::CreatePartitions, version, &too_many);
    }
}

/// What was added is there, empty, and takes records.
fn live_partitions(target: &mut Target) {
    target.learn_topics(&["grows-v3"]);
    let topic = MetadataRequestTopic { name: Some("grows-v3".to_owned()), ..MetadataRequestTopic::default() };
    let request = MetadataRequest { topics: Some(vec![topic]), ..MetadataRequest::default() };
    target.ask_raw("what was added", ApiKey::Metadata, 12, &body(&request, 12));
    for partition in [1, 6] {
        append(target, "grows-v3", partition, batch(T0, &["new"]));
    }
    append(target, "grows-v3", 7, batch(T0, &["not there"]));
}

fn elections(target: &mut Target) {
    for version in versions::<ElectLeadersRequest>() {
        let types: &[i8] = if version == 0 { &[0] } else { &[0, 1, 2, -1] };
        for election_type in types {
            let cases: &[(&str, Option<&[Asked<'_>]>)] = &[
                ("all", None),
                ("nothing", Some(&[])),
                ("no partitions", Some(&[("plain", &[])])),
                ("some", Some(&[("plain", &[0, 2]), ("data", &[1])])),
                ("a partition twice", Some(&[("plain", &[1, 1])])),
                ("a topic twice", Some(&[("plain", &[1]), ("plain", &[1, 0])])),
                ("unknown", Some(&[("nowhere", &[0]), ("plain", &[3, -1]), ("", &[0])])),
            ];
            for (what, topics) in cases {
                let partitions = |(topic, partitions): &Asked<'_>| TopicPartitions {
                    topic: (*topic).to_owned(),
                    partitions: partitions.to_vec(),
                };
                for timeout_ms in [30_000, 0] {
                    let request = ElectLeadersRequest {
                        election_type: *election_type,
                        topic_partitions: topics.map(|topics| topics.iter().map(partitions).collect()),
                        timeout_ms,
                    };
                    let name = format!("election {election_type}: {what} in {timeout_ms} ms");
                    target.ask_raw(&name, ApiKey::ElectLeaders, version, &body(&request, version));
                }
            }
        }
    }
}

fn reassignments(target: &mut Target) {
    let cases: &[(&str, &[Moved<'_>])] = &[
        ("nothing", &[]),
        ("no partitions", &[("plain", &[])]),
        ("to where it is", &[("plain", &[(0, Some(&[1]))])]),
        ("to nowhere", &[("plain", &[(0, Some(&[]))])]),
        ("to a broker twice", &[("plain", &[(0, Some(&[1, 1]))])]),
        ("to an unknown broker", &[("plain", &[(0, Some(&[2]))])]),
        ("to a known and an unknown broker", &[("plain", &[(0, Some(&[1, 2]))])]),
        ("to a broker below zero", &[("plain", &[(0, Some(&[-1]))])]),
        ("cancelled", &[("plain", &[(0, None)])]),
        ("unknown", &[("nowhere", &[(0, Some(&[1]))]), ("plain", &[(3, Some(&[1])), (-1, None)])]),
        ("unknown and cancelled", &[("nowhere", &[(0, None)])]),
        ("a partition twice", &[("plain", &[(1, Some(&[1])), (1, None)])]),
        ("many", &[("plain", &[(0, None), (1, Some(&[1])), (2, Some(&[9]))]), ("data", &[(1, Some(&[1]))])]),
    ];
    for version in versions::<AlterPartitionReassignmentsRequest>() {
        let factors: &[bool] = if version == 0 { &[true] } else { &[true, false] };
        for (what, topics) in cases {
            for (factor, timeout_ms) in factors.iter().flat_map(|factor| [(*factor, 30_000), (*factor, 0)]) {
                let partition = |(index, replicas): &(i32, Option<&[i32]>)| ReassignablePartition {
                    partition_index: *index,
                    replicas: replicas.map(<[i32]>::to_vec),
                };
                let topic = |(name, partitions): &Moved<'_>| ReassignableTopic {
                    name: (*name).to_owned(),
                    partitions: partitions.iter().map(partition).collect(),
                };
                let request = AlterPartitionReassignmentsRequest {
                    timeout_ms,
                    allow_replication_factor_change: factor,
                    topics: topics.iter().map(topic).collect(),
                };
                let name = format!("reassigned {what}, factor {factor}, in {timeout_ms} ms");
                let bytes = body(&request, version);
                target.ask_raw(&name, ApiKey::AlterPartitionReassignments, version, &bytes);
            }
        }
    }
}

fn listings(target: &mut Target) {
    let cases: &[(&str, Option<&[Asked<'_>]>)] = &[
        ("all", None),
        ("nothing", Some(&[])),
        ("some", Some(&[("plain", &[0, 1, 7]), ("nowhere", &[0])])),
        ("no partitions", Some(&[("plain", &[])])),
    ];
    for (what, topics) in cases {
        for timeout_ms in [30_000, 0] {
            let topic = |(name, indexes): &Asked<'_>| ListPartitionReassignmentsTopics {
                name: (*name).to_owned(),
                partition_indexes: indexes.to_vec(),
            };
            let request = ListPartitionReassignmentsRequest {
                timeout_ms,
                topics: topics.map(|topics| topics.iter().map(topic).collect()),
            };
            let name = format!("reassignments: {what} in {timeout_ms} ms");
            target.ask_raw(&name, ApiKey::ListPartitionReassignments, 0, &body(&request, 0));
        }
    }
}
