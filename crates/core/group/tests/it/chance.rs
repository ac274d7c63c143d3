//! Random groups. After each step: the law, and what must hold in every group; after peace: everybody has an answer.

use std::collections::{BTreeMap, BTreeSet};

use headwater_group::{Answer, Caller, Input};
use headwater_protocol::messages::heartbeat_request::HeartbeatRequest;
use headwater_protocol::messages::join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol};
use headwater_protocol::messages::leave_group_request::{LeaveGroupRequest, MemberIdentity};
use headwater_protocol::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use headwater_protocol::messages::offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics};
use headwater_protocol::messages::sync_group_request::{SyncGroupRequest, SyncGroupRequestAssignment};

use crate::world::{Outcome, World};

/// What a client believes, and what it waits for.
#[derive(Default)]
struct Client {
    member: String,
    generation: i32,
    /// The members, if it leads.
    leads: Vec<String>,
    instance: Option<String>,
    waits: bool,
}

struct Game {
    world: World,
    clients: BTreeMap<String, Client>,
    /// Highest offset that a commit was acknowledged for, by partition.
    committed: BTreeMap<i32, i64>,
    next_offset: i64,
    seed: u64,
    /// Members of the last generation that begun.
    generations: BTreeMap<i32, BTreeSet<String>>,
}

impl Game {
    fn next(&mut self, below: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % below
    }

    fn take(&mut self, outcome: Outcome) {
        for (name, answer) in outcome.answers {
            let Some(client) = self.clients.get_mut(&name) else { continue };
            client.waits = false;
            match answer {
                Answer::Join(joined) => {
                    if !joined.member_id.is_empty() {
                        client.member.clone_from(&joined.member_id);
                    }
                    if joined.error_code == 0 {
                        client.generation = joined.generation_id;
                        client.leads = joined.members.iter().map(|member| member.member_id.clone()).collect();
                        let known = self.generations.entry(joined.generation_id).or_default();
                        known.insert(joined.member_id.clone());
                        if !client.leads.is_empty() && !joined.skip_assignment {
                            assert!(client.leads.contains(&joined.member_id), "a leader is a member");
                        }
                    } else if joined.error_code == 25 || joined.error_code == 82 {
                        client.member.clear();
                    }
                }
                Answer::Sync(synced) if matches!(synced.error_code, 25 | 22 | 82) => client.member.clear(),
                _ => {}
            }
        }
    }

    fn step(&mut self, name: &str) {
        let choice = self.next(100);
        let client = &self.clients[name];
        let (member, generation, instance) =
            (client.member.clone(), client.generation, client.instance.clone());
        if client.waits {
            return;
        }
        let input = match choice {
            0..35 => Input::Join(
                JoinGroupRequest {
                    group_id: "g".to_owned(),
                    session_timeout_ms: 6_000 + self.next(5) as i32 * 1_000,
                    rebalance_timeout_ms: 5_000 + self.next(10) as i32 * 1_000,
                    member_id: member,
                    group_instance_id: instance,
                    protocol_type: "consumer".to_owned(),
                    protocols: vec![JoinGroupRequestProtocol {
                        name: "range".to_owned(),
                        metadata: vec![self.next(2) as u8],
                    }],
                    reason: None,
                },
                Caller::default(),
                [3, 4, 9][self.next(3) as usize],
            ),
            35..65 => {
                let leads = self.clients[name].leads.clone();
                let assignments = leads.into_iter().map(|member_id| SyncGroupRequestAssignment {
                    assignment: member_id.as_bytes().to_vec(),
                    member_id,
                });
                Input::Sync(SyncGroupRequest {
                    group_id: "g".to_owned(),
                    generation_id: generation,
                    member_id: member,
                    group_instance_id: instance,
                    assignments: assignments.collect(),
                    ..SyncGroupRequest::default()
                })
            }
            65..85 => Input::Heartbeat(HeartbeatRequest {
                group_id: "g".to_owned(),
                generation_id: generation,
                member_id: member,
                group_instance_id: instance,
            }),
            85..95 => return self.commit(name),
            _ => Input::Leave(LeaveGroupRequest {
                group_id: "g".to_owned(),
                members: vec![MemberIdentity {
                    member_id: member,
                    group_instance_id: instance,
                    reason: None,
                }],
                ..LeaveGroupRequest::default()
            }),
        };
        if let Some(client) = self.clients.get_mut(name) {
            client.waits = true;
        }
        let outcome = self.world.ask(name, input);
        if outcome.refused
            && let Some(client) = self.clients.get_mut(name)
        {
            client.waits = false;
        }
        self.take(outcome);
    }

    fn commit(&mut self, name: &str) {
        let (partition, client) = (self.next(3) as i32, &self.clients[name]);
        self.next_offset += 1;
        let request = OffsetCommitRequest {
            group_id: "g".to_owned(),
            generation_id_or_member_epoch: client.generation,
            member_id: client.member.clone(),
            group_instance_id: client.instance.clone(),
            topics: vec![OffsetCommitRequestTopic {
                name: "t".to_owned(),
                partitions: vec![OffsetCommitRequestPartition {
                    partition_index: partition,
                    committed_offset: self.next_offset,
                    ..OffsetCommitRequestPartition::default()
                }],
                ..OffsetCommitRequestTopic::default()
            }],
            ..OffsetCommitRequest::default()
        };
        let outcome = self.world.ask(name, Input::CommitOffsets(request, 9));
        let Some((_, Answer::CommitOffsets(answer))) = outcome.answers.first() else { return };
        if answer.topics[0].partitions[0].error_code == 0 {
            self.committed.insert(partition, self.next_offset);
        }
    }

    fn check_offsets(&mut self) {
        let wanted: Vec<i32> = self.committed.keys().copied().collect();
        let topics = vec![OffsetFetchRequestTopics {
            name: "t".to_owned(),
            partition_indexes: wanted,
            ..OffsetFetchRequestTopics::default()
        }];
        let request = OffsetFetchRequestGroup {
            group_id: "g".to_owned(),
            topics: Some(topics),
            ..OffsetFetchRequestGroup::default()
        };
        let outcome = self.world.ask("observer", Input::FetchOffsets(request, true));
        let Some((_, Answer::FetchOffsets(answer))) = outcome.answers.first() else { panic!("no answer") };
        for partition in &answer.topics[0].partitions {
            let expected = self.committed[&partition.partition_index];
            assert_eq!(partition.committed_offset, expected, "the last commit counts");
        }
    }
}

fn play(seed: u64) {
    let mut game = Game {
        world: World::new(),
        clients: BTreeMap::new(),
        committed: BTreeMap::new(),
        next_offset: 0,
        seed,
        generations: BTreeMap::new(),
    };
    game.world.config.initial_rebalance_delay_ms = game.next(2) as i32 * 3_000;
    game.world.config.max_size = 2 + game.next(6) as usize;
    for number in 0..6 {
        let instance = (number % 3 == 0).then(|| format!("i{}", number / 4));
        game.clients.insert(format!("c{number}"), Client { instance, ..Client::default() });
    }
    for _ in 0..400 {
        let name = format!("c{}", game.next(6));
        game.world.broken = game.next(20) == 0;
        game.step(&name);
        if game.next(3) == 0 {
            let ms = game.next(4_000) as i64;
            for (_, outcome) in game.world.pass(ms) {
                game.take(outcome);
            }
        }
        game.world.check_law();
        game.check_offsets();
    }
    // Peace: whoever waits hears something, in the end that he is unknown.
    game.world.broken = false;
    for (_, outcome) in game.world.pass(700_000) {
        game.take(outcome);
    }
    let waiting: Vec<&String> =
        game.clients.iter().filter(|(_, client)| client.waits).map(|(name, _)| name).collect();
    assert!(waiting.is_empty(), "seed {seed}: {waiting:?} wait for ever");
    let counts = game.world.shard.group_counts();
    assert!(
        counts.is_empty() || counts.contains_key("Empty"),
        "seed {seed}: silent members stay: {counts:?}"
    );
    assert_eq!(game.world.shard.timer_count(), 0, "seed {seed}: deadlines without a reason");
}

#[test]
fn random_groups_come_to_rest() {
    let seeds = std::env::var("HEADWATER_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    for seed in 1..=seeds {
        play(seed);
    }
}
