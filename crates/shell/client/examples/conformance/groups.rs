//! Groups of the classic protocol.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use headwater_base::{PartitionIndex, TopicPartition};
use headwater_client::admin::CommittedOffset;
use headwater_client::consumer::{Offsets, RebalanceListener};
use headwater_client::{Consumer, ErrorKind, Record};

use crate::{Check, Outcome, World, checks, equal, groups, producer, text};

pub const CHECKS: &[Check] = checks![
    groups::one_member_reads_all,
    groups::members_share_with_every_assignor,
    groups::a_member_goes_and_another_goes_on,
    groups::listeners_and_commits_at_revocation,
    groups::static_members_keep_their_place,
    groups::matching_topics,
    groups::another_subscription,
    groups::too_slow_between_polls,
    groups::without_a_group,
];

fn at(topic: &str, index: i32) -> TopicPartition {
    TopicPartition { topic: topic.to_owned(), partition: PartitionIndex(index) }
}

fn make(world: &World, group: &str, pairs: &[(&str, &str)]) -> Result<Consumer, String> {
    let mut all = world.with(&[
        ("auto.offset.reset", "earliest"),
        ("group.id", group),
        ("heartbeat.interval.ms", "200"),
        ("session.timeout.ms", "8000"),
    ]);
    all.extend(headwater_client::config::properties(pairs.iter().copied()));
    Consumer::from_properties(&world.runtime, &all).map_err(text)
}

async fn fill(world: &World, topic: &str, partitions: i32, each: u32) -> Outcome {
    let producer = producer::make(world, &[])?;
    for index in 0..each {
        for partition in 0..partitions {
            let record = Record { partition: Some(partition), ..Record::new(topic, index.to_be_bytes()) };
            drop(producer.enqueue(record).await.map_err(text)?);
        }
    }
    producer.flush().await;
    Ok(())
}

/// Polls all members in turn until `done` says so; counts how often each record came.
async fn poll_until(
    members: &[&Consumer],
    seen: &mut BTreeMap<(i32, i64), u32>,
    done: impl Fn(&BTreeMap<(i32, i64), u32>) -> bool,
) -> Outcome {
    for _ in 0..1_500 {
        if done(seen) {
            return Ok(());
        }
        for member in members {
            for record in member.poll(Duration::from_millis(20)).await.map_err(text)?.records() {
                *seen.entry((record.partition, record.offset())).or_default() += 1;
            }
        }
    }
    Err(format!("not reached; {} records seen", seen.len()))
}

fn shared(members: &[&Consumer], total: usize) -> bool {
    let assigned: Vec<Vec<TopicPartition>> = members.iter().map(|member| member.assignment()).collect();
    let all: BTreeSet<&TopicPartition> = assigned.iter().flatten().collect();
    let sum: usize = assigned.iter().map(Vec::len).sum();
    all.len() == total && sum == total && assigned.iter().all(|it| !it.is_empty())
}

async fn one_member_reads_all(world: World) -> Outcome {
    let (topic, group) = (world.topic("group", 3).await?, world.fresh("group"));
    fill(&world, &topic, 3, 50).await?;
    let consumer = make(&world, &group, &[])?;
    consumer.subscribe(&[&topic]).map_err(text)?;
    let mut seen = BTreeMap::new();
    poll_until(&[&consumer], &mut seen, |seen| seen.len() == 150).await?;
    equal("once", seen.values().all(|count| *count == 1), true)?;
    equal("assigned", consumer.assignment().len(), 3)?;
    equal("member", consumer.membership().is_some(), true)?;
    consumer.close().await.map_err(text)?;
    let listed = world.admin().list_group_offsets(&group, None, false).await.map_err(text)?;
    for (_, offset) in listed {
        equal("committed", offset.map_err(text)?.map(|it| it.offset), Some(50))?;
    }
    let left = world.admin().delete_groups(std::slice::from_ref(&group)).await.remove(0).1;
    left.map_err(text)
}

async fn members_share_with_every_assignor(world: World) -> Outcome {
    let classes = ["RangeAssignor", "RoundRobinAssignor", "StickyAssignor", "CooperativeStickyAssignor"];
    for class in classes {
        let (topic, group) = (world.topic("share", 6).await?, world.fresh("group"));
        fill(&world, &topic, 6, 20).await?;
        let class = format!("org.apache.kafka.clients.consumer.{class}");
        let pairs = [("partition.assignment.strategy", class.as_str())];
        let first = make(&world, &group, &pairs)?;
        first.subscribe(&[&topic]).map_err(text)?;
        let mut seen = BTreeMap::new();
        poll_until(&[&first], &mut seen, |seen| seen.len() == 120).await?;
        let second = make(&world, &group, &pairs)?;
        second.subscribe(&[&topic]).map_err(text)?;
        poll_until(&[&first, &second], &mut seen, |_| shared(&[&first, &second], 6)).await?;
        equal(&class, (first.assignment().len(), second.assignment().len()), (3, 3))?;
        fill(&world, &topic, 6, 20).await?;
        poll_until(&[&first, &second], &mut seen, |seen| seen.len() == 240).await?;
        equal("once", seen.values().all(|count| *count == 1), true)?;
    }
    Ok(())
}

async fn a_member_goes_and_another_goes_on(world: World) -> Outcome {
    let (topic, group) = (world.topic("goes", 4).await?, world.fresh("group"));
    fill(&world, &topic, 4, 100).await?;
    let (first, second) = (make(&world, &group, &[("max.poll.records", "10")])?, make(&world, &group, &[])?);
    first.subscribe(&[&topic]).map_err(text)?;
    second.subscribe(&[&topic]).map_err(text)?;
    let mut seen = BTreeMap::new();
    poll_until(&[&first, &second], &mut seen, |_| shared(&[&first, &second], 4)).await?;
    first.close().await.map_err(text)?;
    poll_until(&[&second], &mut seen, |seen| seen.len() == 400).await?;
    equal("all of it", second.assignment().len(), 4)?;
    equal("once", seen.values().all(|count| *count == 1), true)
}

#[derive(Clone, Default)]
struct Log(Rc<RefCell<Vec<String>>>, Rc<RefCell<Offsets>>);

impl RebalanceListener for Log {
    fn assigned(&mut self, partitions: &[TopicPartition]) {
        self.0.borrow_mut().push(format!("assigned {}", partitions.len()));
    }

    fn revoked(&mut self, partitions: &[TopicPartition]) -> Offsets {
        self.0.borrow_mut().push(format!("revoked {}", partitions.len()));
        self.1.borrow().clone()
    }
}

async fn listeners_and_commits_at_revocation(world: World) -> Outcome {
    let (topic, group) = (world.topic("listen", 2).await?, world.fresh("group"));
    fill(&world, &topic, 2, 10).await?;
    let consumer = make(&world, &group, &[("enable.auto.commit", "false")])?;
    let log = Log::default();
    let offset = CommittedOffset { offset: 7, leader_epoch: -1, metadata: "by hand".to_owned() };
    log.1.borrow_mut().insert(at(&topic, 1), offset.clone());
    consumer.set_listener(log.clone());
    consumer.subscribe(&[&topic]).map_err(text)?;
    let mut seen = BTreeMap::new();
    poll_until(&[&consumer], &mut seen, |seen| seen.len() == 20).await?;
    consumer.close().await.map_err(text)?;
    equal("calls", log.0.borrow().clone(), vec!["assigned 2".to_owned(), "revoked 2".to_owned()])?;
    let listed = world.admin().list_group_offsets(&group, None, false).await.map_err(text)?;
    let listed: Vec<_> = listed.into_iter().map(|(key, found)| (key, found.ok().flatten())).collect();
    equal("committed", listed, vec![(at(&topic, 1), Some(offset))])
}

async fn static_members_keep_their_place(world: World) -> Outcome {
    let (topic, group) = (world.topic("static", 4).await?, world.fresh("group"));
    let (first, second) = (
        make(&world, &group, &[("group.instance.id", "one")])?,
        make(&world, &group, &[("group.instance.id", "two")])?,
    );
    first.subscribe(&[&topic]).map_err(text)?;
    second.subscribe(&[&topic]).map_err(text)?;
    let mut seen = BTreeMap::new();
    poll_until(&[&first, &second], &mut seen, |_| shared(&[&first, &second], 4)).await?;
    let (generation, before) = (second.membership().ok_or("no member")?.0, first.assignment());
    first.close().await.map_err(text)?;
    let again = make(&world, &group, &[("group.instance.id", "one")])?;
    again.subscribe(&[&topic]).map_err(text)?;
    poll_until(&[&again, &second], &mut seen, |_| shared(&[&again, &second], 4)).await?;
    equal("the same place", again.assignment(), before)?;
    equal("no rebalance", second.membership().ok_or("no member")?.0, generation)
}

async fn matching_topics(world: World) -> Outcome {
    let (prefix, group) = (world.fresh("match"), world.fresh("group"));
    let create = async |name: String| -> Outcome {
        let mut topic = headwater_client::admin::NewTopic::new(&name);
        (topic.partitions, topic.replication_factor) = (Some(2), Some(1));
        world
            .admin()
            .create_topics(vec![topic], false)
            .await
            .map_err(text)?
            .remove(0)
            .1
            .map(|_| ())
            .map_err(text)
    };
    create(format!("{prefix}-a")).await?;
    let consumer = make(&world, &group, &[("metadata.max.age.ms", "500")])?;
    let begin = prefix.clone();
    consumer.subscribe_matching(move |name| name.starts_with(&begin)).map_err(text)?;
    let mut seen = BTreeMap::new();
    poll_until(&[&consumer], &mut seen, |_| consumer.assignment().len() == 2).await?;
    create(format!("{prefix}-b")).await?;
    poll_until(&[&consumer], &mut seen, |_| consumer.assignment().len() == 4).await?;
    // More partitions of a topic are shared out too.
    let more =
        headwater_client::admin::NewPartitions { topic: format!("{prefix}-b"), total: 5, assignments: None };
    world.admin().create_partitions(vec![more], false).await.map_err(text)?.remove(0).1.map_err(text)?;
    poll_until(&[&consumer], &mut seen, |_| consumer.assignment().len() == 7).await
}

async fn another_subscription(world: World) -> Outcome {
    let (first, second) = (world.topic("before", 2).await?, world.topic("after", 3).await?);
    let group = world.fresh("group");
    let consumer = make(&world, &group, &[])?;
    let mut seen = BTreeMap::new();
    for (topic, count) in [(&first, 2), (&second, 3), (&first, 2)] {
        consumer.subscribe(&[topic]).map_err(text)?;
        let all = || consumer.assignment();
        poll_until(&[&consumer], &mut seen, |_| all().len() == count && all()[0].topic == **topic).await?;
    }
    consumer.unsubscribe().await.map_err(text)?;
    equal("nothing", (consumer.assignment().len(), consumer.membership()), (0, None))
}

async fn too_slow_between_polls(world: World) -> Outcome {
    let (topic, group) = (world.topic("slow", 2).await?, world.fresh("group"));
    fill(&world, &topic, 2, 5).await?;
    let consumer = make(&world, &group, &[("max.poll.interval.ms", "600"), ("max.poll.records", "1")])?;
    consumer.subscribe(&[&topic]).map_err(text)?;
    let mut seen = BTreeMap::new();
    poll_until(&[&consumer], &mut seen, |seen| seen.len() == 1).await?;
    let before = consumer.membership().ok_or("no member")?;
    world.runtime.sleep(Duration::from_millis(1_500)).await;
    equal("out", consumer.membership(), None)?;
    poll_until(&[&consumer], &mut seen, |seen| seen.len() == 10).await?;
    equal("another member", consumer.membership().ok_or("no member")?.1 == before.1, false)
}

async fn without_a_group(world: World) -> Outcome {
    let consumer = Consumer::from_properties(&world.runtime, &world.with(&[])).map_err(text)?;
    equal("kind", consumer.subscribe(&["t"]).err().ok_or("no group")?.kind(), ErrorKind::IllegalState)
}
