//! A client as it should be: it writes a record, reads it back, and takes the time.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use headwater_protocol::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};
use headwater_protocol::messages::fetch_response::FetchResponse;
use headwater_protocol::messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData};
use headwater_protocol::messages::produce_response::ProduceResponse;
use headwater_protocol::{ApiKey, Records};
use headwater_records::{BatchBuilder, BatchOptions};

use crate::corpus;
use crate::wire;

/// Time between two rounds.
const PAUSE: Duration = Duration::from_millis(5);

/// A round that took longer than the others.
#[derive(Clone, Copy, Debug, Default)]
pub struct Longest {
    /// Milliseconds until the record was acknowledged.
    pub produce_ms: f64,
    /// Milliseconds until it was read.
    pub fetch_ms: f64,
    /// When it began; nobody's, where there was no round.
    pub begun: Option<Instant>,
}

impl Longest {
    pub fn ms(&self) -> f64 {
        self.produce_ms + self.fetch_ms
    }

    pub fn took(&self) -> Duration {
        Duration::from_secs_f64(self.ms() / 1_000.0)
    }
}

/// What the client saw since it was asked last.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub rounds: usize,
    pub errors: usize,
    /// Sorted, in milliseconds.
    times: Vec<f64>,
    longest: Longest,
    first_error: Option<String>,
}

impl Seen {
    fn quantile(&self, share: f64) -> f64 {
        let at = ((self.times.len() as f64 * share) as usize).min(self.times.len().saturating_sub(1));
        self.times.get(at).copied().unwrap_or(f64::INFINITY)
    }

    pub fn p99_ms(&self) -> f64 {
        self.quantile(0.99)
    }

    pub fn longest(&self) -> Longest {
        self.longest
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (p50, p99, longest) = (self.quantile(0.5), self.p99_ms(), self.longest);
        write!(f, "{} rounds, p50 {p50:.2} ms, p99 {p99:.2} ms, ", self.rounds)?;
        write!(f, "longest {:.1} ms (written after {:.1} ms)", longest.ms(), longest.produce_ms)?;
        match &self.first_error {
            None => Ok(()),
            Some(error) => write!(f, ", {} errors, the first: {error}", self.errors),
        }
    }
}

/// A running client.
pub struct Healthy {
    seen: Arc<Mutex<Seen>>,
    stopping: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Healthy {
    pub fn start(address: &str) -> Result<Healthy, String> {
        let mut stream = wire::connect(address)?;
        corpus::create_topic(&mut stream, "healthy")?;
        let (seen, stopping) = (Arc::new(Mutex::new(Seen::default())), Arc::new(AtomicBool::new(false)));
        let (into, until) = (Arc::clone(&seen), Arc::clone(&stopping));
        let thread = std::thread::spawn(move || {
            let mut number = 0;
            while !until.load(Ordering::Relaxed) {
                let begun = Instant::now();
                let mut produced = begun;
                let outcome = round(&mut stream, number, &mut produced);
                let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
                let took = Longest {
                    produce_ms: ms(produced - begun),
                    fetch_ms: ms(produced.elapsed()),
                    begun: Some(begun),
                };
                number += 1;
                let mut seen = into.lock().unwrap_or_else(PoisonError::into_inner);
                seen.rounds += 1;
                seen.times.push(took.ms());
                if took.ms() > seen.longest.ms() {
                    seen.longest = took;
                }
                if let Err(error) = outcome {
                    seen.errors += 1;
                    seen.first_error.get_or_insert(error);
                    return;
                }
                drop(seen);
                std::thread::sleep(PAUSE);
            }
        });
        Ok(Healthy { seen, stopping, thread })
    }

    /// What was seen since the last call.
    pub fn take(&self) -> Seen {
        let mut seen = std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        seen.times.sort_by(f64::total_cmp);
        seen
    }

    pub fn finish(self) -> Result<(), String> {
        self.stopping.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| "the healthy client panicked".to_owned())
    }
}

/// Writes one record at acks=all and reads it back; `produced` is when the first was done.
fn round(stream: &mut std::net::TcpStream, number: i64, produced: &mut Instant) -> Result<(), String> {
    let value = format!("round {number}");
    let mut builder = BatchBuilder::new(BatchOptions::default());
    // Now, or retention takes it away between the two.
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_err(|error| error.to_string())?;
    let now_ms = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    builder.append(now_ms, None, Some(value.as_bytes()), &[]);
    let data = PartitionProduceData { index: 0, records: Records::Bytes(builder.build()) };
    let topic = TopicProduceData {
        name: "healthy".to_owned(),
        partition_data: vec![data],
        ..TopicProduceData::default()
    };
    let request =
        ProduceRequest { acks: -1, timeout_ms: 30_000, topic_data: vec![topic], ..ProduceRequest::default() };
    let answer: ProduceResponse = wire::call(stream, ApiKey::Produce, 9, &request)?;
    *produced = Instant::now();
    let part = answer.responses.first().and_then(|topic| topic.partition_responses.first());
    let part = part.ok_or("an empty answer")?;
    if (part.error_code, part.base_offset) != (0, number) {
        return Err(format!("record {number} got offset {} and error {}", part.base_offset, part.error_code));
    }
    let wanted =
        FetchPartition { fetch_offset: number, partition_max_bytes: 1 << 20, ..FetchPartition::default() };
    let topic = FetchTopic { topic: "healthy".to_owned(), partitions: vec![wanted], ..FetchTopic::default() };
    let request = FetchRequest {
        max_wait_ms: 1_000,
        min_bytes: 1,
        max_bytes: 1 << 20,
        topics: vec![topic],
        ..FetchRequest::default()
    };
    let answer: FetchResponse = wire::call(stream, ApiKey::Fetch, 12, &request)?;
    let part =
        answer.responses.first().and_then(|topic| topic.partitions.first()).ok_or("nothing fetched")?;
    let bytes = part.records.bytes().unwrap_or_default();
    if part.error_code != 0 || !bytes.windows(value.len()).any(|part| part == value.as_bytes()) {
        return Err(format!("record {number} is not there: error {}", part.error_code));
    }
    Ok(())
}
