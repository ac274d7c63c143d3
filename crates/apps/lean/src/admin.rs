//! Topics for the other commands, and their configurations.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::arguments::Arguments;
use crate::wire::{
    Answer, CREATE_TOPICS, Connection, DELETE_TOPICS, INCREMENTAL_ALTER_CONFIGS, METADATA, Request,
    fetch_request, fetched,
};

const POLL: Duration = Duration::from_millis(1);

/// Creates the topic and waits until every partition has a leader and answers as one: the reference lists leaders
/// before they lead.
pub fn create_topic(given: &Arguments) -> Result<String, String> {
    let partitions = given.count("partitions", 1)?;
    let mut connection = Connection::open(&given.broker)?;
    let mut request = Request::new(CREATE_TOPICS, 2, 1);
    request.i32(1).string(&given.topic).i32(i32::try_from(partitions).map_err(|_| "too many")?).i16(1);
    let configs = given.config()?;
    request.i32(0).i32(i32::try_from(configs.len()).map_err(|_| "too many")?);
    for (name, value) in configs {
        request.string(name).string(value);
    }
    request.i32(60_000).i8(0);
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
pub fn leaders(connection: &mut Connection, topic: &str) -> Result<usize, String> {
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

/// Sets configurations of the topic.
pub fn alter(given: &Arguments) -> Result<String, String> {
    let configs = given.config()?;
    let mut request = Request::new(INCREMENTAL_ALTER_CONFIGS, 0, 1);
    request.i32(1).i8(2).string(&given.topic).i32(i32::try_from(configs.len()).map_err(|_| "too many")?);
    for (name, value) in configs {
        request.string(name).i8(0).string(value);
    }
    request.i8(0);
    let mut connection = Connection::open(&given.broker)?;
    let mut answer = Answer(connection.ask(request)?);
    answer.i32()?;
    answer.i32()?;
    match answer.i16()? {
        0 => Ok("altered=1".to_owned()),
        error => Err(format!("IncrementalAlterConfigs: error {error}")),
    }
}

/// Deletes the topic.
pub fn delete(given: &Arguments) -> Result<String, String> {
    let mut request = Request::new(DELETE_TOPICS, 1, 1);
    request.i32(1).string(&given.topic).i32(60_000);
    let mut connection = Connection::open(&given.broker)?;
    let mut answer = Answer(connection.ask(request)?);
    answer.i32()?;
    answer.i32()?;
    answer.string()?;
    match answer.i16()? {
        0 => Ok("deleted=1".to_owned()),
        error => Err(format!("DeleteTopics: error {error}")),
    }
}
