//! What is asked of the logs themselves: DeleteRecords, DescribeLogDirs, AlterReplicaLogDirs, DescribeProducers.
//!
//! Comes behind the chapters whose offsets it would change.

use headwater_protocol::ApiKey;
use headwater_protocol::messages::alter_replica_log_dirs_request::{
    AlterReplicaLogDir, AlterReplicaLogDirTopic, AlterReplicaLogDirsRequest,
};
use headwater_protocol::messages::delete_records_request::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use headwater_protocol::messages::describe_log_dirs_request::{
    DescribableLogDirTopic, DescribeLogDirsRequest,
};
use headwater_protocol::messages::describe_log_dirs_response::DescribeLogDirsResponse;
use headwater_protocol::messages::describe_producers_request::{DescribeProducersRequest, TopicRequest};

use super::state::versions;
use super::target::{Target, body};

/// Partitions of a topic, and the offset before which their records go.
type Deleted<'a> = (&'a str, &'a [(i32, i64)]);

/// Partitions of a topic.
type Named<'a> = (&'a str, &'a [i32]);

/// A directory, and what is to be moved there.
type Moved<'a> = (&'a str, &'a [Named<'a>]);

pub fn chapter(target: &mut Target) {
    producers(target);
    directories(target);
    moves(target);
    deletions(target);
}

fn deletions(target: &mut Target) {
    let cases: &[(&str, &[Deleted<'_>])] = &[
        ("nothing", &[]),
        ("no partitions", &[("data", &[])]),
        ("offset 0", &[("data", &[(0, 0)])]),
        ("some", &[("data", &[(0, 2)])]),
        ("the same again", &[("data", &[(0, 2)])]),
        ("fewer than are gone", &[("data", &[(0, 1)])]),
        ("inside a batch", &[("data", &[(0, 4)])]),
        ("beyond the end", &[("data", &[(0, 1_000_000)])]),
        ("below -1", &[("data", &[(0, -2)])]),
        ("the smallest offset", &[("data", &[(0, i64::MIN)])]),
        ("a partition that is not there", &[("data", &[(7, 1)])]),
        ("a partition below zero", &[("data", &[(-1, 1)])]),
        ("a topic that is not there", &[("nowhere", &[(0, 1)])]),
        ("no name", &[("", &[(0, 1)])]),
        ("a bad name", &[("a/b", &[(0, 1)])]),
        ("an empty log", &[("empty", &[(0, 0), (1, 1)])]),
        ("good and bad", &[("plain", &[(0, 1), (9, 1)]), ("nowhere", &[(0, 1)]), ("data", &[(1, 1)])]),
        ("a compacted topic", &[("compacted", &[(0, 0)])]),
        ("an internal topic that is not there", &[("__consumer_offsets", &[(0, 0)])]),
        ("everything", &[("plain", &[(0, -1)])]),
        ("everything again", &[("plain", &[(0, -1)])]),
    ];
    for version in versions::<DeleteRecordsRequest>() {
        for (what, topics) in cases {
            let bytes = body(&deletion(topics, 30_000), version);
            target.ask_raw(&format!("delete {what}"), ApiKey::DeleteRecords, version, &bytes);
        }
        let bytes = body(&deletion(&[("data", &[(1, 2)])], 0), version);
        target.ask_raw("delete in no time", ApiKey::DeleteRecords, version, &bytes);
    }
}

fn deletion(topics: &[Deleted<'_>], timeout_ms: i32) -> DeleteRecordsRequest {
    let partition =
        |(index, offset): &(i32, i64)| DeleteRecordsPartition { partition_index: *index, offset: *offset };
    let topic = |(name, partitions): &Deleted<'_>| DeleteRecordsTopic {
        name: (*name).to_owned(),
        partitions: partitions.iter().map(partition).collect(),
    };
    DeleteRecordsRequest { topics: topics.iter().map(topic).collect(), timeout_ms }
}

fn directories(target: &mut Target) {
    let cases: &[(&str, Option<&[Named<'_>]>)] = &[
        ("no topics", Some(&[])),
        ("a partition", Some(&[("bad", &[0])])),
        ("an empty log", Some(&[("empty", &[0, 1])])),
        ("no partitions", Some(&[("empty", &[])])),
        ("what is not there", Some(&[("nowhere", &[0]), ("empty", &[7, -1]), ("", &[0])])),
        ("a topic twice", Some(&[("empty", &[0]), ("empty", &[1])])),
        ("a partition twice", Some(&[("empty", &[0, 0])])),
        ("the metadata log", Some(&[("__cluster_metadata", &[0])])),
    ];
    for version in versions::<DescribeLogDirsRequest>() {
        for (what, topics) in cases {
            let topic = |(name, partitions): &Named<'_>| DescribableLogDirTopic {
                topic: (*name).to_owned(),
                partitions: partitions.to_vec(),
            };
            let request =
                DescribeLogDirsRequest { topics: topics.map(|topics| topics.iter().map(topic).collect()) };
            let bytes = body(&request, version);
            target.ask_raw(&format!("directories: {what}"), ApiKey::DescribeLogDirs, version, &bytes);
        }
    }
}

fn moves(target: &mut Target) {
    let own: DescribeLogDirsResponse =
        target.call(ApiKey::DescribeLogDirs, 4, &DescribeLogDirsRequest { topics: Some(Vec::new()) });
    let own = own.results[0].log_dir.clone();
    let long = "x".repeat(249);
    let cases: &[(&str, &[Moved<'_>])] = &[
        ("nothing", &[]),
        ("no topics", &[(&own, &[])]),
        ("no partitions", &[(&own, &[("empty", &[])])]),
        ("where they are", &[(&own, &[("empty", &[0, 1])])]),
        ("to no directory", &[("/nowhere", &[("empty", &[0])])]),
        ("to a relative path", &[(".", &[("empty", &[0])])]),
        ("to the empty path", &[("", &[("empty", &[0])])]),
        ("what is not there", &[(&own, &[("nowhere", &[0]), ("empty", &[7, -1]), ("", &[0])])]),
        ("what is not there to no directory", &[("/nowhere", &[("nowhere", &[0]), ("empty", &[7])])]),
        ("a long name", &[(&own, &[(&long, &[0])])]),
        ("a long name to no directory", &[("/nowhere", &[(&long, &[0])])]),
        ("a bad name", &[(&own, &[("a/b", &[0])])]),
        ("a partition twice", &[(&own, &[("empty", &[0, 0])])]),
        ("a partition to two", &[("/nowhere", &[("empty", &[0])]), (&own, &[("empty", &[0])])]),
        (
            "a partition to two, the other way",
            &[(&own, &[("empty", &[0])]), ("/nowhere", &[("empty", &[0])])],
        ),
        ("the metadata log", &[(&own, &[("__cluster_metadata", &[0])])]),
    ];
    for version in versions::<AlterReplicaLogDirsRequest>() {
        for (what, dirs) in cases {
            let topic = |(name, partitions): &Named<'_>| AlterReplicaLogDirTopic {
                name: (*name).to_owned(),
                partitions: partitions.to_vec(),
            };
            let dirs = dirs.iter().map(|(path, topics)| AlterReplicaLogDir {
                path: (*path).to_owned(),
                topics: topics.iter().map(topic).collect(),
            });
            let bytes = body(&AlterReplicaLogDirsRequest { dirs: dirs.collect() }, version);
            target.ask_raw(&format!("move {what}"), ApiKey::AlterReplicaLogDirs, version, &bytes);
        }
    }
}

fn producers(target: &mut Target) {
    let cases: &[(&str, &[Named<'_>])] = &[
        ("nothing", &[]),
        ("no partitions", &[("sequences", &[])]),
        ("those of a topic", &[("sequences", &[0, 1])]),
        ("a log without producers", &[("empty", &[0])]),
        ("what is not there", &[("nowhere", &[0]), ("sequences", &[9, -1])]),
        ("no name", &[("", &[0])]),
        ("a bad name", &[("a/b", &[0])]),
        ("a partition twice", &[("empty", &[0, 0])]),
        ("a topic twice", &[("empty", &[0]), ("empty", &[1])]),
        ("the metadata log", &[("__cluster_metadata", &[0])]),
    ];
    for version in versions::<DescribeProducersRequest>() {
        for (what, topics) in cases {
            let topic = |(name, partitions): &Named<'_>| TopicRequest {
                name: (*name).to_owned(),
                partition_indexes: partitions.to_vec(),
            };
            let request = DescribeProducersRequest { topics: topics.iter().map(topic).collect() };
            let bytes = body(&request, version);
            target.ask_raw(&format!("producers: {what}"), ApiKey::DescribeProducers, version, &bytes);
        }
    }
}
