//! ApiVersions, versions and keys that are not served, and bodies that are none.

use headwater_protocol::messages as m;
use headwater_protocol::messages::api_versions_request::ApiVersionsRequest;
use headwater_protocol::{ApiKey, Writer};

use super::state::{T0, batch, produce_batch};
use super::target::{Target, body};

fn software(name: &str, version: &str) -> ApiVersionsRequest {
    ApiVersionsRequest { client_software_name: name.into(), client_software_version: version.into() }
}

pub fn chapter(target: &mut Target) {
    api_versions(target);
    foreign_versions(target);
    cut_and_trailing(target);
    tagged_fields(target);
    foreign_frames(target);
}

fn api_versions(target: &mut Target) {
    for version in 0..=4 {
        let request = if version < 3 { ApiVersionsRequest::default() } else { software("corpus", "1.0") };
        target.ask_raw("ApiVersions", ApiKey::ApiVersions, version, &body(&request, version));
    }
    for (what, name, of) in [
        ("no name", "", "1.0"),
        ("no version", "corpus", ""),
        ("a blank in the name", "cor pus", "1"),
        ("a dash at the end", "corpus-", "1"),
        ("a dot at the start of the version", "corpus", ".1"),
        ("a slash", "cor/pus", "1"),
        ("an underscore", "cor_pus", "1"),
        ("one letter each", "c", "1"),
    ] {
        for version in [3, 4] {
            let request = software(name, of);
            target.ask_raw(
                &format!("ApiVersions, {what}"),
                ApiKey::ApiVersions,
                version,
                &body(&request, version),
            );
        }
    }
    // The answer to a version that is not served has version 0.
    for version in [5, 100, i16::MAX, -1] {
        let frame =
            raw_frame(target, ApiKey::ApiVersions.code(), version, &body(&software("corpus", "1"), 3));
        target.send(&format!("ApiVersions in version {version}"), ApiKey::ApiVersions, 0, &frame);
    }
}

/// A frame whose header has the form of version 1, whatever the API's version wants.
fn raw_frame(target: &mut Target, key: i16, version: i16, body: &[u8]) -> Vec<u8> {
    // Takes a correlation id, which is the third field.
    let template = target.frame(ApiKey::Metadata, 1, &[]);
    let mut writer = Writer::new();
    let at = writer.begin_frame();
    writer.i16(key);
    writer.i16(version);
    writer.raw(&template[8..12]);
    writer.raw(b"\x00\x06corpus");
    writer.raw(body);
    writer.end_frame(at);
    writer.into_bytes()
}

fn foreign_versions(target: &mut Target) {
    for (key, above) in [
        (ApiKey::Produce, 14),
        (ApiKey::Fetch, 19),
        (ApiKey::ListOffsets, 12),
        (ApiKey::Metadata, 14),
        (ApiKey::FindCoordinator, 7),
        (ApiKey::CreateTopics, 8),
        (ApiKey::DeleteTopics, 7),
        (ApiKey::InitProducerId, 7),
        (ApiKey::OffsetForLeaderEpoch, 5),
        (ApiKey::DescribeCluster, 3),
        (ApiKey::DescribeTopicPartitions, 1),
    ] {
        let name = key.row().name;
        let lowest = key.row().min_version;
        for version in [above, lowest - 1] {
            let frame = raw_frame(target, key.code(), version, &[0; 64]);
            target.send(&format!("{name} in version {version}, not served,"), key, lowest, &frame);
        }
    }
    for version in 0..3 {
        let bytes = produce_batch(target, 3, "bad", batch(T0, &["old"]));
        let frame = raw_frame(target, 0, version, &bytes[2..]);
        target.send(&format!("Produce in version {version}, advertised only,"), ApiKey::Produce, 3, &frame);
    }
    for key in [4, 5, 6, 7, 1000, -1, i16::MAX] {
        let frame = raw_frame(target, key, 0, &[0; 16]);
        target.send(&format!("key {key}"), ApiKey::ApiVersions, 0, &frame);
    }
}

/// Bodies of a few requests, each of which is valid as it is.
fn valid(target: &Target) -> Vec<(ApiKey, i16, Vec<u8>)> {
    let metadata = m::metadata_request::MetadataRequest::default();
    let cluster = m::describe_cluster_request::DescribeClusterRequest::default();
    let find = m::find_coordinator_request::FindCoordinatorRequest {
        key: "g".into(),
        key_type: 9,
        ..Default::default()
    };
    let producer = m::init_producer_id_request::InitProducerIdRequest::default();
    let fetch = m::fetch_request::FetchRequest { max_wait_ms: 0, ..Default::default() };
    let list = m::list_offsets_request::ListOffsetsRequest::default();
    let topics = m::create_topics_request::CreateTopicsRequest::default();
    let delete = m::delete_topics_request::DeleteTopicsRequest::default();
    let epochs = m::offset_for_leader_epoch_request::OffsetForLeaderEpochRequest::default();
    let pages = m::describe_topic_partitions_request::DescribeTopicPartitionsRequest::default();
    vec![
        (ApiKey::Produce, 7, produce_batch(target, 7, "plain", batch(T0, &["x"]))),
        (ApiKey::Produce, 12, produce_batch(target, 12, "plain", batch(T0, &["x"]))),
        (ApiKey::Fetch, 11, body(&fetch, 11)),
        (ApiKey::Fetch, 17, body(&fetch, 17)),
        (ApiKey::ListOffsets, 5, body(&list, 5)),
        (ApiKey::ListOffsets, 10, body(&list, 10)),
        (ApiKey::Metadata, 8, body(&metadata, 8)),
        (ApiKey::Metadata, 12, body(&metadata, 12)),
        (ApiKey::FindCoordinator, 2, body(&find, 2)),
        (ApiKey::ApiVersions, 2, Vec::new()),
        (ApiKey::ApiVersions, 4, body(&software("corpus", "1"), 4)),
        (ApiKey::CreateTopics, 4, body(&topics, 4)),
        (ApiKey::CreateTopics, 7, body(&topics, 7)),
        (ApiKey::DeleteTopics, 3, body(&delete, 3)),
        (ApiKey::DeleteTopics, 6, body(&delete, 6)),
        (ApiKey::InitProducerId, 1, body(&producer, 1)),
        (ApiKey::InitProducerId, 4, body(&producer, 4)),
        (ApiKey::OffsetForLeaderEpoch, 3, body(&epochs, 3)),
        (ApiKey::OffsetForLeaderEpoch, 4, body(&epochs, 4)),
        (ApiKey::DescribeCluster, 2, body(&cluster, 2)),
        (ApiKey::DescribeTopicPartitions, 0, body(&pages, 0)),
    ]
}

fn cut_and_trailing(target: &mut Target) {
    for (key, version, bytes) in valid(target) {
        let name = key.row().name;
        if let Some((_, cut)) = bytes.split_last() {
            target.ask_raw(&format!("{name} without its last byte"), key, version, cut);
            target.ask_raw(&format!("{name} without a body"), key, version, &[]);
        }
        let longer = [&bytes[..], b"more"].concat();
        target.ask_raw(&format!("{name} and four bytes"), key, version, &longer);
    }
}

fn tagged_fields(target: &mut Target) {
    for (key, version, bytes) in valid(target) {
        // The last byte of a flexible body is its number of tagged fields, zero here.
        if version < key.row().flexible_from || bytes.is_empty() {
            continue;
        }
        let name = key.row().name;
        let start = &bytes[..bytes.len() - 1];
        let known = [start, b"\x01\x63\x03abc"].concat();
        target.ask_raw(&format!("{name} with an unknown tagged field"), key, version, &known);
        let two = [start, b"\x02\x64\x00\x63\x00"].concat();
        target.ask_raw(&format!("{name} with tags in the wrong order"), key, version, &two);
        let long = [start, b"\x01\x63\x7fabc"].concat();
        target.ask_raw(&format!("{name} with a tagged field that is too long"), key, version, &long);
    }
}

fn foreign_frames(target: &mut Target) {
    for (what, frame) in [
        ("a length of zero", &b"\0\0\0\0"[..]),
        ("a negative length", b"\xff\xff\xff\xff"),
        ("a length that is too large", b"\x7f\xff\xff\xff"),
        ("an HTTP request", b"GET / HTTP/1.1\r\n\r\n"),
        ("a frame of one byte", b"\0\0\0\x01\0"),
        ("a header without a client id", b"\0\0\0\x08\0\x12\0\0\0\0\0\x01"),
        ("a client id that is too long", b"\0\0\0\x0c\0\x12\0\0\0\0\0\x01\x7f\xffab"),
    ] {
        target.send(what, ApiKey::ApiVersions, 0, frame);
    }
}
