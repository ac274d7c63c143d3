//! Reads at least once: records are worked on first and committed afterwards. After a crash the last ones come again, so the
//! work must bear being done twice. `at_least_once TOPIC GROUP`, with the broker in `$BOOTSTRAP`.
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
        for record in batch.records() {
            println!("{}-{} {}", record.topic, record.partition, record.offset());
        }
        // Only now: what was worked on will not come again. A rebalance in between gives it to somebody else again.
        if let Err(error) = consumer.commit().await {
            println!("not committed, so these come again: {error}");
        }
    }
}

fn main() {
    let bootstrap = std::env::var("BOOTSTRAP").unwrap_or_else(|_| "localhost:9092".to_owned());
    let (Some(topic), Some(group)) = (std::env::args().nth(1), std::env::args().nth(2)) else {
        println!("at_least_once TOPIC GROUP");
        return;
    };
    let ground = RealGround::start(&RealConfig { data_cores: 1 }).expect("threads");
    if let Err(error) = ground.block_on(|runtime| read(runtime, bootstrap, topic, group)) {
        println!("{error}");
    }
}
