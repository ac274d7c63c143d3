//! The task that sends: it asks the machine what may leave, groups it by broker, and brings the answers back.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use headwater_base::{ErrorCode, Uuid};
use headwater_protocol::messages::init_producer_id_request::InitProducerIdRequest;
use headwater_protocol::messages::produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData};
use headwater_protocol::messages::produce_response::{PartitionProduceResponse, ProduceResponse};
use headwater_protocol::{ApiKey, Records};
use headwater_runtime::Tick;
use headwater_runtime::sync::select2;

use super::Core;
use crate::error::{Error, ErrorKind, Result, check};
use crate::machine::metadata::Broker;
use crate::machine::producer::{Identity, Outcome, Ready, Sent};
use crate::net::cluster::Topics;
use crate::net::link::Link;
use crate::net::routing::Target;

/// The highest version of Produce that names topics.
const BY_NAME: i16 = 12;
/// A pause after metadata was asked for in vain.
const METADATA_PAUSE_MS: u64 = 50;

/// What goes on beside the task.
#[derive(Default)]
struct Busy {
    /// Requests under way to each broker.
    requests: BTreeMap<i32, usize>,
    /// Brokers to which a connection is being made.
    connecting: BTreeSet<i32>,
    links: BTreeMap<i32, Link>,
    refreshing: bool,
    /// A producer id is being asked for.
    identifying: bool,
}

type Shared = Rc<RefCell<Busy>>;

/// Sends until the producer is closed.
pub(super) async fn run(core: Rc<Core>) {
    let busy = Shared::default();
    loop {
        let woken = core.wake.notified();
        let now_ms = core.cluster.now().as_millis();
        let expired = core.machine.borrow_mut().expire(now_ms);
        expired.into_iter().for_each(|settled| core.tell(settled));
        if core.closing.get() {
            break;
        }
        if core.machine.borrow().wants_identity() && !busy.borrow().identifying {
            busy.borrow_mut().identifying = true;
            let task = identify(core.clone(), busy.clone());
            core.cluster.runtime().spawn_detached("producer-identity", task);
        }
        send_ready(&core, &busy, now_ms);
        let stale = refresh_if_old(&core, &busy, now_ms);
        let due = core.machine.borrow().next_due_ms().into_iter().chain(stale).min();
        let at = due.map_or(Tick::NEVER, |ms| {
            let soon = core.cluster.now() + Duration::from_millis(1);
            Tick(ms.saturating_mul(1_000_000)).max(soon)
        });
        select2(woken, core.cluster.runtime().sleep_until(at)).await;
    }
    let rest = core.machine.borrow_mut().fail_all(&Error::closed());
    rest.into_iter().for_each(|settled| core.tell(settled));
    core.cluster.close();
}

/// Sends all that may leave, as far as brokers are connected and have room.
fn send_ready(core: &Rc<Core>, busy: &Shared, now_ms: u64) {
    let hurry = core.memory.waiting() > 0;
    loop {
        let ready = core.machine.borrow_mut().ready(now_ms, hurry);
        let mut by_node: BTreeMap<i32, Vec<Ready>> = BTreeMap::new();
        let mut homeless = BTreeSet::new();
        for it in ready {
            match core.cluster.known_leader(&it.topic, it.partition) {
                Some(node) => by_node.entry(node).or_default().push(it),
                None => {
                    homeless.insert(it.topic);
                }
            }
        }
        if !homeless.is_empty() {
            refresh(core, busy, homeless);
        }
        let mut sent_any = false;
        for (node, partitions) in by_node {
            let Some(link) = connected(core, busy, node) else { continue };
            let under_way = busy.borrow().requests.get(&node).copied().unwrap_or(0);
            if under_way >= core.config.limits.max_in_flight {
                continue;
            }
            let batches = core.machine.borrow_mut().drain(now_ms, hurry, &partitions);
            if !batches.is_empty() {
                sent_any = true;
                produce(core, busy, node, &link, batches);
            }
        }
        if !sent_any {
            return;
        }
    }
}

/// The open connection to a broker; otherwise one is being made.
fn connected(core: &Rc<Core>, busy: &Shared, node: i32) -> Option<Link> {
    let known = busy.borrow().links.get(&node).cloned();
    if let Some(link) = known.filter(|link| link.is_ready()) {
        return Some(link);
    }
    if busy.borrow_mut().connecting.insert(node) {
        let (core, busy) = (core.clone(), busy.clone());
        let runtime = core.cluster.runtime().clone();
        runtime.spawn_detached("producer-connect", async move {
            let deadline = core.cluster.after_ms(core.config.client.request_timeout_ms);
            let link = core.cluster.connection(node, deadline).await;
            match link {
                Ok(link) => {
                    busy.borrow_mut().links.insert(node, link);
                }
                Err(error) => {
                    tracing::debug!("node {node}: {error}");
                    forget_leaders(&core, node);
                    core.cluster.runtime().sleep(Duration::from_millis(METADATA_PAUSE_MS)).await;
                }
            }
            busy.borrow_mut().connecting.remove(&node);
            core.wake.notify_one();
        });
    }
    None
}

/// A broker cannot be reached: others may lead by now.
fn forget_leaders(core: &Core, node: i32) {
    let mut metadata = core.cluster.inner.metadata.borrow_mut();
    let led: Vec<(String, i32)> = metadata
        .topic_names()
        .filter_map(|name| metadata.topic(name))
        .flat_map(|topic| {
            let led = topic.partitions.iter().filter(|partition| partition.leader == Some(node));
            led.map(|partition| (topic.name.clone(), partition.index))
        })
        .collect();
    for (topic, partition) in led {
        metadata.forget_leader(&topic, partition);
    }
}

/// Looks at the metadata again when it is as old as `metadata.max.age.ms`; gives when that will be.
fn refresh_if_old(core: &Rc<Core>, busy: &Shared, now_ms: u64) -> Option<u64> {
    let metadata = core.cluster.inner.metadata.borrow();
    let old_at = metadata.updated_at_ms?.saturating_add(core.config.client.metadata_max_age_ms);
    if now_ms < old_at {
        return Some(old_at);
    }
    let topics = metadata.topic_names().map(str::to_owned).collect();
    drop(metadata);
    refresh(core, busy, topics);
    None
}

/// Asks for metadata, once at a time.
fn refresh(core: &Rc<Core>, busy: &Shared, topics: BTreeSet<String>) {
    if std::mem::replace(&mut busy.borrow_mut().refreshing, true) {
        return;
    }
    let (core, busy) = (core.clone(), busy.clone());
    let runtime = core.cluster.runtime().clone();
    runtime.spawn_detached("producer-metadata", async move {
        let deadline = core.cluster.after_ms(core.config.client.request_timeout_ms);
        let topics = Topics::Named(topics.into_iter().collect());
        if let Err(error) = core.cluster.refresh(&topics, false, deadline).await {
            tracing::debug!("metadata: {error}");
        }
        core.cluster.runtime().sleep(Duration::from_millis(METADATA_PAUSE_MS)).await;
        busy.borrow_mut().refreshing = false;
        core.wake.notify_one();
    });
}

/// Asks for a producer id until there is one.
async fn identify(core: Rc<Core>, busy: Shared) {
    let deadline = core.cluster.after_ms(core.config.limits.delivery_timeout_ms);
    let request = InitProducerIdRequest {
        transactional_id: None,
        transaction_timeout_ms: i32::MAX,
        producer_id: -1,
        producer_epoch: -1,
        ..InitProducerIdRequest::default()
    };
    let outcome = core
        .cluster
        .attempts("initProducerId", deadline, async || {
            let link = core.cluster.route(&Target::Any, deadline).await?;
            let response = core.cluster.ask(&link, &request, deadline).await?;
            check(response.error_code)?;
            Ok(Identity { id: response.producer_id, epoch: response.producer_epoch })
        })
        .await;
    busy.borrow_mut().identifying = false;
    match outcome {
        Ok(identity) => core.machine.borrow_mut().set_identity(identity),
        Err(error) if error.retriable() => tracing::debug!("producer id: {error}"),
        Err(error) => {
            let failed = core.machine.borrow_mut().fail_all(&error);
            failed.into_iter().for_each(|settled| core.tell(settled));
            *core.fatal.borrow_mut() = Some(error);
        }
    }
    core.wake.notify_one();
}

/// Sends one request and has its answer brought back.
fn produce(core: &Rc<Core>, busy: &Shared, node: i32, link: &Link, batches: Vec<Sent>) {
    let receiver = match begin(core, link, &batches) {
        Ok(receiver) => receiver,
        Err(error) => {
            settle_all(core, &batches, &error);
            return;
        }
    };
    *busy.borrow_mut().requests.entry(node).or_default() += 1;
    let (core, busy) = (core.clone(), busy.clone());
    let runtime = core.cluster.runtime().clone();
    runtime.spawn_detached("producer-answer", async move {
        let answer = match receiver {
            Begun::Answered(receiver) => match receiver.await {
                Ok(answer) => answer.and_then(|answer| answer.decode::<ProduceRequest>()).map(Some),
                Err(_) => Err(Error::closed()),
            },
            Begun::Unanswered => Ok(None),
        };
        if let Some(count) = busy.borrow_mut().requests.get_mut(&node) {
            *count -= 1;
        }
        match answer {
            Ok(Some(response)) => take_response(&core, &batches, response),
            Ok(None) => {
                for sent in &batches {
                    settle(&core, sent, Outcome::Written { base_offset: -1, log_append_time: -1 });
                }
            }
            Err(error) => {
                forget_leaders(&core, node);
                settle_all(&core, &batches, &error);
            }
        }
        core.wake.notify_one();
    });
}

enum Begun {
    Answered(headwater_runtime::sync::oneshot::Receiver<Result<crate::net::link::Answer>>),
    Unanswered,
}

fn begin(core: &Core, link: &Link, batches: &[Sent]) -> Result<Begun> {
    let versions = link.versions().ok_or_else(Error::closed)?;
    let ids: Vec<Uuid> = {
        let metadata = core.cluster.inner.metadata.borrow();
        batches.iter().map(|sent| metadata.topic(&sent.topic).map_or(Uuid::ZERO, |topic| topic.id)).collect()
    };
    let highest = if ids.iter().any(|id| id.is_zero()) { BY_NAME } else { i16::MAX };
    let version = versions.pick(ApiKey::Produce, 3, highest)?;
    let mut topics: BTreeMap<&str, TopicProduceData> = BTreeMap::new();
    let mut shared = Vec::new();
    for (sent, id) in batches.iter().zip(ids) {
        let topic = topics.entry(&sent.topic).or_insert_with(|| {
            let by_id = version > BY_NAME;
            let name = if by_id { String::new() } else { sent.topic.clone() };
            TopicProduceData {
                name,
                topic_id: if by_id { id } else { Uuid::ZERO },
                partition_data: Vec::new(),
            }
        });
        let records = Records::External { len: sent.bytes.len() as u32, token: shared.len() as u64 };
        topic.partition_data.push(PartitionProduceData { index: sent.partition, records });
        shared.push(sent.bytes.clone());
    }
    let timeout_ms = core.config.client.request_timeout_ms;
    let request = ProduceRequest {
        transactional_id: None,
        acks: core.config.acks,
        timeout_ms: i32::try_from(timeout_ms).unwrap_or(i32::MAX),
        topic_data: topics.into_values().collect(),
    };
    if core.config.acks == 0 {
        link.send_unanswered(version, &request, &shared)?;
        return Ok(Begun::Unanswered);
    }
    link.send(version, &request, &shared, core.cluster.after_ms(timeout_ms)).map(Begun::Answered)
}

fn take_response(core: &Core, batches: &[Sent], response: ProduceResponse) {
    for node in response.node_endpoints {
        if let Ok(port) = u16::try_from(node.port) {
            let broker = Broker { id: node.node_id, host: node.host, port, rack: node.rack };
            core.cluster.inner.metadata.borrow_mut().add_broker(broker);
        }
    }
    let mut answers: BTreeMap<(String, i32), PartitionProduceResponse> = BTreeMap::new();
    for topic in response.responses {
        let by_id = || {
            let metadata = core.cluster.inner.metadata.borrow();
            metadata.topic_by_id(topic.topic_id).map(|topic| topic.name.clone())
        };
        let name = if topic.name.is_empty() { by_id().unwrap_or_default() } else { topic.name };
        for partition in topic.partition_responses {
            answers.insert((name.clone(), partition.index), partition);
        }
    }
    for sent in batches {
        let outcome = match answers.remove(&(sent.topic.clone(), sent.partition)) {
            Some(answer) => outcome_of(core, sent, answer),
            None => {
                // A topic that was made again under its name in the meantime is answered under an id that is forgotten.
                core.cluster.lost(&Target::Leader(sent.topic.clone(), sent.partition));
                Outcome::Lost(Error::new(ErrorKind::Disconnected, "the response does not name the partition"))
            }
        };
        settle(core, sent, outcome);
    }
}

fn outcome_of(core: &Core, sent: &Sent, answer: PartitionProduceResponse) -> Outcome {
    let code = ErrorCode::from_code(answer.error_code);
    if code == ErrorCode::None {
        return Outcome::Written {
            base_offset: answer.base_offset,
            log_append_time: answer.log_append_time_ms,
        };
    }
    let stale = matches!(
        code,
        ErrorCode::NotLeaderOrFollower
            | ErrorCode::FencedLeaderEpoch
            | ErrorCode::UnknownTopicOrPartition
            | ErrorCode::UnknownTopicId
            | ErrorCode::InconsistentTopicId
            | ErrorCode::LeaderNotAvailable
            | ErrorCode::KafkaStorageError
            | ErrorCode::ReplicaNotAvailable
    );
    let hint = answer.current_leader;
    let mut metadata = core.cluster.inner.metadata.borrow_mut();
    if stale && !metadata.leader_hint(&sent.topic, sent.partition, hint.leader_id, hint.leader_epoch) {
        metadata.forget_leader(&sent.topic, sent.partition);
    }
    let records =
        answer.record_errors.into_iter().map(|it| (it.batch_index, it.batch_index_error_message)).collect();
    Outcome::Refused { error: Error::api(code, answer.error_message), records }
}

fn settle_all(core: &Core, batches: &[Sent], error: &Error) {
    for sent in batches {
        settle(core, sent, Outcome::Lost(error.clone()));
    }
}

fn settle(core: &Core, sent: &Sent, outcome: Outcome) {
    let random = core.cluster.runtime().random_u64();
    let wait = core.config.client.retry_backoff.after(1, random);
    let retry_at_ms = core.cluster.now().as_millis() + wait;
    let place = (sent.topic.as_str(), sent.partition);
    let settled = core.machine.borrow_mut().answered(place, sent.id, outcome, retry_at_ms);
    if let Some(settled) = settled {
        core.tell(settled);
    }
}
