//! Writes for `$SECONDS_TO_WRITE` seconds to a broker that may be killed and started again meanwhile, drops futures at random,
//! then reads all of it and checks every record's topic, partition, number and checksum: what was acknowledged is there
//! once and in order, nothing is there twice. `conformance/native/soak` kills the broker.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use headwater_base::{PartitionIndex, TopicPartition};
use headwater_client::admin::NewTopic;
use headwater_client::config::properties;
use headwater_client::{Admin, Consumer, Producer, Record};
use headwater_runtime::{RealConfig, RealGround, Runtime};

const PARTITIONS: i32 = 4;

fn value(topic: &str, partition: i32, number: u64) -> Vec<u8> {
    let mut bytes = [topic.as_bytes(), &partition.to_be_bytes(), &number.to_be_bytes()].concat();
    bytes.resize(bytes.len() + (number % 200) as usize, 7);
    let sum = headwater_records::crc32c(&bytes);
    bytes.extend(sum.to_be_bytes());
    bytes
}

/// What is known of one partition.
#[derive(Default)]
struct Known {
    acked: BTreeSet<u64>,
    /// Failed, and said not to be written.
    refused: BTreeSet<u64>,
}

async fn write(runtime: &Runtime, producer: &Producer, topic: &str, known: &Rc<RefCell<Vec<Known>>>) -> u64 {
    let seconds = std::env::var("SECONDS_TO_WRITE").ok().and_then(|text| text.parse().ok()).unwrap_or(20);
    let end = runtime.now() + Duration::from_secs(seconds);
    let mut number = 0;
    while runtime.now() < end {
        let partition = (runtime.random_u64() % PARTITIONS as u64) as i32;
        let record =
            Record { partition: Some(partition), ..Record::new(topic, value(topic, partition, number)) };
        if runtime.random_u64().is_multiple_of(10) {
            // Dropped while it is placed or while it waits: it is there once or not at all.
            let allowed = Duration::from_micros(runtime.random_u64() % 3_000);
            let _ = runtime.timeout(allowed, producer.send(record)).await;
        } else {
            let known = known.clone();
            let told = move |outcome: Result<_, headwater_client::Error>| {
                let mut known = known.borrow_mut();
                match outcome {
                    Ok(_) => {
                        known[partition as usize].acked.insert(number);
                    }
                    Err(error) if !error.may_have_been_written() => {
                        known[partition as usize].refused.insert(number);
                    }
                    Err(_) => {}
                }
            };
            producer.send_with(record, told).await.expect("room in time");
        }
        number += 1;
        if number.is_multiple_of(50) {
            runtime.sleep(Duration::from_millis(1)).await;
        }
    }
    producer.flush().await;
    number
}

async fn check(consumer: &Consumer, topic: &str, known: &[Known]) -> u64 {
    let at = |index| TopicPartition { topic: topic.to_owned(), partition: PartitionIndex(index) };
    consumer.assign((0..PARTITIONS).map(at).collect());
    let mut last = [None; PARTITIONS as usize];
    let mut found: Vec<BTreeSet<u64>> = vec![BTreeSet::new(); PARTITIONS as usize];
    loop {
        let batch = consumer.poll(Duration::from_secs(3)).await.expect("readable");
        if batch.is_empty() {
            break;
        }
        for record in batch.records() {
            let bytes = record.value().expect("a value");
            let start = topic.len() + 4;
            let number = u64::from_be_bytes(bytes[start..start + 8].try_into().unwrap());
            assert_eq!(bytes, value(topic, record.partition, number), "topic, partition and checksum");
            let last = &mut last[record.partition as usize];
            assert!(last.is_none_or(|last| last < number), "{number} after {last:?} in {}", record.partition);
            *last = Some(number);
            found[record.partition as usize].insert(number);
        }
    }
    for (known, found) in known.iter().zip(&found) {
        let lost: Vec<_> = known.acked.difference(found).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        let there: Vec<_> = known.refused.intersection(found).collect();
        assert!(there.is_empty(), "said not to be written and there: {there:?}");
    }
    found.iter().map(|found| found.len() as u64).sum()
}

fn main() {
    let bootstrap = std::env::var("BOOTSTRAP").unwrap_or_else(|_| "127.0.0.1:9092".to_owned());
    let ground = RealGround::start(&RealConfig { data_cores: 1 }).expect("threads");
    ground.block_on(|runtime| async move {
        let common = [("bootstrap.servers", bootstrap.as_str()), ("auto.offset.reset", "earliest")];
        let topic = format!("soak-{:010x}", runtime.random_u64() >> 24);
        let admin = Admin::from_properties(&runtime, &properties(common[..1].to_vec())).expect("configuration");
        let new = NewTopic { partitions: Some(PARTITIONS), replication_factor: Some(1), ..NewTopic::new(&topic) };
        admin.create_topics(vec![new], false).await.expect("a broker").remove(0).1.expect("a topic");
        let producer = Producer::from_properties(&runtime, &properties(common[..1].to_vec())).expect("configuration");
        let known: Rc<RefCell<Vec<Known>>> =
            Rc::new(RefCell::new((0..PARTITIONS).map(|_| Known::default()).collect()));
        let sent = write(&runtime, &producer, &topic, &known).await;
        let consumer = Consumer::from_properties(&runtime, &properties(common)).expect("configuration");
        let known = known.take();
        let found = check(&consumer, &topic, &known).await;
        let acked: usize = known.iter().map(|it| it.acked.len()).sum();
        println!("{sent} sent, {acked} acknowledged, {found} found: nothing lost, doubled, misrouted or out of order");
    });
}
