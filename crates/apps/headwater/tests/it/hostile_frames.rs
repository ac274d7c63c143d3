//! Frames that no client sends. Beside each stands a healthy client that must not notice.

use std::io::Write;
use std::time::Duration;

use headwater_broker::api::{ROWS, Scope};
use headwater_protocol::messages::api_versions_request::ApiVersionsRequest;
use headwater_protocol::messages::api_versions_response::ApiVersionsResponse;
use headwater_protocol::messages::metadata_request::MetadataRequest;
use headwater_protocol::{ApiKey, Message};

use crate::client::{Client, frame};
use crate::node::{Folder, Node, log_of};

#[test]
fn p1_what_is_no_frame_closes_the_connection() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut healthy = node.client();
    assert!(healthy.is_served());
    let before = node.resident_kib();
    for bytes in [
        &b"\xFF\xFF\xFF\xFF1234"[..],
        b"\0\0\0\0",
        b"\x80\0\0\0",
        b"\x7F\xFF\xFF\xFF",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        &[0x16, 0x03, 0x01, 0x00, 0xA5, 0x01, 0x00, 0x00, 0xA1, 0x03, 0x03],
    ] {
        let mut hostile = node.client();
        hostile.send_raw(bytes).unwrap();
        assert!(hostile.receive().is_none(), "{bytes:?} was answered");
    }
    assert!(healthy.is_served());
    assert!(node.resident_kib() < before + 2 * 1024, "memory grew");
    assert!(log_of(&folder).contains("connection refused"), "nothing was logged");
}

/// A frame whose body is `body` as it is.
fn raw_frame(key: ApiKey, version: i16, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend_from_slice(&key.code().to_be_bytes());
    bytes.extend_from_slice(&version.to_be_bytes());
    bytes.extend_from_slice(&7i32.to_be_bytes());
    bytes.extend_from_slice(&(-1i16).to_be_bytes());
    if key.request_header_version(version) == 2 {
        bytes.push(0);
    }
    bytes.extend_from_slice(body);
    let mut frame = (bytes.len() as i32).to_be_bytes().to_vec();
    frame.append(&mut bytes);
    frame
}

#[test]
fn p3_an_array_of_two_billion_elements_costs_nothing() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut healthy = node.client();
    assert!(healthy.is_served());
    let before = node.resident_kib();
    for (key, version, body) in [
        (ApiKey::Metadata, 1, &[0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0][..]),
        (ApiKey::Metadata, 12, &[0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0, 0, 0]),
        (ApiKey::Produce, 3, &[0xFF, 0xFF, 0, 1, 0, 0, 0, 1, 0x7F, 0xFF, 0xFF, 0xFF]),
        (ApiKey::CreateTopics, 2, &[0x7F, 0xFF, 0xFF, 0xFF]),
    ] {
        for _ in 0..50 {
            let mut hostile = node.client();
            hostile.send_raw(&raw_frame(key, version, body)).unwrap();
            assert!(hostile.receive().is_none(), "{key:?} v{version} was answered");
        }
    }
    assert!(healthy.is_served());
    assert!(node.resident_kib() < before + 2 * 1024, "memory grew");
}

#[test]
fn p4_nested_empty_arrays_are_charged_for_what_they_decode_to() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut healthy = node.client();
    assert!(healthy.is_served());
    let before = node.resident_kib();
    // CreateTopics v5: 4 MB of topics with nothing in them, which decode to many times as much.
    let topics = 400_000u32;
    let mut body = Vec::new();
    let mut length = topics + 1;
    while length >= 0x80 {
        body.push((length & 0x7F) as u8 | 0x80);
        length >>= 7;
    }
    body.push(length as u8);
    for _ in 0..topics {
        body.extend_from_slice(&[1, 0, 0, 0, 1, 0, 1, 1, 1, 0]);
    }
    body.extend_from_slice(&[0, 0, 0, 1, 1, 0]);
    let mut hostile = node.client();
    hostile.send_raw(&raw_frame(ApiKey::CreateTopics, 5, &body)).unwrap();
    // Refused as a whole, or answered topic by topic; in no case is the node in trouble.
    let _ = hostile.receive();
    assert!(healthy.is_served());
    let grown = node.resident_kib().saturating_sub(before);
    assert!(grown < 16 * 4 * 1024 + 64 * 1024, "memory grew by {grown} KiB for 4 MB");
}

#[test]
fn p5_a_million_tagged_fields_are_not_kept() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut healthy = node.client();
    assert!(healthy.is_served());
    let before = node.resident_kib();
    // ApiVersions v3: two names, then a million fields of no bytes, with growing tags.
    let mut body = vec![2, b'a', 2, b'1', 0xC0, 0x84, 0x3D];
    for tag in 0..1_000_000u32 {
        let mut rest = tag;
        while rest >= 0x80 {
            body.push((rest & 0x7F) as u8 | 0x80);
            rest >>= 7;
        }
        body.extend_from_slice(&[rest as u8, 0]);
    }
    for _ in 0..5 {
        let mut hostile = node.client();
        hostile.send_raw(&raw_frame(ApiKey::ApiVersions, 3, &body)).unwrap();
        let _ = hostile.receive();
    }
    assert!(healthy.is_served());
    let grown = node.resident_kib().saturating_sub(before);
    assert!(grown < 24 * 1024, "memory grew by {grown} KiB");
}

#[test]
fn p6_every_served_version_survives_a_cut_body() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut healthy = node.client();
    for row in ROWS.iter().filter(|row| row.serves(Scope::Broker)) {
        let (min, max) = row.versions();
        for version in min..=max {
            for body in [&[][..], &[0], &[0xFF; 3], &[0xFF; 9], &[0x80; 40], &[0x7F; 40]] {
                let mut hostile = node.client();
                hostile.send_raw(&raw_frame(row.key, version, body)).unwrap();
                // Closed, or answered with an error: both are Kafka's. Some bodies are requests by chance.
                hostile.stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                hostile.stream.shutdown(std::net::Shutdown::Write).unwrap();
                let _ = hostile.receive();
            }
        }
    }
    assert!(healthy.is_served());
}

#[test]
fn p7_unknown_keys_and_versions() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut newer = node.client();
    newer.send_raw(&raw_frame(ApiKey::ApiVersions, 99, b"\x01\x01\x00")).unwrap();
    let (_, answer): (i32, ApiVersionsResponse) = newer.receive_as(ApiKey::ApiVersions, 0);
    assert_eq!(answer.error_code, 35);
    let own: Vec<_> =
        answer.api_keys.iter().map(|api| (api.api_key, api.min_version, api.max_version)).collect();
    assert_eq!(own, [(18, 0, 4)]);
    // The same connection goes on with a version that is served.
    let request =
        ApiVersionsRequest { client_software_name: "it".to_owned(), client_software_version: "1".to_owned() };
    let answer: ApiVersionsResponse = newer.call(ApiKey::ApiVersions, 4, &request);
    assert_eq!(answer.error_code, 0);

    let unknown = [
        &b"\x03\xE7\0\0\0\0\0\x01\xFF\xFF"[..],
        b"\0\x04\0\0\0\0\0\x01\xFF\xFF",
        b"\xFF\xFF\0\0\0\0\0\x01\xFF\xFF",
    ];
    for body in unknown {
        let mut hostile = node.client();
        hostile.send_raw(&(body.len() as i32).to_be_bytes()).unwrap();
        hostile.send_raw(body).unwrap();
        assert!(hostile.receive().is_none(), "{body:?} was answered");
    }
    for (key, version) in
        [(ApiKey::Metadata, 14), (ApiKey::Produce, 2), (ApiKey::Fetch, 3), (ApiKey::JoinGroup, 5)]
    {
        let mut hostile = node.client();
        hostile.send_raw(&raw_frame(key, version, &[0; 16])).unwrap();
        assert!(hostile.receive().is_none(), "{key:?} v{version} was answered");
    }
    assert!(node.client().is_served());
}

#[test]
fn p2_a_frame_that_is_announced_and_does_not_come_costs_nothing() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut healthy = node.client();
    assert!(healthy.is_served());
    let before = node.resident_kib();
    let mut slow: Vec<Client> = (0..500).map(|_| node.client()).collect();
    for client in &mut slow {
        client.send_raw(&(100 * 1024 * 1024i32).to_be_bytes()).unwrap();
        client.stream.write_all(&[0]).unwrap();
    }
    assert!(healthy.is_served());
    let grown = node.resident_kib().saturating_sub(before);
    assert!(grown < 500 * 64, "memory grew by {grown} KiB for 500 connections");
}

#[test]
fn a_request_longer_than_allowed_is_refused_by_its_length() {
    let folder = Folder::new();
    let node = Node::start_with(&folder, &["socket.request.max.bytes=1000"]);
    let mut client = node.client();
    let small = frame(ApiKey::Metadata, 12, 1, &MetadataRequest::default());
    client.send_raw(&small).unwrap();
    assert!(client.receive().is_some());
    client.send_raw(&1001i32.to_be_bytes()).unwrap();
    assert!(client.receive().is_none());
    assert_eq!(<MetadataRequest as Message>::KEY, 3);
}
