//! Case C2: the wall clock goes back under a topic that stamps its records.

use headwater_base::ErrorCode;
use headwater_protocol::Records;
use headwater_protocol::messages::list_offsets_request::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use headwater_protocol::messages::list_offsets_response::ListOffsetsResponse;
use headwater_protocol::messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData};
use headwater_protocol::messages::produce_response::ProduceResponse;
use headwater_records::Codec;
use headwater_sim::workload::Topic;
use headwater_sim::workload::record::{Draft, Identity, encode};

use crate::support::Bench;

const HOUR_MS: i64 = 3_600_000;

/// Appends one record; the time that the node gave it.
async fn append(bench: &Bench, topic: &Topic) -> i64 {
    // Large, so that index entries are made.
    let draft =
        Draft { key: None, value: Some(vec![7; 3_000]), identity: Vec::new(), header: false, timestamp: 1 };
    let bytes = encode(&[draft], Identity::NONE, -1, Codec::None);
    let data = PartitionProduceData { index: 0, records: Records::Bytes(bytes) };
    let topic_data =
        TopicProduceData { name: topic.name.clone(), topic_id: topic.id, partition_data: vec![data] };
    let request =
        ProduceRequest { transactional_id: None, acks: -1, timeout_ms: 1_000, topic_data: vec![topic_data] };
    let answer: ProduceResponse = bench.client.ask(13, &request).await.unwrap();
    let part = &answer.responses[0].partition_responses[0];
    assert_eq!(ErrorCode::from_code(part.error_code), ErrorCode::None);
    part.log_append_time_ms
}

/// Offset and time of the first record that is not older.
async fn look_up(bench: &Bench, topic: &Topic, timestamp: i64) -> (i64, i64) {
    let partition = ListOffsetsPartition { timestamp, ..ListOffsetsPartition::default() };
    let topics = vec![ListOffsetsTopic { name: topic.name.clone(), partitions: vec![partition] }];
    let request = ListOffsetsRequest { replica_id: -1, topics, ..ListOffsetsRequest::default() };
    let answer: ListOffsetsResponse = bench.client.ask(7, &request).await.unwrap();
    let part = &answer.topics[0].partitions[0];
    assert_eq!(ErrorCode::from_code(part.error_code), ErrorCode::None);
    (part.offset, part.timestamp)
}

#[test]
fn c2_offsets_by_time_are_right_after_the_clock_went_back() {
    let overrides = [("log.message.timestamp.type", "LogAppendTime"), ("log.index.interval.bytes", "1000")];
    let bench = Bench::new(4, &overrides);
    let sim = bench.sim.clone();
    sim.run_until(async move {
        bench.start().await;
        let topic = bench.topic("t").await;
        let mut times = Vec::new();
        for offset_ms in [0, -HOUR_MS, 2 * HOUR_MS, HOUR_MS] {
            bench.sim.set_wall_clock_offset(bench.cluster.node(), offset_ms);
            for _ in 0..10 {
                times.push(append(&bench, &topic).await);
                bench.sim.driver().sleep(std::time::Duration::from_millis(7)).await;
            }
        }
        assert!(times.windows(2).any(|pair| pair[1] < pair[0]), "the clock went back: {times:?}");
        for life in 0..3 {
            for around in times.clone().into_iter().flat_map(|time| [time - 1, time, time + 1]) {
                // What a reader of the whole log would find.
                let expected = times.iter().position(|time| *time >= around);
                let expected = expected.map_or((-1, -1), |at| (at as i64, times[at]));
                assert_eq!(look_up(&bench, &topic, around).await, expected, "{around}, life {life}");
            }
            bench.power_cycle().await;
        }
    });
}
