//! Reads at most once: records are committed first and worked on afterwards. After a crash what was under way is not read
//! again: some work may never be done, none is done twice. `at_most_once TOPIC GROUP`, with the broker in `$BOOTSTRAP`.
#![allow(clippy::print_stdout, clippy::expect_used)]

use std::time::Duration;

use headwater_client::{Consumer, Error, config::properties};
use headwater_runtime::{RealConfig, RealGround, Runtime};

async fn read(runtime: Runtime, bootstrap: String, topic: String, group: String) -> Result<(), Error> {
    let consumer = Consumer::from_properties(
        &runtime,
        &properties([
            ("bootstrap.servers", bootstrap.as_str()),
            ("group.id", group.as_str()),
            ("enable.auto.commit", "false"),
            ("auto.offset.reset", "earliest"),
        ]),
    )?;
    consumer.subscribe(&[topic])?;
    loop {
        let batch = consumer.poll(Duration::from_secs(5)).await?;
        if batch.is_empty() {
            return consumer.close().await;
        }
        // First: whatever happens now, these do not come again. Without the commit they are not worked on.
        if let Err(error) = consumer.commit().await {
            println!("not committed, so not worked on: {error}");
            continue;
        }
        for record in batch.records() {
            println!("{}-{} {}", record.topic, record.partition, record.offset());
        }
    }
}

fn main() {
    let bootstrap = std::env::var("BOOTSTRAP").unwrap_or_else(|_| "localhost:9092".to_owned());
    let (Some(topic), Some(group)) = (std::env::args().nth(1), std::env::args().nth(2)) else {
        println!("at_most_once TOPIC GROUP");
        return;
    };
    let ground = RealGround::start(&RealConfig { data_cores: 1 }).expect("threads");
    if let Err(error) = ground.block_on(|runtime| read(runtime, bootstrap, topic, group)) {
        println!("{error}");
    }
}
