//! Fetch (key 1), versions 4–18.
//!
//! v4 isolation level · v5 log start offset · v7 sessions (KIP-227) · v9 leader epochs · v11 rack · v12 diverging
//! epochs · v13 topic ids instead of names · v15 replica state · v16 node endpoints · v17 directory ids · v18 high
//! watermark of the fetcher.
//!
//! Differs from Kafka in one point: a consumer reads what is *committed*, which here means synced. So a fetch at the
//! end of a partition that has records which only wait for a sync asks for that sync, and waits for it at least
//! [`SYNC_WAIT`], even if it said that it would not wait at all.

mod answer;
mod read;

use std::sync::Arc;
use std::time::Duration;

use headwater_base::LeaderEpoch;
use headwater_base::error_code::ErrorCode;
use headwater_protocol::Records;
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::fetch_request::{FetchPartition, FetchRequest};
use headwater_protocol::messages::fetch_response::{FetchResponse, FetchableTopicResponse, PartitionData};
use headwater_runtime::Tick;

use super::{Answerer, Close, Reply, Request, Row};
use crate::broker::Broker;
use crate::connection::response::Response;
use crate::machine::fetch_session::{self, Context, PartitionKey, Wanted};
use crate::partition::{FetchBound, ParkedFetch};
use read::Reads;

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::Fetch, handle };

/// How long a fetch waits at least for records that only wait for a sync.
pub const SYNC_WAIT: Duration = Duration::from_secs(1);
/// The first version with topic ids.
const TOPIC_IDS_FROM: i16 = 13;

/// A fetch, as far as reading needs it.
struct Fetch {
    broker: Arc<Broker>,
    answerer: Answerer,
    context: Context,
    wanted: Vec<Wanted>,
    bound: FetchBound,
    max_bytes: u64,
    min_bytes: u64,
    /// The requester says that it is a replica, which no other node is.
    from_replica: bool,
}

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let message: FetchRequest = request.decode(body)?;
    if !(0..=1).contains(&message.isolation_level) {
        return Ok(request.answerer.now(&unknown_isolation(request.version, message)));
    }
    let broker = request.broker;
    let max_wait = Duration::from_millis(u64::try_from(message.max_wait_ms).unwrap_or(0));
    let fetch = match begin(request, message) {
        Ok(fetch) => fetch,
        Err(error) => {
            let answer = FetchResponse { error_code: error.code(), ..FetchResponse::default() };
            return Ok(request.answerer.now(&answer));
        }
    };
    let reads = fetch.read(None);
    if fetch.is_enough(&reads) || (max_wait.is_zero() && !reads.unsynced) {
        return Ok(match fetch.try_answer(reads) {
            Ok(response) => Reply::Now(response),
            Err((fetch, reads)) => Reply::Later(Box::pin(async move { fetch.answer(reads).await })),
        });
    }
    let wait = if reads.unsynced { max_wait.max(SYNC_WAIT) } else { max_wait };
    let deadline = broker.runtime.now() + wait;
    // A fetch that came without patience waits for the sync alone.
    let patient = !max_wait.is_zero();
    Ok(Reply::Later(Box::pin(fetch.wait(deadline, patient))))
}

/// The answer to an isolation level that does not exist. Before version 13 every partition tells of it.
fn unknown_isolation(version: i16, message: FetchRequest) -> FetchResponse {
    let error_code = ErrorCode::UnknownServerError.code();
    let partition = |wanted: &FetchPartition| PartitionData {
        partition_index: wanted.partition,
        error_code,
        high_watermark: -1,
        aborted_transactions: Some(Vec::new()),
        records: Records::Bytes(Vec::new()),
        ..PartitionData::default()
    };
    let topics = message.topics.into_iter().filter(|_| version < TOPIC_IDS_FROM);
    let responses = topics.map(|topic| FetchableTopicResponse {
        partitions: topic.partitions.iter().map(partition).collect(),
        topic: topic.topic,
        ..FetchableTopicResponse::default()
    });
    FetchResponse {
        error_code,
        session_id: message.session_id,
        responses: responses.collect(),
        ..FetchResponse::default()
    }
}

fn begin(request: &Request<'_>, message: FetchRequest) -> Result<Fetch, ErrorCode> {
    let broker = request.broker;
    let uses_topic_ids = request.version >= TOPIC_IDS_FROM;
    let replica = if request.version >= 15 { message.replica_state.replica_id } else { message.replica_id };
    let bound = if message.isolation_level == 1 { FetchBound::LastStable } else { FetchBound::HighWatermark };
    let max_bytes = u64::try_from(message.max_bytes).unwrap_or(0).min(broker.limits.fetch_max_bytes);
    let min_bytes = u64::try_from(message.min_bytes).unwrap_or(0).min(max_bytes);
    let session = session_request(message, uses_topic_ids);
    let now_ms = broker.runtime.now().as_millis();
    let (context, wanted) = broker.fetch_sessions().begin(now_ms, broker.runtime.random_u64(), session)?;
    Ok(Fetch {
        broker: Arc::clone(broker),
        answerer: request.answerer,
        context,
        wanted,
        bound,
        max_bytes,
        min_bytes,
        from_replica: replica >= 0,
    })
}

fn session_request(message: FetchRequest, uses_topic_ids: bool) -> fetch_session::Request {
    let mut partitions = Vec::new();
    for topic in message.topics {
        let name: Arc<str> = topic.topic.into();
        partitions.extend(topic.partitions.iter().map(|partition| Wanted {
            key: PartitionKey {
                topic_id: topic.topic_id,
                topic: Arc::clone(&name),
                partition: partition.partition,
            },
            fetch_offset: partition.fetch_offset,
            max_bytes: partition.partition_max_bytes,
            // Everything below zero is "none" here, other than in ListOffsets and OffsetForLeaderEpoch.
            current_leader_epoch: partition.current_leader_epoch.max(LeaderEpoch::NONE.0),
            last_fetched_epoch: partition.last_fetched_epoch.max(LeaderEpoch::NONE.0),
        }));
    }
    let mut forgotten = Vec::new();
    for topic in message.forgotten_topics_data {
        let name: Arc<str> = topic.topic.into();
        forgotten.extend(topic.partitions.iter().map(|partition| PartitionKey {
            topic_id: topic.topic_id,
            topic: Arc::clone(&name),
            partition: *partition,
        }));
    }
    fetch_session::Request {
        session_id: message.session_id,
        epoch: message.session_epoch,
        uses_topic_ids,
        partitions,
        forgotten,
    }
}

impl Fetch {
    /// Kafka's rule for answering at once: enough bytes, nothing asked, or something that the client must hear.
    fn is_enough(&self, reads: &Reads) -> bool {
        reads.bytes >= self.min_bytes || self.wanted.is_empty() || reads.urgent
    }

    /// Waits for progress until there is enough, or the deadline has come.
    async fn wait(self, deadline: Tick, patient: bool) -> Response {
        let parked = Arc::new(ParkedFetch::default());
        let reads = loop {
            let reads = self.read(Some(&parked));
            if self.is_enough(&reads) || (!patient && !reads.unsynced) {
                break reads;
            }
            let progress = self.broker.runtime.timeout_at(deadline, parked.progress.notified());
            if progress.await.is_err() {
                break self.read(None);
            }
        };
        self.unpark(&parked);
        self.answer(reads).await
    }
}
