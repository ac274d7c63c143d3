//! Random groups of the consumer protocol: members of both protocols come, go, are slow, lose answers and are put out,
//! while topics come, grow and go and the node restarts.
//!
//! After each step: the law; nobody has a partition that another has, neither as the coordinator sees it nor as the
//! clients do; epochs do not go back. Left alone, everybody gets what it shall have, and every partition that somebody
//! wants has one owner. In silence all end.

use std::collections::{BTreeMap, BTreeSet};

use headwater_base::Uuid;
use headwater_group::{Answer, Caller, Input};
use headwater_metadata::Image;
use headwater_protocol::Reader;
use headwater_protocol::data::consumer_protocol_assignment::ConsumerProtocolAssignment;
use headwater_protocol::messages::consumer_group_describe_response::DescribedGroup;
use headwater_protocol::messages::consumer_group_heartbeat_request::{
    ConsumerGroupHeartbeatRequest, TopicPartitions,
};
use headwater_protocol::messages::consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse;
use headwater_protocol::messages::heartbeat_request::HeartbeatRequest;
use headwater_protocol::messages::join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol};
use headwater_protocol::messages::leave_group_request::{LeaveGroupRequest, MemberIdentity};
use headwater_protocol::messages::sync_group_request::{SyncGroupRequest, SyncGroupRequestAssignment};

use crate::world::{Outcome, World};

type Partitions = BTreeSet<(Uuid, i32)>;

/// Errors after which a client has nothing any more and joins again.
const LOST: [i16; 5] = [22, 25, 69, 82, 110];
const REBALANCE_IN_PROGRESS: i16 = 27;
const MEMBER_ID_REQUIRED: i16 = 79;

/// A client of one of the protocols, with what it believes.
#[derive(Clone, Default)]
struct Client {
    is_classic: bool,
    member: String,
    instance: Option<String>,
    topics: Vec<String>,
    regex: Option<String>,
    /// It wants something else since it was last heard of.
    wishes: bool,
    epoch: i32,
    joined: bool,
    /// A classic client: has joined this generation and not asked for its assignment; the members, if it leads.
    syncs: bool,
    leads: Vec<String>,
    waits: bool,
    owned: Partitions,
    /// What it was told to have.
    told: Option<Partitions>,
}

impl Client {
    fn forget(&mut self) {
        (self.joined, self.syncs, self.epoch, self.told) = (false, false, 0, None);
        self.owned.clear();
        self.leads.clear();
    }
}

struct Game {
    world: World,
    clients: BTreeMap<String, Client>,
    seed: u64,
    number: u64,
    lives: u64,
    /// Group epoch and member epochs when they were last seen.
    epoch: i32,
    member_epochs: BTreeMap<String, i32>,
}

fn read(image: &Image, assignment: &[u8]) -> Partitions {
    if assignment.is_empty() {
        return Partitions::new();
    }
    let read =
        ConsumerProtocolAssignment::decode(&mut Reader::new(&assignment[2..]), 0).expect("an assignment");
    let topics = read.assigned_partitions.iter();
    let existing = topics.filter_map(|topic| Some((image.topics.id_of(&topic.topic)?, &topic.partitions)));
    existing.flat_map(|(id, partitions)| partitions.iter().map(move |index| (id, *index))).collect()
}

impl Game {
    fn next(&mut self, below: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % below
    }

    fn client(&mut self, name: &str) -> &mut Client {
        self.clients.get_mut(name).expect("a client")
    }

    fn take(&mut self, outcome: Outcome) {
        for (name, answer) in outcome.answers {
            // An answer may get lost on its way.
            if !self.clients.contains_key(&name) {
                continue;
            }
            self.client(&name).waits = false;
            if self.next(12) == 0 && self.lives > 0 {
                // Then it goes by what it has, and says everything again: what it was told before may be true no more.
                let client = self.client(&name);
                (client.told, client.wishes) = (None, true);
                continue;
            }
            match answer {
                Answer::ConsumerHeartbeat(answer) => self.heard(&name, &answer),
                Answer::Join(answer) => {
                    let client = self.client(&name);
                    match answer.error_code {
                        0 => {
                            (client.member, client.epoch) = (answer.member_id, answer.generation_id);
                            client.leads =
                                answer.members.into_iter().map(|member| member.member_id).collect();
                            (client.joined, client.syncs) = (true, true);
                        }
                        MEMBER_ID_REQUIRED => client.member = answer.member_id,
                        _ => {
                            client.forget();
                            client.member.clear();
                        }
                    }
                }
                Answer::Sync(answer) => {
                    let has = read(&self.world.image, &answer.assignment);
                    let client = self.client(&name);
                    client.syncs = false;
                    match answer.error_code {
                        0 => client.owned = has,
                        REBALANCE_IN_PROGRESS => client.joined = false,
                        _ => {
                            client.forget();
                            client.member.clear();
                        }
                    }
                }
                Answer::Heartbeat(error) => {
                    let client = self.client(&name);
                    if error.code() == REBALANCE_IN_PROGRESS {
                        client.joined = false;
                        client.owned.clear();
                    } else if LOST.contains(&error.code()) {
                        client.forget();
                        client.member.clear();
                    }
                }
                _ => {}
            }
        }
    }

    fn heard(&mut self, name: &str, answer: &ConsumerGroupHeartbeatResponse) {
        let client = self.client(name);
        match answer.error_code {
            0 if answer.member_epoch < 0 => {}
            0 => {
                (client.epoch, client.joined, client.wishes) = (answer.member_epoch, true, false);
                if let Some(assignment) = &answer.assignment {
                    let topics = assignment.topic_partitions.iter();
                    let told = topics
                        .flat_map(|topic| topic.partitions.iter().map(|index| (topic.topic_id, *index)));
                    client.told = Some(told.collect());
                }
            }
            code if LOST.contains(&code) => client.forget(),
            // The instance is another's, or there is no room: it tries again.
            _ => client.joined = false,
        }
    }

    fn consumer(&mut self, name: &str) -> Input {
        let says_all = self.next(3) > 0;
        // What it is about to take it takes now: it must not say that it has not, and take it afterwards.
        if self.clients[name].told.as_ref().is_some_and(|told| self.clients[name].owned.is_subset(told)) {
            self.adopt(name);
        }
        let client = self.client(name).clone();
        let mut owned: BTreeMap<Uuid, Vec<i32>> = BTreeMap::new();
        for (topic, index) in client.owned.iter().filter(|_| client.joined) {
            owned.entry(*topic).or_default().push(*index);
        }
        let owned = owned.into_iter().map(|(topic_id, partitions)| TopicPartitions { topic_id, partitions });
        if !client.joined {
            self.client(name).forget();
        }
        let tells = !client.joined || client.wishes;
        let request = ConsumerGroupHeartbeatRequest {
            group_id: "g".to_owned(),
            member_id: client.member.clone(),
            member_epoch: if client.joined { client.epoch } else { 0 },
            instance_id: client.instance.clone(),
            rebalance_timeout_ms: if tells { 20_000 } else { -1 },
            subscribed_topic_names: tells.then(|| client.topics.clone()),
            subscribed_topic_regex: tells.then(|| client.regex.clone().unwrap_or_default()),
            topic_partitions: (tells || says_all).then(|| owned.collect()),
            ..ConsumerGroupHeartbeatRequest::default()
        };
        Input::ConsumerHeartbeat(request, Caller { client_id: name.to_owned(), client_host: "/h".to_owned() })
    }

    fn classic(&mut self, name: &str) -> Input {
        let version = [3, 9][self.next(2) as usize];
        let client = self.client(name).clone();
        let (group_id, group_instance_id) = ("g".to_owned(), client.instance.clone());
        if !client.joined {
            // It has given up everything before.
            self.client(name).owned.clear();
            let mut metadata = vec![0, 0];
            metadata.extend((client.topics.len() as i32).to_be_bytes());
            for topic in &client.topics {
                metadata.extend((topic.len() as i16).to_be_bytes());
                metadata.extend(topic.as_bytes());
            }
            metadata.extend([255; 4]);
            let request = JoinGroupRequest {
                group_id,
                session_timeout_ms: 30_000,
                rebalance_timeout_ms: 20_000,
                member_id: client.member,
                group_instance_id,
                protocol_type: "consumer".to_owned(),
                protocols: vec![JoinGroupRequestProtocol { name: "range".to_owned(), metadata }],
                reason: None,
            };
            return Input::Join(request, Caller { client_id: name.to_owned(), ..Caller::default() }, version);
        }
        if client.syncs {
            let assignments =
                client.leads.iter().enumerate().map(|(at, member)| SyncGroupRequestAssignment {
                    member_id: member.clone(),
                    assignment: self.share(at, client.leads.len()),
                });
            return Input::Sync(SyncGroupRequest {
                group_id,
                generation_id: client.epoch,
                member_id: client.member.clone(),
                group_instance_id,
                assignments: assignments.collect(),
                ..SyncGroupRequest::default()
            });
        }
        Input::Heartbeat(HeartbeatRequest {
            group_id,
            generation_id: client.epoch,
            member_id: client.member,
            group_instance_id,
        })
    }

    /// What a classic leader gives to one of its members: its share of topic `a`.
    fn share(&self, at: usize, of: usize) -> Vec<u8> {
        let count = self.world.image.topics.by_name("a").map_or(0, |topic| topic.partition_count());
        let mine: Vec<i32> = (0..count).filter(|index| index % of == at).map(|index| index as i32).collect();
        let mut bytes = vec![0, 0, 0, 0, 0, 1, 0, 1, b'a'];
        bytes.extend((mine.len() as i32).to_be_bytes());
        mine.iter().for_each(|index| bytes.extend(index.to_be_bytes()));
        bytes.extend([255; 4]);
        bytes
    }

    fn ask(&mut self, name: &str, input: Input) {
        self.client(name).waits = true;
        let outcome = self.world.ask(name, input);
        if outcome.refused {
            self.client(name).waits = false;
        }
        self.take(outcome);
    }

    fn beat(&mut self, name: &str) {
        if self.client(name).waits {
            return;
        }
        let input = if self.client(name).is_classic { self.classic(name) } else { self.consumer(name) };
        self.ask(name, input);
    }

    fn leave(&mut self, name: &str) {
        let client = self.client(name).clone();
        let (member, away) = (client.member.clone(), client.instance.is_some() && self.next(2) == 0);
        if client.waits || member.is_empty() {
            return;
        }
        self.client(name).forget();
        if client.is_classic {
            self.client(name).member.clear();
            let identity =
                MemberIdentity { member_id: member, group_instance_id: client.instance, reason: None };
            let request = LeaveGroupRequest {
                group_id: "g".to_owned(),
                members: vec![identity],
                ..LeaveGroupRequest::default()
            };
            return self.ask(name, Input::Leave(request));
        }
        self.number += 1;
        self.client(name).member = format!("m{:03}", self.number);
        let request = ConsumerGroupHeartbeatRequest {
            group_id: "g".to_owned(),
            member_id: member,
            member_epoch: if away { -2 } else { -1 },
            instance_id: client.instance,
            ..ConsumerGroupHeartbeatRequest::default()
        };
        self.ask(name, Input::ConsumerHeartbeat(request, Caller::default()));
    }

    /// A consumer takes over what it was told, in two moments: first it gives up, then it begins with what is new.
    fn adopt(&mut self, name: &str) {
        let client = self.client(name);
        let Some(told) = client.told.clone() else { return };
        if client.owned.iter().all(|owned| told.contains(owned)) {
            client.owned = told;
            client.told = None;
        } else {
            client.owned.retain(|owned| told.contains(owned));
        }
    }

    fn wish(&mut self, name: &str) {
        let choice = self.next(6);
        let client = self.client(name);
        let topics: &[&str] = [&["a"][..], &["a", "b"], &["b"], &["c", "a"], &[], &["a"]][choice as usize];
        client.topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
        client.regex =
            (!client.is_classic && choice >= 4).then(|| ["[ab]", "b|c"][choice as usize - 4].to_owned());
        client.wishes = true;
        client.joined &= !client.is_classic;
    }

    fn change_topics(&mut self) {
        let name = ["a", "b", "c"][self.next(3) as usize];
        let count = self.world.image.topics.by_name(name).map_or(0, |topic| topic.partition_count());
        if count > 0 && self.next(4) == 0 {
            self.world.drop_topic(name);
        } else if count < 7 {
            let more = 1 + self.next(2) as i32;
            self.world.set_topic(name, count as i32 + more);
        }
    }

    fn described(&mut self) -> DescribedGroup {
        let outcome = self.world.ask("observer", Input::ConsumerDescribe(vec!["g".to_owned()]));
        let Some((_, Answer::ConsumerDescribe(mut groups))) = outcome.answers.into_iter().next() else {
            panic!("no answer")
        };
        groups.remove(0)
    }

    fn check(&mut self) {
        let group = self.described();
        if group.error_code != 0 {
            // It is a classic one, or none: what clients of before believe is for them to find out.
            (self.epoch, self.member_epochs) = (0, BTreeMap::new());
            return;
        }
        assert!(group.group_epoch >= self.epoch, "the group's epoch does not go back");
        assert!(group.group_epoch >= group.assignment_epoch, "no target of the future");
        self.epoch = group.group_epoch;
        let mut has: BTreeMap<(Uuid, i32), &str> = BTreeMap::new();
        let mut epochs = BTreeMap::new();
        for member in &group.members {
            for topic in &member.assignment.topic_partitions {
                for index in &topic.partitions {
                    let other = has.insert((topic.topic_id, *index), &member.member_id);
                    assert_eq!(other, None, "{}-{index} and {}", topic.topic_name, member.member_id);
                }
            }
            let before = self.member_epochs.get(&member.member_id).copied().unwrap_or(0);
            let may_be = member.member_epoch >= before || member.member_epoch == -2;
            assert!(may_be, "{} goes back from {before} to {}", member.member_id, member.member_epoch);
            assert!(member.member_epoch <= group.assignment_epoch, "{} is ahead", member.member_id);
            epochs.insert(member.member_id.clone(), member.member_epoch.max(0));
        }
        self.member_epochs = epochs;
        // What clients believe to have they have, as long as they are members at all.
        for client in self.clients.values().filter(|client| client.joined && !client.is_classic) {
            if group.members.iter().any(|member| member.member_id == client.member) {
                let existing =
                    client.owned.iter().filter(|(id, _)| self.world.image.topics.by_id(*id).is_some());
                for owned in existing {
                    assert_eq!(has.get(owned), Some(&&*client.member), "{owned:?} is not its own");
                }
            }
        }
    }

    fn pass(&mut self, ms: i64) {
        for (_, outcome) in self.world.pass(ms) {
            self.take(outcome);
        }
    }

    fn run_jobs(&mut self) {
        for outcome in self.world.run_jobs() {
            self.take(outcome);
        }
    }

    fn step(&mut self) {
        let name = format!("c{}", self.next(6));
        self.world.broken = self.next(20) == 0;
        match self.next(100) {
            0..70 => self.beat(&name),
            70..74 => self.leave(&name),
            74..80 => self.wish(&name),
            80..85 => self.change_topics(),
            85..87 => {
                self.world.restart();
                self.clients.values_mut().for_each(|client| client.waits = false);
            }
            _ => self.run_jobs(),
        }
        if self.next(3) > 0 {
            self.adopt(&name);
        }
        if self.next(3) == 0 {
            let ms = self.next(4_000) as i64;
            self.pass(ms);
        }
        self.check();
        // It reads the whole log each time.
        if self.next(25) == 0 {
            self.world.check_law();
        }
    }

    /// Peace: everybody is heard of every second, no answer is lost, nothing changes.
    fn come_to_rest(&mut self) {
        self.world.broken = false;
        self.lives = 0;
        for _ in 0..120 {
            let names: Vec<String> = self.clients.keys().cloned().collect();
            for name in names {
                self.beat(&name);
                self.adopt(&name);
                self.check();
            }
            self.run_jobs();
            self.pass(1_000);
        }
    }
}

fn play(seed: u64) {
    let mut game = Game {
        world: World::new(),
        clients: BTreeMap::new(),
        seed,
        number: 10,
        lives: 1,
        epoch: 0,
        member_epochs: BTreeMap::new(),
    };
    game.world.config.consumer.assignment_interval_ms.default = game.next(2) as i32 * 1_000;
    game.world.set_topic("a", 3);
    let classic = [0, 0, 2, 5][game.next(4) as usize];
    for number in 0..6_u64 {
        let is_classic = number < classic;
        let client = Client {
            is_classic,
            member: if is_classic { String::new() } else { format!("m{number:03}") },
            instance: (number % 3 == 0).then(|| format!("i{number}")),
            topics: vec!["a".to_owned()],
            ..Client::default()
        };
        game.clients.insert(format!("c{number}"), client);
    }
    for _ in 0..300 {
        game.step();
    }
    game.come_to_rest();
    let group = game.described();
    if group.error_code == 0 {
        assert_eq!(group.group_state, "Stable", "seed {seed}");
        let mut owners: BTreeMap<(Uuid, i32), usize> = BTreeMap::new();
        let mut wanted: BTreeSet<&str> = BTreeSet::new();
        for client in game.clients.values() {
            client.owned.iter().for_each(|owned| *owners.entry(*owned).or_default() += 1);
            wanted.extend(client.topics.iter().map(String::as_str));
            let matched =
                client.regex.as_deref().map(|regex| if regex == "[ab]" { ["a", "b"] } else { ["b", "c"] });
            wanted.extend(matched.into_iter().flatten());
        }
        for topic in wanted.iter().filter_map(|name| game.world.image.topics.by_name(name)) {
            for index in 0..topic.partition_count() as i32 {
                let count = owners.get(&(topic.id, index)).copied().unwrap_or(0);
                assert_eq!(count, 1, "seed {seed}: {}-{index} has {count} owners in the end", topic.name);
            }
        }
    }
    game.pass(700_000);
    let counts = game.world.shard.group_counts();
    assert!(
        counts.is_empty() || counts.contains_key("Empty"),
        "seed {seed}: silent members stay: {counts:?}"
    );
    assert_eq!(game.world.shard.timer_count(), 0, "seed {seed}: deadlines without a reason");
    game.world.check_law();
}

#[test]
fn random_consumer_groups_come_to_rest() {
    let seeds = std::env::var("HEADWATER_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(20);
    for seed in 1..=seeds {
        let played = std::panic::catch_unwind(|| play(seed));
        assert!(played.is_ok(), "seed {seed}");
    }
}
