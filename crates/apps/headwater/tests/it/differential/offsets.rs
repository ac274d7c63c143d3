//! ListOffsets and OffsetForLeaderEpoch.

use headwater_protocol::ApiKey;
use headwater_protocol::messages::list_offsets_request::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use headwater_protocol::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
};

use super::state::{T0, versions};
use super::target::{Target, body};

/// One question: topic, partition, current leader epoch, timestamp.
type Wanted<'a> = (&'a str, i32, i32, i64);

pub fn list(version: i16, isolation_level: i8, replica_id: i32, wanted: &[Wanted<'_>]) -> Vec<u8> {
    let topic = |(name, partition, epoch, timestamp): &Wanted<'_>| ListOffsetsTopic {
        name: (*name).to_owned(),
        partitions: vec![ListOffsetsPartition {
            partition_index: *partition,
            current_leader_epoch: if version >= 4 { *epoch } else { -1 },
            timestamp: *timestamp,
        }],
    };
    let request = ListOffsetsRequest {
        replica_id,
        isolation_level: if version >= 2 { isolation_level } else { 0 },
        topics: wanted.iter().map(topic).collect(),
        timeout_ms: if version >= 10 { 1000 } else { 0 },
    };
    body(&request, version)
}

pub fn chapter(target: &mut Target) {
    timestamps(target);
    mistakes(target);
    epochs(target);
}

fn timestamps(target: &mut Target) {
    let times: &[(&str, i64)] = &[
        ("latest", -1),
        ("earliest", -2),
        ("max timestamp", -3),
        ("earliest local", -4),
        ("latest tiered", -5),
        ("earliest pending upload", -6),
        ("-7", -7),
        ("the smallest", i64::MIN),
        ("zero", 0),
        ("T0", T0),
        ("T0+500", T0 + 500),
        ("T0+11000", T0 + 11_000),
        ("T0+42000", T0 + 42_000),
        ("T0+42001", T0 + 42_001),
        ("T0+100000", T0 + 100_000),
        ("the largest", i64::MAX),
    ];
    for version in versions::<ListOffsetsRequest>() {
        for (what, time) in times {
            let all = [("data", 0, -1, *time), ("data", 1, -1, *time), ("empty", 0, -1, *time)];
            target.ask_raw(&format!("at {what}"), ApiKey::ListOffsets, version, &list(version, 0, -1, &all));
        }
        for time in [-1, -2, -3, T0] {
            let bytes = list(version, 1, -1, &[("data", 0, -1, time), ("empty", 1, -1, time)]);
            target.ask_raw(&format!("committed, at {time}"), ApiKey::ListOffsets, version, &bytes);
        }
    }
}

fn mistakes(target: &mut Target) {
    for version in versions::<ListOffsetsRequest>() {
        for (what, wanted) in [
            ("unknown topic", ("nowhere", 0, -1, -1)),
            ("unknown partition", ("data", 2, -1, -1)),
            ("partition below zero", ("data", -1, -1, -1)),
            ("no name", ("", 0, -1, -1)),
            ("an odd name", ("a b", 0, -1, -2)),
            ("a newer epoch", ("data", 0, 1, -1)),
            ("the epoch", ("data", 0, 0, -2)),
            ("an epoch of -2", ("data", 0, -2, T0)),
        ] {
            target.ask_raw(what, ApiKey::ListOffsets, version, &list(version, 0, -1, &[wanted]));
        }
        target.ask_raw("no topics", ApiKey::ListOffsets, version, &list(version, 0, -1, &[]));
        let twice = [("data", 0, -1, -1), ("data", 0, -1, -2)];
        target.ask_raw("a partition twice", ApiKey::ListOffsets, version, &list(version, 0, -1, &twice));
        let twice = [("data", 0, -1, -1), ("data", 1, -1, -2)];
        target.ask_raw("a topic twice", ApiKey::ListOffsets, version, &list(version, 0, -1, &twice));
        for replica_id in [-2, -3, 1, 5] {
            let bytes = list(version, 0, replica_id, &[("data", 0, -1, -1)]);
            target.ask_raw(&format!("as replica {replica_id}"), ApiKey::ListOffsets, version, &bytes);
        }
        if version >= 2 {
            for isolation_level in [2, -1] {
                let bytes = list(version, isolation_level, -1, &[("data", 0, -1, -1)]);
                target.ask_raw(
                    &format!("isolation level {isolation_level}"),
                    ApiKey::ListOffsets,
                    version,
                    &bytes,
                );
            }
        }
    }
}

fn epochs(target: &mut Target) {
    for version in versions::<OffsetForLeaderEpochRequest>() {
        for (what, topic, partition, current, epoch) in [
            ("the epoch", "data", 0, -1, 0),
            ("the epoch, telling ours", "data", 0, 0, 0),
            ("a newer epoch", "data", 0, -1, 1),
            ("an epoch of -1", "data", 0, -1, -1),
            ("an epoch of -2", "data", 0, -1, -2),
            ("the largest epoch", "data", 0, -1, i32::MAX),
            ("a leader that is newer", "data", 0, 1, 0),
            ("a leader of -2", "data", 0, -2, 0),
            ("of an empty log", "empty", 0, -1, 0),
            ("newer, of an empty log", "empty", 0, -1, 3),
            ("unknown topic", "nowhere", 0, -1, 0),
            ("unknown partition", "data", 7, -1, 0),
            ("partition below zero", "data", -1, -1, 0),
        ] {
            let partitions = vec![OffsetForLeaderPartition {
                partition,
                current_leader_epoch: current,
                leader_epoch: epoch,
            }];
            let topics = vec![OffsetForLeaderTopic { topic: topic.into(), partitions }];
            let request = OffsetForLeaderEpochRequest { topics, ..OffsetForLeaderEpochRequest::default() };
            let name = format!("end of {what}");
            target.ask_raw(&name, ApiKey::OffsetForLeaderEpoch, version, &body(&request, version));
        }
        let nothing = OffsetForLeaderEpochRequest::default();
        target.ask_raw("end of nothing", ApiKey::OffsetForLeaderEpoch, version, &body(&nothing, version));
    }
}
