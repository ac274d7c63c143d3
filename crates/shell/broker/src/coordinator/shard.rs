//! One coordinator at work: decides, appends, applies, and answers what is committed.
//!
//! One decision is one batch. An answer goes out when everything that was applied to its group before its decision, and its
//! own records, are committed ([`super::held`]); so nobody hears of what could be lost. The task ends with its leadership.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use headwater_base::Offset;
use headwater_base::config::node::BoundedValue;
use headwater_base::error_code::ErrorCode;
use headwater_group::consumer::RegexJob;
use headwater_group::{
    Answer, Bounded, ConsumerConfig, Context, Decision, Event, GroupConfig, GroupRecord, Input,
    MigrationPolicy, Shard, Ticket, append_error,
};
use headwater_records::{BatchBuilder, BatchOptions, Codec, Compression};
use headwater_runtime::sync::{Closed, Either, Either3, mpsc, oneshot, select2, select3};
use headwater_runtime::{LocalBoxFuture, Runtime, Tick, exempt};

use super::held::{Held, about};
use super::load::load;
use super::tally::Counted;
use super::{Census, Message, Ready, SharedImage, Tally, What};
use crate::line_limit::LineLimit;
use crate::live_config::LiveConfig;
use crate::partition::{Acks, Appending, Committed, Partition, Refused};

/// A Produce version under whose rules our own batches are checked.
const APPEND_VERSION: i16 = 12;

/// How long a deadline waits whose decision could not be written.
const RETRY_MS: i64 = 1_000;

struct Driver {
    runtime: Runtime,
    around: Surroundings,
    machine: Shard,
    next_ticket: u64,
    waiting: BTreeMap<Ticket, oneshot::Sender<Answer>>,
    held: Held,
    next_expiry_ms: i64,
    lines: LineLimit,
    /// What runs beside the coordinator, first come, first run.
    jobs: VecDeque<LocalBoxFuture<'static, Input>>,
    ready: Arc<Ready>,
}

/// What a shard looks at.
pub(super) struct Surroundings {
    pub(super) config: Arc<LiveConfig>,
    pub(super) image: SharedImage,
    pub(super) partition: Arc<Partition>,
    pub(super) tally: Arc<Tally>,
}

/// The partition cannot be led any more.
struct Ended(ErrorCode);

/// A shard's life: reads the partition, serves until the queue is closed or the partition is lost.
pub(super) async fn run(
    runtime: Runtime,
    around: Surroundings,
    requests: mpsc::Receiver<Message>,
    ready: Arc<Ready>,
) {
    let partition = Arc::clone(&around.partition);
    let buffer = around.config.current().groups().offsets_load_buffer;
    let began = runtime.now();
    let machine = match load(&partition, buffer).await {
        Ok(machine) => machine,
        Err(error) => {
            ready.failed.store(true, Ordering::Release);
            return tracing::error!(partition = %partition.name, error = error.0, "cannot load groups and offsets");
        }
    };
    let (groups, offsets) = (machine.group_counts().values().sum::<usize>(), machine.offset_count());
    let took_ms = runtime.now().since(began).as_millis() as u64;
    ready.load_ms.store(took_ms, Ordering::Relaxed);
    if groups > 0 {
        tracing::info!(partition = %partition.name, groups, offsets, took_ms, "groups loaded");
    }
    let mut driver = Driver {
        runtime,
        around,
        machine,
        next_ticket: 0,
        waiting: BTreeMap::new(),
        held: Held::default(),
        next_expiry_ms: 0,
        lines: LineLimit::new(),
        jobs: VecDeque::new(),
        ready: Arc::clone(&ready),
    };
    driver.begin_sessions();
    driver.plan_expiry();
    ready.set();
    if let Err(Ended(error)) = driver.serve(requests).await {
        tracing::info!(partition = %driver.around.partition.name, code = error.name(), "group coordinator ends");
    }
}

impl Driver {
    fn now_ms(&self) -> i64 {
        i64::try_from(self.runtime.now().0 / 1_000_000).unwrap_or(i64::MAX)
    }

    fn begin_sessions(&mut self) {
        let (config, image) = (group_config(&self.around.config), self.around.image.get());
        let (now_ms, wall_ms) = (self.now_ms(), self.runtime.wall_clock_ms());
        let context = Context { now_ms, wall_ms, random: 0, config: &config, image: &image };
        self.machine.begin_sessions(&context);
    }

    fn plan_expiry(&mut self) {
        let interval = self.around.config.current().groups().offsets_retention_check_interval_ms;
        self.next_expiry_ms = self.now_ms().saturating_add(i64::try_from(interval).unwrap_or(i64::MAX));
    }

    async fn serve(&mut self, mut requests: mpsc::Receiver<Message>) -> Result<(), Ended> {
        loop {
            if self.ready.missed_topics.swap(false, Ordering::AcqRel) {
                self.machine.topics_may_have_changed(&self.around.image.get());
            }
            self.work_off_deadlines().await?;
            let deadline_ms = self
                .machine
                .next_deadline_ms()
                .map_or(self.next_expiry_ms, |next| next.min(self.next_expiry_ms));
            let deadline = Tick(u64::try_from(deadline_ms).unwrap_or(0).saturating_mul(1_000_000));
            let held = &mut self.held;
            let committed = async {
                match held.first_committed() {
                    Some(first) => first.await,
                    None => std::future::pending().await,
                }
            };
            let jobs = &mut self.jobs;
            let job = async {
                match jobs.front_mut() {
                    Some(first) => first.await,
                    None => std::future::pending().await,
                }
            };
            let time_or_job = select2(self.runtime.sleep_until(deadline), job);
            match select3(committed, requests.recv(), time_or_job).await {
                Either3::First(outcome) => self.committed(outcome)?,
                Either3::Second(Some(message)) => {
                    self.ready.queued.fetch_sub(1, Ordering::Relaxed);
                    self.take(message).await?;
                }
                Either3::Second(None) => return Ok(()),
                Either3::Third(Either::First(())) => {}
                Either3::Third(Either::Second(result)) => {
                    self.jobs.pop_front();
                    self.handle(result, None).await?;
                }
            }
        }
    }

    /// What was held back for the first batch goes out, if the batch is committed.
    fn committed(&mut self, outcome: Result<Committed, Closed>) -> Result<(), Ended> {
        let outcome = outcome.unwrap_or(Err(ErrorCode::NotLeaderOrFollower));
        outcome.map_err(Ended)?;
        for (reply, answer) in self.held.release() {
            // Whoever asked may have gone.
            let _ = reply.send(answer);
        }
        Ok(())
    }

    async fn work_off_deadlines(&mut self) -> Result<(), Ended> {
        let now_ms = self.now_ms();
        while self.machine.next_deadline_ms().is_some_and(|deadline| deadline <= now_ms) {
            if self.decide(Ticket(0), Input::Expire).await?.is_err() {
                self.machine.postpone_due(now_ms.saturating_add(RETRY_MS));
            }
        }
        if self.next_expiry_ms <= now_ms {
            self.plan_expiry();
            // What cannot be written now is found again at the next look.
            let _ = self.decide(Ticket(0), Input::ExpireOffsets).await?;
            self.forget_vanished().await?;
        }
        Ok(())
    }

    /// Offsets go with their topics, also if the node died between a deletion and that, and if a commit was under way.
    async fn forget_vanished(&mut self) -> Result<(), Ended> {
        loop {
            let vanished = self.machine.vanished_topics(&self.around.image.get());
            if vanished.is_empty() || self.decide(Ticket(0), Input::TopicsDeleted(vanished)).await?.is_err() {
                return Ok(());
            }
        }
    }

    async fn take(&mut self, message: Message) -> Result<(), Ended> {
        let begun = self.runtime.now();
        let tally = Arc::clone(&self.around.tally);
        match message.what {
            What::Input(input, reply) => {
                tally.queue_time.record_shared(begun.since(message.sent));
                self.handle(input, reply).await?;
                tally.processing_time.record_shared(self.runtime.now().since(begun));
            }
            What::Census(reply) => {
                let groups = self.machine.census();
                let offsets = self.machine.offset_count();
                // Whoever asked may have gone.
                let _ = reply.send(Census { groups, offsets, ..Census::default() });
            }
        }
        Ok(())
    }

    async fn handle(&mut self, input: Input, reply: Option<oneshot::Sender<Answer>>) -> Result<(), Ended> {
        if matches!(input, Input::TopicsDeleted(_)) {
            return self.forget_vanished().await;
        }
        self.next_ticket += 1;
        let ticket = Ticket(self.next_ticket);
        if let Some(reply) = reply {
            self.waiting.insert(ticket, reply);
        }
        if let Err(error) = self.decide(ticket, input).await? {
            self.give(None, vec![(ticket, Answer::Failed(error))]);
        }
        Ok(())
    }

    /// Decides, appends and applies. The inner error is for whoever asked, and nothing has changed; the outer one ends
    /// the shard.
    async fn decide(&mut self, ticket: Ticket, input: Input) -> Result<Result<(), ErrorCode>, Ended> {
        let (groups, image) = (group_config(&self.around.config), self.around.image.get());
        let group = about(&input).map(str::to_owned);
        let counted = Counted::of(&input);
        let random = (u128::from(self.runtime.random_u64()) << 64) | u128::from(self.runtime.random_u64());
        let (now_ms, wall_ms) = (self.now_ms(), self.runtime.wall_clock_ms());
        let context = Context { now_ms, wall_ms, random, config: &groups, image: &image };
        let machine = &self.machine;
        let decision: Decision = match exempt(|| machine.decide(&context, ticket, input)) {
            Ok(decision) => decision,
            Err(panicked) => {
                tracing::error!(why = panicked.message, "a group coordinator's decision failed");
                return Ok(Err(ErrorCode::UnknownServerError));
            }
        };
        let Decision { records, answers, soft, events, jobs } = decision;
        if !records.is_empty() {
            let base_offset = match self.append(group.as_deref(), &records, context.wall_ms).await? {
                Ok(base_offset) => base_offset,
                Err(error) => return Ok(Err(error)),
            };
            for (offset, record) in (base_offset.0..).map(Offset).zip(&records) {
                self.machine.apply(offset, None, record);
            }
        }
        self.around.tally.records(counted, &records);
        soft.into_iter().for_each(|soft| self.machine.apply_soft(soft));
        events.iter().for_each(|event| self.tell(event));
        self.give(group.as_deref(), answers);
        jobs.into_iter().for_each(|job| self.run_beside(job));
        Ok(Ok(()))
    }

    /// Runs a job on the directory's threads; its result is an input.
    fn run_beside(&mut self, job: RegexJob) {
        let (image, wall_ms) = (self.around.image.get(), self.runtime.wall_clock_ms());
        let partition = Arc::clone(&self.around.partition);
        self.jobs.push_back(Box::pin(async move {
            partition.directory().io.run(move || job.run(&image, wall_ms)).await
        }));
    }

    /// One line for what happened to a group and why. Members come and go as they like: a flood of them is told at debug
    /// level alone.
    fn tell(&self, event: &Event) {
        self.around.tally.event(self.machine.protocol_of(&event.group).unwrap_or("none"), event);
        let (group, generation, kind, why) =
            (&*event.group, event.generation, event.kind.name(), &event.reason);
        match self.lines.admit(self.runtime.now()) {
            Some(unlogged) => tracing::info!(group, generation, event = kind, why, unlogged, "group"),
            None => tracing::debug!(group, generation, event = kind, why, "group"),
        }
    }

    /// Appends the records as one batch; gives the offset of the first.
    async fn append(
        &mut self,
        group: Option<&str>,
        records: &[GroupRecord],
        wall_ms: i64,
    ) -> Result<Result<Offset, ErrorCode>, Ended> {
        let mut batch = match encode(records, wall_ms, self.around.config.current().offsets_topic().codec) {
            Ok(batch) => batch,
            Err(error) => {
                tracing::error!(error, "records of a group cannot be written");
                return Ok(Err(ErrorCode::UnknownServerError));
            }
        };
        let outcome = match self.around.partition.append(&self.runtime, &mut batch, Acks::All, APPEND_VERSION)
        {
            Appending::Done(outcome) => outcome,
            Appending::Later(later) => {
                later.await.unwrap_or(Err(Refused::code(ErrorCode::NotLeaderOrFollower)))
            }
        };
        match outcome {
            Ok((appended, ticket)) => {
                if let Some(committed) = ticket {
                    self.held.appended(committed, group);
                }
                Ok(Ok(appended.base_offset))
            }
            Err(refused) if refused.code == ErrorCode::NotLeaderOrFollower => Err(Ended(refused.code)),
            Err(refused) => Ok(Err(append_error(refused.code))),
        }
    }

    /// Answers about a group, or about any, go out as soon as what they tell is committed.
    fn give(&mut self, group: Option<&str>, answers: Vec<(Ticket, Answer)>) {
        for (ticket, answer) in answers {
            if let Some(reply) = self.waiting.remove(&ticket) {
                self.held.give(group, reply, answer);
            }
        }
    }
}

/// The limits and times that hold now.
pub(crate) fn group_config(config: &LiveConfig) -> GroupConfig {
    let values = config.current().groups();
    GroupConfig {
        min_session_timeout_ms: values.min_session_timeout_ms,
        max_session_timeout_ms: values.max_session_timeout_ms,
        initial_rebalance_delay_ms: values.initial_rebalance_delay_ms,
        max_size: values.max_size,
        offset_metadata_max: values.offset_metadata_max,
        offsets_retention_ms: values.offsets_retention_ms,
        consumer: consumer_config(config),
    }
}

fn consumer_config(config: &LiveConfig) -> ConsumerConfig {
    let values = config.current().consumer_groups();
    let bounded = |value: BoundedValue| Bounded { default: value.default, min: value.min, max: value.max };
    ConsumerConfig {
        session_timeout_ms: bounded(values.session_timeout_ms),
        heartbeat_interval_ms: bounded(values.heartbeat_interval_ms),
        assignment_interval_ms: bounded(values.assignment_interval_ms),
        max_size: values.max_size,
        assignors: values.assignors,
        migration: MigrationPolicy::parse(&values.migration_policy).unwrap_or(MigrationPolicy::Bidirectional),
        regex_refresh_interval_ms: values.regex_refresh_interval_ms,
    }
}

fn encode(records: &[GroupRecord], wall_ms: i64, codec: u8) -> Result<Vec<u8>, String> {
    let codec = Codec::from_id(codec).unwrap_or(Codec::None);
    let options = BatchOptions { compression: Compression::of(codec), ..BatchOptions::default() };
    let mut builder = BatchBuilder::new(options);
    for record in records {
        let (key, value) = record.encode().map_err(|error| error.to_string())?;
        builder.append(wall_ms, Some(&key), value.as_deref(), &[]);
    }
    Ok(builder.build())
}
