//! Fetch load, closed loop: every connection reads its partitions from the start, and again when it has reached the end.

use std::thread;
use std::time::Instant;

use crate::arguments::Arguments;
use crate::batch;
use crate::latency::Latencies;
use crate::usage::Usage;
use crate::wire::{Connection, fetch_request, fetched};

struct Plan {
    broker: String,
    topic: String,
    partitions: usize,
    connections: usize,
    max_bytes: i32,
    /// For each connection: it ends at whichever comes first.
    requests: usize,
    bytes: u64,
}

#[derive(Default)]
struct Seen {
    latencies: Latencies,
    records: u64,
    bytes: u64,
}

/// Runs the load and prints its figures.
pub fn run(given: &Arguments) -> Result<String, String> {
    let connections = given.count("connections", 1)?;
    let plan = Plan {
        broker: given.broker.clone(),
        topic: given.topic.clone(),
        partitions: given.count("partitions", 1)?,
        connections,
        max_bytes: i32::try_from(given.count("max-bytes", 1 << 20)?).map_err(|_| "--max-bytes")?,
        requests: given.count("requests", i64::from(i32::MAX))? / connections,
        bytes: given.count("bytes", i64::MAX)? as u64 / connections as u64,
    };
    let usage = Usage::start(given.pid()?);
    let seen = thread::scope(|scope| {
        let plan = &plan;
        let workers: Vec<_> = (0..connections).map(|index| scope.spawn(move || read(plan, index))).collect();
        let mut all = Seen::default();
        for worker in workers {
            let one = worker.join().map_err(|_| "a worker panicked")??;
            all.latencies.join(one.latencies);
            all.records += one.records;
            all.bytes += one.bytes;
        }
        Ok::<_, String>(all)
    })?;
    let (cost, seconds, requests) = (usage.line(), usage.seconds(), seen.latencies.len() as f64);
    Ok(format!(
        "requests={requests} requests_s={:.0} records_s={:.0} wire_mb={:.1} mb_s={:.1} {} {cost}",
        requests / seconds,
        seen.records as f64 / seconds,
        seen.bytes as f64 / 1e6,
        seen.bytes as f64 / 1e6 / seconds,
        seen.latencies.line()
    ))
}

fn read(plan: &Plan, index: usize) -> Result<Seen, String> {
    let mut connection = Connection::open(&plan.broker)?;
    let mut from: Vec<(usize, i64)> = (0..plan.partitions)
        .filter(|p| p % plan.connections == index % plan.partitions)
        .map(|p| (p, 0))
        .collect();
    if from.is_empty() {
        from.push((index % plan.partitions, 0));
    }
    let mut seen = Seen::default();
    let mut empty_answers = 0;
    while seen.latencies.len() < plan.requests && seen.bytes < plan.bytes {
        let frame = fetch_request(&plan.topic, &from, plan.max_bytes, 1, 100);
        let begun = Instant::now();
        connection.send(&frame)?;
        let answer = connection.receive()?;
        let before = seen.bytes;
        fetched(answer, |one| {
            let (next, records, bytes) = batch::walk(one.records);
            seen.records += records;
            seen.bytes += bytes as u64;
            if let Some(entry) = from.iter_mut().find(|entry| entry.0 == one.partition) {
                entry.1 = next.unwrap_or(entry.1);
                if entry.1 >= one.high_watermark {
                    entry.1 = 0;
                }
            }
        })?;
        seen.latencies.add(begun.elapsed());
        empty_answers = if seen.bytes == before { empty_answers + 1 } else { 0 };
        if empty_answers > 50 {
            return Err("fifty empty answers in a row".to_owned());
        }
        // The partition that was answered goes to the end of the line, as clients do it.
        from.rotate_left(1);
    }
    Ok(seen)
}
