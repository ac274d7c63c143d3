//! Cases E3 and P8: more than a node wants to hold at once.

use std::time::Duration;

use headwater_base::ErrorCode;
use headwater_protocol::Records;
use headwater_protocol::messages::api_versions_request::ApiVersionsRequest;
use headwater_protocol::messages::api_versions_response::ApiVersionsResponse;
use headwater_protocol::messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData};
use headwater_protocol::messages::produce_response::ProduceResponse;
use headwater_records::Codec;
use headwater_sim::workload::Topic;
use headwater_sim::workload::record::{Draft, Identity, encode};

use crate::support::Bench;

/// A request of about 200 kB.
fn large(topic: &Topic) -> ProduceRequest {
    let draft =
        Draft { key: None, value: Some(vec![7; 200_000]), identity: Vec::new(), header: false, timestamp: 1 };
    let bytes = encode(&[draft], Identity::NONE, -1, Codec::None);
    let data = PartitionProduceData { index: 0, records: Records::Bytes(bytes) };
    let topic_data =
        TopicProduceData { name: topic.name.clone(), topic_id: topic.id, partition_data: vec![data] };
    ProduceRequest { transactional_id: None, acks: -1, timeout_ms: 60_000, topic_data: vec![topic_data] }
}

/// Twenty clients with five requests each under way, twenty times what the pool holds: reads stop and resume, and
/// everybody is answered.
#[test]
fn e3_more_requests_than_memory() {
    let limits = [("queued.max.request.bytes", "1000000"), ("socket.request.max.bytes", "300000")];
    let bench = Bench::new(3, &limits);
    let sim = bench.sim.clone();
    sim.run_until(async move {
        bench.start().await;
        let topic = bench.topic("t").await;
        let mut tasks = Vec::new();
        for _ in 0..20 {
            let (client, request) = (bench.client.clone(), large(&topic));
            tasks.push(client.runtime.clone().spawn_local("large producer", async move {
                let mut connection = client.connect().await.unwrap();
                for _ in 0..5 {
                    connection.send(13, &request).await.unwrap();
                }
                for _ in 0..5 {
                    let answer: ProduceResponse = connection.receive().await.unwrap();
                    let code = answer.responses[0].partition_responses[0].error_code;
                    assert_eq!(ErrorCode::from_code(code), ErrorCode::None);
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
    });
}

/// Thousands of requests whose answers nobody reads: the node stops reading, and goes on in order when the peer does.
#[test]
fn p8_answers_that_nobody_reads() {
    const REQUESTS: usize = 50_000;
    let bench = Bench::new(8, &[]);
    let sim = bench.sim.clone();
    sim.run_until(async move {
        bench.start().await;
        let mut connection = bench.client.connect().await.unwrap();
        let request = ApiVersionsRequest {
            client_software_name: "sim".to_owned(),
            client_software_version: "1".to_owned(),
        };
        let mut frames = Vec::new();
        for _ in 0..REQUESTS {
            frames.extend(connection.frame(4, &request));
        }
        let runtime = bench.client.runtime.clone();
        let written = connection.write_while_it_goes(&frames, Duration::from_secs(2)).await;
        assert!(written < frames.len(), "the node read everything, and must hold all the answers");
        // A healthy client is not affected.
        let other: ApiVersionsResponse = bench.client.ask(4, &request).await.unwrap();
        assert_eq!(other.error_code, 0);
        runtime.sleep(Duration::from_secs(1)).await;
        let whole = written / (frames.len() / REQUESTS);
        for _ in 0..whole {
            let answer: ApiVersionsResponse = connection.receive().await.unwrap();
            assert_eq!(answer.error_code, 0);
        }
    });
}
