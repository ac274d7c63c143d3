//! How long the largest request takes. The bound is loose: it finds a wrong complexity, not a slow machine.
//! `cargo test --release -p headwater-controller speed -- --nocapture` tells the figures.

use std::time::Instant;

use headwater_base::Offset;
use headwater_controller::{Answer, Bootstrap, Context, Input};
use headwater_protocol::messages::create_topics_request::{CreatableTopic, CreateTopicsRequest};

use crate::world::{World, config};

/// As many as one request can have: the topic takes a record too.
const PARTITIONS: i32 = 9_999;

#[test]
#[allow(clippy::print_stdout)]
fn partitions_cost_the_same_in_a_large_cluster() {
    let mut world = World::new(config(1, true, &[]));
    world.activate(Bootstrap::default());
    world.start_broker(1);
    let mut controller = world.controller;
    let mut offset = world.log.len() as i64;
    let each = |began: Instant| began.elapsed().as_nanos() as f64 / 1_000.0 / f64::from(PARTITIONS);
    let mut worst = 0.0f64;
    for topic in 0..10 {
        let topics = vec![CreatableTopic {
            name: format!("topic{topic}"),
            num_partitions: PARTITIONS,
            replication_factor: 1,
            ..CreatableTopic::default()
        }];
        let request = CreateTopicsRequest { topics, ..CreateTopicsRequest::default() };
        let context = Context { now_ms: 0, next_offset: Offset(offset), random: [topic, topic] };
        let began = Instant::now();
        let decision = controller.decide(&context, Input::CreateTopics(request));
        let decided = each(began);
        let Answer::CreateTopics(response) = decision.answer else { panic!("wrong answer") };
        assert_eq!(response.topics[0].error_code, 0);
        assert_eq!(decision.records.len(), 10_000);
        // Somebody else holds the image, as a broker does.
        let image = controller.image().clone();
        let began = Instant::now();
        for record in &decision.records {
            controller.apply(Offset(offset), record).expect("can be applied");
            offset += 1;
        }
        let applied = each(began);
        drop(image);
        println!("{}: microseconds for each partition: decide {decided:.2}, apply {applied:.2}", topic + 1);
        worst = worst.max(decided + applied);
    }
    assert!(worst < 500.0, "{worst} microseconds for a partition");
}
