//! Stops, kills, damaged files, and two processes that want one directory.

use std::time::Duration;

use headwater_protocol::ApiKey;
use headwater_protocol::messages::metadata_request::MetadataRequest;
use headwater_protocol::messages::metadata_response::MetadataResponse;

use crate::client::{Client, batch};
use crate::node::{Folder, Node, command, log_of};

fn fill(client: &mut Client, topic: &str, from: usize, count: usize) {
    for i in from..from + count {
        let part = client.produce_one(topic, batch(&[&format!("value {i}")]));
        assert_eq!((part.error_code, part.base_offset), (0, i as i64));
    }
}

fn check(client: &mut Client, topic: &str, count: usize) {
    let found = client.read_all(topic, 0);
    assert_eq!(found.len(), count);
    for (i, (offset, value)) in found.iter().enumerate() {
        assert_eq!((*offset, value.as_slice()), (i as i64, format!("value {i}").as_bytes()));
    }
}

fn leader_epoch(client: &mut Client) -> i32 {
    let request = MetadataRequest { topics: None, ..MetadataRequest::default() };
    let answer: MetadataResponse = client.call(ApiKey::Metadata, 12, &request);
    answer.topics[0].partitions[0].leader_epoch
}

/// Where the batches end: zeros may follow, written ahead.
fn batches_end(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(length) = bytes.get(at + 8..at + 12) {
        match u32::from_be_bytes(length.try_into().unwrap()) {
            0 => break,
            length => at += 12 + length as usize,
        }
    }
    at
}

#[test]
fn d1_a_torn_tail_is_cut_and_nothing_acknowledged_is_lost() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut client = node.client();
    client.create_topic("t", 1, &[]);
    fill(&mut client, "t", 0, 20);
    let epoch = leader_epoch(&mut client);
    node.kill();
    // What a kill in the middle of a write leaves: half of a batch behind the last whole one.
    let log = folder.path().join("data/t-0/00000000000000000000.log");
    let mut bytes = std::fs::read(&log).unwrap();
    let end = batches_end(&bytes);
    let torn = bytes[..50].to_vec();
    bytes.resize(bytes.len().max(end + 50), 0);
    bytes[end..end + 50].copy_from_slice(&torn);
    std::fs::write(&log, bytes).unwrap();
    let node = Node::start(&folder);
    let mut client = node.client();
    check(&mut client, "t", 20);
    assert!(leader_epoch(&mut client) > epoch, "a start leads in a new epoch");
    fill(&mut client, "t", 20, 5);
    check(&mut client, "t", 25);
    let told = format!("bytes at byte {end}");
    assert!(log_of(&folder).contains(&told), "the cut is not in the log:\n{}", log_of(&folder));
}

#[test]
fn d11_missing_and_garbage_side_files_are_built_again() {
    let folder = Folder::new();
    let mut node = Node::start(&folder);
    let mut client = node.client();
    client.create_topic("t", 1, &[("segment.bytes", "1048576"), ("index.interval.bytes", "100")]);
    fill(&mut client, "t", 0, 50);
    for round in 0..4 {
        let clean = round % 2 == 0;
        if clean {
            node.stop()
        } else {
            node.kill()
        }
        for entry in std::fs::read_dir(folder.path().join("data/t-0")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.ends_with(".log") || name == "partition.metadata" {
                continue;
            }
            if round < 2 {
                std::fs::remove_file(&path).unwrap();
            } else {
                std::fs::write(&path, b"garbage that is no index, snapshot or checkpoint").unwrap();
            }
        }
        node = Node::start(&folder);
        client = node.client();
        check(&mut client, "t", 50);
    }
    fill(&mut client, "t", 50, 5);
    check(&mut client, "t", 55);
}

#[test]
fn d15_a_second_process_on_a_directory_refuses_to_start() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let output = command(&folder, &[]).output().unwrap();
    assert!(!output.status.success());
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(words.contains("another process uses this directory"), "{words}");
    assert!(node.client().is_served());
    node.stop();
    Node::start(&folder).stop();
}

#[test]
fn a_taken_port_is_said_clearly() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let other = Folder::new();
    let mut command = command(&other, &[]);
    command.args(["--listen", &node.address.to_string()]);
    // `--listen` was given already; the last one must not silently win or lose.
    let output = command.output().unwrap();
    assert!(!output.status.success());
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_headwater"));
    command.args(["start", "--quiet", "--listen", &node.address.to_string(), "--data"]);
    let output = command.arg(other.path().join("data")).output().unwrap();
    assert!(!output.status.success());
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(words.contains("taken"), "{words}");
}

#[test]
fn everything_is_there_after_many_stops_and_kills() {
    let folder = Folder::new();
    for round in 0..6 {
        let node = Node::start(&folder);
        let mut client = node.client();
        if round == 0 {
            client.create_topic("t", 1, &[]);
        }
        check(&mut client, "t", round * 10);
        fill(&mut client, "t", round * 10, 10);
        if round % 3 == 2 { node.stop() } else { node.kill() }
    }
}

/// One node is all the nodes there are: killed, at acks=1 and without a sync that anybody waited for.
#[test]
fn x5_a_killed_node_serves_at_once_and_has_everything() {
    let folder = Folder::new();
    let memory = [("headwater.acks.all", "memory")];
    let node = Node::start(&folder);
    let mut client = node.client();
    client.create_topic("t", 1, &memory);
    client.create_topic("u", 1, &[]);
    fill(&mut client, "t", 0, 200);
    for i in 0..200 {
        let part = client.produce("u", 1, &[(0, batch(&[&format!("value {i}")]))]).remove(0);
        assert_eq!((part.error_code, part.base_offset), (0, i));
    }
    node.kill();
    let begun = std::time::Instant::now();
    let node = Node::start(&folder);
    let mut client = node.client();
    check(&mut client, "t", 200);
    check(&mut client, "u", 200);
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[test]
fn nothing_is_written_while_nothing_happens() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    node.client().create_topic("t", 3, &[]);
    let log = folder.path().join("data/__cluster_metadata-0/00000000000000000000.log");
    let before = std::fs::metadata(&log).unwrap().len();
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(std::fs::metadata(&log).unwrap().len(), before);
    drop(node);
}

#[test]
fn d9_damage_in_the_middle_is_no_torn_tail() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut client = node.client();
    client.create_topic("t", 1, &[]);
    client.create_topic("u", 1, &[]);
    fill(&mut client, "t", 0, 20);
    fill(&mut client, "u", 0, 5);
    node.kill();
    // A bit of a record in the middle, with whole batches behind it. The machine was not switched off in between.
    let log = folder.path().join("data/t-0/00000000000000000000.log");
    let mut bytes = std::fs::read(&log).unwrap();
    let middle = batches_end(&bytes) / 2;
    bytes[middle] ^= 0x10;
    std::fs::write(&log, &bytes).unwrap();
    let node = Node::start(&folder);
    let mut client = node.client();
    // Nothing is cut, nothing is served as if it were whole, and the others go on.
    assert_eq!(client.fetch("t", 0, 0).error_code, 56);
    check(&mut client, "u", 5);
    assert_eq!(std::fs::read(&log).unwrap(), bytes);
    assert!(log_of(&folder).contains("damaged at byte"), "{}", log_of(&folder));
}

#[test]
fn b4_a_new_topic_finds_nothing_of_an_old_one() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut client = node.client();
    client.create_topic("t", 1, &[]);
    fill(&mut client, "t", 0, 5);
    client.delete_topic("t");
    client.create_topic("t", 1, &[]);
    check(&mut client, "t", 0);
    fill(&mut client, "t", 0, 3);
    node.stop();
    // What remains when a node dies between deleting a topic and renaming its folder.
    let data = folder.path().join("data");
    std::fs::create_dir(data.join("ghost-0")).unwrap();
    std::fs::copy(data.join("t-0/00000000000000000000.log"), data.join("ghost-0/00000000000000000000.log"))
        .unwrap();
    let node = Node::start(&folder);
    let mut client = node.client();
    check(&mut client, "t", 3);
    client.create_topic("ghost", 1, &[]);
    check(&mut client, "ghost", 0);
    fill(&mut client, "ghost", 0, 2);
    let names: Vec<String> = std::fs::read_dir(&data)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(names.iter().any(|name| name.starts_with("ghost-0.") && name.ends_with("-stray")), "{names:?}");
}

/// A topic is deleted and made again, and the node dies before the first one's folder has lost its name.
#[test]
fn a_folder_of_a_deleted_topic_makes_room_for_its_namesake() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut client = node.client();
    client.create_topic("t", 1, &[]);
    fill(&mut client, "t", 0, 7);
    node.stop();
    let path = folder.path().join("data/t-0/partition.metadata");
    std::fs::write(path, "version: 0\ntopic_id: rdygzHc3SKSyI_C3L7o81w").expect("another topic's id");
    for life in 0..3 {
        let node = Node::start(&folder);
        let mut client = node.client();
        check(&mut client, "t", 3 * life);
        fill(&mut client, "t", 3 * life, 3);
        if life == 1 { node.stop() } else { node.kill() }
    }
    let names = std::fs::read_dir(folder.path().join("data"))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"));
    assert_eq!(
        names.filter(|name| name.starts_with("t-0.") && name.ends_with("-stray")).count(),
        1,
        "it is kept"
    );
}
