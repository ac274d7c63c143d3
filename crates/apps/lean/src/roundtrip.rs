//! Latency from the intended time of sending until a waiting consumer has the record.

use std::thread;
use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::batch::{self, Codec, Shape};
use crate::latency::Latencies;
use crate::produce::sharp_timers;
use crate::usage::Usage;
use crate::wire::{Connection, fetch_request, fetched, produce_request, produced};

/// One producer at a fixed rate and consumers in long polls, all on partition 0, which nobody else may use. A latency
/// for each record and consumer.
pub fn run(given: &Arguments) -> Result<String, String> {
    let (rate, requests) = (given.count("rate", 1000)?, given.count("requests", 10_000)?);
    let acks = i16::try_from(given.number("acks", -1)?).map_err(|_| "--acks")?;
    let size = given.count("size", 100)?;
    let shape = Shape { records: 1, size, keys: 0, text: false, codec: Codec::None, seed: 1 };
    let frame = produce_request(&given.topic, 0, acks, &batch::build(&shape, 1));
    let mut connection = Connection::open(&given.broker)?;
    let first = produce_request(&given.topic, 0, -1, &batch::build(&shape, 1));
    connection.send(&first)?;
    let offset = produced(connection.receive()?)? + 1;

    let interval = Duration::from_secs_f64(1.0 / rate as f64);
    let usage = Usage::start(given.pid()?);
    let start = Instant::now() + Duration::from_millis(200);
    let plan =
        Plan { broker: given.broker.clone(), topic: given.topic.clone(), offset, requests, interval, start };
    let consumers: Vec<_> = (0..given.count("consumers", 1)?)
        .map(|_| {
            let plan = plan.clone();
            thread::spawn(move || consume(plan))
        })
        .collect();
    let mut answers = connection.split()?;
    let acknowledgements = thread::spawn(move || {
        for _ in 0..if acks == 0 { 0 } else { requests } {
            produced(answers.receive()?)?;
        }
        Ok::<_, String>(())
    });
    sharp_timers();
    for number in 0..requests {
        let time = start + interval * u32::try_from(number).map_err(|_| "too many requests")?;
        thread::sleep(time.saturating_duration_since(Instant::now()));
        connection.send(&frame)?;
    }
    acknowledgements.join().map_err(|_| "a thread panicked")??;
    let mut latencies = Latencies::default();
    for consumer in consumers {
        latencies.join(consumer.join().map_err(|_| "a thread panicked")??);
    }
    Ok(format!("requests={requests} {} {}", latencies.line(), usage.line()))
}

#[derive(Clone)]
struct Plan {
    broker: String,
    topic: String,
    offset: i64,
    requests: usize,
    interval: Duration,
    start: Instant,
}

fn consume(plan: Plan) -> Result<Latencies, String> {
    let Plan { broker, topic, mut offset, requests, interval, start } = plan;
    let mut connection = Connection::open(&broker)?;
    let mut latencies = Latencies::default();
    while latencies.len() < requests {
        connection.send(&fetch_request(&topic, &[(0, offset)], 1 << 20, 1, 500))?;
        let mut records = 0;
        fetched(connection.receive()?, |one| {
            let (next, count, _) = batch::walk(one.records);
            offset = next.unwrap_or(offset);
            records = count;
        })?;
        for _ in 0..records {
            let number = u32::try_from(latencies.len()).map_err(|_| "too many requests")?;
            latencies.add((start + interval * number).elapsed());
        }
    }
    Ok(latencies)
}
