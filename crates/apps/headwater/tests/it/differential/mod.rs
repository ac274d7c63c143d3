//! The same requests to Apache Kafka and to the binary, in the same state: the answers must be equal, field by field.
//!
//! The corpus is the list [`CORPUS`] of chapters. A chapter is carried out against one node after the other; each of its
//! requests is a *pair* of (request, state) with a name and gives an [`target::Target`] one entry: the answer as lines
//! `path = value`, or `closed`, or `silent`. What has to differ (ids, ports, times) is written as a word there.
//!
//! Where the answers differ on purpose stands in `differences.txt`, with the reason. The list is checked both ways: a
//! difference that is not on it fails, and so does an entry that no difference needs any more.

mod addresses;
mod batches;
mod cluster;
mod config_cases;
mod configs;
mod consumer_groups;
mod controllers;
mod coverage;
mod differences;
mod fetch;
mod flatten;
mod frames;
mod group_migrations;
mod group_offsets;
mod groups;
mod idempotence;
mod logs;
mod metadata;
mod offsets;
mod partitions;
mod produce;
mod reference_node;
mod sessions;
mod state;
mod target;
mod topics;

use std::collections::BTreeSet;
use std::time::Instant;

use crate::node::{Folder, Node};
use reference_node::ReferenceNode;
use target::Target;

/// Names and answers of all pairs, and what was asked in which versions.
type Answers = (Vec<(String, Vec<String>)>, BTreeSet<(i16, i16)>);

type Chapter = fn(&mut Target);

/// Everything that is asked, in this order: a chapter finds the state that those before it left.
const CORPUS: &[(&str, Chapter)] = &[
    ("state", state::prepare),
    ("frames", frames::chapter),
    ("metadata", metadata::chapter),
    ("produce", produce::chapter),
    ("batches", batches::chapter),
    ("idempotence", idempotence::chapter),
    ("offsets", offsets::chapter),
    ("fetch", fetch::chapter),
    ("sessions", sessions::chapter),
    ("topics", topics::chapter),
    ("logs", logs::chapter),
    ("configs", configs::chapter),
    ("partitions", partitions::chapter),
    ("cluster", cluster::chapter),
    ("controllers", controllers::chapter),
    ("addresses", addresses::chapter),
    ("groups", groups::chapter),
    ("consumer groups", consumer_groups::chapter),
];

/// At least so many pairs must be compared, or something has cut the corpus.
const MIN_PAIRS: usize = 3_000;

/// What both nodes are started with beside their defaults.
const OVERRIDES: &[&str] = &[
    "log.retention.ms=-1",
    "num.partitions=1",
    "socket.request.max.bytes=8000000",
    "group.initial.rebalance.delay.ms=0",
    // Targets are computed at once: which heartbeat hears of them does not hang on the clock.
    "group.consumer.assignment.interval.ms=0",
    "offsets.topic.replication.factor=1",
];

#[test]
fn same_answers_as_the_reference() {
    let Some(reference) = ReferenceNode::start(OVERRIDES) else { return };
    let folder = Folder::new();
    let node = Node::start_with(&folder, OVERRIDES);
    let begun = Instant::now();
    // The two do not know each other, so they are asked at the same time.
    let (expected, found, asked) = std::thread::scope(|scope| {
        let expected = scope.spawn(|| run(Target::new(reference.address)));
        let found = scope.spawn(|| run(Target::new(node.address)));
        let (expected, _) = expected.join().expect("the reference was asked");
        let (found, asked) = found.join().expect("the node was asked");
        (expected, found, asked)
    });
    let report = differences::compare(&expected, &found);
    eprintln!("{} pairs in {:?}; {}", expected.len(), begun.elapsed(), report.summary);
    assert!(report.failures.is_empty(), "\n{}\n{}", report.failures.join("\n"), report.summary);
    assert!(expected.len() >= MIN_PAIRS, "only {} pairs", expected.len());
    let missing = coverage::holes(&asked);
    assert!(missing.is_empty(), "nobody asks: {}", missing.join(", "));
}

/// Names and answers of all pairs, and the keys and versions that they asked.
fn run(mut target: Target) -> Answers {
    for (name, chapter) in CORPUS {
        target.chapter = name;
        chapter(&mut target);
    }
    (target.entries, target.asked)
}
