//! Produce: topics, partitions, acks, versions.

use headwater_base::Uuid;
use headwater_protocol::messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData};
use headwater_protocol::{ApiKey, Records};
use headwater_records::Codec;

use super::state::{T0, batch, compressed, produce, produce_batch, versions};
use super::target::{Target, body};

const KEY: ApiKey = ApiKey::Produce;

fn one() -> Records {
    Records::Bytes(batch(T0, &["v"]))
}

pub fn chapter(target: &mut Target) {
    for version in versions::<ProduceRequest>().filter(|version| *version >= 3) {
        every_version(target, version);
    }
    silent(target);
    many(target);
    // The reference never answers these, so they cost time.
    target.expect_answers(false);
    for (version, acks) in [(3, -1), (9, 1), (13, -1)] {
        let bytes = produce(target, version, "plain", acks, &[(2, Records::Null)]);
        target.ask_raw("no records", KEY, version, &bytes);
    }
    let bytes = produce(target, 9, "plain", 0, &[(2, Records::Null)]);
    target.ask_silent("acks=0 without records", KEY, 9, &bytes);
    target.expect_answers(true);
}

fn every_version(target: &mut Target, v: i16) {
    for (what, topic, acks, parts) in [
        ("acks=all", "plain", -1, vec![(2, one())]),
        ("acks=1", "plain", 1, vec![(2, one())]),
        ("acks=2", "plain", 2, vec![(2, one())]),
        ("acks=-2", "plain", -2, vec![(2, one())]),
        ("no such partition", "plain", -1, vec![(3, one())]),
        ("partition below zero", "plain", -1, vec![(-1, one())]),
        ("empty records", "plain", -1, vec![(2, Records::Bytes(Vec::new()))]),
        ("no partitions", "plain", -1, vec![]),
        ("one of two partitions unknown", "plain", -1, vec![(2, one()), (7, one())]),
        ("a partition twice", "twice", -1, vec![(2, one()), (2, one())]),
        ("stamped by the broker", "stamped", -1, vec![(0, one())]),
        ("too few replicas", "two-needed", -1, vec![(0, one())]),
        ("too few replicas, but acks=1", "two-needed", 1, vec![(0, one())]),
    ] {
        let bytes = produce(target, v, topic, acks, &parts);
        target.ask_raw(what, KEY, v, &bytes);
    }
    let zstd = produce_batch(target, v, "plain", compressed(Codec::Zstd, T0, &["v"]));
    target.ask_raw("zstd", KEY, v, &zstd);
    let nothing = body(&ProduceRequest { acks: -1, timeout_ms: 1000, ..ProduceRequest::default() }, v);
    target.ask_raw("no topics", KEY, v, &nothing);
    if v < 13 {
        for topic in ["nowhere", "", "a b", "__consumer_offsets", "__cluster_metadata"] {
            let bytes = produce(target, v, topic, -1, &[(0, one())]);
            target.ask_raw(&format!("topic \"{topic}\""), KEY, v, &bytes);
        }
    } else {
        for id in [0, 1, 0x1234] {
            let data = PartitionProduceData { index: 0, records: one() };
            let topic = TopicProduceData {
                topic_id: Uuid(id),
                partition_data: vec![data],
                ..TopicProduceData::default()
            };
            let request = ProduceRequest {
                acks: -1,
                timeout_ms: 1000,
                topic_data: vec![topic],
                ..ProduceRequest::default()
            };
            target.ask_raw(&format!("topic id {id}"), KEY, v, &body(&request, v));
        }
    }
}

fn silent(target: &mut Target) {
    for v in [3, 8, 9, 12, 13] {
        let good = produce(target, v, "plain", 0, &[(2, one())]);
        target.ask_silent("acks=0", KEY, v, &good);
        let unknown = produce(target, v, "plain", 0, &[(9, one())]);
        target.ask_silent("acks=0 to no partition", KEY, v, &unknown);
        let mut corrupt = batch(T0, &["v"]);
        *corrupt.last_mut().expect("bytes") ^= 1;
        let corrupt = produce(target, v, "plain", 0, &[(2, Records::Bytes(corrupt))]);
        target.ask_silent("acks=0 of a corrupt batch", KEY, v, &corrupt);
        let replicas = produce(target, v, "two-needed", 0, &[(0, one())]);
        target.ask_silent("acks=0 with too few replicas", KEY, v, &replicas);
        let nothing = body(&ProduceRequest { acks: 0, timeout_ms: 1000, ..ProduceRequest::default() }, v);
        target.ask_silent("acks=0 of nothing", KEY, v, &nothing);
    }
}

fn many(target: &mut Target) {
    let data = |index: i32| PartitionProduceData { index, records: one() };
    let topic = |name: &str, parts: &[i32]| TopicProduceData {
        name: name.into(),
        partition_data: parts.iter().map(|index| data(*index)).collect(),
        ..TopicProduceData::default()
    };
    for (what, topics) in [
        ("a topic twice", vec![topic("twice", &[0]), topic("twice", &[1])]),
        ("a topic and a partition twice", vec![topic("twice", &[2]), topic("twice", &[2])]),
        ("good, unknown, good", vec![topic("plain", &[2]), topic("nowhere", &[0]), topic("data", &[1])]),
        (
            "good, too few, good",
            vec![topic("plain", &[2]), topic("two-needed", &[0]), topic("many.partitions", &[1])],
        ),
    ] {
        let request =
            ProduceRequest { acks: -1, timeout_ms: 1000, topic_data: topics, ..ProduceRequest::default() };
        for v in [7, 9, 12] {
            target.ask_raw(what, KEY, v, &body(&request, v));
        }
    }
    for timeout_ms in [0, -1, i32::MIN] {
        let request = ProduceRequest {
            acks: 1,
            timeout_ms,
            topic_data: vec![topic("plain", &[2])],
            ..ProduceRequest::default()
        };
        target.ask_raw(&format!("acks=1 with timeout {timeout_ms}"), KEY, 9, &body(&request, 9));
    }
    for transactional_id in ["", "tx"] {
        let request = ProduceRequest {
            transactional_id: Some(transactional_id.into()),
            acks: -1,
            timeout_ms: 1000,
            topic_data: vec![topic("plain", &[2])],
        };
        for v in [3, 9, 12] {
            let name = format!("transactional id \"{transactional_id}\", a batch outside of transactions,");
            target.ask_raw(&name, KEY, v, &body(&request, v));
        }
    }
}
