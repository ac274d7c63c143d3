//! Many requests on one connection at once.

use std::io::{ErrorKind, Write};
use std::time::{Duration, Instant};

use headwater_protocol::ApiKey;
use headwater_protocol::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};
use headwater_protocol::messages::fetch_response::FetchResponse;
use headwater_protocol::messages::metadata_request::MetadataRequest;
use headwater_protocol::messages::metadata_response::MetadataResponse;
use headwater_protocol::messages::produce_response::ProduceResponse;

use crate::client::{batch, frame, produce_request};
use crate::node::{Folder, Node};

#[test]
fn p8_answers_that_nobody_reads_mute_the_connection_and_keep_their_order() {
    // Twice as many bytes of answers as the node may grow by.
    const REQUESTS: i32 = 25_000;
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut healthy = node.client();
    healthy.create_topic("wide", 50, &[]);
    let before = node.resident_kib();
    let client = node.client();
    let mut reader = node.client();
    reader.stream = client.stream.try_clone().unwrap();
    let mut stream = client.stream.try_clone().unwrap();
    stream.set_nonblocking(true).unwrap();

    // As much as the node and the system's socket buffers take without being read.
    let request =
        |id| frame(ApiKey::Metadata, 12, id, &MetadataRequest { topics: None, ..MetadataRequest::default() });
    let mut rest: Vec<u8> = Vec::new();
    let mut next = 0;
    let mut quiet_since = Instant::now();
    while next < REQUESTS && quiet_since.elapsed() < Duration::from_millis(500) {
        if rest.is_empty() {
            rest = request(next);
            next += 1;
        }
        match stream.write(&rest) {
            Ok(n) => {
                rest.drain(..n);
                quiet_since = Instant::now();
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                std::thread::sleep(Duration::from_millis(5))
            }
            Err(error) => panic!("{error}"),
        }
    }
    let grown = node.resident_kib().saturating_sub(before);
    assert!(grown < 24 * 1024, "memory grew by {grown} KiB");
    assert!(healthy.is_served());

    // Read on, and write the others meanwhile.
    stream.set_nonblocking(false).unwrap();
    let writer = std::thread::spawn(move || {
        stream.write_all(&rest).unwrap();
        for id in next..REQUESTS {
            stream.write_all(&request(id)).unwrap();
        }
    });
    for id in 0..REQUESTS {
        let (correlation_id, _): (i32, MetadataResponse) = reader.receive_as(ApiKey::Metadata, 12);
        assert_eq!(correlation_id, id);
    }
    writer.join().unwrap();
}

#[test]
fn a_long_poll_does_not_keep_the_next_request_from_starting() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut client = node.client();
    client.create_topic("t", 1, &[]);
    let wanted = FetchPartition { partition_max_bytes: 1 << 20, ..FetchPartition::default() };
    let fetch = FetchRequest {
        max_wait_ms: 30_000,
        min_bytes: 1,
        max_bytes: 1 << 20,
        topics: vec![FetchTopic { topic: "t".to_owned(), partitions: vec![wanted], ..FetchTopic::default() }],
        ..FetchRequest::default()
    };
    let begun = Instant::now();
    let first = client.send(ApiKey::Fetch, 12, &fetch);
    // The produce behind it is started, and wakes it up.
    let second = client.send(ApiKey::Produce, 9, &produce_request("t", -1, &[(0, batch(&["x"]))]));
    let (answered, fetched): (i32, FetchResponse) = client.receive_as(ApiKey::Fetch, 12);
    assert_eq!(answered, first);
    assert!(fetched.responses[0].partitions[0].records.len() > 61);
    let (answered, produced): (i32, ProduceResponse) = client.receive_as(ApiKey::Produce, 9);
    assert_eq!(answered, second);
    assert_eq!(produced.responses[0].partition_responses[0].error_code, 0);
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn e3_more_requests_than_memory_wait_for_their_turn() {
    let folder = Folder::new();
    let node =
        Node::start_with(&folder, &["queued.max.request.bytes=4194304", "socket.request.max.bytes=4194304"]);
    let mut client = node.client();
    client.create_topic("t", 4, &[("max.message.bytes", "3000000")]);
    let before = node.resident_kib();
    let value = "x".repeat(2_000_000);
    let address = node.address;
    let threads: Vec<_> = (0..16)
        .map(|i| {
            let value = value.clone();
            std::thread::spawn(move || {
                let mut client = crate::client::Client::connect(address);
                for _ in 0..8 {
                    let part = client.produce("t", 1, &[(i % 4, batch(&[&value]))]).remove(0);
                    assert_eq!(part.error_code, 0, "{part:?}");
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let grown = node.resident_kib().saturating_sub(before);
    assert!(grown < 48 * 1024, "memory grew by {grown} KiB with a pool of 4 MiB");
    assert!(client.is_served());
}
