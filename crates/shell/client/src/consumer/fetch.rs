//! The task that fetches: one request at a time to each broker, a little ahead of what is polled.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;
use std::time::Duration;

use headwater_base::{ErrorCode, TopicPartition, Uuid};
use headwater_protocol::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic, ForgottenTopic};
use headwater_protocol::messages::fetch_response::{FetchResponse, PartitionData};
use headwater_protocol::{ApiKey, Reader};
use headwater_runtime::sync::select2;

use super::{Core, positions};
use crate::admin::{IsolationLevel, partition};
use crate::error::{Error, ErrorKind, Result};
use crate::machine::decode::Fetched;
use crate::machine::metadata::Broker;
use crate::machine::session::{Asked, FetchSession, Wanted};
use crate::net::cluster::Topics;
use crate::net::link::{Answer, Link};
use crate::net::routing::Target;

/// The highest version of Fetch that names topics.
const BY_NAME: i16 = 12;
/// How often time alone is looked at: partitions that rest, metadata that grows old.
const TICK: Duration = Duration::from_millis(100);

/// What goes on beside the task.
#[derive(Default)]
pub(super) struct Busy {
    sessions: BTreeMap<i32, FetchSession>,
    fetching: BTreeSet<i32>,
    resolving: bool,
    refreshing: bool,
}

type Shared = Rc<RefCell<Busy>>;

/// Fetches until the consumer is closed.
pub(super) async fn run(core: Rc<Core>) {
    let busy = Shared::default();
    while !core.closing.get() {
        let woken = core.wake.notified();
        look(&core, &busy);
        select2(woken, core.cluster.runtime().sleep(TICK)).await;
    }
    close_sessions(&core, &busy).await;
    core.cluster.close();
}

/// Starts what can be started.
fn look(core: &Rc<Core>, busy: &Shared) {
    if !busy.borrow().resolving {
        busy.borrow_mut().resolving = true;
        let (core, busy) = (core.clone(), busy.clone());
        let runtime = core.cluster.runtime().clone();
        runtime.spawn_detached("consumer-positions", async move {
            let any = positions::resolve(&core).await;
            if any {
                core.cluster.runtime().sleep(Duration::from_millis(1)).await;
            }
            busy.borrow_mut().resolving = false;
            if any {
                core.wake.notify_one();
                core.arrived.notify_waiters();
            }
        });
    }
    let now = core.cluster.now();
    let mut by_node: BTreeMap<i32, BTreeMap<(String, i32), Wanted>> = BTreeMap::new();
    let mut homeless = BTreeSet::new();
    for (key, it) in &mut core.state.borrow_mut().partitions {
        let Some(offset) = it.fetch_offset(now) else { continue };
        let metadata = core.cluster.inner.metadata.borrow();
        let topic = metadata.topic(&key.topic);
        let found = topic.and_then(|topic| topic.partition(key.partition.0));
        let leader = found.and_then(|found| found.leader).filter(|leader| metadata.broker(*leader).is_some());
        let preferred = it.preferred.filter(|(node, until)| now < *until && metadata.broker(*node).is_some());
        let (Some(topic), Some(found), Some(leader)) = (topic, found, leader) else {
            homeless.insert(key.topic.clone());
            continue;
        };
        let checked = it.position.is_none_or(|position| {
            position.epoch < 0 || found.leader_epoch <= it.checked_epoch.max(position.epoch)
        });
        if checked {
            let node = preferred.map_or(leader, |(node, _)| node);
            let wanted = Wanted { topic_id: topic.id, offset, leader_epoch: found.leader_epoch };
            by_node.entry(node).or_default().insert((key.topic.clone(), key.partition.0), wanted);
        }
    }
    let old = core
        .cluster
        .inner
        .metadata
        .borrow()
        .updated_at_ms
        .is_some_and(|at| now.as_millis() >= at.saturating_add(core.config.client.metadata_max_age_ms));
    if old {
        homeless.extend(core.state.borrow().partitions.keys().map(|key| key.topic.clone()));
    }
    if !homeless.is_empty() {
        refresh(core, busy, homeless);
    }
    for (node, wanted) in by_node {
        if busy.borrow_mut().fetching.insert(node) {
            start(core, busy, node, wanted);
        }
    }
}

fn refresh(core: &Rc<Core>, busy: &Shared, topics: BTreeSet<String>) {
    if std::mem::replace(&mut busy.borrow_mut().refreshing, true) {
        return;
    }
    let (core, busy) = (core.clone(), busy.clone());
    let runtime = core.cluster.runtime().clone();
    runtime.spawn_detached("consumer-metadata", async move {
        let deadline = core.cluster.after_ms(core.config.client.request_timeout_ms);
        let topics = Topics::Named(topics.into_iter().collect());
        let outcome = core.cluster.refresh(&topics, core.config.create_topics, deadline).await;
        match outcome {
            Ok(response) => {
                for topic in response.topics {
                    let code = ErrorCode::from_code(topic.error_code);
                    let fatal = matches!(
                        code,
                        ErrorCode::TopicAuthorizationFailed | ErrorCode::InvalidTopicException
                    );
                    if fatal {
                        core.state.borrow_mut().tell(Error::api(code, None));
                        core.arrived.notify_waiters();
                    }
                }
            }
            Err(error) => tracing::debug!("metadata: {error}"),
        }
        core.cluster.runtime().sleep(positions::PAUSE).await;
        busy.borrow_mut().refreshing = false;
        core.wake.notify_one();
    });
}

/// What was asked, to understand the answer: offset and version of each partition.
type Questions = BTreeMap<TopicPartition, (i64, u64)>;

fn start(core: &Rc<Core>, busy: &Shared, node: i32, wanted: BTreeMap<(String, i32), Wanted>) {
    let mut questions = Questions::new();
    for ((topic, index), wanted) in &wanted {
        let key = partition(topic, *index);
        if let Some(it) = core.state.borrow_mut().partitions.get_mut(&key) {
            it.in_flight = true;
            questions.insert(key, (wanted.offset, it.version));
        }
    }
    let (core, busy) = (core.clone(), busy.clone());
    let runtime = core.cluster.runtime().clone();
    runtime.spawn_detached("consumer-fetch", async move {
        let outcome = fetch(&core, &busy, node, wanted).await;
        for (key, (_, version)) in &questions {
            if let Some(it) =
                core.state.borrow_mut().partitions.get_mut(key).filter(|it| it.version == *version)
            {
                it.in_flight = false;
            }
        }
        match outcome {
            Ok((answer, response)) => take_response(&core, &busy, node, answer, response, &questions),
            Err(error) => {
                tracing::debug!("fetch from node {node}: {error}");
                busy.borrow_mut().sessions.entry(node).or_default().lost();
                failed(&core, node, &questions, error);
                core.cluster.runtime().sleep(positions::PAUSE).await;
            }
        }
        busy.borrow_mut().fetching.remove(&node);
        core.wake.notify_one();
        core.arrived.notify_waiters();
    });
}

/// A broker did not answer: others may lead by now.
fn failed(core: &Core, node: i32, questions: &Questions, error: Error) {
    let mut state = core.state.borrow_mut();
    for key in questions.keys() {
        if let Some(it) = state.partitions.get_mut(key)
            && it.preferred.take().is_none_or(|(preferred, _)| preferred != node)
        {
            core.cluster.lost(&Target::Leader(key.topic.clone(), key.partition.0));
        }
    }
    if !error.retriable() {
        state.tell(error);
    }
}

async fn fetch(
    core: &Core,
    busy: &Shared,
    node: i32,
    wanted: BTreeMap<(String, i32), Wanted>,
) -> Result<(Answer, FetchResponse)> {
    let deadline = core.cluster.after_ms(core.config.client.request_timeout_ms);
    let link = core.cluster.connection(node, deadline).await?;
    let with_ids = wanted.values().all(|wanted| !wanted.topic_id.is_zero());
    let highest = if with_ids { i16::MAX } else { BY_NAME };
    let version = link.ready().await?.pick(ApiKey::Fetch, 4, highest)?;
    let asked = busy.borrow_mut().sessions.entry(node).or_default().ask(wanted);
    let request = request(core, version, asked);
    let answer = core.cluster.exchange_raw(&link, version, &request, deadline).await?;
    let mut reader = Reader::new(&answer.frame[answer.body..]).records_in_place();
    let response = FetchResponse::decode(&mut reader, version)
        .map_err(|error| Error::new(ErrorKind::Protocol, format!("Fetch response: {error}")))?;
    Ok((answer, response))
}

fn request(core: &Core, version: i16, asked: Asked) -> FetchRequest {
    let config = &core.config;
    let mut topics: BTreeMap<String, FetchTopic> = BTreeMap::new();
    for ((topic, partition), wanted) in asked.named {
        let entry = topics.entry(topic).or_insert_with_key(|topic| FetchTopic {
            topic: if version > BY_NAME { String::new() } else { topic.clone() },
            topic_id: if version > BY_NAME { wanted.topic_id } else { Uuid::ZERO },
            partitions: Vec::new(),
        });
        entry.partitions.push(FetchPartition {
            partition,
            current_leader_epoch: if version >= 9 { wanted.leader_epoch } else { -1 },
            fetch_offset: wanted.offset,
            partition_max_bytes: config.partition_max_bytes,
            ..FetchPartition::default()
        });
    }
    let mut forgotten: BTreeMap<(String, Uuid), ForgottenTopic> = BTreeMap::new();
    for ((topic, partition), id) in asked.forgotten {
        let entry = forgotten.entry((topic, id)).or_insert_with_key(|(topic, id)| ForgottenTopic {
            topic: if version > BY_NAME { String::new() } else { topic.clone() },
            topic_id: if version > BY_NAME { *id } else { Uuid::ZERO },
            partitions: Vec::new(),
        });
        entry.partitions.push(partition);
    }
    let with_session = version >= 7;
    FetchRequest {
        max_wait_ms: config.fetch_max_wait_ms,
        min_bytes: config.fetch_min_bytes,
        max_bytes: config.fetch_max_bytes,
        isolation_level: i8::from(config.isolation == IsolationLevel::ReadCommitted),
        session_id: if with_session { asked.id } else { 0 },
        session_epoch: if with_session { asked.epoch } else { -1 },
        topics: topics.into_values().collect(),
        forgotten_topics_data: if with_session { forgotten.into_values().collect() } else { Vec::new() },
        rack_id: if version >= 11 { config.rack.clone() } else { String::new() },
        ..FetchRequest::default()
    }
}

fn take_response(
    core: &Rc<Core>,
    busy: &Shared,
    node: i32,
    answer: Answer,
    response: FetchResponse,
    questions: &Questions,
) {
    let code = ErrorCode::from_code(response.error_code);
    let names: BTreeMap<Uuid, String> = {
        let mut busy = busy.borrow_mut();
        let session = busy.sessions.entry(node).or_default();
        let ids = response.responses.iter().map(|topic| topic.topic_id);
        let names = ids.filter_map(|id| Some((id, session.topic(id)?.to_owned()))).collect();
        session.answered(code, response.session_id);
        names
    };
    if code.is_error() {
        tracing::debug!("fetch from node {node}: {code}");
        return;
    }
    for endpoint in response.node_endpoints {
        if let Ok(port) = u16::try_from(endpoint.port) {
            let broker = Broker { id: endpoint.node_id, host: endpoint.host, port, rack: endpoint.rack };
            core.cluster.inner.metadata.borrow_mut().add_broker(broker);
        }
    }
    let source = Rc::new(answer.frame);
    for topic in response.responses {
        let name =
            if topic.topic.is_empty() { names.get(&topic.topic_id).cloned() } else { Some(topic.topic) };
        let Some(name) = name else { continue };
        for data in topic.partitions {
            let key = partition(&name, data.partition_index);
            if let Some((offset, version)) = questions.get(&key) {
                take_partition(core, &key, data, (&source, answer.body), (*offset, *version));
            }
        }
    }
}

fn take_partition(
    core: &Core,
    key: &TopicPartition,
    data: PartitionData,
    (source, body): (&Rc<Vec<u8>>, usize),
    (offset, version): (i64, u64),
) {
    let mut state = core.state.borrow_mut();
    let Some(it) = state.partitions.get_mut(key).filter(|it| it.version == version) else { return };
    let code = ErrorCode::from_code(data.error_code);
    if code.is_error() {
        drop(state);
        refused(core, key, code, &data, offset);
        return;
    }
    it.high_watermark = Some(data.high_watermark);
    it.last_stable_offset = Some(data.last_stable_offset);
    if data.preferred_read_replica >= 0 {
        let until = core.cluster.after_ms(core.config.client.metadata_max_age_ms);
        it.preferred = Some((data.preferred_read_replica, until));
    }
    let Some(range) = data.records.range().filter(|range| !range.is_empty()) else { return };
    let range: Range<usize> = range.start + body..range.end + body;
    let aborted = (core.config.isolation == IsolationLevel::ReadCommitted).then(|| {
        let aborted = data.aborted_transactions.unwrap_or_default();
        aborted.into_iter().map(|it| (it.producer_id, it.first_offset)).collect()
    });
    let fetched = Fetched::new(source.clone(), range, offset, aborted, core.config.check_crcs);
    it.fetched.push_back(fetched);
}

fn refused(core: &Core, key: &TopicPartition, code: ErrorCode, data: &PartitionData, offset: i64) {
    let rest =
        core.cluster.after_ms(core.config.client.retry_backoff.after(1, core.cluster.runtime().random_u64()));
    let mut state = core.state.borrow_mut();
    let Some(it) = state.partitions.get_mut(key) else { return };
    match code {
        ErrorCode::OffsetOutOfRange => {
            // A replica may be behind its leader, which has the last word.
            if it.preferred.take().is_none() && it.fetched.is_empty() {
                drop(state);
                positions::apply_policy(core, key, Some(offset));
            }
        }
        ErrorCode::TopicAuthorizationFailed => {
            it.rest_until = rest;
            state.tell(Error::api(code, Some(format!("Not authorized to access topics: [{}]", key.topic))));
        }
        _ if code.is_retriable() || code == ErrorCode::UnknownServerError => {
            it.preferred = None;
            it.rest_until = rest;
            let hint = &data.current_leader;
            let mut metadata = core.cluster.inner.metadata.borrow_mut();
            let known = metadata.leader_hint(&key.topic, key.partition.0, hint.leader_id, hint.leader_epoch);
            if !known && code != ErrorCode::OffsetNotAvailable {
                metadata.forget_leader(&key.topic, key.partition.0);
            }
        }
        _ => {
            it.failed = true;
            state.tell(Error::api(code, None));
        }
    }
}

/// Lets brokers forget the sessions; nobody waits long for it.
async fn close_sessions(core: &Core, busy: &Shared) {
    let sessions: Vec<(i32, Asked)> = {
        let busy = busy.borrow();
        busy.sessions.iter().filter_map(|(node, session)| Some((*node, session.close()?))).collect()
    };
    let soon = core.cluster.after_ms(200);
    for (node, asked) in sessions {
        if let Ok(link) = core.cluster.connection(node, soon).await {
            end_session(core, &link, asked);
        }
    }
}

fn end_session(core: &Core, link: &Link, asked: Asked) {
    let version = link.versions().and_then(|versions| versions.pick(ApiKey::Fetch, 7, i16::MAX).ok());
    if let Some(version) = version {
        let mut request = request(core, version, asked);
        request.max_wait_ms = 0;
        // Whoever gets the answer does not matter.
        drop(link.send(version, &request, &[], core.cluster.after_ms(1_000)));
    }
}
