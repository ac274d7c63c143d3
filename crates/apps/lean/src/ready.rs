//! How long a broker takes until it answers, and topics for the other commands.

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::wire::{Answer, CREATE_TOPICS, Connection, METADATA, Request, fetch_request, fetched};

const POLL: Duration = Duration::from_millis(1);

/// Starts `command` (which goes on when we end) and waits until Metadata lists a broker.
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
            return Ok(format!("ready_ms={:.1} pid={pid}", begun.elapsed().as_secs_f64() * 1000.0));
        }
        sleep(POLL);
    }
    Err(format!("no answer within {} s", limit.as_secs()))
}

fn brokers(address: &str) -> Result<i32, String> {
    let mut connection = Connection::open(address)?;
    let mut request = Request::new(METADATA, 1, 1);
    request.i32(0);
    Answer(connection.ask(request)?).i32()
}

/// Creates the topic and waits until every partition has a leader and answers as one: the reference lists leaders
/// before they lead.
pub fn create_topic(given: &Arguments) -> Result<String, String> {
    let partitions = given.count("partitions", 1)?;
    let mut connection = Connection::open(&given.broker)?;
    let mut request = Request::new(CREATE_TOPICS, 2, 1);
    request.i32(1).string(&given.topic).i32(i32::try_from(partitions).map_err(|_| "too many")?).i16(1);
    request.i32(0).i32(0).i32(30_000).i8(0);
    let begun = Instant::now();
    let mut answer = Answer(connection.ask(request)?);
    answer.i32()?;
    answer.i32()?;
    answer.string()?;
    let error = answer.i16()?;
    if error != 0 {
        return Err(format!("CreateTopics: error {error}"));
    }
    while begun.elapsed() < Duration::from_secs(60) {
        if leaders(&mut connection, &given.topic)? == partitions
            && all_lead(&mut connection, &given.topic, partitions)
        {
            return Ok(format!("created_ms={:.1}", begun.elapsed().as_secs_f64() * 1000.0));
        }
        sleep(POLL);
    }
    Err("no leaders within 60 s".to_owned())
}

/// Whether every partition answers a fetch.
fn all_lead(connection: &mut Connection, topic: &str, partitions: usize) -> bool {
    let from: Vec<_> = (0..partitions).map(|partition| (partition, 0)).collect();
    let request = fetch_request(topic, &from, 1, 0, 0);
    connection.send(&request).and_then(|()| fetched(connection.receive()?, |_| ())).is_ok()
}

/// How many partitions of the topic have a leader.
fn leaders(connection: &mut Connection, topic: &str) -> Result<usize, String> {
    let mut request = Request::new(METADATA, 1, 2);
    request.i32(1).string(topic);
    let mut answer = Answer(connection.ask(request)?);
    for _ in 0..answer.i32()? {
        answer.i32()?;
        answer.string()?;
        answer.i32()?;
        answer.string()?;
    }
    answer.i32()?;
    let mut led = 0;
    for _ in 0..answer.i32()? {
        answer.i16()?;
        answer.string()?;
        answer.i8()?;
        for _ in 0..answer.i32()? {
            answer.i16()?;
            answer.i32()?;
            led += usize::from(answer.i32()? >= 0);
            for _ in 0..2 {
                for _ in 0..answer.i32()? {
                    answer.i32()?;
                }
            }
        }
    }
    Ok(led)
}
