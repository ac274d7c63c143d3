//! Positions that are not known: committed offsets, resets, and checks after a change of leaders.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use headwater_base::{ErrorCode, TopicPartition};
use headwater_protocol::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
};

use super::Core;
use super::config::ResetPolicy;
use super::state::Position;
use crate::admin::group_offsets::Asker;
use crate::admin::{Each, OffsetSpec};
use crate::error::{Error, ErrorKind, Result, check};
use crate::net::routing::Target;
use crate::net::spread::by_topic;

/// Partitions with the version at which they were looked at.
type Versioned = BTreeMap<TopicPartition, u64>;

/// Finds what is missing, once; true when something was missing.
pub(super) async fn resolve(core: &Rc<Core>) -> bool {
    let (mut committed, mut resets, mut checks) = (Versioned::new(), Vec::new(), Vec::new());
    {
        let state = core.state.borrow();
        let metadata = core.cluster.inner.metadata.borrow();
        for (key, it) in &state.partitions {
            if it.failed || core.cluster.now() < it.rest_until {
                continue;
            }
            match (it.position, it.reset) {
                (_, Some(spec)) => resets.push((key.clone(), it.version, spec)),
                (None, None) => {
                    committed.insert(key.clone(), it.version);
                }
                (Some(position), None) => {
                    let epoch = metadata
                        .topic(&key.topic)
                        .and_then(|topic| topic.partition(key.partition.0))
                        .map_or(-1, |partition| partition.leader_epoch);
                    if position.epoch >= 0 && epoch > it.checked_epoch.max(position.epoch) {
                        checks.push((key.clone(), it.version, position, epoch));
                    }
                }
            }
        }
    }
    let any = !(committed.is_empty() && resets.is_empty() && checks.is_empty());
    if !committed.is_empty() {
        begin(core, committed).await;
    }
    if !resets.is_empty() {
        reset(core, resets).await;
    }
    if !checks.is_empty() {
        validate(core, checks).await;
    }
    any
}

fn rest(core: &Core, key: &TopicPartition) {
    let wait = core.config.client.retry_backoff.after(1, core.cluster.runtime().random_u64());
    let until = core.cluster.after_ms(wait);
    if let Some(it) = core.state.borrow_mut().partitions.get_mut(key) {
        it.rest_until = until;
    }
}

/// Begins at the committed offsets, or where the policy says.
async fn begin(core: &Rc<Core>, keys: Versioned) {
    let mut found: BTreeMap<TopicPartition, Position> = BTreeMap::new();
    if core.config.group.is_some() {
        let partitions: Vec<TopicPartition> = keys.keys().cloned().collect();
        match core.committed(&partitions).await {
            Ok(answers) => {
                for (key, answer) in answers {
                    match answer {
                        Ok(Some(it)) => {
                            found.insert(key, Position { offset: it.offset, epoch: it.leader_epoch });
                        }
                        Ok(None) => {}
                        Err(error) => core.state.borrow_mut().tell(error),
                    }
                }
            }
            Err(error) if error.retriable() => {
                keys.keys().for_each(|key| rest(core, key));
                return;
            }
            Err(error) => {
                core.state.borrow_mut().tell(error);
                keys.keys().for_each(|key| rest(core, key));
                return;
            }
        }
    }
    for (key, version) in keys {
        let position = found.get(&key).copied();
        let mut state = core.state.borrow_mut();
        let Some(it) = state.partitions.get_mut(&key).filter(|it| it.version == version) else { continue };
        if it.position.is_some() {
            continue;
        }
        it.position = position;
        if position.is_none() {
            drop(state);
            apply_policy(core, &key, None);
        }
    }
}

/// The position is not there: what the policy says is looked for.
pub(super) fn apply_policy(core: &Core, key: &TopicPartition, position: Option<i64>) {
    let spec = match core.config.reset {
        ResetPolicy::Earliest => Some(OffsetSpec::Earliest),
        ResetPolicy::Latest => Some(OffsetSpec::Latest),
        ResetPolicy::ByDuration(ms) => {
            let ago = i64::try_from(ms).unwrap_or(i64::MAX);
            let then = core.cluster.runtime().wall_clock_ms().saturating_sub(ago);
            Some(OffsetSpec::Timestamp(then.max(0)))
        }
        ResetPolicy::None => None,
    };
    let mut state = core.state.borrow_mut();
    let Some(it) = state.partitions.get_mut(key) else { return };
    match spec {
        Some(spec) => it.seek(it.position, Some(spec)),
        None => {
            it.failed = true;
            let message = match position {
                Some(offset) => format!(
                    "Fetch position {offset} is out of range for partition {key} and no reset policy is configured"
                ),
                None => format!("Undefined offset with no reset policy for partitions: [{key}]"),
            };
            state.tell(Error::new(ErrorKind::NoOffset, message));
        }
    }
}

/// Looks up where resets lead.
async fn reset(core: &Rc<Core>, resets: Vec<(TopicPartition, u64, OffsetSpec)>) {
    let deadline = core.cluster.after_ms(core.config.client.request_timeout_ms);
    let questions = resets.iter().map(|(key, _, spec)| (key.clone(), *spec)).collect();
    let answers = core.cluster.list_offsets(questions, core.config.isolation, deadline).await;
    let mut answers: BTreeMap<TopicPartition, _> = answers.into_iter().collect();
    for (key, version, spec) in resets {
        let answer = answers.remove(&key);
        let mut state = core.state.borrow_mut();
        let Some(it) = state.partitions.get_mut(&key).filter(|it| it.version == version) else { continue };
        match answer {
            Some(Ok(found)) if found.offset >= 0 => {
                it.seek(Some(Position { offset: found.offset, epoch: found.leader_epoch }), None);
                if matches!(spec, OffsetSpec::Latest) {
                    it.high_watermark = Some(found.offset);
                }
            }
            // No record is so young: behind the last one.
            Some(Ok(_)) => it.reset = Some(OffsetSpec::Latest),
            Some(Err(error)) if !error.retriable() => {
                it.failed = true;
                state.tell(error);
            }
            _ => {
                drop(state);
                rest(core, &key);
            }
        }
    }
}

/// Asks new leaders whether their logs have what was read: a position behind the end of its epoch was truncated
/// (KIP-320).
async fn validate(core: &Rc<Core>, checks: Vec<(TopicPartition, u64, Position, i32)>) {
    let deadline = core.cluster.after_ms(core.config.client.request_timeout_ms);
    let questions =
        checks.iter().map(|(key, _, position, epoch)| (key.clone(), (position.epoch, *epoch))).collect();
    let answers = core
        .cluster
        .spread("offsetForLeaderEpoch", questions, deadline, async |link, batch| {
            let partition = |(partition, (leader_epoch, current)): (i32, (i32, i32))| {
                OffsetForLeaderPartition { partition, current_leader_epoch: current, leader_epoch }
            };
            let topic = |(topic, partitions): (String, Vec<_>)| OffsetForLeaderTopic {
                topic,
                partitions: partitions.into_iter().map(partition).collect(),
            };
            let topics = by_topic(batch).into_iter().map(topic).collect();
            let request = OffsetForLeaderEpochRequest { replica_id: -1, topics };
            let response = core.cluster.ask(link, &request, deadline).await?;
            let mut answers = Vec::new();
            for topic in response.topics {
                for it in topic.partitions {
                    let key = crate::admin::partition(&topic.topic, it.partition);
                    answers.push((key, check(it.error_code).map(|()| (it.leader_epoch, it.end_offset))));
                }
            }
            Ok(answers)
        })
        .await;
    let mut answers: BTreeMap<TopicPartition, Result<(i32, i64)>> = answers.into_iter().collect();
    for (key, version, position, epoch) in checks {
        let answer = answers.remove(&key);
        let mut state = core.state.borrow_mut();
        let Some(it) = state.partitions.get_mut(&key).filter(|it| it.version == version) else { continue };
        if it.position != Some(position) {
            continue;
        }
        it.checked_epoch = epoch;
        match answer {
            Some(Ok((end_epoch, end))) if end >= 0 && end < position.offset => {
                tracing::warn!(
                    "{key}: the log was truncated to {end}, before the position {}",
                    position.offset
                );
                if core.config.reset == ResetPolicy::None {
                    it.failed = true;
                    let message =
                        format!("Detected log truncation with diverging offset {end} for partition {key}");
                    state.tell(Error::new(ErrorKind::NoOffset, message));
                } else {
                    it.seek(Some(Position { offset: end, epoch: end_epoch }), None);
                    it.checked_epoch = epoch;
                }
            }
            Some(Ok((_, end))) if end < 0 => {
                drop(state);
                apply_policy(core, &key, Some(position.offset));
            }
            Some(Ok(_)) => {}
            // A broker without that API cannot be asked; others are asked again.
            Some(Err(error)) if !error.retriable() => {}
            _ => {
                it.checked_epoch = -1;
                drop(state);
                rest(core, &key);
            }
        }
    }
}

impl Core {
    /// The group's committed offsets.
    pub(super) async fn committed(
        &self,
        partitions: &[TopicPartition],
    ) -> Result<Each<TopicPartition, Option<crate::admin::CommittedOffset>>> {
        let group = self.group()?;
        let deadline = self.cluster.after_ms(self.config.client.api_timeout_ms);
        let target = Target::Group(group.to_owned());
        self.cluster
            .attempts("committed", deadline, async || {
                let link = self.cluster.route(&target, deadline).await?;
                let asker = Asker::default();
                let answer =
                    self.cluster.fetch_offsets(&link, group, Some(partitions), true, &asker, deadline).await;
                let answer = answer.and_then(|answers| {
                    let unstable = |error: &Error| error.is(ErrorCode::UnstableOffsetCommit);
                    let waits =
                        answers.iter().filter_map(|(_, it)| it.as_ref().err()).find(|it| unstable(it));
                    waits.map_or(Ok(()), |error| Err(error.clone())).map(|()| answers)
                });
                if answer.as_ref().is_err_and(|error| {
                    error.retriable() && error.code() != Some(ErrorCode::UnstableOffsetCommit)
                }) {
                    self.cluster.lost(&target);
                }
                answer
            })
            .await
    }
}

/// How long the task rests when positions could not be found.
pub(super) const PAUSE: Duration = Duration::from_millis(50);
