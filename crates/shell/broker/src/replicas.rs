//! This node's replicas follow the metadata: logs are opened, led in new epochs, configured anew and deleted.
//!
//! A replica that was never written to is a folder without files. A deleted one loses its name at once (the folder is
//! renamed) and its files after `file.delete.delay.ms`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use headwater_base::error_code::ErrorCode;
use headwater_base::{NodeId, TopicIdPartition, TopicPartition, Uuid};
use headwater_log::{Log, LogError, RecoveryReport, dir, names};
use headwater_metadata::directory::{self, is_reserved};
use headwater_metadata::{Changes, ConfigResource, Image, Loaded, ResourceType, TopicImage};
use headwater_runtime::{LocalBoxFuture, Runtime};

use crate::data::{DataDirectories, Known, Placed};
use crate::folders;
use crate::live_config::LiveConfig;
use crate::log_directory::LogDirectory;
use crate::partition::table::{PartitionTable, TopicPartitions};
use crate::partition::{Partition, PartitionSettings};
use crate::quorum::Subscriber;

/// Logs that are opened one after the other before the work is dealt to several threads.
const OPEN_INLINE: usize = 16;

/// See the module.
pub struct Replicas {
    runtime: Runtime,
    config: Arc<LiveConfig>,
    table: Arc<PartitionTable>,
    data: Arc<DataDirectories>,
}

/// A log that is to be opened.
struct Opening {
    name: TopicPartition,
    id: TopicIdPartition,
    directory: Arc<LogDirectory>,
    known: Known,
    settings: PartitionSettings,
}

impl Subscriber for Replicas {
    fn publish<'a>(&'a mut self, loaded: &'a Loaded) -> LocalBoxFuture<'a, ()> {
        Box::pin(async move {
            self.changed(loaded).await;
        })
    }
}

impl Replicas {
    /// Replicas of a node whose metadata is not read yet.
    #[must_use]
    pub fn new(
        runtime: Runtime,
        config: Arc<LiveConfig>,
        table: Arc<PartitionTable>,
        data: Arc<DataDirectories>,
    ) -> Self {
        Self { runtime, config, table, data }
    }

    async fn changed(&mut self, loaded: &Loaded) {
        let Loaded { base, image, changes } = loaded;
        let local = changes.local(self.node_id(), base, image);
        let gone = local.removed.iter().map(|removed| removed.topic_id);
        self.delete(gone.filter(|topic| image.topics.by_id(*topic).is_none()).collect()).await;
        let defaults_changed = self.config.follow(self.node_id(), image, changes);
        let touched: BTreeSet<Uuid> =
            local.leaders.iter().chain(&local.followers).map(|changed| changed.topic_id).collect();
        let opened = self.open_new(image, &touched).await;
        for topic in touched {
            if let Some(topic) = image.topics.by_id(topic) {
                self.follow(topic, &opened);
            }
        }
        self.configure_topics(image, changes, defaults_changed);
    }

    fn node_id(&self) -> NodeId {
        self.config.file().node_id
    }

    /// Opens the logs of these topics that are this node's and not open yet, on several threads if they are many.
    async fn open_new(
        &self,
        image: &Image,
        topics: &BTreeSet<Uuid>,
    ) -> BTreeMap<TopicIdPartition, Arc<Partition>> {
        let mut openings = Vec::new();
        for topic in topics.iter().filter_map(|id| image.topics.by_id(*id)) {
            let known = self.table.topic_by_id(topic.id);
            let settings = self.settings(&topic.name, image);
            for (index, state) in topic.partitions() {
                let open = known.as_ref().and_then(|known| known.partitions.get(index.0 as usize)?.as_ref());
                if open.is_some() || !state.replicas.contains(&self.node_id()) {
                    continue;
                }
                let name = TopicPartition { topic: topic.name.to_string(), partition: index };
                let id = TopicIdPartition { topic_id: topic.id, partition: index };
                let assigned = state.directory(self.node_id()).unwrap_or(directory::UNASSIGNED);
                let Some((directory, known)) = self.data.place(&name, assigned) else {
                    tracing::error!(partition = %name, dir = %assigned,
                        "its log directory is offline, and so is the partition");
                    continue;
                };
                if directory.id != assigned && !is_reserved(directory.id) {
                    self.data.place_differs(Placed { partition: id, directory: directory.id });
                }
                openings.push(Opening { name, id, directory, known, settings: settings.clone() });
            }
        }
        let now_ms = self.runtime.wall_clock_ms();
        if openings.len() <= OPEN_INLINE {
            return openings.into_iter().filter_map(|opening| open(opening, now_ms)).collect();
        }
        let threads = self.config.current().num_recovery_threads_per_data_dir().max(1);
        let share = openings.len().div_ceil(threads);
        let mut running = Vec::new();
        while !openings.is_empty() {
            let part = openings.split_off(openings.len().saturating_sub(share));
            let threads = self.data.any().background.clone();
            let work =
                move || part.into_iter().filter_map(|opening| open(opening, now_ms)).collect::<Vec<_>>();
            running.push(self.runtime.spawn_local("open logs", async move { threads.run(work).await }));
        }
        let mut opened = BTreeMap::new();
        for part in running {
            opened.extend(part.await.unwrap_or_default());
        }
        opened
    }

    /// Takes over what was opened of a topic, and leads in the epochs that the metadata says.
    fn follow(&self, topic: &TopicImage, opened: &BTreeMap<TopicIdPartition, Arc<Partition>>) {
        let known = self.table.topic_by_id(topic.id);
        let mut partitions = vec![None; topic.partition_count()];
        for (index, state) in topic.partitions() {
            let id = TopicIdPartition { topic_id: topic.id, partition: index };
            let before = known.as_ref().and_then(|known| known.partitions.get(index.0 as usize)?.clone());
            let partition = before.or_else(|| opened.get(&id).cloned());
            if let Some(partition) = &partition {
                if state.leader == self.node_id() {
                    partition.lead(state.leader_epoch);
                } else {
                    partition.stop_leading().wake();
                }
            }
            if let Some(slot) = partitions.get_mut(index.0 as usize) {
                *slot = partition;
            }
        }
        self.table.put(TopicPartitions { name: Arc::clone(&topic.name), id: topic.id, partitions });
    }

    /// Serves the partitions of these topics no more, at once, and takes their folders' names away before the next change
    /// of the metadata is looked at: a topic of the same name finds nothing. The disk's part is done by a thread of its
    /// own, because a topic may have thousands of folders.
    async fn delete(&self, topics: BTreeSet<Uuid>) {
        let gone: Vec<_> = topics.into_iter().filter_map(|topic| self.table.remove(topic)).collect();
        if gone.is_empty() {
            return;
        }
        let partitions: Vec<_> =
            gone.iter().flat_map(|topic| topic.partitions.iter().flatten().cloned()).collect();
        for partition in &partitions {
            partition.close(ErrorCode::UnknownTopicOrPartition).wake();
        }
        let runtime = self.runtime.clone();
        let take = move || take_folders(&runtime, &partitions);
        for Taken { directory, renamed, delay, .. } in self.data.any().background.run(take).await {
            folders::remove_later(&self.runtime, &directory, renamed, delay);
        }
        for topic in gone {
            tracing::info!(topic = %topic.name, id = %topic.id, "topic deleted");
        }
    }

    fn configure_topics(&self, image: &Image, changes: &Changes, all: bool) {
        let named = changes.configs.iter().filter(|resource| resource.kind == ResourceType::TOPIC);
        let mut names: BTreeSet<Arc<str>> = named.map(|resource| Arc::clone(&resource.name)).collect();
        if all {
            names.extend(image.topics.iter().map(|topic| Arc::clone(&topic.name)));
        }
        for name in names {
            let Some(topic) = self.table.topic(&name) else { continue };
            let settings = self.settings(&name, image);
            for partition in topic.partitions.iter().flatten() {
                partition.configure(settings.clone());
            }
        }
    }

    fn settings(&self, topic: &str, image: &Image) -> PartitionSettings {
        let configs = image.configs.of(&ConfigResource::topic(topic));
        let overrides: BTreeMap<String, String> = configs
            .iter()
            .flat_map(|configs| configs.iter())
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        let node = self.config.current();
        PartitionSettings {
            topic: node.topic_values(&overrides),
            producer_id_expiration_ms: node.producer_id_expiration_ms(),
        }
    }
}

/// What a deletion takes from a directory, of topics with one `file.delete.delay.ms`.
struct Taken {
    directory: Arc<LogDirectory>,
    names: BTreeSet<TopicPartition>,
    /// The folders' new names.
    renamed: Vec<String>,
    delay: Duration,
}

/// Renames the folders of deleted partitions and takes them out of the checkpoints.
fn take_folders(runtime: &Runtime, partitions: &[Arc<Partition>]) -> Vec<Taken> {
    let mut all: Vec<Taken> = Vec::new();
    for partition in partitions {
        // Nobody renames anything there any more.
        let _reshaping = partition.reshaping();
        let directory = partition.directory();
        directory.replica_went();
        let delay = partition.delete_delay();
        let known = all.iter().position(|it| Arc::ptr_eq(&it.directory, &directory) && it.delay == delay);
        let at = known.unwrap_or_else(|| {
            let names = BTreeSet::new();
            all.push(Taken { directory: Arc::clone(&directory), names, renamed: Vec::new(), delay });
            all.len() - 1
        });
        let taken = &mut all[at];
        taken.names.insert(partition.name.clone());
        let folder = partition.name.to_string();
        taken.renamed.extend(folders::rename(&directory, &folder, partition, folders::unique(runtime)));
    }
    all.retain(|taken| taken.renamed.is_empty() || folders::settle_names(&taken.directory));
    for Taken { directory, names, .. } in all.iter().filter(|it| it.directory.failure().is_none()) {
        if let Err(error) = directory.checkpoints.forget(&*directory.disk, names) {
            directory.fail(&format!("cannot forget the checkpoints of a deleted topic: {error}"));
        }
    }
    all
}

fn open(opening: Opening, now_ms: i64) -> Option<(TopicIdPartition, Arc<Partition>)> {
    let Opening { name, id, directory, known, settings } = opening;
    let context = known.context(Some(id.topic_id), now_ms);
    let folder = name.to_string();
    // A log that could not be opened left its folder as it was; a later leader epoch tries again.
    let has_folder = known.has_folder || directory.disk.exists(&folder).unwrap_or(false);
    let create = || {
        Log::create(Arc::clone(&directory.disk), &folder, settings.log_config(), Some(id.topic_id), now_ms)
            .map(|log| (log, RecoveryReport::default()))
    };
    let opened = if has_folder {
        match Log::open(Arc::clone(&directory.disk), &folder, settings.log_config(), &context) {
            Err(LogError::InconsistentTopicId { found, .. }) => {
                set_aside(&directory, &name, found, now_ms).and_then(|()| create())
            }
            opened => opened,
        }
    } else {
        create()
    };
    match opened {
        Ok((log, report)) => {
            for line in report.lines() {
                tracing::warn!(partition = %name, dir = %directory.path, what = %line, "log recovered");
            }
            let (stable, end) = (log.last_stable_offset(log.log_end_offset()), log.log_end_offset());
            if stable < end {
                tracing::warn!(
                    partition = %name,
                    offset = %stable,
                    %end,
                    "a transaction is open: read_committed consumers read up to its first record, until it is ended"
                );
            }
            Some((id, Partition::new(name, id, directory, log, settings)))
        }
        Err(error) => {
            directory.replica_went();
            let exists = |source: &std::io::Error| source.kind() == std::io::ErrorKind::AlreadyExists;
            if !known.has_folder && matches!(&error, LogError::Io { source, .. } if exists(source)) {
                // A log that could not be opened before: the node has said so, and its folder stays as it is.
                return None;
            }
            tracing::error!(partition = %name, %error, "cannot open the log; the partition is offline");
            if matches!(error, LogError::Io { .. }) && !error.is_passing() {
                directory.fail(&format!("{name}: a log cannot be opened: {error}"));
            }
            None
        }
    }
}

/// A folder of a topic of the same name that was deleted, and whose deletion did not get as far as the disk: it is kept under
/// another name, and what the checkpoints say of it is forgotten.
fn set_aside(
    directory: &LogDirectory,
    name: &TopicPartition,
    found: Uuid,
    now_ms: i64,
) -> Result<(), LogError> {
    let unique = u128::from_be_bytes(found.to_bytes()) ^ u128::from(now_ms.unsigned_abs());
    let (folder, stray) = (name.to_string(), names::stray_folder_name(name, unique));
    dir::mark_deleted(&*directory.disk, &folder, &stray)?;
    tracing::warn!(dir = %directory.path, %folder, renamed = %stray, topic_id = %found,
        "the folder belongs to a topic that was deleted; it is kept under another name");
    directory.checkpoints.forget(&*directory.disk, &BTreeSet::from([name.clone()]))
}
