//! Cases D4 and D5 on the running node: reads, writes and syncs that fail.

use std::time::Duration;

use super::shim::{EIO, EMFILE, ENOSPC, EROFS};
use super::{LEADER_NOT_AVAILABLE, STORAGE_ERROR, TwoDirectories, eventually, metadata, produce, values};
use crate::client::batch;
use crate::node::log_of;

/// The directory `b` is gone and everybody knows it; `a` goes on.
fn b_is_offline(it: &TwoDirectories, why: &str) {
    let [in_a, in_b] = it.partitions;
    let mut client = it.node.client();
    assert_eq!(client.fetch("t", in_b, 0).error_code, STORAGE_ERROR);
    assert_eq!(produce(&mut client, in_b, "late"), STORAGE_ERROR);
    assert_eq!(produce(&mut client, in_a, "other directories go on"), 0);
    eventually("the controller takes the leadership away", || metadata(&mut client, in_b).leader_id == -1);
    let offline = metadata(&mut client, in_b);
    assert_eq!((offline.error_code, offline.leader_id), (LEADER_NOT_AVAILABLE, -1));
    assert_eq!((&*offline.isr_nodes, &*offline.offline_replicas), (&[1][..], &[1][..]));
    let online = metadata(&mut client, in_a);
    assert_eq!((online.error_code, online.leader_id), (0, 1));
    assert!(online.offline_replicas.is_empty());
    // Still the storage's error, not that somebody else leads.
    assert_eq!(client.fetch("t", in_b, 0).error_code, STORAGE_ERROR);
    assert_eq!(produce(&mut client, in_b, "later"), STORAGE_ERROR);
    let log = log_of(&it.folder);
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("log directory goes offline")).collect();
    assert!(lines.len() == 1 && lines[0].contains(why), "{log}");
}

#[test]
fn d4_a_failed_sync_is_never_repeated_and_takes_its_directory_offline() {
    let it = TwoDirectories::start();
    let [in_a, in_b] = it.partitions;
    let mut client = it.node.client();
    for value in ["first", "second"] {
        assert_eq!(produce(&mut client, in_b, value), 0);
        assert_eq!(produce(&mut client, in_a, value), 0);
    }
    let (file, before) = (format!("/b/t-{in_b}/"), it.shim.record().len());
    // Once, then the system calls everything written.
    it.shim.fail(&[("sync", EIO, 1, &file)]);
    assert_eq!(produce(&mut client, in_b, "third"), STORAGE_ERROR, "not acknowledged");
    b_is_offline(&it, "a sync failed");
    // Longer than checkpoints and lazy syncs take to come round.
    std::thread::sleep(Duration::from_millis(1500));
    let syncs: Vec<String> = it.shim.record().split_off(before);
    let asked = syncs.iter().filter(|line| line.starts_with("asked") && line.contains(&file)).count();
    assert_eq!(asked, 1, "{syncs:?}");
    let it = it.restart();
    let mut client = it.node.client();
    eventually("the partition is led again", || metadata(&mut client, in_b).leader_id == 1);
    let found = values(&mut client, in_b);
    assert!(found.starts_with(&["first".to_owned(), "second".to_owned()]), "{found:?}");
    assert_eq!(produce(&mut client, in_b, "after the restart"), 0);
    assert_eq!(values(&mut client, in_b).last().unwrap(), "after the restart");
}

#[test]
fn d4_whoever_waits_hears_of_it_at_once() {
    let it = TwoDirectories::start();
    let in_b = it.partitions[1];
    let mut waiting = it.node.client();
    it.shim.fail(&[("sync", EIO, 1, "/b/t-")]);
    let begun = std::time::Instant::now();
    // Nobody waits for a disk at acks=1; the lazy sync fails behind the answer.
    let answer = waiting.produce("t", 1, &[(in_b, batch(&["lost, and never promised"]))]).remove(0);
    assert_eq!(answer.error_code, 0);
    let mut client = it.node.client();
    eventually("the directory goes offline", || produce(&mut client, in_b, "x") == STORAGE_ERROR);
    assert!(begun.elapsed() < Duration::from_secs(5));
    b_is_offline(&it, "a sync failed");
}

#[test]
fn d5_a_failed_write_leaves_no_half_batch() {
    let it = TwoDirectories::start();
    let in_b = it.partitions[1];
    let mut client = it.node.client();
    assert_eq!(produce(&mut client, in_b, "first"), 0);
    it.shim.fail(&[("write", EIO, 1, &format!("/b/t-{in_b}/"))]);
    assert_eq!(produce(&mut client, in_b, "second"), STORAGE_ERROR);
    b_is_offline(&it, "an append failed");
    let it = it.restart();
    let mut client = it.node.client();
    assert_eq!(values(&mut client, in_b), ["first"]);
    assert_eq!(produce(&mut client, in_b, "third"), 0);
    assert_eq!(values(&mut client, in_b), ["first", "third"]);
}

#[test]
fn d5_a_failed_read_takes_the_directory_offline() {
    let it = TwoDirectories::start();
    let in_b = it.partitions[1];
    let mut client = it.node.client();
    assert_eq!(produce(&mut client, in_b, "first"), 0);
    it.shim.fail(&[("read", EIO, 0, &format!("/b/t-{in_b}/"))]);
    assert_eq!(client.fetch("t", in_b, 0).error_code, STORAGE_ERROR, "never silence, never other bytes");
    b_is_offline(&it, "a read failed");
    let it = it.restart();
    assert_eq!(values(&mut it.node.client(), in_b), ["first"]);
}

#[test]
fn d4_a_failed_sync_of_a_folder_counts_like_one_of_a_file() {
    let it = TwoDirectories::start();
    let in_b = it.partitions[1];
    let mut client = it.node.client();
    // The first record's sync is the folder's as well.
    let folder = format!("b/t-{in_b}");
    it.shim.fail(&[("sync", EIO, 2, &folder)]);
    assert_eq!(produce(&mut client, in_b, "first"), STORAGE_ERROR);
    b_is_offline(&it, "a sync failed");
    let it = it.restart();
    let mut client = it.node.client();
    assert_eq!(produce(&mut client, in_b, "second"), 0);
    let found = values(&mut client, in_b);
    assert_eq!(found.last().unwrap(), "second");
}

#[test]
fn e5_no_free_descriptor_is_no_failure_of_the_disk() {
    let it = TwoDirectories::start();
    let in_b = it.partitions[1];
    let mut client = it.node.client();
    it.shim.fail(&[("open", EMFILE, 0, &format!("/b/t-{in_b}/"))]);
    assert_eq!(produce(&mut client, in_b, "refused"), STORAGE_ERROR);
    it.shim.heal();
    assert_eq!(produce(&mut client, in_b, "taken"), 0, "it recovers by itself");
    assert_eq!(values(&mut client, in_b), ["taken"]);
    assert!(!log_of(&it.folder).contains("goes offline"));
}

#[test]
fn d6_no_space_for_a_write_is_refused_and_recovers() {
    let it = TwoDirectories::start();
    let in_b = it.partitions[1];
    let mut client = it.node.client();
    assert_eq!(produce(&mut client, in_b, "first"), 0);
    // What other programs leave when they take the reserve too.
    it.shim.fail(&[("write", ENOSPC, 0, "/b/t-")]);
    for _ in 0..5 {
        assert_eq!(produce(&mut client, in_b, "refused"), STORAGE_ERROR);
    }
    assert_eq!(values(&mut client, in_b), ["first"], "reading goes on");
    it.shim.heal();
    assert_eq!(produce(&mut client, in_b, "second"), 0);
    assert_eq!(values(&mut client, in_b), ["first", "second"]);
    assert!(!log_of(&it.folder).contains("goes offline"));
}

#[test]
fn d6_a_partition_that_had_no_room_for_its_folder_gets_it_later() {
    let it = TwoDirectories::start();
    it.shim.fail(&[("mkdir", ENOSPC, 0, "/new-")]);
    let mut client = it.node.client();
    client.create_topic("new", 1, &[]);
    assert_eq!(client.produce_one("new", batch(&["refused"])).error_code, STORAGE_ERROR);
    it.shim.heal();
    assert_eq!(client.produce_one("new", batch(&["taken"])).error_code, 0);
    assert_eq!(client.read_all("new", 0).len(), 1);
}

#[test]
fn d5_a_file_system_that_becomes_read_only_takes_its_directory_offline() {
    let it = TwoDirectories::start();
    let in_b = it.partitions[1];
    let mut client = it.node.client();
    assert_eq!(produce(&mut client, in_b, "first"), 0);
    // A file system that met an error: everything that changes something is refused.
    let changes = ["write", "sync", "truncate", "rename", "mkdir"];
    it.shim.fail(&changes.map(|change| (change, EROFS, 0, "/b/")));
    assert_eq!(produce(&mut client, in_b, "second"), STORAGE_ERROR);
    b_is_offline(&it, "Read-only file system");
    let it = it.restart();
    assert_eq!(values(&mut it.node.client(), in_b), ["first"]);
}
