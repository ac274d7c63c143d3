//! Metadata, DescribeTopicPartitions and DescribeCluster.

use headwater_base::Uuid;
use headwater_protocol::ApiKey;
use headwater_protocol::messages::describe_cluster_request::DescribeClusterRequest;
use headwater_protocol::messages::describe_topic_partitions_request::{
    Cursor, DescribeTopicPartitionsRequest, TopicRequest,
};
use headwater_protocol::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};

use super::state::versions;
use super::target::{Target, body};

/// Names that no topic may have, and two that look like it.
const ODD_NAMES: &[(&str, &str)] = &[
    ("empty", ""),
    ("a dot", "."),
    ("two dots", ".."),
    ("a blank", "a b"),
    ("a slash", "a/b"),
    ("not ASCII", "tøpic"),
    ("three dots", "..."),
];

fn named(names: &[&str]) -> Option<Vec<MetadataRequestTopic>> {
    let topic = |name: &&str| MetadataRequestTopic { name: Some((*name).to_owned()), ..Default::default() };
    Some(names.iter().map(topic).collect())
}

fn metadata(version: i16, topics: Option<Vec<MetadataRequestTopic>>, create: bool) -> Vec<u8> {
    // Before version 4 creation cannot be declined.
    let allow_auto_topic_creation = create || version < 4;
    body(&MetadataRequest { topics, allow_auto_topic_creation, ..MetadataRequest::default() }, version)
}

pub fn chapter(target: &mut Target) {
    lists(target);
    by_id(target);
    authorized_operations(target);
    pages(target);
    cluster(target);
}

fn lists(target: &mut Target) {
    let key = ApiKey::Metadata;
    let all = versions::<MetadataRequest>;
    target.ask_each("an empty list", key, all(), |v| metadata(v, Some(Vec::new()), false));
    target.ask_each("all topics", key, 1..=13, |v| metadata(v, None, false));
    target.ask_each("two topics", key, all(), |v| metadata(v, named(&["plain", "data"]), false));
    target.ask_each("a topic twice", key, [1, 9, 13], |v| {
        metadata(v, named(&["data", "plain", "data"]), false)
    });
    target.ask_each("unknown", key, 4..=13, |v| metadata(v, named(&["nowhere"]), false));
    target.ask_each("one of two unknown", key, [4, 13], |v| metadata(v, named(&["nowhere", "plain"]), false));
    for (what, name) in ODD_NAMES {
        target.ask_each(&format!("name: {what}"), key, [4, 9, 13], |v| metadata(v, named(&[name]), false));
    }
    let (long, longest) = ("x".repeat(250), "x".repeat(249));
    target.ask_each("name: too long", key, [0, 4, 12], |v| metadata(v, named(&[&long]), true));
    target.ask_each("name: the longest", key, [4, 12], |v| metadata(v, named(&[&longest]), false));
    target.ask_each("name: odd, to be created", key, [0, 9, 12], |v| metadata(v, named(&["a b"]), true));
    let internal = named(&["__consumer_offsets", "__transaction_state", "__cluster_metadata"]);
    target.ask_each("internal topics", key, [4, 13], |v| metadata(v, internal.clone(), false));
}

fn by_id(target: &mut Target) {
    let key = ApiKey::Metadata;
    let plain = target.topic_id("plain");
    let topic =
        |topic_id: Uuid, name: Option<&str>| MetadataRequestTopic { topic_id, name: name.map(str::to_owned) };
    let nobody = Uuid(0x1234_5678_9abc_def0_1234_5678_9abc_def0);
    for (what, topics) in [
        ("by id", vec![topic(plain, None)]),
        ("by an unknown id", vec![topic(nobody, None)]),
        ("by a zero id", vec![topic(Uuid(0), None)]),
        ("by id and name", vec![topic(plain, Some("plain"))]),
        ("by id and another's name", vec![topic(plain, Some("data"))]),
        ("one by id, one by name", vec![topic(plain, None), topic(Uuid(0), Some("data"))]),
        ("a known and an unknown id", vec![topic(plain, None), topic(nobody, None)]),
    ] {
        target.ask_each(what, key, [10, 11, 12, 13], |v| metadata(v, Some(topics.clone()), false));
    }
}

fn authorized_operations(target: &mut Target) {
    for version in 8..=13 {
        for (topic, cluster) in [(true, false), (false, true), (true, true)] {
            if cluster && version > 10 {
                continue;
            }
            let request = MetadataRequest {
                topics: named(&["plain", "nowhere", "a b"]),
                allow_auto_topic_creation: false,
                include_topic_authorized_operations: topic,
                include_cluster_authorized_operations: cluster,
            };
            let name = format!("authorized operations, topic {topic}, cluster {cluster}");
            target.ask_raw(&name, ApiKey::Metadata, version, &body(&request, version));
        }
    }
}

fn pages(target: &mut Target) {
    let cursor =
        |topic: &str, partition| Some(Cursor { topic_name: topic.into(), partition_index: partition });
    let cases: &[(&str, &[&str], i32, Option<Cursor>)] = &[
        ("all", &[], 2000, None),
        ("all, five at a time", &[], 5, None),
        ("two", &["plain", "data"], 2000, None),
        ("in no order and twice", &["plain", "data", "plain"], 2000, None),
        ("unknown", &["nowhere"], 2000, None),
        ("unknown and known", &["a-nowhere", "plain", "z-nowhere"], 2000, None),
        ("a name that is none", &["a b", "plain"], 2000, None),
        ("an empty name", &[""], 2000, None),
        ("one at a time", &["plain", "data"], 1, None),
        ("exactly a topic", &["plain"], 3, None),
        ("exactly a topic, and one more", &["data", "plain"], 2, None),
        ("limit zero", &["plain", "data"], 0, None),
        ("limit below zero", &["plain", "data"], -1, None),
        ("limit that is huge", &["plain"], i32::MAX, None),
        ("from a cursor", &["plain", "data"], 2000, cursor("plain", 1)),
        ("from a cursor, all", &[], 6, cursor("many.partitions", 7)),
        ("from a cursor behind the last partition", &["plain"], 2000, cursor("plain", 3)),
        ("from a cursor behind the last partition, all", &[], 3, cursor("plain", 9)),
        ("from a cursor of a topic that is gone", &["data", "plain"], 2000, cursor("nowhere", 1)),
        ("from a cursor of a topic that is gone, all", &[], 4, cursor("nowhere", 1)),
        ("from a cursor below zero", &["plain"], 2000, cursor("plain", -1)),
        ("from a cursor without a topic", &["plain"], 2000, cursor("", 0)),
        ("limit in the middle with unknown behind", &["many.partitions", "z-nowhere"], 4, None),
    ];
    for (what, names, limit, cursor) in cases {
        let request = DescribeTopicPartitionsRequest {
            topics: names.iter().map(|name| TopicRequest { name: (*name).into() }).collect(),
            response_partition_limit: *limit,
            cursor: cursor.clone(),
        };
        target.ask_raw(&format!("page: {what}"), ApiKey::DescribeTopicPartitions, 0, &body(&request, 0));
    }
}

fn cluster(target: &mut Target) {
    for version in 0..=2 {
        for operations in [false, true] {
            let request = DescribeClusterRequest {
                include_cluster_authorized_operations: operations,
                include_fenced_brokers: version >= 2,
                ..DescribeClusterRequest::default()
            };
            let name = format!("the cluster, operations {operations}");
            target.ask_raw(&name, ApiKey::DescribeCluster, version, &body(&request, version));
        }
    }
    for version in [1, 2] {
        for endpoint_type in [0, 2, 3, -1] {
            let request = DescribeClusterRequest { endpoint_type, ..DescribeClusterRequest::default() };
            let name = format!("the cluster, endpoint type {endpoint_type}");
            target.ask_raw(&name, ApiKey::DescribeCluster, version, &body(&request, version));
        }
    }
}
