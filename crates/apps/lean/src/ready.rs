//! How long a broker takes until it answers, and until it takes records.

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::admin::leaders;
use crate::arguments::Arguments;
use crate::batch::{self, Codec, Shape};
use crate::wire::{Answer, Connection, METADATA, Request, produce_request, produced};

const POLL: Duration = Duration::from_millis(1);

/// Starts `command` (which goes on when we end) and waits until Metadata lists a broker; with `--topics NAME,…
/// --partitions N` also until each of them has that many leaders, and took a record into its last partition.
pub fn run(given: &Arguments, command: &[String]) -> Result<String, String> {
    let begun = Instant::now();
    let mut pid = 0;
    if let Some((program, arguments)) = command.split_first() {
        let child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| format!("{program}: {error}"))?;
        pid = child.id();
    }
    let limit = Duration::from_secs(given.count("timeout-s", 90)? as u64);
    while begun.elapsed() < limit {
        if brokers(&given.broker).is_ok_and(|count| count > 0) {
            let ready_ms = begun.elapsed().as_secs_f64() * 1000.0;
            let topics: Vec<&str> =
                given.text("topics", "").split(',').filter(|name| !name.is_empty()).collect();
            let partitions = given.count("partitions", 1)?;
            for topic in &topics {
                while !takes_records(&given.broker, topic, partitions) {
                    if begun.elapsed() > limit {
                        return Err(format!("{topic} takes no records within {} s", limit.as_secs()));
                    }
                    sleep(POLL);
                }
            }
            let written_ms = begun.elapsed().as_secs_f64() * 1000.0;
            return Ok(format!("ready_ms={ready_ms:.1} written_ms={written_ms:.1} pid={pid}"));
        }
        sleep(POLL);
    }
    Err(format!("no answer within {} s", limit.as_secs()))
}

/// Whether all partitions have leaders and the last one takes a record.
fn takes_records(address: &str, topic: &str, partitions: usize) -> bool {
    let shape = Shape { records: 1, size: 100, keys: 0, text: false, codec: Codec::None, seed: 1 };
    let try_it = || {
        let mut connection = Connection::open(address)?;
        if leaders(&mut connection, topic)? < partitions {
            return Err("no leaders yet".to_owned());
        }
        connection.send(&produce_request(topic, partitions - 1, -1, &batch::build(&shape, 1)))?;
        produced(connection.receive()?)
    };
    try_it().is_ok()
}

fn brokers(address: &str) -> Result<i32, String> {
    let mut connection = Connection::open(address)?;
    let mut request = Request::new(METADATA, 1, 1);
    request.i32(0);
    Answer(connection.ask(request)?).i32()
}
