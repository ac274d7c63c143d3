//! The topics and records that the chapters find, and short ways to say requests.

use headwater_protocol::ApiKey;
use headwater_protocol::messages::create_topics_request::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use headwater_protocol::messages::create_topics_response::CreateTopicsResponse;
use headwater_protocol::messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData};
use headwater_protocol::{Message, Records};
use headwater_records::{BatchBuilder, BatchOptions, Codec, Compression, Header};

use super::target::{Target, body};

/// When the first record was made, in milliseconds.
pub const T0: i64 = 1_700_000_000_000;

/// A topic: name, partitions, configuration.
type Topic = (&'static str, i32, &'static [(&'static str, &'static str)]);

/// Every topic that the chapters share.
const TOPICS: &[Topic] = &[
    ("plain", 3, &[]),
    ("empty", 2, &[]),
    ("data", 2, &[]),
    ("bad", 1, &[]),
    // What we refuse and the reference takes, and what is asked for twice: whose offsets are compared nowhere else.
    ("odd", 1, &[]),
    ("odd-to-gzip", 1, &[("compression.type", "gzip")]),
    ("odd-to-none", 1, &[("compression.type", "uncompressed")]),
    ("odd-to-zstd", 1, &[("compression.type", "zstd")]),
    ("twice", 3, &[]),
    ("compacted", 1, &[("cleanup.policy", "compact")]),
    ("stamped", 1, &[("message.timestamp.type", "LogAppendTime")]),
    ("small", 1, &[("max.message.bytes", "1000")]),
    (
        "bounded",
        1,
        &[("message.timestamp.before.max.ms", "3600000"), ("message.timestamp.after.max.ms", "3600000")],
    ),
    ("to-gzip", 1, &[("compression.type", "gzip")]),
    ("to-none", 1, &[("compression.type", "uncompressed")]),
    ("to-zstd", 1, &[("compression.type", "zstd")]),
    ("two-needed", 1, &[("min.insync.replicas", "2")]),
    ("sequences", 2, &[]),
    ("doomed", 1, &[]),
    ("doomed-by-id", 1, &[]),
    ("many.partitions", 10, &[]),
];

/// A request for one topic.
pub fn creatable(name: &str, partitions: i32, configs: &[(&str, &str)]) -> CreatableTopic {
    let config = |(name, value): &(&str, &str)| CreatableTopicConfig {
        name: (*name).into(),
        value: Some((*value).into()),
    };
    CreatableTopic {
        name: name.to_owned(),
        num_partitions: partitions,
        replication_factor: 1,
        configs: configs.iter().map(config).collect(),
        ..CreatableTopic::default()
    }
}

/// A batch of one record for each value, a second apart, from `from_ms` on.
pub fn batch(from_ms: i64, values: &[&str]) -> Vec<u8> {
    batch_with(BatchOptions::default(), from_ms, values)
}

pub fn batch_with(options: BatchOptions, from_ms: i64, values: &[&str]) -> Vec<u8> {
    let mut builder = BatchBuilder::new(options);
    for (i, value) in values.iter().enumerate() {
        let headers = [Header { key: b"h", value: Some(b"x") }];
        builder.append(from_ms + i as i64 * 1000, Some(b"key"), Some(value.as_bytes()), &headers);
    }
    builder.build()
}

pub fn compressed(codec: Codec, from_ms: i64, values: &[&str]) -> Vec<u8> {
    batch_with(
        BatchOptions { compression: Compression::of(codec), ..BatchOptions::default() },
        from_ms,
        values,
    )
}

/// Produce for one topic, by name or, from version 13 on, by id.
pub fn produce(target: &Target, version: i16, topic: &str, acks: i16, parts: &[(i32, Records)]) -> Vec<u8> {
    let part =
        |(index, records): &(i32, Records)| PartitionProduceData { index: *index, records: records.clone() };
    let partition_data = parts.iter().map(part).collect();
    let topic = if version >= 13 {
        TopicProduceData { topic_id: target.topic_id(topic), partition_data, ..TopicProduceData::default() }
    } else {
        TopicProduceData { name: topic.to_owned(), partition_data, ..TopicProduceData::default() }
    };
    let request =
        ProduceRequest { acks, timeout_ms: 10_000, topic_data: vec![topic], ..ProduceRequest::default() };
    body(&request, version)
}

/// Produce of one batch to partition 0, as version `version`.
pub fn produce_batch(target: &Target, version: i16, topic: &str, batch: Vec<u8>) -> Vec<u8> {
    produce(target, version, topic, -1, &[(0, Records::Bytes(batch))])
}

/// Sends what must succeed on both nodes.
pub fn append(target: &mut Target, topic: &str, partition: i32, batch: Vec<u8>) {
    let bytes = produce(target, 9, topic, -1, &[(partition, Records::Bytes(batch))]);
    let name = format!("records for {topic}-{partition} at {}", target.entries.len());
    target.ask_raw(&name, ApiKey::Produce, 9, &bytes);
}

/// The versions of a message.
pub fn versions<M: Message>() -> std::ops::RangeInclusive<i16> {
    M::MIN_VERSION..=M::MAX_VERSION
}

pub fn prepare(target: &mut Target) {
    let topics =
        TOPICS.iter().map(|(name, partitions, configs)| creatable(name, *partitions, configs)).collect();
    let request = CreateTopicsRequest { topics, timeout_ms: 30_000, ..CreateTopicsRequest::default() };
    target.ask::<CreateTopicsResponse>("topics", ApiKey::CreateTopics, 6, &request);
    let names: Vec<&str> = TOPICS.iter().map(|(name, ..)| *name).collect();
    target.learn_topics(&names);
    // data-0: five batches of three, one in each codec; offsets 0–14, times T0, T0+10s, …
    for (i, codec) in
        [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd].into_iter().enumerate()
    {
        append(target, "data", 0, compressed(codec, T0 + i as i64 * 10_000, &["one", "two", "three"]));
    }
    // data-1: a time that goes back, and a record without one.
    append(target, "data", 1, batch(T0 + 100_000, &["late"]));
    append(target, "data", 1, batch(T0, &["early", "early too"]));
    append(target, "data", 1, batch(-1, &["timeless"]));
    append(target, "stamped", 0, batch(T0, &["a", "b"]));
    append(target, "plain", 0, batch(T0, &["a", "b", "c"]));
    append(target, "plain", 1, batch(T0, &["a"]));
}
