//! Metrics of group coordinators, and what `headwater status` says of groups.

use std::process::Command;
use std::time::{Duration, Instant};

use headwater_protocol::ApiKey;
use headwater_protocol::messages::consumer_group_heartbeat_request::ConsumerGroupHeartbeatRequest;
use headwater_protocol::messages::consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse;
use headwater_protocol::messages::find_coordinator_request::FindCoordinatorRequest;
use headwater_protocol::messages::find_coordinator_response::FindCoordinatorResponse;
use headwater_protocol::messages::join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol};
use headwater_protocol::messages::join_group_response::JoinGroupResponse;
use headwater_protocol::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use headwater_protocol::messages::offset_commit_response::OffsetCommitResponse;

use super::scrape;
use crate::client::Client;
use crate::node::{Folder, Node};

fn find(client: &mut Client, group: &str) {
    let request = FindCoordinatorRequest { coordinator_keys: vec![group.to_owned()], ..Default::default() };
    for _ in 0..200 {
        let answer: FindCoordinatorResponse = client.call(ApiKey::FindCoordinator, 4, &request);
        if answer.coordinators[0].error_code == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("no coordinator");
}

fn beat(client: &mut Client, member_epoch: i32) -> ConsumerGroupHeartbeatResponse {
    let joins = member_epoch == 0;
    let request = ConsumerGroupHeartbeatRequest {
        group_id: "modern".to_owned(),
        member_id: "m".to_owned(),
        member_epoch,
        rebalance_timeout_ms: if joins { 60_000 } else { -1 },
        subscribed_topic_names: joins.then(|| vec!["t".to_owned()]),
        topic_partitions: joins.then(Vec::new),
        ..ConsumerGroupHeartbeatRequest::default()
    };
    client.call(ApiKey::ConsumerGroupHeartbeat, 1, &request)
}

fn commit(client: &mut Client, epoch: i32) {
    let partition = OffsetCommitRequestPartition { committed_offset: 3, ..Default::default() };
    let topic =
        OffsetCommitRequestTopic { name: "t".to_owned(), partitions: vec![partition], ..Default::default() };
    let request = OffsetCommitRequest {
        group_id: "modern".to_owned(),
        generation_id_or_member_epoch: epoch,
        member_id: "m".to_owned(),
        topics: vec![topic],
        ..OffsetCommitRequest::default()
    };
    let answer: OffsetCommitResponse = client.call(ApiKey::OffsetCommit, 9, &request);
    assert_eq!(answer.topics[0].partitions[0].error_code, 0);
}

#[test]
fn groups_and_evictions_are_counted() {
    let folder = Folder::new();
    let short = ["group.consumer.min.session.timeout.ms=1000", "group.consumer.session.timeout.ms=1500"];
    let often = ["group.consumer.min.heartbeat.interval.ms=100", "group.consumer.heartbeat.interval.ms=200"];
    let node = Node::start_with(&folder, &[short, often].concat());
    let address = node.metrics(&folder);
    let mut client = node.client();
    client.create_topic("t", 2, &[]);
    find(&mut client, "modern");
    let joined = beat(&mut client, 0);
    assert_eq!((joined.error_code, joined.heartbeat_interval_ms), (0, 200), "{joined:?}");
    commit(&mut client, joined.member_epoch);
    let protocol = JoinGroupRequestProtocol { name: "range".to_owned(), metadata: b"x".to_vec() };
    let request = JoinGroupRequest {
        group_id: "old".to_owned(),
        session_timeout_ms: 30_000,
        rebalance_timeout_ms: 30_000,
        protocol_type: "other".to_owned(),
        protocols: vec![protocol],
        ..JoinGroupRequest::default()
    };
    let _: JoinGroupResponse = client.call(ApiKey::JoinGroup, 3, &request);

    let metrics = "kafka_server_group_coordinator_metrics";
    let seen = scrape(address);
    let count = |protocol| seen.get(&format!("{metrics}_group_count"), &[("protocol", protocol)]);
    assert_eq!((count("classic"), count("consumer")), (1.0, 1.0));
    assert_eq!(seen.get(&format!("{metrics}_offset_commit_count_total"), &[]), 1.0);
    assert!(seen.get(&format!("{metrics}_consumer_group_rebalance_count_total"), &[]) >= 1.0);
    assert_eq!(seen.get(&format!("{metrics}_num_partitions"), &[("state", "active")]), 50.0);
    assert_eq!(seen.get("kafka_coordinator_group_groupmetadatamanager_numoffsets", &[]), 1.0);
    assert!(seen.get(&format!("{metrics}_event_processing_time_ms_count"), &[]) >= 3.0);
    assert_eq!(seen.get("headwater_group_evictions_total", &[("limit", "session")]), 0.0);

    let end = Instant::now() + Duration::from_secs(20);
    while scrape(address).get("headwater_group_evictions_total", &[("limit", "session")]) < 1.0 {
        assert!(Instant::now() < end, "a silent member is put out");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(beat(&mut client, joined.member_epoch).error_code, 25, "nobody knows it any more");
    let seen = scrape(address);
    assert_eq!(seen.get(&format!("{metrics}_consumer_group_count"), &[("state", "empty")]), 1.0);
    let events = "headwater_group_events_total";
    assert_eq!(seen.get(events, &[("protocol", "consumer"), ("event", "evicted")]), 1.0);

    let mut status = Command::new(env!("CARGO_BIN_EXE_headwater"));
    status
        .args(["status", "--metrics", &address.to_string(), "--interval-s", "0.2"])
        .env_remove("HEADWATER_LOG");
    let text = String::from_utf8(status.output().unwrap().stdout).unwrap();
    let line = text.lines().find(|line| line.trim_start().starts_with("groups")).unwrap_or_default();
    assert_eq!(
        line, "  groups    1 classic   1 consumer   1 rebalancing   1 offsets   1 member put out",
        "{text}"
    );
    node.stop();
}
