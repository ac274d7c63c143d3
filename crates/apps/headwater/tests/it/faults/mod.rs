//! Disks that fail under a running node: what the system answers is not what the simulation thinks it answers.
//!
//! Errors come from a library that is loaded before the system's (`shim.c`), from small file systems in memory, and from
//! folders that are moved away.

mod directories;
mod disk_errors;
mod disk_full;
mod shim;

use std::time::{Duration, Instant};

use headwater_protocol::ApiKey;
use headwater_protocol::messages::metadata_request::MetadataRequest;
use headwater_protocol::messages::metadata_response::{MetadataResponse, MetadataResponsePartition};

use crate::client::{Client, batch};
use crate::node::{Folder, Node, command};
use shim::Shim;

const STORAGE_ERROR: i16 = 56;
const LEADER_NOT_AVAILABLE: i16 = 5;

/// A node with the directories `a` (also of the metadata) and `b`, of which each has a partition of `t`.
struct TwoDirectories {
    folder: Folder,
    shim: Shim,
    node: Node,
    /// The partition of `t` that lies in `a`, and that in `b`.
    partitions: [i32; 2],
}

impl TwoDirectories {
    fn start() -> TwoDirectories {
        let folder = Folder::new();
        let shim = Shim::new(&folder);
        let node = start(&folder, &shim);
        node.client().create_topic("t", 2, &[]);
        let in_b = (0..2).find(|index| folder.path().join(format!("b/t-{index}")).exists());
        let in_b = in_b.expect("each directory gets one of two partitions");
        assert!(folder.path().join(format!("a/t-{}", 1 - in_b)).exists());
        TwoDirectories { folder, shim, node, partitions: [1 - in_b, in_b] }
    }

    fn restart(self) -> TwoDirectories {
        let TwoDirectories { folder, shim, node, partitions } = self;
        node.kill();
        shim.heal();
        let node = start(&folder, &shim);
        TwoDirectories { folder, shim, node, partitions }
    }
}

fn start(folder: &Folder, shim: &Shim) -> Node {
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    let log_dirs = format!("log.dirs={},{}", a.display(), b.display());
    let metadata = format!("metadata.log.dir={}", a.display());
    let mut command = command(folder, &[&log_dirs, &metadata, "log.flush.offset.checkpoint.interval.ms=500"]);
    shim.load(&mut command);
    Node::start_as(folder, command)
}

/// Produces one record at acks=all; the error code.
fn produce(client: &mut Client, partition: i32, value: &str) -> i16 {
    client.produce("t", -1, &[(partition, batch(&[value]))]).remove(0).error_code
}

fn values(client: &mut Client, partition: i32) -> Vec<String> {
    let found = client.read_all("t", partition);
    found.into_iter().map(|(_, value)| String::from_utf8(value).unwrap()).collect()
}

/// What Metadata says of a partition of `t`.
fn metadata(client: &mut Client, partition: i32) -> MetadataResponsePartition {
    let request = MetadataRequest { topics: None, ..MetadataRequest::default() };
    let mut answer: MetadataResponse = client.call(ApiKey::Metadata, 12, &request);
    let topic = answer.topics.iter_mut().find(|topic| topic.name.as_deref() == Some("t")).unwrap();
    let at = topic.partitions.iter().position(|it| it.partition_index == partition).unwrap();
    topic.partitions.remove(at)
}

/// Asks again and again until the answer is as it should be in the end, within ten seconds.
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(30), "not within thirty seconds: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
