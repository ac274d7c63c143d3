//! How long the largest request takes. The bound is loose: it finds a wrong complexity, not a slow machine.

use std::time::Instant;

use headwater_controller::{Answer, Bootstrap, Input};
use headwater_protocol::messages::create_topics_request::{CreatableTopic, CreateTopicsRequest};

use crate::world::{World, config};

#[test]
fn partitions_cost_the_same_in_a_large_cluster() {
    let mut world = World::new(config(1, true, &[]));
    world.activate(Bootstrap::default());
    world.start_broker(1);
    let mut micros = Vec::new();
    for topic in 0..4 {
        let topics = vec![CreatableTopic {
            name: format!("topic{topic}"),
            num_partitions: 9_999,
            replication_factor: 1,
            ..CreatableTopic::default()
        }];
        let request = CreateTopicsRequest { topics, ..CreateTopicsRequest::default() };
        let began = Instant::now();
        let decision = world.run(Input::CreateTopics(request));
        micros.push(began.elapsed().as_micros() as f64 / 9_999.0);
        let Answer::CreateTopics(response) = decision.answer else { panic!("wrong answer") };
        assert_eq!(response.topics[0].error_code, 0);
        assert_eq!(decision.records.len(), 10_000);
    }
    println!("microseconds for a partition, decided twice, applied once, checked: {micros:?}");
    assert!(micros.iter().all(|micros| *micros < 1_000.0), "{micros:?}");
}
