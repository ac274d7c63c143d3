//! What is asked of the logs themselves: DeleteRecords, DescribeLogDirs, DescribeProducers.
//!
//! Comes behind the chapters whose offsets it would change.

use headwater_protocol::ApiKey;
use headwater_protocol::messages::delete_records_request::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use headwater_protocol::messages::describe_log_dirs_request::{
    DescribableLogDirTopic, DescribeLogDirsRequest,
};
use headwater_protocol::messages::describe_producers_request::{DescribeProducersRequest, TopicRequest};

use super::state::versions;
use super::target::{Target, body};

/// Partitions of a topic, and the offset before which their records go.
type Deleted<'a> = (&'a str, &'a [(i32, i64)]);

pub fn chapter(target: &mut Target) {
    producers(target);
    directories(target);
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
    let partition = |(index, offset): &(i32, i64)| DeleteRecordsPartition {
        partition_index: *index,
        offset: *offset,
        ..DeleteRecordsPartition::default()
    };
    let topic = |(name, partitions): &Deleted<'_>| DeleteRecordsTopic {
        name: (*name).to_owned(),
        partitions: partitions.iter().map(partition).collect(),
        ..DeleteRecordsTopic::default()
    };
    DeleteRecordsRequest {
        topics: topics.iter().map(topic).collect(),
        timeout_ms,
        ..DeleteRecordsRequest::default()
    }
}

fn directories(target: &mut Target) {
    let cases: &[(&str, Option<&[(&str, &[i32])]>)] = &[
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
            let topic = |(name, partitions): &(&str, &[i32])| DescribableLogDirTopic {
                topic: (*name).to_owned(),
                partitions: partitions.to_vec(),
                ..DescribableLogDirTopic::default()
            };
            let request = DescribeLogDirsRequest {
                topics: topics.map(|topics| topics.iter().map(topic).collect()),
                ..DescribeLogDirsRequest::default()
            };
            let bytes = body(&request, version);
            target.ask_raw(&format!("directories: {what}"), ApiKey::DescribeLogDirs, version, &bytes);
        }
    }
}

fn producers(target: &mut Target) {
    let cases: &[(&str, &[(&str, &[i32])])] = &[
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
            let topic = |(name, partitions): &(&str, &[i32])| TopicRequest {
                name: (*name).to_owned(),
                partition_indexes: partitions.to_vec(),
                ..TopicRequest::default()
            };
            let request = DescribeProducersRequest {
                topics: topics.iter().map(topic).collect(),
                ..DescribeProducersRequest::default()
            };
            let bytes = body(&request, version);
            target.ask_raw(&format!("producers: {what}"), ApiKey::DescribeProducers, version, &bytes);
        }
    }
}
