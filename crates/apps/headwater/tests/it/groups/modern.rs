//! Cases T1 and P11 with the protocol in which the coordinator assigns (KIP-848).

use std::time::{Duration, Instant};

use headwater_base::{ErrorCode, Uuid};
use headwater_protocol::ApiKey;
use headwater_protocol::messages::consumer_group_heartbeat_request::{
    ConsumerGroupHeartbeatRequest, TopicPartitions,
};
use headwater_protocol::messages::consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse;
use headwater_protocol::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};

use super::member::{code, committed, find, offsets};
use crate::client::Client;
use crate::node::{Folder, Node};

struct Member {
    client: Client,
    id: String,
    epoch: i32,
    owned: Vec<(Uuid, Vec<i32>)>,
}

impl Member {
    fn new(node: &Node, id: &str) -> Member {
        let mut client = node.client();
        find(&mut client, "g");
        Member { client, id: id.to_owned(), epoch: 0, owned: Vec::new() }
    }

    fn request(&self) -> ConsumerGroupHeartbeatRequest {
        let owned = self.owned.iter().map(|(topic_id, partitions)| TopicPartitions {
            topic_id: *topic_id,
            partitions: partitions.clone(),
        });
        ConsumerGroupHeartbeatRequest {
            group_id: "g".to_owned(),
            member_id: self.id.clone(),
            member_epoch: self.epoch,
            rebalance_timeout_ms: if self.epoch == 0 { 5_000 } else { -1 },
            subscribed_topic_names: (self.epoch == 0).then(|| vec!["t".to_owned()]),
            topic_partitions: Some(owned.collect()),
            ..ConsumerGroupHeartbeatRequest::default()
        }
    }

    /// A heartbeat; the member takes over its epoch and what it is given.
    fn heartbeat(&mut self) -> ErrorCode {
        let request = self.request();
        let answer: ConsumerGroupHeartbeatResponse =
            self.client.call(ApiKey::ConsumerGroupHeartbeat, 1, &request);
        if answer.error_code == 0 {
            self.epoch = answer.member_epoch;
            if let Some(assignment) = answer.assignment {
                let given = assignment.topic_partitions.into_iter();
                self.owned = given.map(|given| (given.topic_id, given.partitions)).collect();
            }
        }
        code(answer.error_code)
    }

    fn partitions(&self) -> usize {
        self.owned.iter().map(|(_, partitions)| partitions.len()).sum()
    }

    fn commit(&mut self, epoch: i32, partition_index: i32, committed_offset: i64) -> ErrorCode {
        let partition =
            OffsetCommitRequestPartition { partition_index, committed_offset, ..Default::default() };
        let request = OffsetCommitRequest {
            group_id: "g".to_owned(),
            generation_id_or_member_epoch: epoch,
            member_id: self.id.clone(),
            topics: vec![OffsetCommitRequestTopic {
                name: "t".to_owned(),
                partitions: vec![partition],
                ..OffsetCommitRequestTopic::default()
            }],
            ..OffsetCommitRequest::default()
        };
        let answer = self.client.call(ApiKey::OffsetCommit, 9, &request);
        committed(&answer)
    }
}

/// Heartbeats of all until something holds.
fn until(what: &str, members: &mut [&mut Member], holds: impl Fn(&[&mut Member]) -> bool) {
    let begun = Instant::now();
    while !holds(members) {
        assert!(begun.elapsed() < Duration::from_secs(15), "{what}");
        for member in &mut *members {
            assert_eq!(member.heartbeat(), ErrorCode::None, "{what}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

const SHORT: &[&str] = &[
    "group.consumer.min.session.timeout.ms=500",
    "group.consumer.session.timeout.ms=1500",
    "group.consumer.min.heartbeat.interval.ms=100",
    "group.consumer.heartbeat.interval.ms=200",
];

#[test]
fn t1_a_member_of_an_old_epoch_commits_nothing_and_one_that_paused_is_out() {
    let folder = Folder::new();
    let node = Node::start_with(&folder, SHORT);
    node.client().create_topic("t", 4, &[]);
    let mut one = Member::new(&node, "one");
    until("all partitions", &mut [&mut one], |members| members[0].partitions() == 4);
    let old = one.epoch;
    let mut other = Member::new(&node, "other");
    until("half of them each", &mut [&mut one, &mut other], |members| {
        members.iter().all(|member| member.partitions() == 2)
    });
    assert!(one.epoch > old);
    let both: Vec<i32> = one.owned.iter().chain(&other.owned).flat_map(|(_, given)| given.clone()).collect();
    let distinct: std::collections::BTreeSet<i32> = both.iter().copied().collect();
    assert_eq!(distinct.len(), 4, "nothing is owned twice: {both:?}");
    let (kept, moved) = (one.owned[0].1[0], other.owned[0].1[0]);
    let epoch = one.epoch;
    // What it has had ever since it may commit in the old epoch too (KIP-1251), what is another's now it may not.
    assert_eq!(one.commit(old, kept, 4), ErrorCode::None);
    assert_eq!(one.commit(old, moved, 3), ErrorCode::StaleMemberEpoch);
    assert_eq!(one.commit(epoch, kept, 5), ErrorCode::None);
    // The other one pauses for longer than its session; what it had goes to the first.
    until("all partitions again", &mut [&mut one], |members| members[0].partitions() == 4);
    let epoch = other.epoch;
    assert_eq!(other.commit(epoch, moved, 1), ErrorCode::UnknownMemberId);
    assert_eq!(other.heartbeat(), ErrorCode::UnknownMemberId);
    assert_eq!(offsets(&mut one.client, "g"), [(kept, 5)]);
    // It comes back, and what was its own is its own no more before the first one gave it up.
    (other.epoch, other.owned) = (0, Vec::new());
    until("half of them each, again", &mut [&mut one, &mut other], |members| {
        members.iter().all(|member| member.partitions() == 2)
    });
}

#[test]
fn p11_expressions_without_end_are_refused_or_cheap() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    node.client().create_topic("t", 1, &[]);
    node.client().create_topic(&"a".repeat(240), 1, &[]);
    let mut healthy = Member::new(&node, "healthy");
    assert_eq!(healthy.heartbeat(), ErrorCode::None);
    // The longest that the protocol can carry: a longer one is no request.
    let long = "a".repeat(i16::MAX as usize);
    let lies = [
        // Exponential for an engine that backtracks.
        "(a+)+$".to_owned(),
        "(a|aa)+$".to_owned(),
        "(.*a){20}b".to_owned(),
        // Much to build.
        "((a{0,100}){0,100}){0,100}".to_owned(),
        format!("{}{}", "(".repeat(15_000), ")".repeat(15_000)),
        long,
        // No expressions.
        "(".to_owned(),
        "[".to_owned(),
        "(?=a)b".to_owned(),
    ];
    for (number, regex) in lies.iter().enumerate() {
        let mut member = Member::new(&node, &format!("m{number}"));
        let mut request = member.request();
        request.subscribed_topic_names = None;
        request.subscribed_topic_regex = Some(regex.clone());
        let begun = Instant::now();
        let answer: ConsumerGroupHeartbeatResponse =
            member.client.call(ApiKey::ConsumerGroupHeartbeat, 1, &request);
        let found = code(answer.error_code);
        let fine = matches!(found, ErrorCode::None | ErrorCode::InvalidRegularExpression);
        let shown: String = regex.chars().take(40).collect();
        assert!(fine, "{shown}: {} {:?}", found.name(), answer.error_message);
        assert!(begun.elapsed() < Duration::from_secs(5), "{shown}: {:?}", begun.elapsed());
        assert_eq!(healthy.heartbeat(), ErrorCode::None);
    }
    let begun = Instant::now();
    assert_eq!(healthy.heartbeat(), ErrorCode::None);
    assert!(begun.elapsed() < Duration::from_secs(2), "others are not held up: {:?}", begun.elapsed());
}
