//! Produce (key 0), versions 3–13; advertised from 0, or librdkafka would not compress (KAFKA-18659).
//!
//! v5 log start offset · v8 errors per record · v9 flexible · v10 current leader · v13 topic ids instead of names.
//!
//! acks=1 is answered when the leader's log has the batch, acks=all when it is durable (or, in memory mode, as in
//! Kafka). With acks=0 nothing is answered, and a failure closes the connection.

use std::sync::Arc;
use std::time::Duration;

use headwater_base::error_code::ErrorCode;
use headwater_protocol::api::ApiKey;
use headwater_protocol::messages::produce_response::{
    BatchIndexAndErrorMessage, PartitionProduceResponse, ProduceResponse, TopicProduceResponse,
};
use headwater_protocol::view::{PartitionProduceView, ProduceRequestView, TopicProduceView};
use headwater_records::BatchHeader;
use headwater_runtime::Tick;
use headwater_runtime::sync::oneshot;

use super::topic_names::is_internal;
use super::{Close, Reply, Request, Row};
use crate::broker::Broker;
use crate::partition::{Acks, AppendOutcome, Appended, Appending, Committed, Partition, Refused, Wish};

/// Registers this file.
pub const ROW: Row = Row { key: ApiKey::Produce, handle };

/// A request for more partitions than this lets those for fewer go first at the disk.
const MANY: usize = 16;

/// The first version with topic ids.
const TOPIC_IDS_FROM: i16 = 13;

/// One partition's part of the answer, or what it waits for.
enum Part {
    Settled(Result<Appended, Refused>),
    Appending(oneshot::Receiver<AppendOutcome>),
    Committing(Appended, oneshot::Receiver<Committed>),
}

struct Topic {
    answer: TopicProduceResponse,
    parts: Vec<(i32, Part)>,
}

fn handle(request: &Request<'_>, body: &mut [u8]) -> Result<Reply, Close> {
    let view = ProduceRequestView::parse(body, request.version).map_err(|error| request.malformed(error))?;
    let acks = match view.acks {
        0 => Some(Acks::None),
        1 => Some(Acks::Leader),
        -1 => Some(Acks::All),
        _ => None,
    };
    // Kafka's question to the authorizer, which without an authorizer only a named transaction answers with yes.
    let admitted = match acks {
        None => Err(ErrorCode::InvalidRequiredAcks),
        Some(_) if view.transactional_id.is_none() && has_transactional_records(&view, body) => {
            Err(ErrorCode::TransactionalIdAuthorizationFailed)
        }
        Some(acks) => Ok(acks),
    };
    let partitions: usize = view.topics.iter().map(|topic| topic.partitions.len()).sum();
    let wish = admitted.map(|acks| Wish { acks, among_many: partitions > MANY });
    let mut topics = Vec::with_capacity(view.topics.len());
    for topic in view.topics.iter().filter(|topic| !topic.partitions.is_empty()) {
        topics.push(start_topic(request, body, topic, wish));
    }
    if acks == Some(Acks::None) {
        return silent(&topics);
    }
    let settled = |topic: &Topic| topic.parts.iter().all(|(_, part)| matches!(part, Part::Settled(_)));
    if topics.iter().all(settled) {
        let responses = topics.into_iter().map(Topic::settled).collect();
        return Ok(request.answerer.now(&ProduceResponse { responses, ..ProduceResponse::default() }));
    }
    let timeout = Duration::from_millis(u64::try_from(view.timeout_ms).unwrap_or(0));
    let broker = Arc::clone(request.broker);
    let deadline = broker.runtime.now() + timeout;
    Ok(request.answerer.later(async move {
        let mut responses = Vec::with_capacity(topics.len());
        for topic in topics {
            responses.push(topic.settle(&broker, deadline).await);
        }
        ProduceResponse { responses, ..ProduceResponse::default() }
    }))
}

/// Whether a batch says that it belongs to a transaction.
fn has_transactional_records(view: &ProduceRequestView, body: &[u8]) -> bool {
    let partitions = view.topics.iter().flat_map(|topic| &topic.partitions);
    let batches = partitions.filter_map(|partition| body.get(partition.records.clone()?));
    batches.filter_map(|bytes| BatchHeader::parse(bytes).ok()).any(|header| header.is_transactional())
}

fn start_topic(
    request: &Request<'_>,
    body: &mut [u8],
    topic: &TopicProduceView,
    wish: Result<Wish, ErrorCode>,
) -> Topic {
    let answer = TopicProduceResponse {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        ..TopicProduceResponse::default()
    };
    let parts = topic
        .partitions
        .iter()
        .map(|wanted| (wanted.index, start_partition(request, body, topic, wanted, wish)))
        .collect();
    Topic { answer, parts }
}

fn start_partition(
    request: &Request<'_>,
    body: &mut [u8],
    topic: &TopicProduceView,
    wanted: &PartitionProduceView,
    wish: Result<Wish, ErrorCode>,
) -> Part {
    let wish = match wish {
        Ok(wish) => wish,
        Err(error) => return Part::Settled(Err(Refused::code(error))),
    };
    let partition = match find(request, topic, wanted.index) {
        Ok(partition) => partition,
        Err(refused) => return Part::Settled(Err(refused)),
    };
    let Some(range) = wanted.records.clone() else {
        return Part::Settled(Err(Refused::code(ErrorCode::InvalidRecord)));
    };
    let appending = partition.append(&request.broker.runtime, &mut body[range], wish, request.version);
    match appending {
        Appending::Done(outcome) => Part::from_outcome(outcome),
        Appending::Later(receiver) => Part::Appending(receiver),
    }
}

fn find(request: &Request<'_>, topic: &TopicProduceView, index: i32) -> Result<Arc<Partition>, Refused> {
    let found = if request.version >= TOPIC_IDS_FROM {
        request.broker.partition_by_id(topic.topic_id, index)
    } else {
        request.broker.partition(&topic.name, index)
    };
    let partition = found.map_err(Refused::code)?;
    if is_internal(&partition.name.topic) {
        let message = format!("Cannot append to internal topic {}", partition.name.topic);
        return Err(Refused { message: Some(message), ..Refused::code(ErrorCode::InvalidTopicException) });
    }
    Ok(partition)
}

/// With acks=0 the only way to tell of an error is to hang up, so that the client looks for the leader anew.
fn silent(topics: &[Topic]) -> Result<Reply, Close> {
    for topic in topics {
        for (index, part) in &topic.parts {
            if let Part::Settled(Err(refused)) = part {
                let (name, id) = (&topic.answer.name, topic.answer.topic_id);
                let code = refused.code.name();
                return Err(Close(format!("Produce with acks=0 failed: {name}({id})-{index}: {code}")));
            }
        }
    }
    Ok(Reply::Silent)
}

impl Part {
    fn from_outcome(outcome: AppendOutcome) -> Self {
        match outcome {
            Ok((appended, None)) => Part::Settled(Ok(appended)),
            Ok((appended, Some(ticket))) => Part::Committing(appended, ticket),
            Err(refused) => Part::Settled(Err(refused)),
        }
    }

    /// Waits, at most to the deadline, for what the part waits for.
    async fn settle(self, broker: &Broker, deadline: Tick) -> Result<Appended, Refused> {
        let part = match self {
            Part::Appending(receiver) => match receiver.await {
                Ok(outcome) => Part::from_outcome(outcome),
                Err(_) => return Err(Refused::code(ErrorCode::NotLeaderOrFollower)),
            },
            part => part,
        };
        match part {
            Part::Settled(result) => result,
            Part::Appending(_) => Err(Refused::code(ErrorCode::UnknownServerError)),
            Part::Committing(appended, ticket) => match broker.runtime.timeout_at(deadline, ticket).await {
                Ok(Ok(Ok(()))) => Ok(appended),
                Ok(Ok(Err(code))) => Err(Refused::code(code)),
                Ok(Err(_)) => Err(Refused::code(ErrorCode::NotLeaderOrFollower)),
                Err(_) => Err(Refused::code(ErrorCode::RequestTimedOut)),
            },
        }
    }
}

impl Topic {
    fn settled(mut self) -> TopicProduceResponse {
        for (index, part) in self.parts {
            if let Part::Settled(result) = part {
                self.answer.partition_responses.push(partition_answer(index, result));
            }
        }
        self.answer
    }

    async fn settle(mut self, broker: &Broker, deadline: Tick) -> TopicProduceResponse {
        for (index, part) in self.parts {
            let result = part.settle(broker, deadline).await;
            self.answer.partition_responses.push(partition_answer(index, result));
        }
        self.answer
    }
}

fn partition_answer(index: i32, result: Result<Appended, Refused>) -> PartitionProduceResponse {
    match result {
        Ok(appended) => PartitionProduceResponse {
            index,
            base_offset: appended.base_offset.0,
            log_append_time_ms: appended.log_append_time_ms,
            log_start_offset: appended.log_start_offset.0,
            ..PartitionProduceResponse::default()
        },
        Err(refused) => PartitionProduceResponse {
            index,
            error_code: refused.code.code(),
            base_offset: -1,
            log_start_offset: refused.log_start_offset.0,
            record_errors: refused
                .records
                .into_iter()
                .map(|error| BatchIndexAndErrorMessage {
                    batch_index: error.batch_index,
                    batch_index_error_message: Some(error.message),
                })
                .collect(),
            error_message: refused.message,
            ..PartitionProduceResponse::default()
        },
    }
}
