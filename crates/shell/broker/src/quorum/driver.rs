//! The driver: one task that owns all machines of the quorum.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI16, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use headwater_base::Offset;
use headwater_controller::missing::Waivers;
use headwater_controller::{Answer, Bootstrap, Context, Controller, Decision, Input};
use headwater_log::{AppendError, SyncPlan};
use headwater_metadata::loader::Batch;
use headwater_metadata::{Image, Loaded, Loader, MetadataVersion};
use headwater_protocol::metadata::MetadataRecord;
use headwater_raft::{Action, Event, Raft};
use headwater_runtime::sync::{Either3, mpsc, oneshot, select3, watch};
use headwater_runtime::{Disk, IoPool, Runtime, TaskHandle, Tick, exempt};

use crate::log_directory::LogDirectory;

use super::config::QuorumConfig;
use super::error::{QuorumError, SubmitError};
use super::handle::{self, Message, QuorumHandle, QuorumState, RunningQuorum};
use super::load::{self, Machines};
use super::metadata_log::MetadataLog;
use super::publish::{self, Publication, Reply, Subscriber};
use super::records::{self, EncodedBatch};
use super::snapshots::Snapshots;
use super::storage;

/// What waits for the high watermark, in the order of the log.
pub(super) struct Waiting {
    /// Committed when the high watermark has reached this.
    pub(super) end_offset: Offset,
    pub(super) what: Uncommitted,
}

pub(super) enum Uncommitted {
    Batch { info: Batch, records: Vec<MetadataRecord>, bytes: u64 },
    Answer { reply: Reply, answer: Answer },
    KRaftVersion(i16),
}

/// The outcome of a sync, on its way from an I/O thread.
struct Synced {
    end_offset: Offset,
    plan: SyncPlan,
    result: Result<(), String>,
}

pub(super) struct Driver {
    pub(super) runtime: Runtime,
    directory: Arc<LogDirectory>,
    pub(super) disk: Arc<dyn Disk>,
    pub(super) io: IoPool,
    pub(super) background: IoPool,
    pub(super) raft: Raft,
    pub(super) log: MetadataLog,
    pub(super) controller: Controller,
    loader: Loader,
    pub(super) waiting: VecDeque<Waiting>,
    /// The committed level of `kraft.version`, for everybody to see.
    kraft_version: Arc<AtomicI16>,
    syncing: Option<oneshot::Receiver<Synced>>,
    pub(super) snapshots: Snapshots,
    publications: mpsc::Sender<Publication>,
}

/// Loads the metadata log in `directory`, wins the election, activates the controller and publishes the first image.
/// Must be called on the control core; the subscribers stay there. When storage fails the directory goes offline.
///
/// # Errors
/// When the files are damaged, the node may not take part in the quorum, or storage fails.
pub async fn start(
    runtime: &Runtime,
    directory: Arc<LogDirectory>,
    config: QuorumConfig,
    subscribers: Vec<Box<dyn Subscriber>>,
) -> Result<RunningQuorum, QuorumError> {
    let started = begin(runtime, Arc::clone(&directory), config, subscribers).await;
    if let Err(error @ (QuorumError::Io { .. } | QuorumError::Storage(_))) = &started {
        directory.fail(&error.to_string());
    }
    started
}

async fn begin(
    runtime: &Runtime,
    directory: Arc<LogDirectory>,
    config: QuorumConfig,
    subscribers: Vec<Box<dyn Subscriber>>,
) -> Result<RunningQuorum, QuorumError> {
    let (disk, io) = (Arc::clone(&directory.disk), directory.io.clone());
    let now_ms = runtime.wall_clock_ms();
    let (load_disk, load_config) = (disk.clone(), config.clone());
    let machines = io.run(move || load::load(load_disk, &load_config, now_ms)).await?;
    let image = Arc::new(ArcSwap::from_pointee(Image::default()));
    let (changed, images) = watch::channel(Arc::new(Image::default()));
    let (publications, publication_queue) = mpsc::channel(publish::QUEUE);
    let publisher = runtime.spawn_local(
        "quorum-publisher",
        publish::run(publication_queue, subscribers, image.clone(), changed),
    );
    let bootstrap = machines.bootstrap.clone();
    let mut driver = Driver::new(runtime.clone(), directory, &config, machines, publications);
    driver.begin(bootstrap, config.waivers.clone()).await?;
    let (queue, messages) = mpsc::channel(handle::QUEUE);
    let kraft_version = Arc::clone(&driver.kraft_version);
    let handle = QuorumHandle { queue, image, changed: images, kraft_version };
    let task = runtime.spawn_local("quorum", driver.run(messages, publisher));
    Ok(RunningQuorum { handle, task })
}

impl Driver {
    fn new(
        runtime: Runtime,
        directory: Arc<LogDirectory>,
        config: &QuorumConfig,
        machines: Machines,
        publications: mpsc::Sender<Publication>,
    ) -> Self {
        let snapshots = Snapshots::new(config, &machines, runtime.now());
        let kraft_version = Arc::new(AtomicI16::new(machines.raft.kraft_version().level()));
        Self {
            kraft_version,
            runtime,
            disk: Arc::clone(&directory.disk),
            io: directory.io.clone(),
            background: directory.background.clone(),
            directory,
            raft: machines.raft,
            log: machines.log,
            controller: machines.controller,
            loader: machines.loader,
            waiting: VecDeque::new(),
            syncing: None,
            snapshots,
            publications,
        }
    }

    /// From start to an active controller whose first image is published.
    async fn begin(&mut self, bootstrap: Bootstrap, waivers: Waivers) -> Result<(), QuorumError> {
        let (image, base) = (self.loader.image().clone(), Image::default());
        let loaded = Loaded { changes: image.changes_since(&base), image, base };
        let mut publication = Publication { images: vec![loaded], ..Publication::default() };
        self.step(Event::Ready, &mut publication).await?;
        while !self.raft.is_effective_leader() {
            let synced = opt(&mut self.syncing).await;
            self.synced(synced, &mut publication).await?;
        }
        self.controller.begin_sessions(self.now_ms());
        let failed = |error: SubmitError| QuorumError::Activation(error.to_string());
        match self.decide(Input::Activate(bootstrap), &mut publication).await?.map_err(failed)? {
            Answer::Activated(what) => tracing::info!(epoch = %self.raft.epoch(), "{what}"),
            other => return Err(QuorumError::Activation(format!("unexpected answer {other:?}"))),
        }
        let lowering = Input::LowerFeatures(waivers);
        if let Answer::LoweredFeatures(lowered) =
            self.decide(lowering, &mut publication).await?.map_err(failed)?
        {
            for feature in lowered {
                tracing::warn!(
                    feature = feature.name,
                    from = feature.level,
                    to = 0,
                    "lowered, as it was told"
                );
            }
        }
        self.sync_all(&mut publication).await?;
        let (sender, published) = oneshot::channel();
        publication.done = Some(sender);
        self.publish(publication).await;
        published.await.map_err(|_| QuorumError::Activation("the publisher ended".to_owned()))
    }

    /// Waits until everything that was appended is committed.
    async fn sync_all(&mut self, publication: &mut Publication) -> Result<(), QuorumError> {
        while self.syncing.is_some() {
            let synced = opt(&mut self.syncing).await;
            self.synced(synced, publication).await?;
        }
        Ok(())
    }

    /// Serves until shutdown or failure.
    async fn run(
        mut self,
        mut messages: mpsc::Receiver<Message>,
        publisher: TaskHandle<()>,
    ) -> Result<(), QuorumError> {
        let result = self.serve(&mut messages).await;
        if let Err(error) = &result {
            tracing::error!(%error, "metadata quorum stopped");
            // At once: from here on nobody may call the directory sound.
            self.directory.fail(&error.to_string());
        }
        // Whoever still waits for an answer is told by the end of its channel; then the publisher ends too.
        drop(self);
        let _ = publisher.await;
        result.map(|done| {
            if let Some(done) = done {
                let _ = done.send(());
            }
        })
    }

    async fn serve(
        &mut self,
        messages: &mut mpsc::Receiver<Message>,
    ) -> Result<Option<oneshot::Sender<()>>, QuorumError> {
        loop {
            let mut publication = Publication::default();
            match self.next(messages).await {
                Wake::Synced(synced) => self.synced(synced, &mut publication).await?,
                Wake::SnapshotWritten => {}
                Wake::Message(Some(Message::Submit { deadline, reply, .. }))
                    if deadline <= self.runtime.now() =>
                {
                    // Whoever asked may have gone.
                    let _ = reply.send(Err(SubmitError::TimedOut));
                }
                Wake::Message(Some(Message::Submit { input, reply, .. })) => {
                    self.submit(*input, reply, &mut publication).await?;
                }
                Wake::Message(Some(Message::Describe { reply })) => {
                    let _ = reply.send(self.state());
                }
                Wake::Message(Some(Message::Shutdown { done })) => {
                    self.shut_down().await?;
                    return Ok(Some(done));
                }
                Wake::Message(None) => {
                    self.shut_down().await?;
                    return Ok(None);
                }
                Wake::Time => self.fence_stale_brokers(&mut publication).await?,
            }
            self.publish(publication).await;
            self.maintain_snapshots().await;
        }
    }

    async fn next(&mut self, messages: &mut mpsc::Receiver<Message>) -> Wake {
        let deadline = self.deadline();
        let timer = self.runtime.sleep_until(deadline);
        let syncing = &mut self.syncing;
        let snapshots = &mut self.snapshots;
        let disk = pin!(async {
            match select3(opt(syncing), snapshots.written(), std::future::pending::<()>()).await {
                Either3::First(synced) => Wake::Synced(synced),
                _ => Wake::SnapshotWritten,
            }
        });
        match select3(disk, messages.recv(), timer).await {
            Either3::First(wake) => wake,
            Either3::Second(message) => Wake::Message(message),
            Either3::Third(()) => Wake::Time,
        }
    }

    fn deadline(&self) -> Tick {
        let expiry = self.controller.next_expiry_ms().map_or(Tick::NEVER, |at_ms| {
            Tick::default() + Duration::from_millis(u64::try_from(at_ms).unwrap_or(0))
        });
        expiry.min(self.snapshots.deadline())
    }

    /// The finalized kraft.version and the voters.
    pub(super) fn quorum(&self) -> (headwater_raft::KRaftVersion, headwater_raft::VoterSet) {
        (self.raft.kraft_version(), self.raft.voters().clone())
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.runtime.now().as_millis() as i64
    }

    async fn submit(
        &mut self,
        input: Input,
        reply: Reply,
        publication: &mut Publication,
    ) -> Result<(), QuorumError> {
        match self.decide(input, publication).await? {
            Ok(answer) => {
                let end_offset = self.raft.log_end_offset();
                if self.raft.high_watermark() == Some(end_offset) {
                    publication.answers.push((reply, answer));
                } else {
                    self.waiting
                        .push_back(Waiting { end_offset, what: Uncommitted::Answer { reply, answer } });
                }
            }
            Err(error) => {
                // Whoever asked may have gone.
                let _ = reply.send(Err(error));
            }
        }
        Ok(())
    }

    /// Decides, appends and applies. The inner error is for whoever asked, the outer one ends the driver.
    async fn decide(
        &mut self,
        input: Input,
        publication: &mut Publication,
    ) -> Result<Result<Answer, SubmitError>, QuorumError> {
        let context = Context {
            now_ms: self.now_ms(),
            next_offset: self.raft.log_end_offset(),
            random: [self.runtime.random_u64(), self.runtime.random_u64()],
        };
        let controller = &self.controller;
        let decision: Decision = match exempt(|| controller.decide(&context, input)) {
            Ok(decision) => decision,
            Err(panicked) => return Ok(Err(SubmitError::Unexpected(panicked.message))),
        };
        if let Some(level) = decision.kraft_version
            && let Err(error) = self.upgrade(level, publication).await?
        {
            return Ok(Err(error));
        }
        let version = self.controller.image().features.metadata_version().unwrap_or(MetadataVersion::OLDEST);
        let now_ms = self.runtime.wall_clock_ms();
        let batches = match records::encode(decision.records, version, decision.atomic, now_ms) {
            Ok(batches) => batches,
            Err(error) => return Ok(Err(SubmitError::Unexpected(error.0))),
        };
        for batch in batches {
            if let Err(error) = self.append(batch, now_ms, publication).await? {
                return Ok(Err(error));
            }
        }
        for soft in &decision.soft {
            self.controller.apply_soft(soft);
        }
        Ok(Ok(decision.answer))
    }

    /// Appends one batch. The controller has applied it when this succeeds and is unchanged when it does not.
    async fn append(
        &mut self,
        batch: EncodedBatch,
        now_ms: i64,
        publication: &mut Publication,
    ) -> Result<Result<(), SubmitError>, QuorumError> {
        let EncodedBatch { bytes, records } = batch;
        let base_offset = self.raft.log_end_offset();
        let mut next = self.controller.clone();
        for (offset, record) in (base_offset.0..).map(Offset).zip(&records) {
            if let Err(error) = next.apply(offset, record) {
                let why = format!("{} at offset {offset}: {error}", record.name());
                tracing::error!(why, "a decision cannot be applied");
                return Ok(Err(SubmitError::Unexpected(why)));
            }
        }
        let mut actions = Vec::new();
        self.raft.step(
            now_ms,
            Event::Propose { batch: bytes, record_count: records.len() as u32 },
            &mut actions,
        );
        let Some(Action::Append { epoch, batch, .. }) = actions.pop() else {
            return Ok(Err(SubmitError::NotController));
        };
        let bytes = batch.len() as u64;
        match self.log.append(batch, epoch, now_ms) {
            Ok(end_offset) => {
                self.controller = next;
                let info = Batch { base_offset, last_offset: end_offset + -1, epoch, append_time_ms: now_ms };
                self.waiting
                    .push_back(Waiting { end_offset, what: Uncommitted::Batch { info, records, bytes } });
                self.step(Event::Appended { end_offset }, publication).await?;
                Ok(Ok(()))
            }
            Err(error) => {
                tracing::error!(%error, "metadata append failed");
                if matches!(&error, AppendError::Log(failure) if !failure.is_passing()) {
                    // The next one would fail as well: a node that can change nothing any more is better restarted.
                    self.directory.fail(&format!("a metadata append failed: {error}"));
                    self.step(Event::StorageFailed, publication).await?;
                    return Err(QuorumError::Storage(error.to_string()));
                }
                self.step(Event::AppendFailed, publication).await?;
                Ok(Err(SubmitError::Storage(error.to_string())))
            }
        }
    }

    fn state(&self) -> QuorumState {
        QuorumState {
            leader_id: self.raft.leader_id(),
            epoch: self.raft.epoch(),
            high_watermark: self.raft.high_watermark(),
            log_end_offset: self.raft.log_end_offset(),
            voters: self.raft.voters().clone(),
        }
    }

    /// Steps the raft machine and carries out what it asks for.
    pub(super) async fn step(
        &mut self,
        event: Event,
        publication: &mut Publication,
    ) -> Result<(), QuorumError> {
        let mut events = VecDeque::from([event]);
        let mut actions = Vec::new();
        while let Some(event) = events.pop_front() {
            self.raft.step(self.runtime.wall_clock_ms(), event, &mut actions);
            for action in actions.drain(..) {
                match action {
                    Action::PersistElectionState(state) => {
                        let disk = self.disk.clone();
                        let (version, voters) = (self.raft.kraft_version(), self.raft.voters().clone());
                        self.io.run(move || storage::write_election(&*disk, state, version, &voters)).await?;
                        events.push_back(Event::ElectionStatePersisted);
                    }
                    Action::Append { epoch, base_offset, batch, .. } => {
                        events.push_back(self.append_control(epoch, base_offset, batch)?);
                    }
                    Action::Sync { end_offset } => self.start_sync(end_offset).await?,
                    Action::HighWatermark(offset) => self.commit(offset, publication)?,
                    Action::BecameLeader { epoch, epoch_start } => {
                        tracing::debug!(%epoch, %epoch_start, "leader of the metadata quorum");
                    }
                    Action::LostLeadership { epoch } => tracing::info!(%epoch, "metadata quorum resigned"),
                    Action::RefuseProposal => unreachable!("only a proposal is refused"),
                }
            }
        }
        Ok(())
    }

    fn append_control(
        &mut self,
        epoch: headwater_base::LeaderEpoch,
        base_offset: Offset,
        batch: Vec<u8>,
    ) -> Result<Event, QuorumError> {
        let now_ms = self.runtime.wall_clock_ms();
        let bytes = batch.len() as u64;
        let end_offset =
            self.log.append(batch, epoch, now_ms).map_err(|error| QuorumError::Storage(error.to_string()))?;
        let info = Batch { base_offset, last_offset: end_offset + -1, epoch, append_time_ms: now_ms };
        let what = Uncommitted::Batch { info, records: Vec::new(), bytes };
        self.waiting.push_back(Waiting { end_offset, what });
        Ok(Event::Appended { end_offset })
    }

    async fn start_sync(&mut self, end_offset: Offset) -> Result<(), QuorumError> {
        let plan = self.log.sync_plan()?;
        let disk = self.disk.clone();
        let (sender, receiver) = oneshot::channel();
        self.syncing = Some(receiver);
        self.io
            .submit(Box::new(move || {
                let result = plan.run(&*disk).map_err(|error| error.to_string());
                // The driver may have ended meanwhile.
                let _ = sender.send(Synced { end_offset, plan, result });
            }))
            .await;
        Ok(())
    }

    async fn synced(&mut self, synced: Synced, publication: &mut Publication) -> Result<(), QuorumError> {
        self.syncing = None;
        if let Err(why) = synced.result {
            // What is on disk is unknown and stays so: another sync would say that all is well (fsyncgate). The next
            // start must not trust the page cache either.
            self.directory.fail(&format!("a sync of the metadata log failed: {why}"));
            self.step(Event::StorageFailed, publication).await?;
            return Err(QuorumError::Storage(why));
        }
        self.log.mark_durable(&synced.plan);
        self.step(Event::Synced { end_offset: synced.end_offset }, publication).await
    }

    /// Loads what is committed now, in order, and collects the answers that waited for it.
    fn commit(&mut self, high_watermark: Offset, publication: &mut Publication) -> Result<(), QuorumError> {
        while let Some(waiting) = self.waiting.pop_front_if(|first| first.end_offset <= high_watermark) {
            match waiting.what {
                Uncommitted::Answer { reply, answer } => publication.answers.push((reply, answer)),
                Uncommitted::KRaftVersion(level) => self.kraft_version.store(level, Ordering::Release),
                Uncommitted::Batch { info, records, bytes } => {
                    self.snapshots.committed(bytes);
                    let published = self
                        .loader
                        .load(info, &records)
                        .map_err(|(offset, error)| QuorumError::Record { offset, why: error.to_string() })?;
                    publication.images.extend(published);
                }
            }
        }
        if let Some(loaded) = self.loader.publish() {
            self.snapshots.published(&loaded.image);
            publication.images.push(loaded);
        }
        Ok(())
    }

    async fn publish(&mut self, publication: Publication) {
        if publication.is_empty() {
            return;
        }
        // The publisher ends only after the driver.
        let _ = self.publications.send(publication).await;
    }

    async fn fence_stale_brokers(&mut self, publication: &mut Publication) -> Result<(), QuorumError> {
        while self.controller.next_expiry_ms().is_some_and(|at_ms| at_ms <= self.now_ms()) {
            match self.decide(Input::FenceStaleBroker, publication).await? {
                Ok(Answer::FencedStaleBroker { again: true }) => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::error!(%error, "a silent broker could not be fenced");
                    // The disk may recover; asking at once would only burn time.
                    self.runtime.sleep(Duration::from_millis(100)).await;
                    break;
                }
            }
        }
        Ok(())
    }

    /// Commits what was appended and closes the log.
    async fn shut_down(&mut self) -> Result<(), QuorumError> {
        let mut publication = Publication::default();
        self.sync_all(&mut publication).await?;
        self.snapshots.finish().await;
        self.step(Event::Shutdown, &mut publication).await?;
        self.publish(publication).await;
        self.log.close().map_err(QuorumError::Log)
    }
}

/// Why the driver woke up.
enum Wake {
    Synced(Synced),
    SnapshotWritten,
    Message(Option<Message>),
    Time,
}

/// Waits for what a receiver brings, for ever if there is none. A job that was dropped unrun belongs to a node that is
/// dead, and so is whoever waits here.
pub(super) async fn opt<T>(receiver: &mut Option<oneshot::Receiver<T>>) -> T {
    match receiver {
        Some(receiver) => match receiver.await {
            Ok(value) => value,
            Err(_) => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}
