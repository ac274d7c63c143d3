//! Topics that come and go: created, written to, deleted, created again under the same name, and given more partitions.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use headwater_runtime::Random;

use super::producer::{Plan, Producer};
use super::topics::{NewTopic, create, delete, grow};
use super::{Stage, Switch, Topic};
use crate::client::Client;

/// Goes on until the switch says otherwise; topics that stay are added to `kept`.
pub async fn churn(client: Client, switch: Switch, first_producer: u32, kept: Rc<RefCell<Vec<Topic>>>) {
    let mut random = Random::new(client.runtime.random_u64());
    let mut producer = first_producer;
    for round in 0.. {
        if switch.stage() != Stage::Running {
            return;
        }
        let configs = BTreeMap::from([("file.delete.delay.ms".to_owned(), random.below(100).to_string())]);
        let new =
            NewTopic { name: format!("passing{round}"), partitions: 1 + random.below(3) as i32, configs };
        let Some(mut topic) = create(&client, &switch, &new).await else { return };
        while random.chance(2) {
            fill(&client, producer, &topic).await;
            producer += 1;
            if !delete(&client, &switch, &topic).await {
                return;
            }
            match create(&client, &switch, &new).await {
                Some(again) => topic = again,
                None => return,
            }
        }
        if random.chance(2) {
            // More partitions while somebody writes to those that are there.
            let (writer, number, before) = (client.clone(), producer, topic.clone());
            let writing = async move { fill(&writer, number, &before).await };
            let writing = client.runtime.spawn_local("writer of a growing topic", writing);
            producer += 1;
            let count = topic.partitions + 1 + random.below(3) as i32;
            let grown = grow(&client, &switch, &mut topic, count).await;
            let _ = writing.await;
            if !grown {
                return;
            }
        }
        fill(&client, producer, &topic).await;
        producer += 1;
        kept.borrow_mut().push(topic);
        client.pause(Duration::from_millis(100)).await;
    }
}

/// Writes a few batches.
async fn fill(client: &Client, number: u32, topic: &Topic) {
    let plan = Plan {
        number,
        idempotent: true,
        without_sequences: false,
        version: 13,
        max_under_way: 5,
        max_records: 10,
        think: Duration::ZERO,
        max_batches: 4,
    };
    let switch = Switch::default();
    let producer = Producer::new(client.clone(), plan, switch.clone(), std::slice::from_ref(topic));
    let producing = client.runtime.spawn_local("passing producer", producer.run());
    client.pause(Duration::from_millis(30)).await;
    switch.set(Stage::Finishing);
    let _ = producing.await;
}
