//! Case R6: what a partition remembers of an idempotent producer, also over power losses.

use headwater_base::ErrorCode;
use headwater_protocol::Records;
use headwater_protocol::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};
use headwater_protocol::messages::fetch_response::FetchResponse;
use headwater_protocol::messages::init_producer_id_request::InitProducerIdRequest;
use headwater_protocol::messages::init_producer_id_response::InitProducerIdResponse;
use headwater_protocol::messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData};
use headwater_protocol::messages::produce_response::ProduceResponse;
use headwater_records::Codec;
use headwater_sim::workload::Topic;
use headwater_sim::workload::record::{Draft, Identity, encode};

use crate::support::Bench;

async fn identity(bench: &Bench) -> Identity {
    let request = InitProducerIdRequest { transactional_id: None, ..InitProducerIdRequest::default() };
    let answer: InitProducerIdResponse = bench.client.ask(4, &request).await.unwrap();
    assert_eq!(answer.error_code, 0);
    Identity { producer_id: answer.producer_id, producer_epoch: answer.producer_epoch }
}

/// Sends `count` records from a sequence on; gives code and base offset.
async fn send(
    bench: &Bench,
    topic: &Topic,
    identity: Identity,
    base_sequence: i32,
    count: usize,
) -> (ErrorCode, i64) {
    let draft = Draft {
        key: None,
        value: Some(b"value".to_vec()),
        identity: Vec::new(),
        header: false,
        // A producer that was silent for a day is forgotten by the next start.
        timestamp: bench.client.runtime.wall_clock_ms(),
    };
    let bytes = encode(&vec![draft; count], identity, base_sequence, Codec::None);
    let data = PartitionProduceData { index: 0, records: Records::Bytes(bytes) };
    let topic_data =
        TopicProduceData { name: topic.name.clone(), topic_id: topic.id, partition_data: vec![data] };
    let request =
        ProduceRequest { transactional_id: None, acks: -1, timeout_ms: 1_000, topic_data: vec![topic_data] };
    let answer: ProduceResponse = bench.client.ask(13, &request).await.unwrap();
    let found = &answer.responses[0].partition_responses[0];
    (ErrorCode::from_code(found.error_code), found.base_offset)
}

#[test]
fn r6_sequences_are_remembered() {
    for seed in 0..5 {
        let bench = Bench::new(seed, &[]);
        let sim = bench.sim.clone();
        sim.run_until(async move {
            bench.start().await;
            let topic = bench.topic("t").await;
            let one = identity(&bench).await;
            for batch in 0..7 {
                let sent = send(&bench, &topic, one, batch * 2, 2).await;
                assert_eq!(sent, (ErrorCode::None, i64::from(batch) * 2));
            }
            for life in 0..3 {
                // The last five are answered with what the original was answered.
                for batch in 2..7 {
                    let again = send(&bench, &topic, one, batch * 2, 2).await;
                    assert_eq!(again, (ErrorCode::None, i64::from(batch) * 2), "life {life}, batch {batch}");
                }
                for batch in 0..2 {
                    let old = send(&bench, &topic, one, batch * 2, 2).await.0;
                    assert_eq!(old, ErrorCode::OutOfOrderSequenceNumber, "life {life}, batch {batch}");
                }
                let gap = send(&bench, &topic, one, 15, 1).await.0;
                assert_eq!(gap, ErrorCode::OutOfOrderSequenceNumber, "life {life}");
                bench.power_cycle().await;
            }
            assert_eq!(send(&bench, &topic, one, 14, 1).await, (ErrorCode::None, 14));
            let other = identity(&bench).await;
            assert!(other.producer_id > one.producer_id, "producer ids are never given twice");
        });
    }
}

/// The first answer behind a kill shows all that was visible before it.
#[test]
fn d1_a_kill_does_not_take_the_high_watermark_back() {
    for seed in 0..20 {
        let bench = Bench::with_slow_disk(seed);
        let sim = bench.sim.clone();
        sim.run_until(async move {
            bench.start().await;
            let topic = bench.topic("t").await;
            for batch in 0..5 {
                assert_eq!(send(&bench, &topic, Identity::NONE, -1, 2).await, (ErrorCode::None, batch * 2));
            }
            bench.cluster.kill();
            bench.start().await;
            let partition =
                FetchPartition { partition: 0, partition_max_bytes: 1_000, ..FetchPartition::default() };
            let topics =
                vec![FetchTopic { topic: String::new(), topic_id: topic.id, partitions: vec![partition] }];
            let request =
                FetchRequest { max_bytes: 1_000, session_epoch: -1, topics, ..FetchRequest::default() };
            let answer: FetchResponse = bench.client.ask(17, &request).await.unwrap();
            assert_eq!(answer.responses[0].partitions[0].high_watermark, 10, "seed {seed}");
        });
    }
}

#[test]
fn r6_sequences_wrap_to_zero() {
    let bench = Bench::new(7, &[]);
    let sim = bench.sim.clone();
    sim.run_until(async move {
        bench.start().await;
        let topic = bench.topic("t").await;
        let one = identity(&bench).await;
        assert_eq!(send(&bench, &topic, one, i32::MAX - 1, 3).await, (ErrorCode::None, 0));
        bench.power_cycle().await;
        assert_eq!(send(&bench, &topic, one, i32::MAX - 1, 3).await, (ErrorCode::None, 0));
        assert_eq!(send(&bench, &topic, one, 0, 1).await.0, ErrorCode::OutOfOrderSequenceNumber);
        assert_eq!(send(&bench, &topic, one, 1, 1).await, (ErrorCode::None, 3));
    });
}
