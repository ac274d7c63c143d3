//! A consumer that follows partitions as far as they may be read, and sometimes reads again what it has read.

use std::time::Duration;

use headwater_base::{ErrorCode, Uuid};
use headwater_protocol::Records;
use headwater_protocol::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};
use headwater_protocol::messages::fetch_response::{FetchResponse, PartitionData};
use headwater_protocol::messages::list_offsets_request::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use headwater_protocol::messages::list_offsets_response::ListOffsetsResponse;
use headwater_runtime::Random;

use super::codes::is_passing;
use super::fetch_session::FetchSession;
use super::record::decode;
use super::{Stage, Switch, Topic};
use crate::client::{Client, Connection, Lost};
use crate::history::Place;

/// First version of Fetch that names topics by id.
const TOPIC_IDS_FROM: i16 = 13;
/// ListOffsets: behind the last record.
pub const LATEST: i64 = -1;
/// ListOffsets: the first record.
pub const EARLIEST: i64 = -2;
const RETRY_PAUSE: Duration = Duration::from_millis(20);

/// What a consumer is like.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Version of Fetch.
    pub version: i16,
    /// With an incremental session.
    pub session: bool,
    /// How long a fetch may wait for data.
    pub max_wait_ms: i32,
    /// Bytes of an answer.
    pub max_bytes: i32,
    /// Longest pause between two fetches.
    pub think: Duration,
    /// One fetch in so many begins anew somewhere before; 0 for never.
    pub rewind_one_in: u64,
}

/// See the module.
pub struct Consumer {
    client: Client,
    plan: Plan,
    switch: Switch,
    random: Random,
    partitions: Vec<(Topic, Place, i64)>,
    fetch_session: FetchSession,
}

impl Consumer {
    /// A consumer of all partitions of these topics, from their beginnings.
    #[must_use]
    pub fn new(client: Client, plan: Plan, switch: Switch, topics: &[Topic]) -> Self {
        let random = Random::new(client.runtime.random_u64());
        let places = |topic: &Topic| {
            let (topic, partitions) = (topic.clone(), topic.partitions);
            (0..partitions).map(move |partition| (topic.clone(), Place { topic: topic.id, partition }, 0))
        };
        let partitions = topics.iter().flat_map(places).collect();
        let fetch_session = FetchSession::new(plan.session);
        Self { client, plan, switch, random, partitions, fetch_session }
    }

    /// Consumes until the switch says otherwise.
    pub async fn run(mut self) {
        while self.switch.stage() == Stage::Running {
            if self.session().await.is_err() {
                self.client.pause(RETRY_PAUSE).await;
            }
        }
    }

    async fn session(&mut self) -> Result<(), Lost> {
        let mut connection = self.client.connect().await?;
        // Nobody knows whether the last request of the connection before was taken.
        self.fetch_session.reset();
        while self.switch.stage() == Stage::Running {
            self.client.pause(self.plan.think).await;
            if self.plan.rewind_one_in > 0 && self.random.chance(self.plan.rewind_one_in) {
                let index = self.random.below(self.partitions.len() as u64) as usize;
                let position = &mut self.partitions[index].2;
                *position = self.random.below(*position as u64 + 1) as i64;
            }
            if self.random.chance(8) {
                self.ask_latest(&mut connection).await?;
            }
            let life = self.client.history.borrow().life();
            let request = self.request();
            let answer: FetchResponse = connection.ask(self.plan.version, &request).await?;
            if !self.take(life, &answer) {
                self.client.pause(RETRY_PAUSE).await;
            }
        }
        Ok(())
    }

    fn request(&mut self) -> FetchRequest {
        let mut topics: Vec<FetchTopic> = Vec::new();
        for (topic, place, position) in &self.partitions {
            if !self.fetch_session.tell(*place, *position) {
                continue;
            }
            let partition = FetchPartition {
                partition: place.partition,
                fetch_offset: *position,
                partition_max_bytes: self.plan.max_bytes / 2 + 1,
                ..FetchPartition::default()
            };
            match topics.iter_mut().find(|found| found.topic == topic.name) {
                Some(found) => found.partitions.push(partition),
                None => topics.push(FetchTopic {
                    topic: topic.name.clone(),
                    topic_id: topic.id,
                    partitions: vec![partition],
                }),
            }
        }
        let (session_id, session_epoch) = self.fetch_session.header();
        FetchRequest { session_id, session_epoch, ..fetch_request(&self.plan, topics) }
    }

    /// Takes what came; false when some of it was an error.
    fn take(&mut self, life: usize, answer: &FetchResponse) -> bool {
        let mut good = match self.fetch_session.answered(answer.error_code, answer.session_id) {
            Ok(good) => good,
            Err(code) if is_passing(code) => false,
            Err(code) => {
                note(&self.client, format!("Fetch as a whole was answered with {}", code.name()));
                false
            }
        };
        for response in &answer.responses {
            for data in &response.partitions {
                let entry = self.partitions.iter_mut().find(|(topic, place, _)| {
                    let same = if self.plan.version >= TOPIC_IDS_FROM {
                        topic.id == response.topic_id
                    } else {
                        topic.name == response.topic
                    };
                    same && place.partition == data.partition_index
                });
                match entry {
                    Some((_, place, position)) => good &= take(&self.client, life, *place, position, data),
                    None => note(&self.client, "Fetch was answered with what nobody asked for".to_owned()),
                }
            }
        }
        good
    }

    /// Whoever asks for the end must be told of everything that was acknowledged before.
    async fn ask_latest(&mut self, connection: &mut Connection) -> Result<(), Lost> {
        let index = self.random.below(self.partitions.len() as u64) as usize;
        let (topic, place, _) = self.partitions[index].clone();
        let (life, floor) = {
            let history = self.client.history.borrow();
            (history.life(), acknowledged_end(&history, place))
        };
        if let Some(end) = list_offsets(&self.client, connection, &topic, place, LATEST).await? {
            self.client.history.borrow_mut().partition(place).latest.push((life, floor, end));
        }
        Ok(())
    }
}

/// The offset behind everything that was acknowledged and must still be there.
fn acknowledged_end(history: &crate::history::History, place: Place) -> i64 {
    let Some(partition) = history.partitions.get(&place) else { return 0 };
    let acknowledged = partition.sent.values().filter_map(|sent| sent.acknowledged);
    let surviving = acknowledged.filter(|it| history.must_survive(it));
    surviving.filter_map(|it| it.offset).max().map_or(0, |last| last + 1)
}

fn note(client: &Client, what: String) {
    client.history.borrow_mut().unexplained.push(what);
}

/// A fetch without a session.
#[must_use]
pub fn fetch_request(plan: &Plan, topics: Vec<FetchTopic>) -> FetchRequest {
    FetchRequest {
        max_wait_ms: plan.max_wait_ms,
        min_bytes: 1,
        max_bytes: plan.max_bytes,
        session_id: 0,
        session_epoch: -1,
        topics: match plan.version >= TOPIC_IDS_FROM {
            true => topics.into_iter().map(|topic| FetchTopic { topic: String::new(), ..topic }).collect(),
            false => topics.into_iter().map(|topic| FetchTopic { topic_id: Uuid::ZERO, ..topic }).collect(),
        },
        ..FetchRequest::default()
    }
}

/// Writes down what a partition's part of an answer shows; false for an error.
pub fn take(client: &Client, life: usize, place: Place, position: &mut i64, data: &PartitionData) -> bool {
    match ErrorCode::from_code(data.error_code) {
        ErrorCode::None => {}
        ErrorCode::OffsetOutOfRange => {
            client.history.borrow_mut().partition(place).out_of_range.push((life, *position));
            *position = 0;
            return false;
        }
        code if is_passing(code) => return false,
        code => {
            note(client, format!("Fetch was answered with {}", code.name()));
            return false;
        }
    }
    let bytes = match &data.records {
        Records::Bytes(bytes) => bytes.as_slice(),
        _ => &[],
    };
    let mut history = client.history.borrow_mut();
    match decode(bytes, place, life) {
        Ok((mut seen, next)) => {
            // Batches come whole: what lies before the position was not asked for.
            seen.retain(|record| record.offset >= *position);
            history.counts.seen += seen.len() as u64;
            let beyond = seen.iter().find(|record| record.offset >= data.high_watermark);
            let fault = beyond.map(|record| {
                format!(
                    "offset {} was served above the high watermark {}",
                    record.offset, data.high_watermark
                )
            });
            history.unexplained.extend(fault);
            *position = next.max(*position);
            let partition = history.partition(place);
            partition.high_watermarks.push((life, data.high_watermark));
            partition.seen.append(&mut seen);
            true
        }
        Err(why) => {
            history
                .unexplained
                .push(format!("Fetch from offset {position} gave bytes that are wrong: {why}"));
            false
        }
    }
}

/// One offset of a partition; `None` when the node cannot tell now.
///
/// # Errors
/// [`Lost`] when there is no answer.
pub async fn list_offsets(
    client: &Client,
    connection: &mut Connection,
    topic: &Topic,
    place: Place,
    timestamp: i64,
) -> Result<Option<i64>, Lost> {
    let partition =
        ListOffsetsPartition { partition_index: place.partition, timestamp, ..Default::default() };
    let request = ListOffsetsRequest {
        replica_id: -1,
        topics: vec![ListOffsetsTopic { name: topic.name.clone(), partitions: vec![partition] }],
        timeout_ms: 1_000,
        ..ListOffsetsRequest::default()
    };
    let answer: ListOffsetsResponse = connection.ask(10, &request).await?;
    let Some(found) = answer.topics.first().and_then(|topic| topic.partitions.first()) else {
        note(client, "ListOffsets was answered with nothing".to_owned());
        return Ok(None);
    };
    match ErrorCode::from_code(found.error_code) {
        ErrorCode::None => Ok(Some(found.offset)),
        code if is_passing(code) => Ok(None),
        code => {
            note(client, format!("ListOffsets was answered with {}", code.name()));
            Ok(None)
        }
    }
}
