//! The producer; what it wrote is read with plain Fetch requests.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use headwater_base::ErrorCode;
use headwater_client::{ErrorKind, Producer, Record, Target};
use headwater_protocol::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};
use headwater_records::{Scratch, batches};

use crate::{Check, Outcome, World, checks, equal, producer, text};

pub const CHECKS: &[Check] = checks![
    producer::codecs,
    producer::acks_of_each_kind,
    producer::keys_headers_and_times,
    producer::order_of_many,
    producer::callbacks_in_order,
    producer::explicit_partitions,
    producer::round_robin,
    producer::too_large,
    producer::unknown_topic,
    producer::little_memory,
    producer::dropped_futures,
    producer::invalid_records,
    producer::closed,
];

/// A record as it lies in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    pub offset: i64,
    pub timestamp: i64,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, Option<Vec<u8>>)>,
    pub sequence: i32,
    pub codec: &'static str,
}

/// Reads a partition from its beginning with plain requests.
pub async fn read(world: &World, topic: &str, partition: i32) -> Result<Vec<Read>, String> {
    let admin = world.admin();
    let id = admin.list_topics(false).await.map_err(text)?.into_iter().find(|it| it.name == topic);
    let id = id.ok_or("the topic is not listed")?.id;
    let (mut found, mut offset) = (Vec::new(), 0);
    loop {
        let request = FetchRequest {
            max_wait_ms: 100,
            min_bytes: 1,
            max_bytes: 1 << 20,
            session_epoch: -1,
            topics: vec![FetchTopic {
                topic_id: id,
                partitions: vec![FetchPartition {
                    partition,
                    fetch_offset: offset,
                    partition_max_bytes: 1 << 20,
                    ..FetchPartition::default()
                }],
                ..FetchTopic::default()
            }],
            ..FetchRequest::default()
        };
        let response =
            admin.call(&Target::Leader(topic.to_owned(), partition), &request).await.map_err(text)?;
        let it = &response.responses[0].partitions[0];
        equal("fetch", it.error_code, 0)?;
        let Some(bytes) = it.records.bytes().filter(|bytes| !bytes.is_empty()) else { return Ok(found) };
        let before = offset;
        for batch in batches(bytes) {
            let Ok(batch) = batch else { break };
            batch.verify_crc().map_err(|error| error.to_string())?;
            let (mut scratch, mut space) = (Scratch::new(), Vec::new());
            for record in
                batch.records(&mut scratch, &mut space, 1 << 30).map_err(|error| error.to_string())?
            {
                let record = record.map_err(|error| error.to_string())?;
                let name = |key: &[u8]| String::from_utf8_lossy(key).into_owned();
                found.push(Read {
                    offset: record.offset.0,
                    timestamp: record.timestamp,
                    key: record.key.map(<[u8]>::to_vec),
                    value: record.value.map(<[u8]>::to_vec),
                    headers: record
                        .headers()
                        .map(|it| (name(it.key), it.value.map(<[u8]>::to_vec)))
                        .collect(),
                    sequence: record.sequence,
                    codec: batch.codec().map_or("?", |codec| codec.name()),
                });
            }
            offset = batch.next_offset().0;
        }
        if offset == before {
            return Ok(found);
        }
    }
}

pub fn make(world: &World, pairs: &[(&str, &str)]) -> Result<Producer, String> {
    Producer::from_properties(&world.runtime, &world.with(pairs)).map_err(text)
}

async fn codecs(world: World) -> Outcome {
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let topic = world.topic(codec, 1).await?;
        let producer = make(&world, &[("compression.type", codec), ("linger.ms", "20")])?;
        let mut deliveries = Vec::new();
        for index in 0..500 {
            let record = Record::new(&topic, format!("value {index} {}", "x".repeat(index % 50)));
            deliveries.push(producer.enqueue(record).await.map_err(text)?);
        }
        for (index, delivery) in deliveries.into_iter().enumerate() {
            equal("offset", delivery.await.map_err(text)?.offset, index as i64)?;
        }
        let found = read(&world, &topic, 0).await?;
        equal("records", found.len(), 500)?;
        for (index, it) in found.iter().enumerate() {
            let value = format!("value {index} {}", "x".repeat(index % 50)).into_bytes();
            equal("value", (it.value.clone(), it.codec, it.sequence), (Some(value), codec, index as i32))?;
        }
    }
    Ok(())
}

async fn acks_of_each_kind(world: World) -> Outcome {
    for (acks, known) in [("0", false), ("1", true), ("all", true)] {
        let topic = world.topic("acks", 1).await?;
        let producer = make(&world, &[("acks", acks)])?;
        for index in 0..20 {
            let metadata = producer.send(Record::new(&topic, "v")).await.map_err(text)?;
            equal(acks, metadata.offset, if known { index } else { -1 })?;
        }
        producer.close().await;
        for _ in 0..100 {
            if read(&world, &topic, 0).await?.len() == 20 {
                break;
            }
        }
        let found = read(&world, &topic, 0).await?;
        equal("records", found.len(), 20)?;
        equal("idempotent", found[0].sequence >= 0, acks == "all")?;
    }
    Ok(())
}

async fn keys_headers_and_times(world: World) -> Outcome {
    let topic = world.topic("parts", 1).await?;
    let producer = make(&world, &[])?;
    let headers = vec![
        ("a".to_owned(), Some(b"1".to_vec())),
        ("a".to_owned(), None),
        (String::new(), Some(Vec::new())),
    ];
    let record = Record {
        key: Some(b"key".to_vec()),
        value: None,
        headers: headers.clone(),
        timestamp: Some(1_234),
        ..Record::new(&topic, "")
    };
    let metadata = producer.send(record).await.map_err(text)?;
    equal("timestamp", metadata.timestamp, 1_234)?;
    let found = read(&world, &topic, 0).await?.remove(0);
    equal(
        "record",
        (found.key, found.value, found.headers, found.timestamp),
        (Some(b"key".to_vec()), None, headers, 1_234),
    )
}

async fn order_of_many(world: World) -> Outcome {
    let topic = world.topic("many", 5).await?;
    let producer = make(&world, &[("batch.size", "2000"), ("linger.ms", "1")])?;
    for index in 0..20_000_u32 {
        let key = format!("k{}", index % 50);
        let record = Record::new(&topic, index.to_be_bytes()).with_key(key);
        drop(producer.enqueue(record).await.map_err(text)?);
    }
    producer.flush().await;
    let mut last: BTreeMap<Vec<u8>, u32> = BTreeMap::new();
    let mut total = 0;
    for partition in 0..5 {
        for record in read(&world, &topic, partition).await? {
            let key = record.key.ok_or("no key")?;
            let own = headwater_records::partitioner::partition_for_key(&key, 5);
            equal("partition", partition, own)?;
            let value = record.value.ok_or("no value")?;
            let value = u32::from_be_bytes(value.try_into().map_err(|_| "length")?);
            if last.insert(key, value).is_some_and(|before| value != before + 50) {
                return Err(format!("{value} out of order"));
            }
            total += 1;
        }
    }
    equal("records", total, 20_000)
}

async fn callbacks_in_order(world: World) -> Outcome {
    let topic = world.topic("callback", 1).await?;
    let producer = make(&world, &[("batch.size", "300")])?;
    let seen = Rc::new(RefCell::new(Vec::new()));
    for _ in 0..200 {
        let seen = seen.clone();
        let callback = move |outcome: Result<headwater_client::RecordMetadata, _>| {
            seen.borrow_mut().push(outcome.map_or(-9, |metadata| metadata.offset));
        };
        producer.send_with(Record::new(&topic, "v"), callback).await.map_err(text)?;
    }
    producer.flush().await;
    equal("offsets", seen.borrow().clone(), (0..200).collect())
}

async fn explicit_partitions(world: World) -> Outcome {
    let topic = world.topic("explicit", 3).await?;
    let producer = make(&world, &[("max.block.ms", "1000")])?;
    equal("partitions", producer.partitions_for(&topic).await.map_err(text)?.partitions.len(), 3)?;
    for partition in [2, 0, 2] {
        let record = Record { partition: Some(partition), ..Record::new(&topic, "v") };
        equal("partition", producer.send(record).await.map_err(text)?.partition, partition)?;
    }
    let record = Record { partition: Some(9), ..Record::new(&topic, "v") };
    let error = producer.send(record).await.err().ok_or("no such partition")?;
    equal("kind", (error.kind(), error.may_have_been_written()), (ErrorKind::Timeout, false))?;
    let expected = format!(
        "Partition 9 of topic {topic} with partition count 3 is not present in metadata after 1000 ms."
    );
    equal("message", error.message(), expected.as_str())
}

async fn round_robin(world: World) -> Outcome {
    let topic = world.topic("robin", 4).await?;
    let class = "org.apache.kafka.clients.producer.RoundRobinPartitioner";
    let producer = make(&world, &[("partitioner.class", class)])?;
    let mut counts = [0; 4];
    for _ in 0..40 {
        counts[producer.send(Record::new(&topic, "v")).await.map_err(text)?.partition as usize] += 1;
    }
    equal("counts", counts, [10; 4])
}

async fn too_large(world: World) -> Outcome {
    let topic = world.topic("large", 1).await?;
    let producer = make(&world, &[])?;
    let error = producer.send(Record::new(&topic, vec![0; 1 << 20])).await.err().ok_or("too large for us")?;
    equal("kind", (error.kind(), error.may_have_been_written()), (ErrorKind::RecordTooLarge, false))?;
    let producer = make(&world, &[("max.request.size", "4000000")])?;
    let error = producer.send(Record::new(&topic, vec![0; 2 << 20])).await.err().ok_or("too large for it")?;
    equal("code", (error.code(), error.may_have_been_written()), (Some(ErrorCode::MessageTooLarge), false))?;
    equal("next", producer.send(Record::new(&topic, "v")).await.map_err(text)?.offset, 0)
}

async fn unknown_topic(world: World) -> Outcome {
    let producer = make(&world, &[("max.block.ms", "700")])?;
    let error = producer.send(Record::new("no good name", "v")).await.err().ok_or("a bad name")?;
    equal("code", error.code(), Some(ErrorCode::InvalidTopicException))
}

async fn little_memory(world: World) -> Outcome {
    let topic = world.topic("memory", 2).await?;
    let producer = make(&world, &[("buffer.memory", "3000"), ("linger.ms", "10000")])?;
    for _ in 0..300 {
        drop(producer.enqueue(Record::new(&topic, vec![1; 500])).await.map_err(text)?);
    }
    producer.flush().await;
    let count = read(&world, &topic, 0).await?.len() + read(&world, &topic, 1).await?.len();
    equal("records", count, 300)
}

async fn dropped_futures(world: World) -> Outcome {
    let topic = world.topic("dropped", 1).await?;
    let producer = make(&world, &[])?;
    for index in 0..100_u32 {
        let send = producer.send(Record::new(&topic, index.to_be_bytes()));
        let nanoseconds = u64::from(index % 7) * 300_000;
        let _ = world.runtime.timeout(std::time::Duration::from_nanos(nanoseconds), send).await;
    }
    producer.flush().await;
    let found = read(&world, &topic, 0).await?;
    let values: Vec<_> = found.iter().filter_map(|it| it.value.clone()).collect();
    equal("sorted, without doubles", values.windows(2).all(|pair| pair[0] < pair[1]), true)?;
    equal("next", producer.send(Record::new(&topic, "v")).await.map_err(text)?.offset, values.len() as i64)
}

async fn invalid_records(world: World) -> Outcome {
    let admin = world.admin();
    let name = world.fresh("compacted");
    let mut topic = headwater_client::admin::NewTopic::new(&name);
    (topic.partitions, topic.replication_factor) = (Some(1), Some(1));
    topic.configs = vec![("cleanup.policy".to_owned(), Some("compact".to_owned()))];
    admin.create_topics(vec![topic], false).await.map_err(text)?.remove(0).1.map_err(text)?;
    let producer = make(&world, &[("linger.ms", "100")])?;
    let good = producer.enqueue(Record::new(&name, "v").with_key("k")).await.map_err(text)?;
    let bad = producer.enqueue(Record::new(&name, "v")).await.map_err(text)?;
    for delivery in [good, bad] {
        let error = delivery.await.err().ok_or("a record without key in a compacted topic")?;
        equal("code", error.code(), Some(ErrorCode::InvalidRecord))?;
    }
    equal("next", producer.send(Record::new(&name, "v").with_key("k")).await.map_err(text)?.offset, 0)
}

async fn closed(world: World) -> Outcome {
    let topic = world.topic("closed", 1).await?;
    let producer = make(&world, &[("linger.ms", "5000")])?;
    let delivery = producer.enqueue(Record::new(&topic, "v")).await.map_err(text)?;
    producer.close().await;
    equal("offset", delivery.await.map_err(text)?.offset, 0)?;
    let error = producer.send(Record::new(&topic, "v")).await.err().ok_or("closed")?;
    equal("kind", error.kind(), ErrorKind::Closed)
}
