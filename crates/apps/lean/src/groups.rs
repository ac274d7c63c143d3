//! Figures about groups: commits, rebalances, the time to a new group's first record.

use std::thread;
use std::time::{Duration, Instant};

use crate::admin;
use crate::arguments::Arguments;
use crate::batch::{self, Shape};
use crate::crowd::Crowd;
use crate::group::{Member, commit_frame, committed, find};
use crate::latency::Latencies;
use crate::usage::Usage;
use crate::wire::{Connection, fetch_request, fetched, produce_request, produced};

const PATIENCE: Duration = Duration::from_secs(120);
/// How often members of a rebalance send heartbeats: what they hear of it waits half of that on average.
const HEARTBEAT: Duration = Duration::from_millis(50);

/// How long a coordinator may be loading.
const WARM: Duration = Duration::from_secs(10);

/// A name that no run before had.
pub fn fresh(what: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!("{what}-{}-{}", std::process::id(), now.as_nanos())
}

/// Commits in a closed loop, each connection for a group of its own, or in turn for as many as `--groups` says.
pub fn commits(given: &Arguments) -> Result<String, String> {
    let (connections, requests) = (given.count("connections", 1)?, given.count("requests", 1_000)?);
    let (partitions, groups) = (given.count("partitions", 1)?, given.count("groups", 1)?);
    let (broker, topic, name) = (&given.broker, &given.topic, fresh("commits"));
    let mut ready = Connection::open(broker)?;
    find(&mut ready, &name)?;
    configure_offsets(given)?;
    let usage = Usage::start(given.pid()?);
    let latencies = thread::scope(|scope| {
        let workers: Vec<_> = (0..connections)
            .map(|index| {
                let name = &name;
                scope.spawn(move || {
                    let mut connection = Connection::open(broker)?;
                    let mut latencies = Latencies::default();
                    let group_of = |number: usize| format!("{name}-{index}-{}", number % groups);
                    warm(&mut connection, &group_of(0), topic)?;
                    for number in 0..requests / connections {
                        let group = group_of(number);
                        let offset = i64::try_from(number).unwrap_or(i64::MAX);
                        let begun = Instant::now();
                        connection.send(&commit_frame(&group, (-1, ""), topic, partitions, offset))?;
                        committed(connection.receive()?)?;
                        latencies.add(begun.elapsed());
                    }
                    Ok::<_, String>(latencies)
                })
            })
            .collect();
        let mut all = Latencies::default();
        for worker in workers {
            all.join(worker.join().map_err(|_| "a worker panicked")??);
        }
        Ok::<_, String>(all)
    })?;
    let (cost, seconds, count) = (usage.line(), usage.seconds(), latencies.len() as f64);
    Ok(format!("requests={count} requests_s={:.0} {} {cost}", count / seconds, latencies.line()))
}

/// Commits until the group's coordinator takes it.
fn warm(connection: &mut Connection, group: &str, topic: &str) -> Result<(), String> {
    find(connection, group)?;
    let begun = Instant::now();
    loop {
        connection.send(&commit_frame(group, (-1, ""), topic, 1, 0))?;
        match committed(connection.receive()?) {
            Err(_) if begun.elapsed() < WARM => thread::sleep(Duration::from_millis(20)),
            outcome => return outcome,
        }
    }
}

/// What commits are promised is what the topic of offsets says.
fn configure_offsets(given: &Arguments) -> Result<(), String> {
    if given.config()?.is_empty() {
        return Ok(());
    }
    admin::alter(&given.about("__consumer_offsets")).map(drop)
}

/// A group of `--members`, into which one comes and from which one goes, `--rounds` times: the time until all are in
/// one generation again.
pub fn rebalance(given: &Arguments) -> Result<String, String> {
    let (members, rounds) = (given.count("members", 10)?, given.count("rounds", 5)?);
    let mut crowd = Crowd::new(&given.broker, &fresh("rebalance"), &given.topic, HEARTBEAT);
    let begun = Instant::now();
    crowd.come(members)?;
    let mut generation = crowd.together(0, PATIENCE)?;
    let first_ms = begun.elapsed().as_secs_f64() * 1e3;
    let usage = Usage::start(given.pid()?);
    let (mut joins, mut leaves) = (Latencies::default(), Latencies::default());
    for _ in 0..rounds {
        let begun = Instant::now();
        crowd.come(1)?;
        generation = crowd.together(generation, PATIENCE)?;
        joins.add(begun.elapsed());
        let begun = Instant::now();
        crowd.leave(1)?;
        generation = crowd.together(generation, PATIENCE)?;
        leaves.add(begun.elapsed());
    }
    let cost = usage.line();
    crowd.leave(members)?;
    Ok(format!(
        "first_ms={first_ms:.1} join_ms={:.1} leave_ms={:.1} {cost}",
        joins.median_us() / 1e3,
        leaves.median_us() / 1e3
    ))
}

/// New groups, one after the other: the time from the first connection until the first record is there.
pub fn first(given: &Arguments) -> Result<String, String> {
    let rounds = given.count("rounds", 5)?;
    let mut connection = Connection::open(&given.broker)?;
    connection.send(&produce_request(&given.topic, 0, -1, &batch::build(&Shape::ONE, 1)))?;
    produced(connection.receive()?)?;
    let usage = Usage::start(given.pid()?);
    let mut latencies = Latencies::default();
    for _ in 0..rounds {
        let begun = Instant::now();
        let mut member = Member::open(&given.broker, &fresh("first"), &given.topic)?;
        member.enter()?;
        let position = member.committed_offset()?.max(0);
        let request = fetch_request(&given.topic, &[(0, position)], 1 << 20, 1, 500);
        member.connection.send(&request)?;
        let mut records = 0;
        fetched(member.connection.receive()?, |one| records += batch::walk(one.records).1)?;
        if records == 0 {
            return Err("the first fetch gave nothing".to_owned());
        }
        latencies.add(begun.elapsed());
        member.leave()?;
    }
    let median_ms = latencies.median_us() / 1e3;
    Ok(format!("first_record_ms={median_ms:.1} {} {}", latencies.line(), usage.line()))
}
