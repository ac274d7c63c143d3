//! Connections that rest: what they cost in memory and CPU.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::usage::Usage;
use crate::wire::{API_VERSIONS, Connection, Request};

/// Opens the connections, asks each for ApiVersions as clients do, and looks at the broker while they rest.
pub fn run(given: &Arguments) -> Result<String, String> {
    let (count, seconds) = (given.count("connections", 1000)?, given.count("seconds", 5)?);
    let before = resident_kib(given.pid()?);
    let begun = Instant::now();
    let mut connections = Vec::with_capacity(count);
    for _ in 0..count {
        let mut connection = Connection::open(&given.broker)?;
        connection.ask(Request::new(API_VERSIONS, 0, 1))?;
        connections.push(connection);
    }
    let opened_ms = begun.elapsed().as_secs_f64() * 1000.0;
    let usage = Usage::start(given.pid()?);
    sleep(Duration::from_secs(seconds as u64));
    let cost = usage.line();
    let grown = resident_kib(given.pid()?) - before;
    Ok(format!("connections={count} opened_ms={opened_ms:.1} grown_mib={:.2} {cost}", grown / 1024.0))
}

/// Resident memory of a process.
fn resident_kib(pid: Option<u32>) -> f64 {
    let status =
        pid.and_then(|pid| fs::read_to_string(format!("/proc/{pid}/status")).ok()).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0.0)
}
