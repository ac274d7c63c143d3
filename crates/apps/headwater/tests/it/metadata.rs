//! Metadata: topics by name and by id.

use headwater_base::Uuid;
use headwater_base::error_code::ErrorCode;
use headwater_protocol::ApiKey;
use headwater_protocol::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};
use headwater_protocol::messages::metadata_response::MetadataResponse;

use crate::client::Client;
use crate::node::{Folder, Node};

/// Error of the whole, and for each topic its name, id and error.
type Answer = (ErrorCode, Vec<(Option<String>, Uuid, ErrorCode)>);

fn ask(client: &mut Client, version: i16, topics: &[(Option<&str>, Uuid)]) -> Answer {
    let topics = topics
        .iter()
        .map(|(name, topic_id)| MetadataRequestTopic { topic_id: *topic_id, name: name.map(str::to_owned) });
    let request = MetadataRequest {
        topics: Some(topics.collect()),
        allow_auto_topic_creation: true,
        ..MetadataRequest::default()
    };
    let answer: MetadataResponse = client.call(ApiKey::Metadata, version, &request);
    let topics = answer
        .topics
        .into_iter()
        .map(|topic| (topic.name, topic.topic_id, ErrorCode::from_code(topic.error_code)));
    (ErrorCode::from_code(answer.error_code), topics.collect())
}

#[test]
fn one_id_makes_it_a_request_by_ids() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut client = node.client();
    client.create_topic("t", 1, &[]);
    let t = Some("t".to_owned());
    let (_, topics) = ask(&mut client, 12, &[(Some("t"), Uuid::ZERO), (Some("t"), Uuid::ZERO)]);
    let id = topics[0].1;
    assert_eq!(topics, [(t.clone(), id, ErrorCode::None)], "asked for twice, answered once");
    let unknown = Uuid::from_random(1, 2);
    // The Java client sends an empty name beside the id.
    for name in [None, Some(""), Some("not-created")] {
        let answer = ask(&mut client, 13, &[(name, id)]);
        assert_eq!(answer, (ErrorCode::None, vec![(t.clone(), id, ErrorCode::None)]), "{name:?}");
        let answer = ask(&mut client, 13, &[(name, unknown)]);
        assert_eq!(answer, (ErrorCode::None, vec![(None, unknown, ErrorCode::UnknownTopicId)]), "{name:?}");
    }
    let mixed = ask(&mut client, 12, &[(Some("not-created"), Uuid::ZERO), (Some(""), id)]);
    assert_eq!(mixed.1, [(t, id, ErrorCode::None)], "names do not count beside an id");
    let all: MetadataResponse =
        client.call(ApiKey::Metadata, 12, &MetadataRequest { topics: None, ..MetadataRequest::default() });
    assert_eq!(all.topics.len(), 1, "nothing was created");
}

#[test]
fn ids_before_version_12_are_refused() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut client = node.client();
    let id = Uuid::from_random(1, 2);
    let (_, topics) = ask(&mut client, 11, &[(Some("t"), id), (Some("u"), Uuid::ZERO)]);
    let refused = ErrorCode::InvalidRequest;
    let (t, u) = (Some("t".to_owned()), Some("u".to_owned()));
    assert_eq!(topics, [(t, id, refused), (u, Uuid::ZERO, refused)]);
    assert!(client.is_served());
}
