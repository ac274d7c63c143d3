//! What goes from a log in time, and what clients delete; asked for over the wire, with short intervals.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use headwater_protocol::ApiKey;
use headwater_protocol::messages::delete_records_request::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use headwater_protocol::messages::delete_records_response::DeleteRecordsResponse;
use headwater_protocol::messages::list_offsets_request::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use headwater_protocol::messages::list_offsets_response::ListOffsetsResponse;
use headwater_protocol::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use headwater_protocol::messages::offset_for_leader_epoch_response::OffsetForLeaderEpochResponse;

use crate::client::{Client, batch};
use crate::node::{Folder, Node};

const QUICK: [&str; 3] =
    ["log.retention.check.interval.ms=50", "log.initial.task.delay.ms=0", "log.segment.delete.delay.ms=200"];

/// Low watermark and error code of one partition.
pub fn delete_records(client: &mut Client, topic: &str, partition: i32, offset: i64) -> (i64, i16) {
    let partitions = vec![DeleteRecordsPartition { partition_index: partition, offset }];
    let topics = vec![DeleteRecordsTopic { name: topic.to_owned(), partitions }];
    let request = DeleteRecordsRequest { topics, timeout_ms: 1000 };
    let answer: DeleteRecordsResponse = client.call(ApiKey::DeleteRecords, 2, &request);
    let found = &answer.topics[0].partitions[0];
    (found.low_watermark, found.error_code)
}

fn offset_at(client: &mut Client, topic: &str, timestamp: i64) -> (i64, i16) {
    let partitions = vec![ListOffsetsPartition { partition_index: 0, current_leader_epoch: -1, timestamp }];
    let topics = vec![ListOffsetsTopic { name: topic.to_owned(), partitions }];
    let request = ListOffsetsRequest { replica_id: -1, topics, ..ListOffsetsRequest::default() };
    let answer: ListOffsetsResponse = client.call(ApiKey::ListOffsets, 11, &request);
    let found = &answer.topics[0].partitions[0];
    (found.offset, found.error_code)
}

fn fill(client: &mut Client, topic: &str, count: usize) {
    for _ in 0..count {
        let part = client.produce_one(topic, batch(&["0123456789"; 20]));
        assert_eq!(part.error_code, 0);
    }
}

fn files(folder: &Folder, partition: &str, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder.path().join("data").join(partition))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(ending))
        .collect();
    files.sort();
    files
}

fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

const SMALL: (&str, &str) = ("internal.segment.bytes", "1000");

#[test]
fn segments_go_by_size_and_time_and_their_files_later() {
    let folder = Folder::new();
    let node = Node::start_with(&folder, &QUICK);
    let mut client = node.client();
    client.create_topic("size", 1, &[SMALL, ("retention.bytes", "3000")]);
    fill(&mut client, "size", 30);
    until("retention by size", || offset_at(&mut client, "size", -2).0 > 0);
    until("files being removed", || {
        files(&folder, "size-0", ".deleted").is_empty() && files(&folder, "size-0", ".log").len() < 10
    });
    let bytes: u64 = files(&folder, "size-0", ".log").iter().map(|it| it.metadata().unwrap().len()).sum();
    assert!((3000..5000).contains(&bytes), "{bytes} bytes are left");
    let start = offset_at(&mut client, "size", -2).0;
    assert_eq!(client.fetch("size", 0, start - 1).error_code, 1, "OFFSET_OUT_OF_RANGE");
    assert_eq!(client.fetch("size", 0, start).log_start_offset, start);

    client.create_topic("time", 1, &[SMALL, ("retention.ms", "300")]);
    fill(&mut client, "time", 10);
    until("retention by time", || offset_at(&mut client, "time", -2).0 == 200);
    assert_eq!(files(&folder, "time-0", "00000000000000000200.log").len(), 1, "the active one is rolled");
    assert_eq!(offset_at(&mut client, "time", -1).0, 200);
    fill(&mut client, "time", 1);

    client.create_topic("kept", 1, &[SMALL, ("retention.ms", "1"), ("cleanup.policy", "")]);
    fill(&mut client, "kept", 5);
    client.create_topic("all", 1, &[SMALL, ("retention.bytes", "0")]);
    fill(&mut client, "all", 5);
    until("retention of no bytes", || offset_at(&mut client, "all", -2).0 == 100);
    assert_eq!(offset_at(&mut client, "kept", -2).0, 0, "an empty policy keeps everything");
    node.kill();
    let node = Node::start_with(&folder, &QUICK);
    let mut client = node.client();
    assert_eq!(offset_at(&mut client, "time", -1).0, 220);
    assert!(offset_at(&mut client, "size", -2).0 >= start);
    assert_eq!(offset_at(&mut client, "all", -2), (100, 0));
    assert_eq!(offset_at(&mut client, "all", -1), (100, 0));
}

#[test]
fn deleted_records_stay_deleted_after_a_kill() {
    let folder = Folder::new();
    let node = Node::start_with(&folder, &QUICK);
    let mut client = node.client();
    client.create_topic("t", 1, &[SMALL]);
    fill(&mut client, "t", 20);
    assert_eq!(delete_records(&mut client, "t", 0, 401), (-1, 1), "behind the high watermark");
    assert_eq!(delete_records(&mut client, "t", 0, -2), (-1, 1));
    assert_eq!(delete_records(&mut client, "t", 1, 0), (-1, 3));
    assert_eq!(delete_records(&mut client, "nowhere", 0, 0), (-1, 3));
    assert_eq!(delete_records(&mut client, "t", 0, 250), (250, 0));
    assert_eq!(delete_records(&mut client, "t", 0, 100), (250, 0), "it never goes back");
    assert_eq!(offset_at(&mut client, "t", -2), (250, 0));
    assert_eq!(offset_at(&mut client, "t", -4), (250, 0));
    assert_eq!(offset_at(&mut client, "t", 0), (250, 0), "by timestamp");
    assert_eq!(client.fetch("t", 0, 249).error_code, 1);
    assert_eq!(client.produce_one("t", batch(&["x"])).log_start_offset, 250);
    let begun = files(&folder, "t-0", ".log");
    assert!(begun[0].to_str().unwrap() < "00000000000000000250.log" || begun.len() < 20);
    node.kill();

    let node = Node::start_with(&folder, &QUICK);
    let mut client = node.client();
    assert_eq!(offset_at(&mut client, "t", -2), (250, 0));
    assert_eq!(offset_at(&mut client, "t", -1), (401, 0));
    // What lies before the start goes with its segments.
    let first =
        |folder: &Folder| files(folder, "t-0", ".log")[0].file_stem().unwrap().to_str().unwrap().parse();
    until("the old segments being gone", || matches!(first(&folder), Ok(200..=250)));
    assert_eq!(delete_records(&mut client, "t", 0, -1), (401, 0));
    assert_eq!(offset_at(&mut client, "t", -2), (401, 0));
    assert_eq!(client.fetch("t", 0, 401).records.bytes().unwrap_or_default(), [0; 0], "no record is left");
    client.create_topic("compacted", 1, &[("cleanup.policy", "compact")]);
    assert_eq!(delete_records(&mut client, "compacted", 0, 0), (-1, 44), "POLICY_VIOLATION");
    client.create_topic("both", 1, &[("cleanup.policy", "compact,delete")]);
    assert_eq!(delete_records(&mut client, "both", 0, 0), (0, 0));
    node.stop();
}

#[test]
fn a_topic_of_an_old_name_begins_at_zero() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut client = node.client();
    for round in 0..3 {
        client.create_topic("t", 1, &[]);
        fill(&mut client, "t", 5 - round);
        assert_eq!(delete_records(&mut client, "t", 0, -1).1, 0);
        client.delete_topic("t");
    }
    client.create_topic("t", 1, &[]);
    fill(&mut client, "t", 1);
    node.kill();
    let node = Node::start(&folder);
    let mut client = node.client();
    assert_eq!(offset_at(&mut client, "t", -2), (0, 0));
    assert_eq!(offset_at(&mut client, "t", -1), (20, 0));
    assert_eq!(client.read_all("t", 0).len(), 20);
}

/// Error code, epoch and end offset.
fn end_of(client: &mut Client, leader_epoch: i32) -> (i16, i32, i64) {
    let partitions = vec![OffsetForLeaderPartition { partition: 0, current_leader_epoch: -1, leader_epoch }];
    let topics = vec![OffsetForLeaderTopic { topic: "t".to_owned(), partitions }];
    let request = OffsetForLeaderEpochRequest { replica_id: -1, topics };
    let answer: OffsetForLeaderEpochResponse = client.call(ApiKey::OffsetForLeaderEpoch, 4, &request);
    let found = &answer.topics[0].partitions[0];
    (found.error_code, found.leader_epoch, found.end_offset)
}

#[test]
fn epochs_end_where_the_log_begins_now() {
    let folder = Folder::new();
    let mut node = Node::start(&folder);
    node.client().create_topic("t", 1, &[]);
    for _ in 0..3 {
        fill(&mut node.client(), "t", 1);
        node.kill();
        node = Node::start(&folder);
    }
    let mut client = node.client();
    let before: Vec<_> = (0..8).map(|epoch| end_of(&mut client, epoch)).collect();
    let first = before.iter().find(|it| it.2 == 20).copied().expect("the first epoch");
    assert!(before.iter().any(|it| it.2 == 40), "{before:?}");
    assert_eq!(delete_records(&mut client, "t", 0, 30), (30, 0));
    // The epoch before the start is forgotten: what is asked for it ends where the first epoch that is known begins.
    assert_eq!(end_of(&mut client, first.1), (0, first.1, 30));
}

/// How long some records took that are acknowledged by the leader alone.
fn produce_at_one(client: &mut Client, topic: &str, count: usize) -> Duration {
    let begun = Instant::now();
    for _ in 0..count {
        assert_eq!(client.produce(topic, 1, &[(0, batch(&["x"]))]).remove(0).error_code, 0);
    }
    begun.elapsed()
}

#[test]
fn flush_messages_and_flush_ms_sync_in_both_modes() {
    let folder = Folder::new();
    let node = Node::start_with(&folder, &["log.flush.scheduler.interval.ms=50", "log.preallocate=true"]);
    let mut client = node.client();
    let memory = ("headwater.acks.all", "memory");
    client.create_topic("each", 1, &[memory, SMALL, ("flush.messages", "1")]);
    client.create_topic("each-on-disk", 1, &[SMALL, ("flush.messages", "1")]);
    client.create_topic("third", 1, &[memory, SMALL, ("flush.messages", "3")]);
    client.create_topic("old", 1, &[memory, ("flush.ms", "100"), SMALL]);
    // Each answer waits for its sync; what is asked with acks=all is answered too.
    produce_at_one(&mut client, "each", 20);
    produce_at_one(&mut client, "each-on-disk", 20);
    assert_eq!(client.produce_one("each", batch(&["x"])).error_code, 0);
    // Those that are not the third one do not wait, and nobody waits for ever.
    produce_at_one(&mut client, "third", 10);
    produce_at_one(&mut client, "old", 5);
    std::thread::sleep(Duration::from_millis(400));
    let files = files(&folder, "old-0", ".log");
    assert_eq!(files[0].metadata().unwrap().len(), 1000, "the segment has all its space from the start");
    node.kill();
    let node = Node::start(&folder);
    let mut client = node.client();
    for (topic, count) in [("each", 21), ("each-on-disk", 20), ("third", 10), ("old", 5)] {
        assert_eq!(client.read_all(topic, 0).len(), count, "{topic}");
    }
}
