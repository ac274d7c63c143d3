//! The server-side assignors: against Apache Kafka's own classes on random groups (`conformance/groups/Assign.java`), and
//! what has to hold for any group.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use headwater_base::Uuid;
use headwater_group::assignor::{
    ASSIGNORS, Assignor, GroupSpec, MemberSpec, SubscriptionType, TopicPartitions,
};

/// Chance from a seed (SplitMix64).
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

#[derive(Clone, Default)]
struct Member {
    instance: Option<String>,
    subscribed: Vec<Uuid>,
    assigned: Arc<TopicPartitions>,
}

/// A group that changes from round to round.
#[derive(Clone)]
struct Group {
    assignor: &'static Assignor,
    counts: BTreeMap<Uuid, i32>,
    members: BTreeMap<String, Member>,
    same: bool,
    /// Ids whose order is the same in the reference's hash sets, so that its results are determined.
    ordered: bool,
    joined: usize,
}

impl Group {
    fn new(rng: &mut Rng) -> Self {
        Self {
            assignor: &ASSIGNORS[rng.below(2) as usize],
            counts: BTreeMap::new(),
            members: BTreeMap::new(),
            same: rng.below(2) == 0,
            ordered: rng.below(2) == 0,
            joined: 0,
        }
    }

    fn subscription(&self, rng: &mut Rng) -> Vec<Uuid> {
        if self.same {
            return self.counts.keys().copied().collect();
        }
        self.counts.keys().copied().filter(|_| rng.below(3) > 0).collect()
    }

    fn change(&mut self, rng: &mut Rng) {
        if self.counts.len() < 6 && (self.counts.is_empty() || rng.below(3) == 0) {
            let id = match self.ordered {
                true => Uuid(self.counts.len() as u128 + 2),
                false => Uuid((u128::from(rng.next()) << 64) | u128::from(rng.next())),
            };
            self.counts.insert(id, 1 + rng.below(12) as i32);
        }
        if rng.below(4) == 0 {
            for count in self.counts.values_mut() {
                *count += rng.below(3) as i32;
            }
        }
        for _ in 0..rng.below(4) {
            self.joined += 1;
            let instance =
                (rng.below(3) == 0).then(|| format!("i{}", rng.below(1_000) * 1_000 + self.joined as u64));
            let id = format!("m{}-{}", rng.below(100), self.joined);
            let subscribed = self.subscription(rng);
            self.members.insert(id, Member { instance, subscribed, ..Member::default() });
        }
        if !self.members.is_empty() && rng.below(2) == 0 {
            let gone = self.members.keys().nth(rng.below(self.members.len() as u64) as usize).cloned();
            self.members.remove(&gone.expect("it was counted"));
        }
        let fresh: Vec<Vec<Uuid>> = self.members.iter().map(|_| self.subscription(rng)).collect();
        for (member, fresh) in self.members.values_mut().zip(fresh) {
            if self.same || rng.below(4) == 0 {
                member.subscribed = fresh;
            }
        }
    }

    fn spec(&self) -> GroupSpec<'_> {
        let members = self.members.iter().map(|(id, member)| MemberSpec {
            member_id: id,
            instance_id: member.instance.as_deref(),
            subscribed: &member.subscribed,
            assigned: Arc::clone(&member.assigned),
        });
        let subscription_type = match self.same {
            true => SubscriptionType::Homogeneous,
            false => SubscriptionType::Heterogeneous,
        };
        GroupSpec { members: members.collect(), subscription_type }
    }

    fn targets(&self) -> Vec<Arc<TopicPartitions>> {
        self.assignor.assign(&self.spec(), &self.counts).expect("all topics are known")
    }

    fn text(&self, out: &mut String) {
        let kind = if self.same { "homogeneous" } else { "heterogeneous" };
        writeln!(out, "group {:?} {kind}", self.assignor).unwrap();
        for (id, count) in &self.counts {
            writeln!(out, "topic {} {} {count}", (id.0 >> 64) as i64, id.0 as i64).unwrap();
        }
        let index = |topic: &Uuid| self.counts.keys().position(|known| known == topic).unwrap().to_string();
        for (id, member) in &self.members {
            let topics: Vec<String> = member.subscribed.iter().map(index).collect();
            let topics = if topics.is_empty() { "-".into() } else { topics.join(",") };
            let instance = member.instance.as_deref().unwrap_or("-");
            writeln!(out, "member {id} {instance} {topics} {}", self.show(&member.assigned)).unwrap();
        }
        out.push_str("end\n");
    }

    fn show(&self, partitions: &TopicPartitions) -> String {
        let index = |topic: &Uuid| self.counts.keys().position(|known| known == topic).unwrap();
        let entries: Vec<String> = partitions
            .iter()
            .map(|(topic, partitions)| {
                let numbers: Vec<String> = partitions.iter().map(i32::to_string).collect();
                format!("{}:{}", index(topic), numbers.join(","))
            })
            .collect();
        if entries.is_empty() { "-".into() } else { entries.join(";") }
    }

    /// Everything that somebody wants is owned by exactly one who wants it.
    fn check(&self, targets: &[Arc<TopicPartitions>]) {
        let mut owned = BTreeSet::new();
        for (member, target) in self.members.values().zip(targets) {
            for (topic, partitions) in target.iter() {
                assert!(member.subscribed.contains(topic) && !partitions.is_empty());
                assert!(partitions.windows(2).all(|pair| pair[0] < pair[1]));
                assert!(partitions.iter().all(|&partition| owned.insert((*topic, partition))), "owned twice");
                assert!(partitions.iter().all(|partition| (0..self.counts[topic]).contains(partition)));
            }
        }
        let wanted: BTreeSet<Uuid> =
            self.members.values().flat_map(|member| member.subscribed.clone()).collect();
        let total: i32 = wanted.iter().map(|topic| self.counts[topic]).sum();
        assert_eq!(owned.len(), total as usize, "all that is wanted is owned");
        let sizes: Vec<usize> = targets.iter().map(|target| target.values().map(Vec::len).sum()).collect();
        if self.same && self.assignor.name == "uniform" {
            let (least, most) = (sizes.iter().min(), sizes.iter().max());
            assert!(most.zip(least).is_none_or(|(most, least)| most - least <= 1), "{sizes:?}");
        }
    }

    fn kept(&self, lines: &[&str]) -> usize {
        let pairs = |text: &str| -> BTreeSet<String> {
            text.split(';')
                .filter_map(|entry| entry.split_once(':'))
                .flat_map(|(topic, numbers)| {
                    numbers.split(',').map(move |number| format!("{topic}:{number}"))
                })
                .collect()
        };
        self.members
            .values()
            .zip(lines)
            .map(|(member, line)| pairs(&self.show(&member.assigned)).intersection(&pairs(line)).count())
            .sum()
    }
}

/// Random groups, each with some rounds of change; every round's target is the next one's beginning.
fn rounds(seed: u64, count: usize) -> Vec<(Group, Vec<Arc<TopicPartitions>>)> {
    let mut rng = Rng(seed);
    let mut all = Vec::new();
    for _ in 0..count {
        let mut group = Group::new(&mut rng);
        for _ in 0..8 {
            group.change(&mut rng);
            let targets = group.targets();
            group.check(&targets);
            all.push((group.clone(), targets.clone()));
            for (member, target) in group.members.values_mut().zip(targets) {
                member.assigned = target;
            }
            let again = group.targets();
            let stays = group
                .members
                .values()
                .zip(&again)
                .all(|(member, target)| Arc::ptr_eq(&member.assigned, target));
            assert!(stays, "an even target stays as it is");
        }
    }
    all
}

#[test]
fn every_wanted_partition_has_one_owner_and_what_is_even_stays() {
    rounds(1, 300);
}

#[test]
fn an_unknown_topic_is_an_error_and_a_partition_that_does_not_exist_is_dropped() {
    let topic = Uuid(7);
    let assigned = Arc::new(BTreeMap::from([(topic, vec![0, 9]), (Uuid(8), vec![0])]));
    let member = MemberSpec { member_id: "m", instance_id: None, subscribed: &[topic], assigned };
    for assignor in &ASSIGNORS {
        for subscription_type in [SubscriptionType::Homogeneous, SubscriptionType::Heterogeneous] {
            let group = GroupSpec { members: vec![member.clone()], subscription_type };
            assert!(assignor.assign(&group, &BTreeMap::new()).is_err());
            let targets = assignor.assign(&group, &BTreeMap::from([(topic, 2)])).expect("it is known");
            assert_eq!(*targets[0], BTreeMap::from([(topic, vec![0, 1])]));
        }
    }
}

/// A thousand members and ten thousand partitions: first all at once, then one more member.
#[test]
fn a_large_group_is_assigned_quickly() {
    let counts: BTreeMap<Uuid, i32> = (0..100).map(|topic| (Uuid(topic + 2), 100)).collect();
    for assignor in &ASSIGNORS {
        for same in [true, false] {
            let mut members: BTreeMap<String, Member> = BTreeMap::new();
            for index in 0..1_000 {
                let mut subscribed: Vec<Uuid> = counts.keys().copied().collect();
                if !same {
                    subscribed.remove(index % 100);
                }
                members.insert(format!("m{index}"), Member { subscribed, ..Member::default() });
            }
            let mut group =
                Group { assignor, counts: counts.clone(), members, same, ordered: true, joined: 0 };
            let begin = Instant::now();
            let targets = group.targets();
            let first = begin.elapsed();
            group.check(&targets);
            for (member, target) in group.members.values_mut().zip(targets) {
                member.assigned = target;
            }
            let subscribed = counts.keys().copied().collect();
            group.members.insert("n".into(), Member { subscribed, ..Member::default() });
            let begin = Instant::now();
            let targets = group.targets();
            let second = begin.elapsed();
            group.check(&targets);
            eprintln!("{assignor:?} {same}: {first:?}, then {second:?}");
            assert!(first.as_secs() < 5 && second.as_secs() < 5, "tens of ms when optimized");
        }
    }
}

#[test]
fn reference_assigns_the_same() {
    let Some(jars) = jars() else { return };
    let cases = rounds(2, 500);
    let mut text = String::new();
    for (group, _) in &cases {
        group.text(&mut text);
    }
    let file = std::env::temp_dir().join(format!("headwater-assignors-{}", std::process::id()));
    std::fs::write(&file, text).unwrap();
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../conformance/groups/Assign.java");
    let output = Command::new("java")
        .args(["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"])
        .arg(jars.join("*"))
        .arg(program)
        .arg(&file)
        .output()
        .expect("java runs");
    let _ = std::fs::remove_file(&file);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let theirs = String::from_utf8_lossy(&output.stdout);
    let mut theirs = theirs.lines();
    let (mut equal, mut similar) = (0, 0);
    for (group, targets) in &cases {
        let ours: Vec<String> = targets.iter().map(|target| group.show(target)).collect();
        let theirs: Vec<&str> = theirs.by_ref().take(ours.len()).collect();
        let mut case = String::new();
        group.text(&mut case);
        // Only the order of the reference's hash sets is chance: it matters where several topics are dealt out in turn.
        if group.ordered || !group.same || group.assignor.name == "range" {
            assert_eq!(ours, theirs, "{case}");
            equal += 1;
        } else {
            let size = |line: &str| line.split([';', ',']).filter(|part| *part != "-").count();
            let sizes = |lines: &[&str]| lines.iter().map(|line| size(line)).collect::<Vec<_>>();
            let ours: Vec<&str> = ours.iter().map(String::as_str).collect();
            assert_eq!(sizes(&ours), sizes(&theirs), "{case}");
            assert_eq!(group.kept(&ours), group.kept(&theirs), "{case}");
            similar += 1;
        }
    }
    assert!(theirs.next().is_none() && equal > 1_000 && similar > 300, "{equal} equal, {similar} similar");
}

/// The reference's jars; a failure when they are required and absent.
pub fn jars() -> Option<PathBuf> {
    let cache = match std::env::var_os("HEADWATER_CACHE") {
        Some(cache) => PathBuf::from(cache),
        None => PathBuf::from(std::env::var_os("HOME")?).join(".cache/headwater"),
    };
    let libs = cache.join("kafka-4.3.1/libs");
    if libs.is_dir() {
        return Some(libs);
    }
    let required = std::env::var_os("HEADWATER_REQUIRE_REFERENCE").is_some_and(|value| value == "1");
    assert!(!required, "the reference's jars are required but absent");
    eprintln!("skipped: the reference's jars are absent");
    None
}
