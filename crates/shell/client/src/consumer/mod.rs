//! The consumer: partitions in, records out.
//!
//! [`Consumer::poll`] gives a [`Batch`] of records that borrow from what came over the network. A task fetches a little
//! ahead; a poll that is dropped loses nothing, because positions move when records are handed out. With a `group.id`
//! reading begins at the group's committed offsets, and positions are committed by hand or in intervals. Partitions are
//! assigned by hand, or by the group (the classic protocol) after a subscription.

mod config;
mod fetch;
mod group;
mod positions;
mod records;
mod state;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use headwater_base::{ErrorCode, TopicPartition};
use headwater_protocol::ApiKey;
use headwater_protocol::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use headwater_records::Scratch;
use headwater_runtime::sync::Notify;
use headwater_runtime::{Runtime, Tick};

pub use config::{ConsumerConfig, ResetPolicy};
pub use group::{Offsets, RebalanceListener};
pub use records::{Batch, ConsumedRecord, OwnedRecord};

use crate::admin::{CommittedOffset, Each, ListedOffset, OffsetSpec, TopicListing};
use crate::config::Properties;
use crate::error::{Error, ErrorKind, Result, check};
use crate::machine::metadata::Topic;
use crate::net::cluster::{Cluster, Topics};
use crate::net::routing::Target;
use crate::net::spread::by_topic;
use group::{Membership, Subscription};
use records::Part;
use state::{Position, State};

/// The highest version of OffsetCommit that names topics.
const COMMIT_BY_NAME: i16 = 9;

struct Core {
    cluster: Cluster,
    config: ConsumerConfig,
    state: RefCell<State>,
    membership: RefCell<Membership>,
    scratch: RefCell<Scratch>,
    /// The task is to look.
    wake: Notify,
    /// A poll is to look.
    arrived: Notify,
    closing: Cell<bool>,
    next_commit: Cell<Tick>,
    /// Counts commits.
    commits: Cell<u64>,
}

/// A consumer. It belongs to the core on which it was made.
pub struct Consumer {
    core: Rc<Core>,
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.leave_soon();
        self.core.closing.set(true);
        self.core.wake.notify_one();
    }
}

impl Consumer {
    /// A consumer with this configuration; connections are made when they are needed.
    #[must_use]
    pub fn new(runtime: &Runtime, config: ConsumerConfig) -> Consumer {
        let core = Rc::new(Core {
            cluster: Cluster::new(runtime, config.client.clone()),
            state: RefCell::default(),
            membership: RefCell::default(),
            scratch: RefCell::default(),
            wake: Notify::new(),
            arrived: Notify::new(),
            closing: Cell::new(false),
            commits: Cell::new(0),
            next_commit: Cell::new(
                runtime.now() + Duration::from_millis(config.auto_commit_ms.unwrap_or_default()),
            ),
            config,
        });
        runtime.spawn_detached("consumer-fetcher", fetch::run(core.clone()));
        Consumer { core }
    }

    /// As [`Consumer::new`], from Kafka's keys. Warnings are logged.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with the reference's sentence.
    pub fn from_properties(runtime: &Runtime, properties: &Properties) -> Result<Consumer> {
        let (config, warnings) = ConsumerConfig::from_properties(properties)?;
        for warning in warnings {
            tracing::warn!("{warning}");
        }
        Ok(Consumer::new(runtime, config))
    }

    // ---- what is read ----

    /// Reads these partitions and no others. Those that were read before keep their positions. A membership in the group
    /// ends.
    pub fn assign(&self, partitions: Vec<TopicPartition>) {
        self.leave_soon();
        self.core.state.borrow_mut().assign(partitions);
        self.core.wake.notify_one();
    }

    /// Joins the group of `group.id` to read these topics together with its other members. What is read changes inside of
    /// polls only.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`] without a group.
    pub fn subscribe(&self, topics: &[impl AsRef<str>]) -> Result<()> {
        let names = topics.iter().map(|topic| topic.as_ref().to_owned()).collect();
        self.core.subscribe(Subscription::Names(names))
    }

    /// As [`Consumer::subscribe`], for the topics whose names match, also those that are made later
    /// (`metadata.max.age.ms`). Kafka's own are left out unless `exclude.internal.topics` is false.
    ///
    /// # Errors
    /// As [`Consumer::subscribe`].
    pub fn subscribe_matching(&self, matches: impl Fn(&str) -> bool + 'static) -> Result<()> {
        self.core.subscribe(Subscription::Matching(Rc::new(matches)))
    }

    /// Who is told when partitions come and go.
    pub fn set_listener(&self, listener: impl RebalanceListener + 'static) {
        self.core.membership.borrow_mut().listener = Some(Box::new(listener));
    }

    /// Commits what polls have given, if that is done automatically, and leaves the group.
    ///
    /// # Errors
    /// When the commit fails; the group is left all the same.
    pub async fn unsubscribe(&self) -> Result<()> {
        let outcome = self.core.commit_at_the_end().await;
        let request = self.core.end_membership();
        self.core.state.borrow_mut().assign(Vec::new());
        if let Some(request) = request
            && let Err(error) = self.core.leave(request).await
        {
            tracing::debug!("leaving the group: {error}");
        }
        outcome
    }

    /// The generation and the member's id, while it is a member.
    #[must_use]
    pub fn membership(&self) -> Option<(i32, String)> {
        let membership = self.core.membership.borrow();
        Some((membership.generation?, membership.member_id.clone()))
    }

    fn leave_soon(&self) {
        let Some(request) = self.core.end_membership() else { return };
        let core = self.core.clone();
        self.core.cluster.runtime().spawn_detached("consumer-leave", async move {
            if let Err(error) = core.leave(request).await {
                tracing::debug!("leaving the group: {error}");
            }
        });
    }

    /// The partitions that are read.
    #[must_use]
    pub fn assignment(&self) -> Vec<TopicPartition> {
        self.core.state.borrow().partitions.keys().cloned().collect()
    }

    /// Goes on at this offset.
    ///
    /// # Errors
    /// [`ErrorKind::IllegalState`] for a partition that is not assigned, [`ErrorKind::Config`] for a negative offset.
    pub fn seek(&self, partition: &TopicPartition, offset: i64) -> Result<()> {
        if offset < 0 {
            return Err(Error::new(ErrorKind::Config, "seek offset must not be a negative number"));
        }
        self.change(std::slice::from_ref(partition), |it| {
            it.seek(Some(Position { offset, epoch: -1 }), None);
        })
    }

    /// Goes on at the first record; of all assigned partitions when none is named.
    ///
    /// # Errors
    /// As [`Consumer::seek`].
    pub fn seek_to_beginning(&self, partitions: &[TopicPartition]) -> Result<()> {
        self.change(partitions, |it| it.seek(None, Some(OffsetSpec::Earliest)))
    }

    /// Goes on behind the last record; of all assigned partitions when none is named.
    ///
    /// # Errors
    /// As [`Consumer::seek`].
    pub fn seek_to_end(&self, partitions: &[TopicPartition]) -> Result<()> {
        self.change(partitions, |it| it.seek(None, Some(OffsetSpec::Latest)))
    }

    /// Polls give nothing of these partitions until they are resumed.
    ///
    /// # Errors
    /// As [`Consumer::seek`].
    pub fn pause(&self, partitions: &[TopicPartition]) -> Result<()> {
        self.change(partitions, |it| it.paused = true)
    }

    /// Ends a pause.
    ///
    /// # Errors
    /// As [`Consumer::seek`].
    pub fn resume(&self, partitions: &[TopicPartition]) -> Result<()> {
        self.change(partitions, |it| it.paused = false)
    }

    /// The partitions that are paused.
    #[must_use]
    pub fn paused(&self) -> Vec<TopicPartition> {
        let state = self.core.state.borrow();
        state.partitions.iter().filter(|(_, it)| it.paused).map(|(key, _)| key.clone()).collect()
    }

    fn change(&self, partitions: &[TopicPartition], change: impl Fn(&mut state::Assigned)) -> Result<()> {
        let mut state = self.core.state.borrow_mut();
        if let Some(unknown) = partitions.iter().find(|key| !state.partitions.contains_key(*key)) {
            let message = format!("No current assignment for partition {unknown}");
            return Err(Error::new(ErrorKind::IllegalState, message));
        }
        let all = partitions.is_empty();
        for (key, it) in &mut state.partitions {
            if all || partitions.contains(key) {
                change(it);
            }
        }
        drop(state);
        self.core.wake.notify_one();
        Ok(())
    }

    // ---- reading ----

    /// Waits for records, at most `timeout`; an empty batch when none came. At most `max.poll.records` come at once. Safe to
    /// drop.
    ///
    /// # Errors
    /// What is wrong with a partition: no offset to begin with, a damaged batch, no right to read. Others go on with the
    /// next poll.
    pub async fn poll(&self, timeout: Duration) -> Result<Batch> {
        let deadline = self.core.cluster.now() + timeout;
        self.commit_when_due().await;
        loop {
            let arrived = self.core.arrived.notified();
            if self.core.closing.get() {
                return Err(Error::closed());
            }
            self.core.take_part();
            let batch = self.core.collect()?;
            if !batch.is_empty() {
                return Ok(batch);
            }
            if self.core.cluster.runtime().timeout_at(deadline, arrived).await.is_err() {
                return self.core.collect();
            }
        }
    }

    /// The offset of the next record that a poll will give. Waits until it is known.
    ///
    /// # Errors
    /// When the partition is not assigned, or the offset is not found in `default.api.timeout.ms`.
    pub async fn position(&self, partition: &TopicPartition) -> Result<i64> {
        let deadline = self.core.cluster.after_ms(self.core.config.client.api_timeout_ms);
        loop {
            let arrived = self.core.arrived.notified();
            {
                let mut state = self.core.state.borrow_mut();
                let unassigned = || {
                    Error::new(
                        ErrorKind::IllegalState,
                        "You can only check the position for partitions assigned to this consumer.",
                    )
                };
                let it = state.partitions.get(partition).ok_or_else(unassigned)?;
                if let (Some(position), None) = (it.position, it.reset) {
                    return Ok(position.offset);
                }
                if it.failed
                    && let Some(error) = state.errors.pop_front()
                {
                    return Err(error);
                }
            }
            self.core.cluster.runtime().timeout_at(deadline, arrived).await.map_err(|_| {
                let ms = self.core.config.client.api_timeout_ms;
                Error::timeout(format!(
                    "Timeout of {ms}ms expired before the position for partition {partition} could be determined"
                ))
            })?;
        }
    }

    /// How many records lie between the position and the end that this consumer may read; `None` before both are known.
    #[must_use]
    pub fn lag(&self, partition: &TopicPartition) -> Option<i64> {
        let state = self.core.state.borrow();
        let it = state.partitions.get(partition)?;
        let end = match self.core.config.isolation {
            crate::admin::IsolationLevel::ReadUncommitted => it.high_watermark,
            crate::admin::IsolationLevel::ReadCommitted => it.last_stable_offset,
        };
        Some((end? - it.position?.offset).max(0))
    }

    // ---- offsets ----

    /// The group's committed offsets of partitions; `None` where there is none.
    ///
    /// # Errors
    /// Without a group, or when it cannot be asked.
    pub async fn committed(
        &self,
        partitions: &[TopicPartition],
    ) -> Result<Each<TopicPartition, Option<CommittedOffset>>> {
        self.core.committed(partitions).await
    }

    /// Commits the positions of all assigned partitions: what polls have given counts as done.
    ///
    /// # Errors
    /// Without a group, or when the coordinator refuses.
    pub async fn commit(&self) -> Result<()> {
        let positions = self.core.positions();
        self.commit_offsets(positions).await
    }

    /// Commits these offsets, each the next one to read.
    ///
    /// # Errors
    /// As [`Consumer::commit`].
    pub async fn commit_offsets(&self, offsets: BTreeMap<TopicPartition, CommittedOffset>) -> Result<()> {
        self.core.commit(offsets).await
    }

    async fn commit_when_due(&self) {
        let Some(interval) = self.core.config.auto_commit_ms else { return };
        if self.core.cluster.now() < self.core.next_commit.get() {
            return;
        }
        self.core.next_commit.set(self.core.cluster.after_ms(interval));
        // Beside the poll: what was handed out before it.
        let (core, positions) = (self.core.clone(), self.core.positions());
        core.commits.set(core.commits.get() + 1);
        let number = core.commits.get();
        self.core.cluster.runtime().spawn_detached("consumer-commit", async move {
            if let Err(error) = core.send_commit(positions, number, true).await {
                tracing::warn!("committing offsets: {error}");
            }
        });
    }

    /// Looks offsets up by time.
    pub async fn list_offsets(
        &self,
        questions: Vec<(TopicPartition, OffsetSpec)>,
    ) -> Each<TopicPartition, ListedOffset> {
        let deadline = self.core.cluster.after_ms(self.core.config.client.api_timeout_ms);
        self.core.cluster.list_offsets(questions, self.core.config.isolation, deadline).await
    }

    /// The partitions of a topic.
    ///
    /// # Errors
    /// When it is not known, or no broker answers in time.
    pub async fn partitions_for(&self, topic: &str) -> Result<Topic> {
        let deadline = self.core.cluster.after_ms(self.core.config.client.api_timeout_ms);
        let topics = Topics::Named(vec![topic.to_owned()]);
        self.core
            .cluster
            .attempts("partitionsFor", deadline, async || {
                let create = self.core.config.create_topics;
                let response = self.core.cluster.refresh(&topics, create, deadline).await?;
                response.topics.iter().try_for_each(|it| check(it.error_code))?;
                let metadata = self.core.cluster.inner.metadata.borrow();
                let unknown = || Error::api(ErrorCode::UnknownTopicOrPartition, None);
                metadata.topic(topic).cloned().ok_or_else(unknown)
            })
            .await
    }

    /// All topics.
    ///
    /// # Errors
    /// When no broker answers in time.
    pub async fn list_topics(&self) -> Result<Vec<TopicListing>> {
        let deadline = self.core.cluster.after_ms(self.core.config.client.api_timeout_ms);
        let response = self
            .core
            .cluster
            .attempts("listTopics", deadline, async || {
                self.core.cluster.refresh(&Topics::All, false, deadline).await
            })
            .await?;
        let listing = |topic: headwater_protocol::messages::metadata_response::MetadataResponseTopic| {
            Some(TopicListing { name: topic.name?, id: topic.topic_id, internal: topic.is_internal })
        };
        Ok(response.topics.into_iter().filter_map(listing).collect())
    }

    /// Commits what polls have given, if that is done automatically, leaves the group and closes the connections.
    ///
    /// # Errors
    /// When the commit fails; the consumer is closed all the same.
    pub async fn close(self) -> Result<()> {
        let outcome = self.unsubscribe().await;
        self.core.closing.set(true);
        self.core.wake.notify_one();
        outcome
    }
}

impl Core {
    fn group(&self) -> Result<&str> {
        self.config.group.as_deref().ok_or_else(|| {
            let message = "To use the group management or offset commit APIs, you must provide a valid group.id in the \
                           consumer configuration.";
            Error::new(ErrorKind::IllegalState, message)
        })
    }

    /// Hands out what is there, beginning with another partition each time.
    fn collect(&self) -> Result<Batch> {
        let mut state = self.state.borrow_mut();
        if let Some(error) = state.errors.pop_front() {
            return Err(error);
        }
        let state = &mut *state;
        let count = state.partitions.len().max(1);
        let first = state.turn % count;
        state.turn = state.turn.wrapping_add(1);
        let mut scratch = self.scratch.borrow_mut();
        let mut batch = Batch::default();
        let mut room = self.config.max_poll_records;
        let mut trouble = None;
        let order = (0..count).map(|index| (index + first) % count);
        let mut partitions: Vec<_> = state.partitions.values_mut().collect();
        for index in order {
            let Some(it) = partitions.get_mut(index).filter(|it| !it.paused && it.reset.is_none()) else {
                continue;
            };
            let mut records = Vec::new();
            while let Some(fetched) = it.fetched.front_mut().filter(|_| room > records.len()) {
                let taken = fetched.take(room - records.len(), &mut scratch, &mut records);
                let epoch = records.last().map(|record| record.leader_epoch);
                let old = it.position.map_or(-1, |position| position.epoch);
                it.position = Some(Position { offset: fetched.position(), epoch: epoch.unwrap_or(old) });
                if let Err(error) = taken {
                    trouble = Some(error);
                    it.fetched.clear();
                    it.version += 1;
                    it.in_flight = false;
                    break;
                }
                if fetched.is_done() {
                    it.fetched.pop_front();
                }
            }
            room -= records.len();
            if !records.is_empty() {
                batch.parts.push(Part { topic: it.topic.clone(), partition: it.partition, records });
            }
        }
        self.wake.notify_one();
        match trouble {
            // Good records first; the error comes with the next poll.
            Some(error) if batch.is_empty() => Err(error),
            Some(error) => {
                state.tell(error);
                Ok(batch)
            }
            None => Ok(batch),
        }
    }

    /// Positions of what is assigned, as they would be committed.
    fn positions(&self) -> BTreeMap<TopicPartition, CommittedOffset> {
        let state = self.state.borrow();
        let known = state.partitions.iter().filter(|(_, it)| it.reset.is_none());
        known
            .filter_map(|(key, it)| {
                let position = it.position?;
                let offset = CommittedOffset {
                    offset: position.offset,
                    leader_epoch: position.epoch,
                    metadata: String::new(),
                };
                Some((key.clone(), offset))
            })
            .collect()
    }

    /// Commits what has to be committed when reading ends, and gives up what is read.
    async fn commit_at_the_end(&self) -> Result<()> {
        let subscribed = self.membership.borrow().subscription.is_some();
        let offsets = match self.config.auto_commit_ms {
            _ if subscribed => self.revoke_all(),
            Some(_) => self.positions(),
            None => return Ok(()),
        };
        self.commit(offsets).await
    }

    async fn commit(&self, offsets: BTreeMap<TopicPartition, CommittedOffset>) -> Result<()> {
        self.commits.set(self.commits.get() + 1);
        self.send_commit(offsets, self.commits.get(), false).await
    }

    /// Commits; with `may_skip` not any more once another commit was begun, which an older one must not follow.
    async fn send_commit(&self, offsets: Offsets, number: u64, may_skip: bool) -> Result<()> {
        let group = self.group()?;
        if offsets.is_empty() {
            return Ok(());
        }
        let (generation, member_id, instance_id) = self.identity();
        let deadline = self.cluster.after_ms(self.config.client.api_timeout_ms);
        let target = Target::Group(group.to_owned());
        let partition = |(partition_index, it): (i32, CommittedOffset)| OffsetCommitRequestPartition {
            partition_index,
            committed_offset: it.offset,
            committed_leader_epoch: it.leader_epoch,
            committed_metadata: Some(it.metadata),
        };
        let topic = |(name, partitions): (String, Vec<(i32, CommittedOffset)>)| OffsetCommitRequestTopic {
            name,
            partitions: partitions.into_iter().map(partition).collect(),
            ..OffsetCommitRequestTopic::default()
        };
        let request = OffsetCommitRequest {
            group_id: group.to_owned(),
            generation_id_or_member_epoch: generation,
            member_id,
            group_instance_id: instance_id,
            topics: by_topic(offsets.into_iter().collect()).into_iter().map(topic).collect(),
            ..OffsetCommitRequest::default()
        };
        self.cluster
            .attempts("commit", deadline, async || {
                let link = self.cluster.route(&target, deadline).await?;
                let version = link.ready().await?.pick(ApiKey::OffsetCommit, 2, COMMIT_BY_NAME)?;
                if may_skip && self.commits.get() != number {
                    return Ok(());
                }
                let answer = self.cluster.exchange(&link, version, &request, deadline).await;
                let answer = answer.and_then(|response| {
                    let mut partitions = response.topics.iter().flat_map(|topic| &topic.partitions);
                    partitions.try_for_each(|it| check(it.error_code))
                });
                if answer.as_ref().is_err_and(Error::retriable) {
                    self.cluster.lost(&target);
                }
                answer
            })
            .await
            .inspect_err(|error| self.note_refused_commit(error, generation))
    }

    /// A commit that the coordinator refused says something about the membership.
    fn note_refused_commit(&self, error: &Error, generation: i32) {
        if self.membership.borrow().generation != Some(generation) {
            return;
        }
        match error.code() {
            Some(ErrorCode::UnknownMemberId | ErrorCode::FencedInstanceId) => self.forget_member(false),
            Some(ErrorCode::IllegalGeneration) => self.forget_member(true),
            _ => {}
        }
    }
}
