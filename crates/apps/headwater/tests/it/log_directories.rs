//! Several log directories: where partitions are placed, what lies where, and moves between them, also across kills.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use headwater_protocol::ApiKey;
use headwater_protocol::messages::alter_replica_log_dirs_request::{
    AlterReplicaLogDir, AlterReplicaLogDirTopic, AlterReplicaLogDirsRequest,
};
use headwater_protocol::messages::alter_replica_log_dirs_response::AlterReplicaLogDirsResponse;
use headwater_protocol::messages::describe_log_dirs_request::DescribeLogDirsRequest;
use headwater_protocol::messages::describe_log_dirs_response::DescribeLogDirsResponse;
use headwater_protocol::messages::describe_producers_request::{DescribeProducersRequest, TopicRequest};
use headwater_protocol::messages::describe_producers_response::DescribeProducersResponse;

use crate::client::{Client, batch, sequenced};
use crate::node::{Folder, Node};
use crate::retention::delete_records;

/// A node with so many directories, `d0` and so on.
fn start(folder: &Folder, count: usize) -> Node {
    let paths: Vec<String> = (0..count).map(|number| path(folder, number)).collect();
    let dirs = format!("log.dirs={}", paths.join(","));
    Node::start_with(folder, &[&dirs, "log.segment.delete.delay.ms=0"])
}

fn path(folder: &Folder, number: usize) -> String {
    folder.path().join(format!("d{number}")).to_str().unwrap().to_owned()
}

/// Directory, partition, size, lag, whether future; of one topic.
fn lying(client: &mut Client, topic: &str) -> Vec<(String, i32, i64, i64, bool)> {
    let request = DescribeLogDirsRequest { topics: None };
    let answer: DescribeLogDirsResponse = client.call(ApiKey::DescribeLogDirs, 4, &request);
    let mut found = Vec::new();
    for result in answer.results {
        assert_eq!(result.error_code, 0);
        assert!(result.total_bytes > 0 && result.usable_bytes > 0);
        let name = result.log_dir.rsplit('/').next().unwrap().to_owned();
        for described in result.topics.iter().filter(|it| it.name == topic) {
            for it in &described.partitions {
                let entry = (it.partition_index, it.partition_size, it.offset_lag, it.is_future_key);
                found.push((name.clone(), entry.0, entry.1, entry.2, entry.3));
            }
        }
    }
    found
}

fn place_of(client: &mut Client, topic: &str) -> String {
    let lying = lying(client, topic);
    lying.iter().find(|it| it.1 == 0 && !it.4).expect("lies somewhere").0.clone()
}

fn alter(client: &mut Client, topic: &str, path: &str) -> i16 {
    let topics = vec![AlterReplicaLogDirTopic { name: topic.to_owned(), partitions: vec![0] }];
    let dirs = vec![AlterReplicaLogDir { path: path.to_owned(), topics }];
    let answer: AlterReplicaLogDirsResponse =
        client.call(ApiKey::AlterReplicaLogDirs, 2, &AlterReplicaLogDirsRequest { dirs });
    answer.results[0].partitions[0].error_code
}

fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn folders(folder: &Folder, number: usize) -> Vec<String> {
    let entries = std::fs::read_dir(path(folder, number)).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("__"))
        .collect();
    names.sort();
    names
}

#[test]
fn new_partitions_lie_where_there_are_fewest() {
    let folder = Folder::new();
    let node = start(&folder, 3);
    let mut client = node.client();
    client.create_topic("a", 7, &[]);
    client.create_topic("b", 2, &[]);
    let counts: Vec<usize> = (0..3).map(|number| folders(&folder, number).len()).collect();
    assert_eq!(counts, [3, 3, 3]);
    assert_eq!(folders(&folder, 0), ["a-0", "a-3", "a-6"]);
    client.delete_topic("a");
    client.create_topic("c", 1, &[]);
    assert_eq!(place_of(&mut client, "c"), "d0");
    let before = lying(&mut client, "b");
    node.kill();
    let node = start(&folder, 3);
    assert_eq!(lying(&mut node.client(), "b"), before);
}

#[test]
fn a_partition_is_moved_with_all_that_belongs_to_it() {
    let folder = Folder::new();
    let node = start(&folder, 2);
    let mut client = node.client();
    client.create_topic("t", 1, &[("internal.segment.bytes", "20000")]);
    let producer = client.new_producer();
    for sequence in 0..50 {
        let part =
            client.produce_one("t", sequenced(producer, 0, sequence, &["0123456789".repeat(100).as_str()]));
        assert_eq!(part.error_code, 0);
    }
    assert_eq!(delete_records(&mut client, "t", 0, 5), (5, 0));
    assert_eq!(alter(&mut client, "t", "/nowhere"), 57, "LOG_DIR_NOT_FOUND");
    assert_eq!(alter(&mut client, "nothing", &path(&folder, 1)), 3);
    assert_eq!(alter(&mut client, "t", &path(&folder, 0)), 0, "it is there");
    assert_eq!(alter(&mut client, "t", &path(&folder, 1)), 0);
    until("the move", || place_of(&mut client, "t") == "d1");
    assert_eq!(lying(&mut client, "t").len(), 1);
    until("the old folder being gone", || folders(&folder, 0).is_empty());
    assert_eq!(folders(&folder, 1), ["t-0"]);
    // A duplicate is known there too, and the next sequence goes on.
    let again = client.produce_one("t", sequenced(producer, 0, 49, &["0123456789".repeat(100).as_str()]));
    assert_eq!((again.error_code, again.base_offset), (0, 49));
    let next = client.produce_one("t", sequenced(producer, 0, 50, &["next"]));
    assert_eq!((next.error_code, next.base_offset, next.log_start_offset), (0, 50, 5));
    let topics = vec![TopicRequest { name: "t".to_owned(), partition_indexes: vec![0] }];
    let request = DescribeProducersRequest { topics };
    let answer: DescribeProducersResponse = client.call(ApiKey::DescribeProducers, 0, &request);
    let state = &answer.topics[0].partitions[0].active_producers[0];
    assert_eq!((state.producer_id, state.producer_epoch, state.last_sequence), (producer, 0, 50));
    node.kill();
    let node = start(&folder, 2);
    let mut client = node.client();
    assert_eq!(place_of(&mut client, "t"), "d1");
    assert_eq!(client.fetch("t", 0, 4).error_code, 1);
    assert_eq!(client.fetch("t", 0, 5).high_watermark, 51);
    let next = client.produce_one("t", sequenced(producer, 0, 51, &["next"]));
    assert_eq!((next.error_code, next.base_offset), (0, 51));
    node.stop();
}

#[test]
fn moves_lose_nothing_while_producers_write() {
    let folder = Folder::new();
    let node = start(&folder, 2);
    let mut client = node.client();
    client.create_topic("t", 1, &[("internal.segment.bytes", "50000")]);
    let stop = Arc::new(AtomicBool::new(false));
    let (stopped, address) = (Arc::clone(&stop), node.address);
    let writer = std::thread::spawn(move || {
        let mut client = Client::connect(address);
        let mut count = 0;
        while !stopped.load(Ordering::Relaxed) {
            let part = client.produce_one("t", batch(&[&format!("value {count}")]));
            assert_eq!((part.error_code, part.base_offset), (0, count));
            count += 1;
        }
        count
    });
    for round in 0..8 {
        std::thread::sleep(Duration::from_millis(100));
        let target = (round + 1) % 2;
        assert_eq!(alter(&mut client, "t", &path(&folder, target)), 0);
        until("the move", || place_of(&mut client, "t") == format!("d{target}"));
    }
    stop.store(true, Ordering::Relaxed);
    let count = writer.join().unwrap();
    assert!(count > 50, "{count} records");
    let check = |client: &mut Client| {
        let found = client.read_all("t", 0);
        assert_eq!(found.len() as i64, count);
        for (number, (offset, value)) in found.iter().enumerate() {
            assert_eq!((*offset, value.as_slice()), (number as i64, format!("value {number}").as_bytes()));
        }
    };
    check(&mut client);
    node.kill();
    let node = start(&folder, 2);
    check(&mut node.client());
    node.stop();
    let node = start(&folder, 2);
    check(&mut node.client());
}

#[test]
fn moves_go_on_after_kills_and_can_be_called_off() {
    let folder = Folder::new();
    let mut node = start(&folder, 2);
    let mut client = node.client();
    client.create_topic("t", 1, &[]);
    let value = "0123456789".repeat(50_000);
    for _ in 0..30 {
        assert_eq!(client.produce_one("t", batch(&[value.as_str()])).error_code, 0);
    }
    let there = |client: &mut Client| place_of(client, "t");
    let mut was_seen_under_way = false;
    for round in 0..6 {
        let mut client = node.client();
        let target = format!("d{}", 1 - there(&mut client)[1..].parse::<usize>().unwrap());
        assert_eq!(alter(&mut client, "t", folder.path().join(&target).to_str().unwrap()), 0);
        std::thread::sleep(Duration::from_millis(3 * round));
        was_seen_under_way |= lying(&mut client, "t").iter().any(|it| it.4);
        node.kill();
        node = start(&folder, 2);
        let mut client = node.client();
        until("the interrupted move", || {
            there(&mut client) == target && lying(&mut client, "t").iter().all(|it| !it.4)
        });
        assert_eq!(client.read_all("t", 0).len(), 30);
        until("one folder", || folders(&folder, 0).len() + folders(&folder, 1).len() == 1);
    }
    assert!(was_seen_under_way, "no move was ever caught");
    // Called off: back to where it is.
    let mut client = node.client();
    let here = there(&mut client);
    let other = if here == "d0" { "d1" } else { "d0" };
    assert_eq!(alter(&mut client, "t", folder.path().join(other).to_str().unwrap()), 0);
    assert_eq!(alter(&mut client, "t", folder.path().join(&here).to_str().unwrap()), 0);
    until("an end", || lying(&mut client, "t").iter().all(|it| !it.4));
    until("one folder", || folders(&folder, 0).len() + folders(&folder, 1).len() == 1);
    assert_eq!(client.read_all("t", 0).len(), 30);
    // And with its topic.
    assert_eq!(alter(&mut client, "t", folder.path().join(other).to_str().unwrap()), 0);
    client.delete_topic("t");
    until("no folder", || folders(&folder, 0).len() + folders(&folder, 1).len() == 0);
}

#[test]
fn e5_more_logs_than_files_may_be_open() {
    let folder = Folder::new();
    // A process may have 240 files here, of which 180 are for logs.
    let node = Node::start_limited(&folder, 240);
    let mut client = node.client();
    client.create_topic("t", 400, &[]);
    // All at once: more than may be open. How many are refused depends on how quickly others are closed meanwhile.
    let all: Vec<_> = (0..400).map(|partition| (partition, batch(&["x"]))).collect();
    let first = client.produce("t", -1, &all);
    let mut ends: Vec<i64> = first.iter().map(|part| i64::from(part.error_code == 0)).collect();
    let mut refused = ends.iter().filter(|end| **end == 0).count();
    assert!(refused > 0, "the limit was not reached");
    assert!(first.iter().all(|part| matches!(part.error_code, 0 | 56)), "{first:?}");
    for _ in 0..2 {
        for partition in 0..400 {
            let begun = Instant::now();
            loop {
                let part = client.produce("t", -1, &[(partition, batch(&["x"]))]).remove(0);
                match part.error_code {
                    0 => break assert_eq!(part.base_offset, ends[partition as usize]),
                    56 => refused += 1,
                    other => panic!("error {other}"),
                }
                assert!(begun.elapsed() < Duration::from_secs(60), "partition {partition} stays refused");
                std::thread::sleep(Duration::from_millis(20));
            }
            ends[partition as usize] += 1;
        }
    }
    for partition in [0, 200, 399] {
        assert_eq!(node.client().fetch("t", partition, 0).high_watermark, ends[partition as usize]);
    }
    eprintln!("{refused} requests were refused");
    let request = DescribeLogDirsRequest { topics: Some(Vec::new()) };
    let answer: DescribeLogDirsResponse = client.call(ApiKey::DescribeLogDirs, 4, &request);
    assert_eq!(answer.results[0].error_code, 0, "the directory is online");
    node.stop();
}
