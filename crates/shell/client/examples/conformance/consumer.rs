//! The consumer with partitions that are assigned by hand.

use std::collections::BTreeMap;
use std::time::Duration;

use headwater_base::{PartitionIndex, TopicPartition};
use headwater_client::admin::{CommittedOffset, OffsetSpec};
use headwater_client::{Consumer, ErrorKind, OwnedRecord, Record};

use crate::{Check, Outcome, World, checks, consumer, equal, producer, text};

pub const CHECKS: &[Check] = checks![
    consumer::reads_every_codec,
    consumer::keys_headers_and_times_come_back,
    consumer::many_partitions,
    consumer::seeks,
    consumer::pauses,
    consumer::resets,
    consumer::no_reset,
    consumer::behind_the_end,
    consumer::commits,
    consumer::automatic_commits,
    consumer::dropped_polls,
    consumer::assignments_change,
    consumer::small_fetches,
    consumer::waits_for_records,
    consumer::topic_made_again,
];

const WAIT: Duration = Duration::from_secs(5);

fn at(topic: &str, index: i32) -> TopicPartition {
    TopicPartition { topic: topic.to_owned(), partition: PartitionIndex(index) }
}

fn make(world: &World, pairs: &[(&str, &str)]) -> Result<Consumer, String> {
    let mut all = world.with(&[("auto.offset.reset", "earliest")]);
    all.extend(headwater_client::config::properties(pairs.iter().copied()));
    Consumer::from_properties(&world.runtime, &all).map_err(text)
}

/// Polls until there are `count` records.
async fn take(consumer: &Consumer, count: usize) -> Result<Vec<OwnedRecord>, String> {
    let mut found = Vec::new();
    while found.len() < count {
        let batch = consumer.poll(WAIT).await.map_err(text)?;
        if batch.is_empty() {
            return Err(format!("only {} of {count} records came", found.len()));
        }
        equal("length", batch.records().count(), batch.len())?;
        found.extend(batch.records().map(|record| record.to_owned()));
    }
    Ok(found)
}

/// Writes `count` records, whose values are their numbers.
async fn fill(world: &World, topic: &str, partition: i32, count: u32) -> Outcome {
    let producer = producer::make(world, &[])?;
    for index in 0..count {
        let record = Record { partition: Some(partition), ..Record::new(topic, index.to_be_bytes()) };
        drop(producer.enqueue(record).await.map_err(text)?);
    }
    producer.flush().await;
    Ok(())
}

async fn reads_every_codec(world: World) -> Outcome {
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let topic = world.topic(codec, 1).await?;
        let producer = producer::make(&world, &[("compression.type", codec), ("linger.ms", "20")])?;
        for index in 0..1_000 {
            let record = Record::new(&topic, format!("value {index}"));
            drop(producer.enqueue(record).await.map_err(text)?);
        }
        producer.flush().await;
        let consumer = make(&world, &[])?;
        consumer.assign(vec![at(&topic, 0)]);
        let found = take(&consumer, 1_000).await?;
        for (index, record) in found.iter().enumerate() {
            let value = Some(format!("value {index}").into_bytes());
            equal("record", (record.offset, record.value.clone()), (index as i64, value))?;
        }
        equal("position", consumer.position(&at(&topic, 0)).await.map_err(text)?, 1_000)?;
        equal("lag", consumer.lag(&at(&topic, 0)), Some(0))?;
    }
    Ok(())
}

async fn keys_headers_and_times_come_back(world: World) -> Outcome {
    let topic = world.topic("parts", 1).await?;
    let headers = vec![("a".to_owned(), Some(b"1".to_vec())), ("a".to_owned(), None)];
    let record = Record {
        key: Some(b"key".to_vec()),
        value: None,
        headers: headers.clone(),
        timestamp: Some(77),
        ..Record::new(&topic, "")
    };
    producer::make(&world, &[])?.send(record).await.map_err(text)?;
    let consumer = make(&world, &[])?;
    consumer.assign(vec![at(&topic, 0)]);
    let found = take(&consumer, 1).await?.remove(0);
    let expected = OwnedRecord {
        topic,
        key: Some(b"key".to_vec()),
        headers,
        timestamp: 77,
        leader_epoch: found.leader_epoch,
        ..OwnedRecord::default()
    };
    equal("record", found, expected)
}

async fn many_partitions(world: World) -> Outcome {
    let topic = world.topic("many", 20).await?;
    for partition in 0..20 {
        fill(&world, &topic, partition, 50).await?;
    }
    let consumer = make(&world, &[("max.poll.records", "33")])?;
    consumer.assign((0..20).map(|partition| at(&topic, partition)).collect());
    let mut next = BTreeMap::new();
    for record in take(&consumer, 1_000).await? {
        let expected = next.entry(record.partition).or_insert(0_i64);
        equal("offset", record.offset, *expected)?;
        *expected += 1;
    }
    equal("partitions", next.len(), 20)
}

async fn seeks(world: World) -> Outcome {
    let topic = world.topic("seek", 1).await?;
    fill(&world, &topic, 0, 100).await?;
    let (consumer, key) = (make(&world, &[("max.poll.records", "1")])?, at(&topic, 0));
    consumer.assign(vec![key.clone()]);
    for offset in [40, 3, 99, 0] {
        consumer.seek(&key, offset).map_err(text)?;
        equal("offset", take(&consumer, 1).await?[0].offset, offset)?;
    }
    consumer.seek_to_end(&[]).map_err(text)?;
    equal("end", consumer.position(&key).await.map_err(text)?, 100)?;
    consumer.seek_to_beginning(std::slice::from_ref(&key)).map_err(text)?;
    equal("beginning", take(&consumer, 1).await?[0].offset, 0)?;
    let error = consumer.seek(&at(&topic, 9), 0).err().ok_or("not assigned")?;
    equal("kind", error.kind(), ErrorKind::IllegalState)?;
    let found = consumer.list_offsets(vec![(key, OffsetSpec::Latest)]).await.remove(0).1.map_err(text)?;
    equal("listed", found.offset, 100)
}

async fn pauses(world: World) -> Outcome {
    let topic = world.topic("pause", 2).await?;
    fill(&world, &topic, 0, 10).await?;
    fill(&world, &topic, 1, 10).await?;
    let consumer = make(&world, &[])?;
    consumer.assign(vec![at(&topic, 0), at(&topic, 1)]);
    consumer.pause(&[at(&topic, 0)]).map_err(text)?;
    let found = take(&consumer, 10).await?;
    equal("only one", found.iter().all(|record| record.partition == 1), true)?;
    equal("nothing", consumer.poll(Duration::from_millis(300)).await.map_err(text)?.len(), 0)?;
    equal("paused", consumer.paused(), vec![at(&topic, 0)])?;
    consumer.resume(&[at(&topic, 0)]).map_err(text)?;
    equal("the other", take(&consumer, 10).await?.iter().all(|record| record.partition == 0), true)
}

async fn resets(world: World) -> Outcome {
    let topic = world.topic("reset", 1).await?;
    fill(&world, &topic, 0, 10).await?;
    for (policy, position) in
        [("earliest", 0), ("latest", 10), ("by_duration:PT1H", 0), ("by_duration:PT0S", 10)]
    {
        let consumer = make(&world, &[("auto.offset.reset", policy)])?;
        consumer.assign(vec![at(&topic, 0)]);
        equal(policy, consumer.position(&at(&topic, 0)).await.map_err(text)?, position)?;
    }
    Ok(())
}

async fn no_reset(world: World) -> Outcome {
    let topic = world.topic("none", 1).await?;
    let consumer = make(&world, &[("auto.offset.reset", "none")])?;
    consumer.assign(vec![at(&topic, 0)]);
    let error = consumer.poll(WAIT).await.err().ok_or("no offset")?;
    equal("kind", error.kind(), ErrorKind::NoOffset)?;
    let expected = format!("Undefined offset with no reset policy for partitions: [{topic}-0]");
    equal("message", error.message(), expected.as_str())
}

async fn behind_the_end(world: World) -> Outcome {
    let topic = world.topic("behind", 1).await?;
    fill(&world, &topic, 0, 10).await?;
    let (consumer, key) = (make(&world, &[])?, at(&topic, 0));
    consumer.assign(vec![key.clone()]);
    consumer.seek(&key, 5_000).map_err(text)?;
    equal("from the beginning", take(&consumer, 10).await?[0].offset, 0)?;
    world.admin().delete_records(vec![(key.clone(), 6)]).await.remove(0).1.map_err(text)?;
    consumer.seek(&key, 2).map_err(text)?;
    equal("what is left", take(&consumer, 4).await?[0].offset, 6)
}

async fn commits(world: World) -> Outcome {
    let (topic, group) = (world.topic("commit", 1).await?, world.fresh("group"));
    fill(&world, &topic, 0, 10).await?;
    let key = at(&topic, 0);
    let consumer =
        make(&world, &[("group.id", &group), ("enable.auto.commit", "false"), ("max.poll.records", "4")])?;
    consumer.assign(vec![key.clone()]);
    take(&consumer, 4).await?;
    consumer.commit().await.map_err(text)?;
    let committed = consumer.committed(std::slice::from_ref(&key)).await.map_err(text)?;
    let offset = committed.into_iter().next().ok_or("nothing")?.1.map_err(text)?.ok_or("none")?;
    equal("committed", offset.offset, 4)?;
    take(&consumer, 4).await?;
    consumer.close().await.map_err(text)?;
    let second = make(&world, &[("group.id", &group), ("enable.auto.commit", "false")])?;
    second.assign(vec![key.clone()]);
    equal("goes on", take(&second, 1).await?[0].offset, 4)?;
    let at_nine = CommittedOffset { offset: 9, leader_epoch: -1, metadata: "note".to_owned() };
    second.commit_offsets(BTreeMap::from([(key.clone(), at_nine.clone())])).await.map_err(text)?;
    let committed = second.committed(&[key]).await.map_err(text)?.remove(0).1.map_err(text)?;
    equal("with a note", committed, Some(at_nine))?;
    let alone = make(&world, &[])?;
    equal("no group", alone.commit().await.err().ok_or("no group")?.kind(), ErrorKind::IllegalState)
}

async fn automatic_commits(world: World) -> Outcome {
    let (topic, group) = (world.topic("auto", 1).await?, world.fresh("group"));
    fill(&world, &topic, 0, 10).await?;
    let pairs = [("group.id", group.as_str()), ("auto.commit.interval.ms", "50")];
    let consumer = make(&world, &pairs)?;
    consumer.assign(vec![at(&topic, 0)]);
    take(&consumer, 10).await?;
    world.runtime.sleep(Duration::from_millis(60)).await;
    consumer.poll(Duration::from_millis(300)).await.map_err(text)?;
    let committed = consumer.committed(&[at(&topic, 0)]).await.map_err(text)?.remove(0).1.map_err(text)?;
    equal("in the interval", committed.map(|it| it.offset), Some(10))?;
    fill(&world, &topic, 0, 5).await?;
    take(&consumer, 5).await?;
    consumer.close().await.map_err(text)?;
    let listed = world.admin().list_group_offsets(&group, None, false).await.map_err(text)?;
    equal("at the close", listed[0].1.clone().map_err(text)?.map(|it| it.offset), Some(15))
}

async fn dropped_polls(world: World) -> Outcome {
    let topic = world.topic("dropped", 3).await?;
    for partition in 0..3 {
        fill(&world, &topic, partition, 200).await?;
    }
    let consumer = make(&world, &[("max.poll.records", "7")])?;
    consumer.assign((0..3).map(|partition| at(&topic, partition)).collect());
    let (mut next, mut count, mut round) = ([0_i64; 3], 0, 0_u64);
    while count < 600 {
        round += 1;
        let poll = consumer.poll(WAIT);
        let allowed = Duration::from_micros(round % 5 * 200);
        let Ok(batch) = world.runtime.timeout(allowed, poll).await else { continue };
        for record in batch.map_err(text)?.records() {
            equal("offset", record.offset(), next[record.partition as usize])?;
            next[record.partition as usize] += 1;
            count += 1;
        }
    }
    Ok(())
}

async fn assignments_change(world: World) -> Outcome {
    let topic = world.topic("assign", 2).await?;
    fill(&world, &topic, 0, 10).await?;
    fill(&world, &topic, 1, 10).await?;
    let consumer = make(&world, &[("max.poll.records", "5")])?;
    consumer.assign(vec![at(&topic, 0)]);
    equal("first half", take(&consumer, 5).await?.last().map(|it| (it.partition, it.offset)), Some((0, 4)))?;
    consumer.assign(vec![at(&topic, 0), at(&topic, 1)]);
    let found = take(&consumer, 15).await?;
    let of = |partition| found.iter().filter(|it| it.partition == partition).map(|it| it.offset).collect();
    equal("kept position", of(0), (5..10).collect::<Vec<i64>>())?;
    equal("new", of(1), (0..10).collect::<Vec<i64>>())?;
    consumer.assign(Vec::new());
    equal("nothing", consumer.poll(Duration::from_millis(100)).await.map_err(text)?.len(), 0)?;
    consumer.assign(vec![at(&topic, 1)]);
    equal("begins again", take(&consumer, 1).await?[0].offset, 0)
}

async fn small_fetches(world: World) -> Outcome {
    let topic = world.topic("small", 1).await?;
    let producer = producer::make(&world, &[])?;
    for size in [10, 50_000, 10, 100_000, 10] {
        producer.send(Record::new(&topic, vec![7; size])).await.map_err(text)?;
    }
    let consumer = make(&world, &[("fetch.max.bytes", "100"), ("max.partition.fetch.bytes", "100")])?;
    consumer.assign(vec![at(&topic, 0)]);
    let sizes: Vec<usize> =
        take(&consumer, 5).await?.iter().map(|it| it.value.as_ref().map_or(0, Vec::len)).collect();
    equal("sizes", sizes, vec![10, 50_000, 10, 100_000, 10])
}

async fn waits_for_records(world: World) -> Outcome {
    let topic = world.topic("wait", 1).await?;
    let consumer = make(&world, &[])?;
    consumer.assign(vec![at(&topic, 0)]);
    equal("nothing", consumer.poll(Duration::from_millis(200)).await.map_err(text)?.is_empty(), true)?;
    let producer = producer::make(&world, &[("linger.ms", "0")])?;
    for index in 0..20 {
        producer.send(Record::new(&topic, "v")).await.map_err(text)?;
        equal("offset", take(&consumer, 1).await?[0].offset, index)?;
    }
    Ok(())
}

async fn topic_made_again(world: World) -> Outcome {
    let topic = world.topic("again", 1).await?;
    fill(&world, &topic, 0, 5).await?;
    let consumer = make(&world, &[("metadata.max.age.ms", "500")])?;
    consumer.assign(vec![at(&topic, 0)]);
    take(&consumer, 5).await?;
    let admin = world.admin();
    admin.delete_topics(std::slice::from_ref(&topic)).await.map_err(text)?.remove(0).1.map_err(text)?;
    let mut made = false;
    for _ in 0..200 {
        let mut again = headwater_client::admin::NewTopic::new(&topic);
        (again.partitions, again.replication_factor) = (Some(1), Some(1));
        made = admin.create_topics(vec![again], false).await.map_err(text)?.remove(0).1.is_ok();
        if made {
            break;
        }
        world.runtime.sleep(Duration::from_millis(50)).await;
    }
    equal("made again", made, true)?;
    fill(&world, &topic, 0, 3).await?;
    // The position lies behind the end of the new log: the policy leads to its beginning.
    equal("new records", take(&consumer, 3).await?[0].offset, 0)
}
