//! Reads a partition from its first offset to its last.

use std::time::Duration;

use headwater_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use headwater_protocol::messages::fetch_response::FetchResponse;

use super::Topic;
use super::consumer::{EARLIEST, LATEST, Plan, fetch_request, list_offsets, take};
use crate::client::{Client, Connection, Lost};
use crate::history::{LastRead, Place, Seen};

const RETRY_PAUSE: Duration = Duration::from_millis(20);
/// Fetches without anything new after which a reader gives up.
const MAX_IDLE: usize = 20;
/// Random timestamps that a reader asks for.
const TIMES: usize = 4;

/// Reads every partition of these topics to its end; what was found is added to the history.
///
/// # Errors
/// [`Lost`] when the node does not answer.
pub async fn read_all(client: &Client, topics: &[Topic]) -> Result<(), Lost> {
    let mut connection = client.connect().await?;
    for topic in topics {
        for partition in 0..topic.partitions {
            let place = Place { topic: topic.id, partition };
            let read = read(client, &mut connection, topic, place).await?;
            client.history.borrow_mut().partition(place).last_reads.push(read);
        }
    }
    Ok(())
}

async fn ask(
    client: &Client,
    connection: &mut Connection,
    topic: &Topic,
    place: Place,
    timestamp: i64,
) -> Result<i64, Lost> {
    for _ in 0..MAX_IDLE {
        if let Some(offset) = list_offsets(client, connection, topic, place, timestamp).await? {
            return Ok(offset);
        }
        client.runtime.sleep(RETRY_PAUSE).await;
    }
    Err(Lost(format!("{} {} has no offsets", topic.name, place.partition)))
}

async fn read(
    client: &Client,
    connection: &mut Connection,
    topic: &Topic,
    place: Place,
) -> Result<LastRead, Lost> {
    let start = ask(client, connection, topic, place, EARLIEST).await?;
    let end = ask(client, connection, topic, place, LATEST).await?;
    let life = client.history.borrow().life();
    let plan = Plan {
        version: 17,
        session: false,
        max_wait_ms: 50,
        max_bytes: 1 << 20,
        think: Duration::ZERO,
        rewind_one_in: 0,
    };
    let (mut position, mut idle) = (start, 0);
    let first_seen = client.history.borrow_mut().partition(place).seen.len();
    while position < end && idle < MAX_IDLE {
        let before = position;
        let partition = FetchPartition {
            partition: place.partition,
            fetch_offset: position,
            partition_max_bytes: 1 << 20,
            ..FetchPartition::default()
        };
        let topics =
            vec![FetchTopic { topic: topic.name.clone(), topic_id: topic.id, partitions: vec![partition] }];
        let answer: FetchResponse = connection.ask(plan.version, &fetch_request(&plan, topics)).await?;
        let data = answer.responses.iter().flat_map(|topic| &topic.partitions).next();
        if let Some(data) = data {
            take(client, life, place, &mut position, data);
        }
        idle = if position > before { 0 } else { idle + 1 };
    }
    let records = client.history.borrow_mut().partition(place).seen[first_seen..].to_vec();
    let by_time = ask_times(client, &mut *connection, topic, place, &records).await?;
    Ok(LastRead { start, end, records, by_time })
}

/// Asks for the offsets of some of the timestamps that were read, and of one behind them all.
async fn ask_times(
    client: &Client,
    connection: &mut Connection,
    topic: &Topic,
    place: Place,
    records: &[Seen],
) -> Result<Vec<(i64, i64)>, Lost> {
    let Some(latest) = records.iter().map(|record| record.timestamp).max() else { return Ok(Vec::new()) };
    let mut timestamps = vec![latest, latest + 1];
    for _ in 0..TIMES {
        let chosen = client.runtime.random_u64() % records.len() as u64;
        timestamps.push(records[chosen as usize].timestamp + (client.runtime.random_u64() % 3) as i64 - 1);
    }
    let mut by_time = Vec::new();
    for timestamp in timestamps {
        by_time.push((timestamp, ask(client, connection, topic, place, timestamp).await?));
    }
    Ok(by_time)
}
