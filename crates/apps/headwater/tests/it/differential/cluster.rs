//! What concerns the cluster as a whole: its quorum, its brokers, its feature levels; and topics whose time is up.

use headwater_protocol::ApiKey;
use headwater_protocol::messages::create_topics_request::CreateTopicsRequest;
use headwater_protocol::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use headwater_protocol::messages::describe_quorum_request::{
    DescribeQuorumRequest, PartitionData, TopicData,
};
use headwater_protocol::messages::unregister_broker_request::UnregisterBrokerRequest;
use headwater_protocol::messages::update_features_request::{FeatureUpdateKey, UpdateFeaturesRequest};

use super::state::{creatable, versions};
use super::target::{Target, body};

const UPGRADE: i8 = 1;
const SAFE: i8 = 2;
const UNSAFE: i8 = 3;

/// A topic and partitions of it.
type Asked<'a> = (&'a str, &'a [i32]);
/// A feature, the level that is asked for, and the type of the upgrade.
type Update<'a> = (&'a str, i16, i8);

pub fn chapter(target: &mut Target) {
    quorum(target);
    brokers(target);
    features(target);
    out_of_time(target);
}

fn quorum(target: &mut Target) {
    let cases: &[(&str, &[Asked<'_>])] = &[
        ("the metadata log", &[("__cluster_metadata", &[0])]),
        ("nothing", &[]),
        ("no partitions", &[("__cluster_metadata", &[])]),
        ("another partition", &[("__cluster_metadata", &[1])]),
        ("two partitions", &[("__cluster_metadata", &[0, 1])]),
        ("another topic", &[("plain", &[0])]),
        ("an unknown topic", &[("nowhere", &[0, 7])]),
        ("two topics", &[("__cluster_metadata", &[0]), ("plain", &[0])]),
        ("one topic twice", &[("__cluster_metadata", &[0]), ("__cluster_metadata", &[0])]),
    ];
    for version in versions::<DescribeQuorumRequest>() {
        for (what, topics) in cases {
            let partition = |index: &i32| PartitionData { partition_index: *index };
            let topic = |(name, partitions): &Asked<'_>| TopicData {
                topic_name: (*name).to_owned(),
                partitions: partitions.iter().map(partition).collect(),
            };
            let request = DescribeQuorumRequest { topics: topics.iter().map(topic).collect() };
            let bytes = body(&request, version);
            target.ask_raw(&format!("quorum: {what}"), ApiKey::DescribeQuorum, version, &bytes);
        }
    }
}

fn brokers(target: &mut Target) {
    for broker_id in [2, -1, i32::MAX] {
        let bytes = body(&UnregisterBrokerRequest { broker_id }, 0);
        target.ask_raw(&format!("unregister broker {broker_id}"), ApiKey::UnregisterBroker, 0, &bytes);
    }
}

fn features(target: &mut Target) {
    let cases: &[(&str, &[Update<'_>])] = &[
        ("nothing", &[]),
        ("metadata.version as it is", &[("metadata.version", 30, UPGRADE)]),
        ("metadata.version as it is, down", &[("metadata.version", 30, SAFE)]),
        ("metadata.version as it is, down by force", &[("metadata.version", 30, UNSAFE)]),
        ("metadata.version up", &[("metadata.version", 31, UPGRADE)]),
        ("metadata.version down as an upgrade", &[("metadata.version", 29, UPGRADE)]),
        ("metadata.version down", &[("metadata.version", 29, SAFE)]),
        ("metadata.version down by force", &[("metadata.version", 25, UNSAFE)]),
        ("metadata.version of old", &[("metadata.version", 21, SAFE)]),
        ("metadata.version zero", &[("metadata.version", 0, UNSAFE)]),
        ("metadata.version below zero", &[("metadata.version", -1, SAFE)]),
        ("metadata.version, no type", &[("metadata.version", 30, 0)]),
        ("metadata.version, type 4", &[("metadata.version", 30, 4)]),
        ("metadata.version, type -1", &[("metadata.version", 30, -1)]),
        ("kraft.version far up", &[("kraft.version", 2, UPGRADE)]),
        ("kraft.version below zero", &[("kraft.version", -1, UPGRADE)]),
        ("a feature that is off, off", &[("group.version", 0, UPGRADE)]),
        ("a feature that is off, off again", &[("transaction.version", 0, SAFE)]),
        ("a feature far up", &[("share.version", 99, UPGRADE)]),
        ("an unknown feature", &[("no.such.feature", 1, UPGRADE)]),
        ("an unknown feature, off", &[("no.such.feature", 0, UPGRADE)]),
        ("no feature", &[("", 1, UPGRADE)]),
        ("a feature twice", &[("metadata.version", 29, UPGRADE), ("metadata.version", 30, UPGRADE)]),
        (
            "a feature twice, the wrong one last",
            &[("metadata.version", 30, UPGRADE), ("metadata.version", 29, SAFE)],
        ),
        (
            "good and bad",
            &[
                ("metadata.version", 30, UPGRADE),
                ("no.such.feature", 1, UPGRADE),
                ("group.version", 0, UPGRADE),
            ],
        ),
        (
            "bad ones",
            &[
                ("metadata.version", 29, SAFE),
                ("kraft.version", 9, UPGRADE),
                ("no.such.feature", 1, UPGRADE),
                ("group.version", -1, UPGRADE),
                ("streams.version", 99, UPGRADE),
                ("another", 1, UPGRADE),
            ],
        ),
    ];
    for version in versions::<UpdateFeaturesRequest>() {
        for (what, updates) in cases {
            for validate_only in [true, false] {
                if version == 0 && validate_only {
                    continue;
                }
                let update = |(feature, level, upgrade_type): &Update<'_>| FeatureUpdateKey {
                    feature: (*feature).to_owned(),
                    max_version_level: *level,
                    allow_downgrade: version == 0 && *upgrade_type != UPGRADE,
                    upgrade_type: if version == 0 { UPGRADE } else { *upgrade_type },
                };
                let request = UpdateFeaturesRequest {
                    timeout_ms: 30_000,
                    feature_updates: updates.iter().map(update).collect(),
                    validate_only,
                };
                let name = format!("features: {what}, validate {validate_only}");
                target.ask_raw(&name, ApiKey::UpdateFeatures, version, &body(&request, version));
            }
        }
    }
    // No timeout is looked at here.
    let request = UpdateFeaturesRequest { timeout_ms: 0, ..UpdateFeaturesRequest::default() };
    target.ask_raw("features: in no time", ApiKey::UpdateFeatures, 2, &body(&request, 2));
}

fn out_of_time(target: &mut Target) {
    for version in versions::<CreateTopicsRequest>() {
        let topics = vec![creatable("too-late", 1, &[]), creatable("plain", 1, &[])];
        let request = CreateTopicsRequest { topics, timeout_ms: 0, ..CreateTopicsRequest::default() };
        target.ask_raw("creation in no time", ApiKey::CreateTopics, version, &body(&request, version));
    }
    for version in versions::<DeleteTopicsRequest>() {
        let mut request = DeleteTopicsRequest { timeout_ms: 0, ..DeleteTopicsRequest::default() };
        if version < 6 {
            request.topic_names = vec!["nowhere".to_owned(), "plain".to_owned()];
        } else {
            let named = |name: &str| DeleteTopicState { name: Some(name.to_owned()), ..Default::default() };
            request.topics = vec![named("nowhere"), named("plain")];
        }
        target.ask_raw("deletion in no time", ApiKey::DeleteTopics, version, &body(&request, version));
    }
}
