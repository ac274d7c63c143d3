//! Who reads what: the assignors of the classic protocol, and the bytes in which members and leaders tell each other.

use std::collections::{BTreeMap, BTreeSet};

use headwater_base::{PartitionIndex, TopicPartition};
use headwater_protocol::data::consumer_protocol_assignment::{self, ConsumerProtocolAssignment};
use headwater_protocol::data::consumer_protocol_subscription::{self, ConsumerProtocolSubscription};
use headwater_protocol::{Reader, Writer};

/// How partitions are shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignor {
    /// Per topic in ranges (`RangeAssignor`, without racks).
    Range,
    /// All partitions in turn (`RoundRobinAssignor`).
    RoundRobin,
    /// Evenly, with as few moves as possible (`StickyAssignor`).
    Sticky,
    /// The same, and what moves is given up first (`CooperativeStickyAssignor`).
    CooperativeSticky,
}

/// A member as the leader sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub id: String,
    /// Its static id.
    pub instance_id: Option<String>,
    /// What it is subscribed to.
    pub topics: Vec<String>,
    /// What it reads now.
    pub owned: Vec<TopicPartition>,
    /// The generation in which it got that, −1 when it does not say.
    pub generation: i32,
}

/// The highest version of subscriptions and assignments that is written.
const VERSION: i16 = 3;

impl Assignor {
    /// Kafka's name of the protocol.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Assignor::Range => "range",
            Assignor::RoundRobin => "roundrobin",
            Assignor::Sticky => "sticky",
            Assignor::CooperativeSticky => "cooperative-sticky",
        }
    }

    /// The assignor of a Java class or of a protocol's name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Assignor> {
        let short = name.strip_prefix("org.apache.kafka.clients.consumer.").unwrap_or(name);
        Some(match short {
            "RangeAssignor" | "range" => Assignor::Range,
            "RoundRobinAssignor" | "roundrobin" => Assignor::RoundRobin,
            "StickyAssignor" | "sticky" => Assignor::Sticky,
            "CooperativeStickyAssignor" | "cooperative-sticky" => Assignor::CooperativeSticky,
            _ => return None,
        })
    }

    /// What a member says of itself in this protocol.
    #[must_use]
    pub fn subscription(self, topics: &[String], owned: &[TopicPartition], generation: i32) -> Vec<u8> {
        let user_data = match self {
            Assignor::Range | Assignor::RoundRobin => None,
            Assignor::Sticky if owned.is_empty() => None,
            Assignor::Sticky => Some(sticky_data(owned, generation)),
            Assignor::CooperativeSticky => Some(generation.to_be_bytes().to_vec()),
        };
        // Only who keeps partitions over a rebalance owns some while it joins.
        let kept = if self == Assignor::CooperativeSticky { owned } else { &[] };
        let part = |(topic, partitions)| consumer_protocol_subscription::TopicPartition { topic, partitions };
        let message = ConsumerProtocolSubscription {
            topics: topics.to_vec(),
            user_data,
            owned_partitions: by_topic(kept).into_iter().map(part).collect(),
            generation_id: if kept.is_empty() { -1 } else { generation },
            rack_id: None,
        };
        let mut writer = Writer::new();
        writer.i16(VERSION);
        // Names of topics are short and there is nothing that the version does not carry.
        let _ = message.encode(&mut writer, VERSION);
        writer.into_bytes()
    }

    /// Understands what a member says of itself; nothing when it cannot be read.
    #[must_use]
    pub fn member(self, id: &str, instance_id: Option<String>, bytes: &[u8]) -> Option<Member> {
        let mut reader = Reader::new(bytes);
        let version = reader.i16().clamp(0, VERSION);
        let message = ConsumerProtocolSubscription::decode(&mut reader, version).ok()?;
        let mut owned = Vec::new();
        for it in &message.owned_partitions {
            owned.extend(it.partitions.iter().map(|index| at(&it.topic, *index)));
        }
        let mut generation = message.generation_id;
        if let Some(data) = &message.user_data {
            match self {
                Assignor::Sticky => {
                    (owned, generation) = read_sticky_data(data).unwrap_or((owned, generation))
                }
                Assignor::CooperativeSticky if generation < 0 => {
                    generation = data.first_chunk::<4>().map_or(-1, |bytes| i32::from_be_bytes(*bytes));
                }
                _ => {}
            }
        }
        Some(Member { id: id.to_owned(), instance_id, topics: message.topics, owned, generation })
    }

    /// Shares the partitions of topics (their numbers) out among members.
    #[must_use]
    pub fn assign(
        self,
        members: &[Member],
        topics: &BTreeMap<String, i32>,
    ) -> BTreeMap<String, Vec<TopicPartition>> {
        let mut sorted: Vec<&Member> = members.iter().collect();
        sorted.sort_by(|a, b| order(a).cmp(&order(b)));
        let mut result: BTreeMap<String, Vec<TopicPartition>> =
            members.iter().map(|member| (member.id.clone(), Vec::new())).collect();
        match self {
            Assignor::Range => range(&sorted, topics, &mut result),
            Assignor::RoundRobin => round_robin(&sorted, topics, &mut result),
            Assignor::Sticky => sticky(&sorted, topics, &mut result),
            Assignor::CooperativeSticky => {
                sticky(&sorted, topics, &mut result);
                give_up_first(&sorted, &mut result);
            }
        }
        result
    }
}

fn at(topic: &str, index: i32) -> TopicPartition {
    TopicPartition { topic: topic.to_owned(), partition: PartitionIndex(index) }
}

/// Static members by their static id and before the others (`MemberInfo.compareTo`).
fn order(member: &Member) -> (bool, &str) {
    (member.instance_id.is_none(), member.instance_id.as_deref().unwrap_or(&member.id))
}

fn by_topic(partitions: &[TopicPartition]) -> BTreeMap<String, Vec<i32>> {
    let mut topics: BTreeMap<String, Vec<i32>> = BTreeMap::new();
    for it in partitions {
        topics.entry(it.topic.clone()).or_default().push(it.partition.0);
    }
    topics
}

/// `StickyAssignor`'s own data: an array of topics with their partitions, and the generation.
fn sticky_data(owned: &[TopicPartition], generation: i32) -> Vec<u8> {
    let mut writer = Writer::new();
    let topics = by_topic(owned);
    writer.i32(topics.len() as i32);
    for (topic, partitions) in topics {
        writer.string(false, &topic);
        writer.i32(partitions.len() as i32);
        partitions.into_iter().for_each(|index| writer.i32(index));
    }
    writer.i32(generation);
    writer.into_bytes()
}

fn read_sticky_data(bytes: &[u8]) -> Option<(Vec<TopicPartition>, i32)> {
    let mut reader = Reader::new(bytes);
    let mut owned = Vec::new();
    for _ in 0..reader.i32() {
        let topic = reader.string(false);
        for _ in 0..reader.i32() {
            owned.push(at(&topic, reader.i32()));
            // Bytes that end early end both loops: numbers on the wire are only claims.
            if reader.error().is_some() {
                return None;
            }
        }
        if reader.error().is_some() {
            return None;
        }
    }
    let generation = if reader.remaining() >= 4 { reader.i32() } else { -1 };
    Some((owned, generation))
}

/// What a member is to read, as the leader writes it.
#[must_use]
pub fn write_assignment(partitions: &[TopicPartition]) -> Vec<u8> {
    let part = |(topic, partitions)| consumer_protocol_assignment::TopicPartition { topic, partitions };
    let message = ConsumerProtocolAssignment {
        assigned_partitions: by_topic(partitions).into_iter().map(part).collect(),
        user_data: None,
    };
    let mut writer = Writer::new();
    writer.i16(VERSION);
    let _ = message.encode(&mut writer, VERSION);
    writer.into_bytes()
}

/// What the leader wrote; nothing when it cannot be read. No bytes are no partitions.
#[must_use]
pub fn read_assignment(bytes: &[u8]) -> Option<Vec<TopicPartition>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let mut reader = Reader::new(bytes);
    let version = reader.i16().clamp(0, VERSION);
    let message = ConsumerProtocolAssignment::decode(&mut reader, version).ok()?;
    let mut partitions = Vec::new();
    for it in message.assigned_partitions {
        partitions.extend(it.partitions.iter().map(|index| at(&it.topic, *index)));
    }
    Some(partitions)
}

type Shares = BTreeMap<String, Vec<TopicPartition>>;

fn range(members: &[&Member], topics: &BTreeMap<String, i32>, result: &mut Shares) {
    for (topic, count) in topics {
        let readers: Vec<&&Member> = members.iter().filter(|it| it.topics.contains(topic)).collect();
        let many = readers.len() as i32;
        let mut next = 0;
        for (index, reader) in readers.iter().enumerate() {
            let share = count / many + i32::from((index as i32) < count % many);
            let partitions = (next..next + share).map(|index| at(topic, index));
            result.entry(reader.id.clone()).or_default().extend(partitions);
            next += share;
        }
    }
}

fn round_robin(members: &[&Member], topics: &BTreeMap<String, i32>, result: &mut Shares) {
    let mut turn = 0;
    for (topic, count) in topics {
        if !members.iter().any(|it| it.topics.contains(topic)) {
            continue;
        }
        for index in 0..*count {
            while !members[turn % members.len()].topics.contains(topic) {
                turn += 1;
            }
            result.entry(members[turn % members.len()].id.clone()).or_default().push(at(topic, index));
            turn += 1;
        }
    }
}

/// Members keep what they read, what is free goes to who has least, and then partitions move from who has more to who has
/// less for as long as that makes them more equal.
fn sticky(members: &[&Member], topics: &BTreeMap<String, i32>, result: &mut Shares) {
    let mut free: BTreeSet<TopicPartition> =
        topics.iter().flat_map(|(topic, count)| (0..*count).map(|index| at(topic, index))).collect();
    // Who claims a partition in the highest generation has it; of two in the same one neither.
    let mut claims: BTreeMap<&TopicPartition, (i32, Vec<usize>)> = BTreeMap::new();
    for (index, member) in members.iter().enumerate() {
        for key in member.owned.iter().filter(|key| free.contains(*key) && member.topics.contains(&key.topic))
        {
            let claim = claims.entry(key).or_insert((member.generation, Vec::new()));
            if member.generation > claim.0 {
                *claim = (member.generation, Vec::new());
            }
            if member.generation == claim.0 {
                claim.1.push(index);
            }
        }
    }
    let mut shares: Vec<BTreeSet<TopicPartition>> = vec![BTreeSet::new(); members.len()];
    for (key, (_, owners)) in claims {
        if let [owner] = owners[..] {
            shares[owner].insert(key.clone());
            free.remove(key);
        }
    }
    let readers = |topic: &str| -> Vec<usize> {
        (0..members.len()).filter(|index| members[*index].topics.iter().any(|it| it == topic)).collect()
    };
    let by_name: BTreeMap<&String, Vec<usize>> = topics.keys().map(|topic| (topic, readers(topic))).collect();
    for key in free {
        let readers = by_name.get(&key.topic).map_or(&[][..], Vec::as_slice);
        if let Some(least) = readers.iter().min_by_key(|index| shares[**index].len()) {
            shares[*least].insert(key);
        }
    }
    while let Some((key, from, to)) = improvement(&shares, &by_name) {
        shares[from].remove(&key);
        shares[to].insert(key);
    }
    for (member, share) in members.iter().zip(shares) {
        result.insert(member.id.clone(), share.into_iter().collect());
    }
}

/// A partition whose move makes two members more equal: from the one that has most, if one of its can go.
fn improvement(
    shares: &[BTreeSet<TopicPartition>],
    readers: &BTreeMap<&String, Vec<usize>>,
) -> Option<(TopicPartition, usize, usize)> {
    let mut by_size: Vec<usize> = (0..shares.len()).collect();
    by_size.sort_by_key(|index| std::cmp::Reverse(shares[*index].len()));
    for from in by_size {
        // The last topics first, so that a member keeps a beginning.
        for key in shares[from].iter().rev() {
            let least = readers.get(&key.topic)?.iter().min_by_key(|index| shares[**index].len())?;
            if shares[*least].len() + 1 < shares[from].len() {
                return Some((key.clone(), from, *least));
            }
        }
    }
    None
}

/// What another member still reads is given to nobody until that one has given it up.
fn give_up_first(members: &[&Member], result: &mut Shares) {
    let mut owners: BTreeMap<&TopicPartition, &str> = BTreeMap::new();
    for member in members {
        owners.extend(member.owned.iter().map(|key| (key, member.id.as_str())));
    }
    for (id, share) in result {
        share.retain(|key| owners.get(key).is_none_or(|owner| *owner == id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(id: &str, topics: &[&str], owned: &[(&str, i32)], generation: i32) -> Member {
        Member {
            id: id.to_owned(),
            topics: topics.iter().map(|it| (*it).to_owned()).collect(),
            owned: owned.iter().map(|(topic, index)| at(topic, *index)).collect(),
            generation,
            ..Member::default()
        }
    }

    fn show(shares: &Shares) -> String {
        let one = |(id, share): (&String, &Vec<TopicPartition>)| {
            let parts: Vec<String> = share.iter().map(ToString::to_string).collect();
            format!("{id}: {}", parts.join(" "))
        };
        shares.iter().map(one).collect::<Vec<_>>().join("; ")
    }

    fn counts(pairs: &[(&str, i32)]) -> BTreeMap<String, i32> {
        pairs.iter().map(|(topic, count)| ((*topic).to_owned(), *count)).collect()
    }

    #[test]
    fn ranges_and_turns() {
        let members = [member("b", &["t", "u"], &[], -1), member("a", &["t", "u"], &[], -1)];
        let topics = counts(&[("t", 3), ("u", 3)]);
        assert_eq!(show(&Assignor::Range.assign(&members, &topics)), "a: t-0 t-1 u-0 u-1; b: t-2 u-2");
        assert_eq!(show(&Assignor::RoundRobin.assign(&members, &topics)), "a: t-0 t-2 u-1; b: t-1 u-0 u-2");
        let mixed =
            [member("a", &["t"], &[], -1), member("b", &["t", "u"], &[], -1), member("c", &["v"], &[], -1)];
        let shares = Assignor::RoundRobin.assign(&mixed, &counts(&[("t", 2), ("u", 2)]));
        assert_eq!(show(&shares), "a: t-0; b: t-1 u-0 u-1; c: ");
    }

    #[test]
    fn sticky_members_keep_what_they_can() {
        let members = [
            member("a", &["t"], &[("t", 0), ("t", 1), ("t", 2), ("t", 3)], 4),
            member("b", &["t"], &[], -1),
            // A claim of an older generation is worth nothing.
            member("c", &["t"], &[("t", 0)], 3),
        ];
        let topics = counts(&[("t", 6)]);
        assert_eq!(show(&Assignor::Sticky.assign(&members, &topics)), "a: t-0 t-1; b: t-3 t-4; c: t-2 t-5");
        let shares = Assignor::CooperativeSticky.assign(&members, &topics);
        let given: BTreeSet<&TopicPartition> = shares.values().flatten().collect();
        assert!(!given.contains(&at("t", 3)) && !given.contains(&at("t", 2)), "given up first: {shares:?}");
    }

    #[test]
    fn seeded_shares_are_complete_and_even() {
        let mut random = headwater_runtime::Random::new(3);
        for seed in 0..400 {
            let topics = counts(&[("a", random.below(6) as i32), ("b", random.below(9) as i32)]);
            let members: Vec<Member> = (0..=random.below(5))
                .map(|index| {
                    let owned = (0..random.below(5)).map(|_| at("b", random.below(9) as i32)).collect();
                    let generation = random.below(3) as i32;
                    Member { owned, generation, ..member(&format!("m{index}"), &["a", "b"], &[], 0) }
                })
                .collect();
            let total: i32 = topics.values().sum();
            for assignor in [Assignor::Range, Assignor::RoundRobin, Assignor::Sticky] {
                let shares = assignor.assign(&members, &topics);
                let given: BTreeSet<&TopicPartition> = shares.values().flatten().collect();
                let sizes: Vec<usize> = shares.values().map(Vec::len).collect();
                assert_eq!(
                    (given.len(), sizes.iter().sum::<usize>()),
                    (total as usize, total as usize),
                    "{seed}"
                );
                let (most, least) = (sizes.iter().max().unwrap(), sizes.iter().min().unwrap());
                assert!(
                    most - least <= 1 + usize::from(assignor == Assignor::Range),
                    "{seed} {assignor:?} {sizes:?}"
                );
            }
        }
    }

    #[test]
    fn bytes_come_back() {
        let owned = vec![at("t", 1), at("t", 2), at("u", 0)];
        let topics = vec!["t".to_owned(), "u".to_owned()];
        for assignor in [Assignor::Sticky, Assignor::CooperativeSticky] {
            let bytes = assignor.subscription(&topics, &owned, 7);
            let read = assignor.member("m", None, &bytes).unwrap();
            assert_eq!((&read.topics, &read.owned, read.generation), (&topics, &owned, 7));
            for cut in 0..bytes.len() {
                let _ = assignor.member("m", None, &bytes[..cut]);
            }
        }
        assert_eq!(read_assignment(&write_assignment(&owned)), Some(owned));
        assert_eq!(read_assignment(&[]), Some(Vec::new()));
    }
}
