//! Produce load, closed loop (a fixed number of requests in flight on each connection) or open loop (a fixed rate).

use std::collections::VecDeque;
use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::arguments::Arguments;
use crate::batch::{self, Codec, Shape};
use crate::feeder::Feeder;
use crate::latency::Latencies;
use crate::usage::Usage;
use crate::wire::{Connection, produce_request, produced};

struct Plan {
    broker: String,
    /// Prepared requests, one partition after the other.
    frames: Vec<Vec<u8>>,
    connections: usize,
    in_flight: usize,
    requests: usize,
    acks: i16,
    rate: Option<usize>,
}

/// Runs the load and prints its figures.
pub fn run(given: &Arguments) -> Result<String, String> {
    let shape = Shape {
        records: given.count("records", 1)?,
        size: given.count("size", 100)?,
        keys: given.number("keys", 0)?.unsigned_abs(),
        text: given.has("lines"),
        codec: Codec::parse(given.text("codec", "none"))?,
        seed: 1,
    };
    let (plan, batch_bytes) = plan(given, &shape)?;
    let total = (batch_bytes * plan.requests) as u64;
    let mut feeder = given.has("feed").then(|| Feeder::fill(total));
    let sent = AtomicU64::new(0);
    let usage = Usage::start(given.pid()?);
    let latencies = thread::scope(|scope| {
        let workers: Vec<_> = (0..plan.connections)
            .map(|index| {
                let (plan, sent) = (&plan, &sent);
                scope.spawn(move || match plan.rate {
                    None => closed_loop(plan, index, sent),
                    Some(rate) => open_loop(plan, index, rate),
                })
            })
            .collect();
        while let Some(feeder) =
            feeder.as_mut().filter(|_| workers.iter().any(|worker| !worker.is_finished()))
        {
            feeder.left(total.saturating_sub(sent.load(Ordering::Relaxed)));
            thread::sleep(Duration::from_millis(2));
        }
        let mut all = Latencies::default();
        for worker in workers {
            all.join(worker.join().map_err(|_| "a worker panicked")??);
        }
        Ok::<_, String>(all)
    })?;
    let (cost, seconds, requests) = (usage.line(), usage.seconds(), latencies.len() as f64);
    let payload = requests * (shape.records * shape.size) as f64;
    Ok(format!(
        "requests={requests} requests_s={:.0} records_s={:.0} payload_mb={:.1} wire_mb={:.1} mb_s={:.1} {} {cost}",
        requests / seconds,
        requests * shape.records as f64 / seconds,
        payload / 1e6,
        requests * batch_bytes as f64 / 1e6,
        payload / 1e6 / seconds,
        latencies.line()
    ))
}

/// What is to be sent, and the bytes of a batch.
fn plan(given: &Arguments, shape: &Shape) -> Result<(Plan, usize), String> {
    let acks = i16::try_from(given.number("acks", -1)?).map_err(|_| "--acks")?;
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?.as_millis();
    let now_ms = i64::try_from(now_ms).map_err(|_| "the clock")?;
    let partitions = given.count("partitions", 1)?;
    let batches: Vec<_> = (1..=given.count("variants", 1)? as u64)
        .map(|seed| batch::build(&Shape { seed, ..*shape }, now_ms))
        .collect();
    let plan = Plan {
        broker: given.broker.clone(),
        frames: (0..partitions * batches.len())
            .map(|number| {
                let batch = &batches[number / partitions];
                produce_request(&given.topic, number % partitions, acks, batch)
            })
            .collect(),
        connections: given.count("connections", 1)?,
        in_flight: given.count("in-flight", 1)?,
        requests: given.count("requests", 1000)?,
        acks,
        rate: Some(given.number("rate", 0)?)
            .and_then(|rate| usize::try_from(rate).ok())
            .filter(|rate| *rate > 0),
    };
    Ok((plan, batches[0].len()))
}

/// The requests of connection `index`, shared out evenly.
fn share(plan: &Plan, index: usize) -> usize {
    plan.requests / plan.connections + usize::from(index < plan.requests % plan.connections)
}

fn closed_loop(plan: &Plan, index: usize, sent: &AtomicU64) -> Result<Latencies, String> {
    let mut connection = Connection::open(&plan.broker)?;
    let (mut latencies, mut waiting) = (Latencies::default(), VecDeque::new());
    for number in 0..share(plan, index) {
        if waiting.len() == plan.in_flight {
            take(&mut connection, &mut waiting, &mut latencies)?;
        }
        let frame = &plan.frames[(index + number) % plan.frames.len()];
        let begun = Instant::now();
        connection.send(frame)?;
        sent.fetch_add(frame.len() as u64, Ordering::Relaxed);
        if plan.acks == 0 { latencies.add(begun.elapsed()) } else { waiting.push_back(begun) }
    }
    while !waiting.is_empty() {
        take(&mut connection, &mut waiting, &mut latencies)?;
    }
    Ok(latencies)
}

fn take(
    connection: &mut Connection,
    waiting: &mut VecDeque<Instant>,
    into: &mut Latencies,
) -> Result<(), String> {
    produced(connection.receive()?)?;
    if let Some(begun) = waiting.pop_front() {
        into.add(begun.elapsed());
    }
    Ok(())
}

/// Sleeps end within a microsecond or so of their time, not 50 later as by default.
pub fn sharp_timers() {
    // A kernel that does not have the file only makes the intended times less sharp, for every broker alike.
    let _ = fs::write("/proc/thread-self/timerslack_ns", "1");
}

/// Sends at intended times, whatever the broker does; a second thread takes the answers.
fn open_loop(plan: &Plan, index: usize, rate: usize) -> Result<Latencies, String> {
    let mut connection = Connection::open(&plan.broker)?;
    let mut answers = connection.split()?;
    let (intended, times) = mpsc::channel::<Instant>();
    let receiver = thread::spawn(move || {
        let mut latencies = Latencies::default();
        for time in times {
            produced(answers.receive()?)?;
            latencies.add(time.elapsed());
        }
        Ok::<_, String>(latencies)
    });
    sharp_timers();
    // The connections' schedules are shifted against each other, so that together they are even.
    let interval = Duration::from_secs_f64(plan.connections as f64 / rate as f64);
    let start =
        Instant::now() + Duration::from_millis(20) + interval.mul_f64(index as f64 / plan.connections as f64);
    for number in 0..share(plan, index) {
        let time = start + interval * u32::try_from(number).map_err(|_| "too many requests")?;
        thread::sleep(time.saturating_duration_since(Instant::now()));
        intended.send(time).map_err(|_| "the receiver ended early")?;
        connection.send(&plan.frames[(index + number) % plan.frames.len()])?;
    }
    drop(intended);
    receiver.join().map_err(|_| "the receiver panicked")?
}
