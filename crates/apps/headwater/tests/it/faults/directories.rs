//! Directories that disappear or cannot be read, and the one that nothing goes without.

use std::os::unix::fs::PermissionsExt;

use headwater_protocol::messages::init_producer_id_request::InitProducerIdRequest;

use super::shim::EIO;
use super::{STORAGE_ERROR, TwoDirectories, eventually, metadata, produce, start, values};
use crate::client::batch;
use crate::node::{command, log_of};

#[test]
fn d5_a_directory_that_disappears_goes_offline_at_its_next_use() {
    let it = TwoDirectories::start();
    let [in_a, in_b] = it.partitions;
    let mut client = it.node.client();
    assert_eq!(produce(&mut client, in_b, "first"), 0);
    let (b, away) = (it.folder.path().join("b"), it.folder.path().join("away"));
    std::fs::rename(&b, &away).unwrap();
    // Open files are still there; the checkpoint finds nothing to write into.
    let _ = produce(&mut client, in_b, "second");
    eventually("the directory goes offline", || produce(&mut client, in_b, "x") == STORAGE_ERROR);
    assert_eq!(produce(&mut client, in_a, "goes on"), 0);
    eventually("the controller hears of it", || metadata(&mut client, in_b).leader_id == -1);
    // A topic that is created now lies where there is room for it.
    client.create_topic("new", 2, &[]);
    for index in 0..2 {
        assert_eq!(client.produce("new", -1, &[(index, batch(&["v"]))]).remove(0).error_code, 0);
    }
    std::fs::rename(&away, &b).unwrap();
    let it = it.restart();
    let mut client = it.node.client();
    eventually("the partition is led again", || metadata(&mut client, in_b).leader_id == 1);
    assert_eq!(values(&mut client, in_b)[0], "first");
    assert_eq!(client.read_all("new", 0).len(), 1);
}

#[test]
fn d5_without_the_metadata_directory_the_node_ends_and_says_so() {
    let it = TwoDirectories::start();
    let mut client = it.node.client();
    assert_eq!(produce(&mut client, it.partitions[1], "first"), 0);
    it.shim.fail(&[("sync", EIO, 1, "/a/__cluster_metadata-0/")]);
    client.send(
        headwater_protocol::ApiKey::InitProducerId,
        4,
        &InitProducerIdRequest { transactional_id: None, ..InitProducerIdRequest::default() },
    );
    let TwoDirectories { folder, shim, node, partitions } = it;
    assert_eq!(node.wait().code(), Some(1));
    let log = log_of(&folder);
    assert!(log.lines().last().unwrap().contains("metadata log failed"), "{log}");
    assert!(!folder.path().join("a/.kafka_cleanshutdown").exists(), "it was no stop in order");
    assert!(folder.path().join("b/.kafka_cleanshutdown").exists(), "and the other one was");
    shim.heal();
    let node = start(&folder, &shim);
    assert_eq!(values(&mut node.client(), partitions[1]), ["first"]);
}

#[test]
fn d5_records_that_take_the_metadata_directory_along_end_the_node() {
    let it = TwoDirectories::start();
    let in_a = it.partitions[0];
    let mut client = it.node.client();
    assert_eq!(produce(&mut client, in_a, "first"), 0);
    it.shim.fail(&[("sync", EIO, 1, "/a/t-")]);
    let request = crate::client::produce_request("t", -1, &[(in_a, batch(&["second"]))]);
    client.send(headwater_protocol::ApiKey::Produce, 9, &request);
    let TwoDirectories { folder, node, .. } = it;
    assert_eq!(node.wait().code(), Some(1));
    let log = log_of(&folder);
    assert!(log.lines().last().unwrap().contains("the directory of the metadata log failed"), "{log}");
}

#[test]
fn d5_a_directory_that_fails_at_the_start_is_done_without() {
    let it = TwoDirectories::start();
    let [in_a, in_b] = it.partitions;
    let mut client = it.node.client();
    assert_eq!(produce(&mut client, in_a, "a"), 0);
    assert_eq!(produce(&mut client, in_b, "b"), 0);
    let TwoDirectories { folder, shim, node, .. } = it;
    node.stop();
    shim.fail(&[("open", EIO, 0, "/b/")]);
    let node = start(&folder, &shim);
    let mut client = node.client();
    assert_eq!(values(&mut client, in_a), ["a"]);
    assert_eq!(produce(&mut client, in_b, "not in its place"), STORAGE_ERROR);
    assert_eq!(metadata(&mut client, in_b).leader_id, -1);
    assert!(!folder.path().join(format!("a/t-{in_b}")).exists(), "nothing begins anew in its place");
    assert!(log_of(&folder).contains("log directory is offline from the start"), "{}", log_of(&folder));
    node.stop();
    shim.heal();
    let node = start(&folder, &shim);
    let mut client = node.client();
    assert_eq!(values(&mut client, in_b), ["b"]);
    assert_eq!(produce(&mut client, in_b, "b2"), 0);
}

#[test]
fn d5_all_directories_failing_at_the_start_is_said() {
    let it = TwoDirectories::start();
    let TwoDirectories { folder, shim, node, .. } = it;
    node.stop();
    shim.fail(&[("open", EIO, 0, "/b/"), ("open", EIO, 0, "/a/")]);
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    let log_dirs = format!("log.dirs={},{}", a.display(), b.display());
    let mut command = command(&folder, &[&log_dirs]);
    shim.load(&mut command);
    let output = command.output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && words.contains("/a"), "{words}");
    // And as they are nothing was changed.
    std::fs::set_permissions(&a, std::fs::Permissions::from_mode(0o755)).unwrap();
    shim.heal();
    start(&folder, &shim).stop();
}
