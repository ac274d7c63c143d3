//! CreateTopics and DeleteTopics through the wire, and topics that are created by being asked for. What the
//! controller decides has scripts of its own (`crates/core/controller/testdata`).

use headwater_base::Uuid;
use headwater_protocol::ApiKey;
use headwater_protocol::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreateTopicsRequest,
};
use headwater_protocol::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use headwater_protocol::messages::fetch_response::FetchResponse;
use headwater_protocol::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};

use super::fetch::{self, want};
use super::offsets;
use super::state::{T0, batch, creatable, produce_batch, versions};
use super::target::{Target, body};

pub fn chapter(target: &mut Target) {
    creations(target);
    deletions(target);
    after_deletion(target);
    auto_creation(target);
}

fn create(version: i16, topics: Vec<CreatableTopic>, validate_only: bool) -> Vec<u8> {
    let request = CreateTopicsRequest { topics, timeout_ms: 30_000, validate_only };
    body(&request, version)
}

fn creations(target: &mut Target) {
    let key = ApiKey::CreateTopics;
    for version in versions::<CreateTopicsRequest>() {
        let fresh = format!("fresh-v{version}");
        let assigned = CreatableTopic {
            num_partitions: -1,
            replication_factor: -1,
            assignments: vec![CreatableReplicaAssignment { partition_index: 0, broker_ids: vec![1] }],
            ..creatable(&format!("assigned-v{version}"), -1, &[])
        };
        let twice = vec![creatable("twice", 1, &[]), creatable("twice", 1, &[]), creatable("plain", 1, &[])];
        for (what, topics, validate_only) in [
            ("a topic, only tried", vec![creatable(&fresh, 2, &[("retention.ms", "1000")])], true),
            ("a topic", vec![creatable(&fresh, 2, &[("retention.ms", "1000")])], false),
            ("a topic that is there", vec![creatable(&fresh, 2, &[])], false),
            ("a topic that is there, only tried", vec![creatable(&fresh, 2, &[])], true),
            ("an assignment", vec![assigned], false),
            ("a topic twice", twice, false),
            ("an odd name", vec![creatable("a b", 1, &[])], false),
            ("no name", vec![creatable("", 1, &[])], false),
            ("a wrong value", vec![creatable("wrong", 1, &[("retention.ms", "x")])], false),
            ("an unknown key", vec![creatable("wrong", 1, &[("no.such.key", "x")])], false),
            ("no partitions", vec![creatable("wrong", 0, &[])], false),
            (
                "too many replicas",
                vec![CreatableTopic { replication_factor: 3, ..creatable("wrong", 1, &[]) }],
                false,
            ),
            (
                "the defaults",
                vec![CreatableTopic { replication_factor: -1, ..creatable("wrong", -1, &[]) }],
                true,
            ),
            ("nothing", vec![], false),
        ] {
            target.ask_raw(what, key, version, &create(version, topics, validate_only));
        }
    }
    target.learn_topics(&["fresh-v7", "assigned-v7"]);
}

fn delete(target: &Target, version: i16, names: &[&str]) -> Vec<u8> {
    let mut request = DeleteTopicsRequest { timeout_ms: 30_000, ..DeleteTopicsRequest::default() };
    if version < 6 {
        request.topic_names = names.iter().map(|name| (*name).to_owned()).collect();
    } else {
        request.topics = names
            .iter()
            .map(|name| match name.strip_prefix("id:") {
                Some(name) => DeleteTopicState { name: None, topic_id: fetch::id_of(target, name) },
                None => DeleteTopicState { name: Some((*name).to_owned()), ..Default::default() },
            })
            .collect();
    }
    body(&request, version)
}

fn deletions(target: &mut Target) {
    let key = ApiKey::DeleteTopics;
    for version in versions::<DeleteTopicsRequest>() {
        let (fresh, assigned) = (format!("fresh-v{}", version + 1), format!("assigned-v{}", version + 1));
        for (what, names) in [
            ("an unknown topic", vec!["nowhere"]),
            ("no name", vec![""]),
            ("an odd name", vec!["a b"]),
            ("a topic", vec![&*fresh]),
            ("a topic that is gone", vec![&*fresh]),
            ("a topic twice", vec![&*assigned, &*assigned]),
            ("one of two unknown", vec![&*assigned, "nowhere"]),
            ("nothing", vec![]),
        ] {
            let bytes = delete(target, version, &names);
            target.ask_raw(&format!("delete {what}"), key, version, &bytes);
        }
    }
    for (what, names) in [
        ("an unknown id", vec!["id:<nobody>"]),
        ("the zero id", vec!["id:<zero>"]),
        ("an id twice", vec!["id:doomed-by-id", "id:doomed-by-id"]),
        ("an id and its name", vec!["id:doomed-by-id", "doomed-by-id"]),
        ("an id", vec!["id:doomed-by-id"]),
        ("an id that is gone", vec!["id:doomed-by-id"]),
        ("an id, a name and an unknown id", vec!["id:<nobody>", "doomed", "nowhere"]),
    ] {
        let bytes = delete(target, 6, &names);
        target.ask_raw(&format!("delete {what}"), key, 6, &bytes);
    }
    let both = DeleteTopicState { name: Some("plain".into()), topic_id: target.topic_id("plain") };
    let neither = DeleteTopicState { name: None, topic_id: Uuid(0) };
    for (what, state) in [("an id with its name", both), ("neither", neither)] {
        let request = DeleteTopicsRequest { topics: vec![state], timeout_ms: 30_000, ..Default::default() };
        target.ask_raw(&format!("delete {what}"), key, 6, &body(&request, 6));
    }
}

/// What is said of topics that were there a moment ago.
fn after_deletion(target: &mut Target) {
    target.wait_until_gone(&["doomed", "doomed-by-id"]);
    for version in [9, 12, 13] {
        let bytes = produce_batch(target, version, "doomed", batch(T0, &["late"]));
        target.ask_raw("produce to what is gone", ApiKey::Produce, version, &bytes);
        fetch::ask(target, "fetch what is gone", version, fetch::request(), &[want("doomed", 0, 0)]);
    }
    let bytes = offsets::list(7, 0, -1, &[("doomed", 0, -1, -1)]);
    target.ask_raw("offsets of what is gone", ApiKey::ListOffsets, 7, &bytes);
    // A session whose topic goes and comes again under its name.
    let key = ApiKey::Fetch;
    for version in [12, 13] {
        let topic = format!("phoenix-v{version}");
        let bytes = create(6, vec![creatable(&topic, 1, &[])], false);
        target.ask_raw(&format!("{topic} comes"), ApiKey::CreateTopics, 6, &bytes);
        target.learn_topics(&[&*topic]);
        let open = headwater_protocol::messages::fetch_request::FetchRequest {
            session_epoch: 0,
            topics: fetch::topics(target, version, &[want(&topic, 0, 0), want("data", 0, 15)]),
            ..fetch::request()
        };
        let opened: Option<FetchResponse> = target.ask("phoenix: opens", key, version, &open);
        let session_id = opened.map_or(0, |answer| answer.session_id);
        let next = |session_epoch| headwater_protocol::messages::fetch_request::FetchRequest {
            session_id,
            session_epoch,
            ..fetch::request()
        };
        let bytes = delete(target, 5, &[&topic]);
        target.ask_raw(&format!("{topic} goes"), ApiKey::DeleteTopics, 5, &bytes);
        target.wait_until_gone(&[&*topic]);
        target.ask_raw("phoenix: is gone", key, version, &body(&next(1), version));
        let bytes = create(6, vec![creatable(&topic, 1, &[])], false);
        target.ask_raw(&format!("{topic} comes again"), ApiKey::CreateTopics, 6, &bytes);
        target.learn_topics(&[&*topic]);
        target.ask_raw("phoenix: is there again", key, version, &body(&next(2), version));
        target.ask_raw("phoenix: and still", key, version, &body(&next(3), version));
    }
}

fn auto_creation(target: &mut Target) {
    for version in [0, 3, 4, 9, 13] {
        let name = format!("made-by-v{version}");
        let topic = |name: &str| MetadataRequestTopic { name: Some(name.to_owned()), ..Default::default() };
        let request =
            MetadataRequest { topics: Some(vec![topic(&name), topic("plain")]), ..Default::default() };
        target.ask_raw("created by being asked for", ApiKey::Metadata, version, &body(&request, version));
        // The reference has only begun to create it.
        target.learn_topics(&[&*name]);
        target.ask_raw("asked for again", ApiKey::Metadata, version, &body(&request, version));
    }
}
