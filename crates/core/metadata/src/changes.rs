//! What differs between two images, for whoever keeps state derived from them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use headwater_base::{NodeId, PartitionIndex, Uuid};
use imbl::OrdMap;

use crate::configs::ConfigResource;
use crate::image::Image;
use crate::partition::Partition;
use crate::quotas::QuotaEntity;
use crate::scram::ScramKey;
use crate::topics::TopicImage;

/// The changes that one delta made. A thing that was created and deleted within the delta is not listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Some finalized feature level.
    pub features: bool,
    /// Brokers that were registered, changed or unregistered.
    pub brokers: BTreeSet<NodeId>,
    /// Controllers that were registered or changed.
    pub controllers: BTreeSet<NodeId>,
    /// Topics that are new, with their names.
    pub created_topics: BTreeMap<Uuid, Arc<str>>,
    /// Topics that are gone, as they last were.
    pub deleted_topics: BTreeMap<Uuid, Arc<TopicImage>>,
    /// Partitions that are new or changed, by topic; not those of deleted topics.
    pub partitions: BTreeMap<Uuid, BTreeSet<PartitionIndex>>,
    /// Resources whose configuration changed.
    pub configs: BTreeSet<ConfigResource>,
    /// The next block of producer ids.
    pub producer_ids: bool,
    /// Entities whose client quotas changed.
    pub quotas: BTreeSet<QuotaEntity>,
    /// Users whose SCRAM credentials changed.
    pub scram: BTreeSet<ScramKey>,
    /// Access control entries that were added or removed.
    pub acls: BTreeSet<Uuid>,
    /// Delegation tokens that were added, changed or removed.
    pub tokens: BTreeSet<String>,
}

/// Keys whose values differ.
pub(crate) fn changed_keys<'a, K: Ord + Clone, V: PartialEq + Clone>(
    old: &'a OrdMap<K, V>,
    new: &'a OrdMap<K, V>,
) -> impl Iterator<Item = &'a K> {
    let removed = old.keys().filter(|key| !new.contains_key(*key));
    let changed = new.iter().filter(|(key, value)| old.get(*key) != Some(*value)).map(|(key, _)| key);
    removed.chain(changed)
}

impl Changes {
    /// True when nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn topic_created(&mut self, id: Uuid, name: Arc<str>) {
        self.created_topics.insert(id, name);
    }

    pub(crate) fn partition_changed(&mut self, id: Uuid, index: PartitionIndex) {
        self.partitions.entry(id).or_default().insert(index);
    }

    pub(crate) fn topic_deleted(&mut self, topic: &Arc<TopicImage>) {
        self.partitions.remove(&topic.id);
        if self.created_topics.remove(&topic.id).is_none() {
            self.deleted_topics.insert(topic.id, topic.clone());
        }
    }

    /// What a broker has to do: `base` is the image before, `next` the one after these changes.
    #[must_use]
    pub fn local(&self, broker: NodeId, base: &Image, next: &Image) -> LocalChanges {
        let mut local = LocalChanges::default();
        for topic in self.deleted_topics.values() {
            // The topic as the base knew it: it may have changed in this delta before it was deleted.
            let Some(topic) = base.topics.by_id(topic.id) else { continue };
            for (index, partition) in topic.partitions() {
                if partition.replicas.contains(&broker) {
                    local.removed.push(LocalPartition::new(topic, index, partition, None));
                }
            }
        }
        for (id, indexes) in &self.partitions {
            let Some(topic) = next.topics.by_id(*id) else { continue };
            let before = base.topics.by_id(*id);
            for index in indexes {
                let before = before.and_then(|topic| topic.partition(*index));
                local.sort_in(broker, topic, *index, before);
            }
        }
        local
    }
}

/// A partition in [`LocalChanges`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPartition {
    /// Id of the topic.
    pub topic_id: Uuid,
    /// Name of the topic.
    pub topic: Arc<str>,
    /// Index of the partition.
    pub index: PartitionIndex,
    /// As it is now; of a removed one, as it was.
    pub partition: Arc<Partition>,
    /// As it was before; `None` when it is new to the cluster.
    pub before: Option<Arc<Partition>>,
}

impl LocalPartition {
    fn new(
        topic: &TopicImage,
        index: PartitionIndex,
        partition: &Arc<Partition>,
        before: Option<&Arc<Partition>>,
    ) -> Self {
        Self {
            topic_id: topic.id,
            topic: topic.name.clone(),
            index,
            partition: partition.clone(),
            before: before.cloned(),
        }
    }

    /// True when this change began a new leader epoch.
    #[must_use]
    pub fn is_new_leader_epoch(&self) -> bool {
        self.before.as_ref().is_none_or(|before| before.leader_epoch != self.partition.leader_epoch)
    }
}

/// The part of [`Changes`] that concerns one broker's replicas (`LocalReplicaChanges`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalChanges {
    /// Replicas it has no more: the topic was deleted or the replica reassigned.
    pub removed: Vec<LocalPartition>,
    /// Partitions that it leads and that changed.
    pub leaders: Vec<LocalPartition>,
    /// Partitions that it follows (or that have no leader) and that changed.
    pub followers: Vec<LocalPartition>,
    /// Replicas whose assigned log directory is new or another, with that directory.
    pub directories: Vec<(Uuid, PartitionIndex, Uuid)>,
}

impl LocalChanges {
    fn sort_in(
        &mut self,
        broker: NodeId,
        topic: &TopicImage,
        index: PartitionIndex,
        before: Option<&Arc<Partition>>,
    ) {
        let Some(partition) = topic.partition(index) else { return };
        let entry = || LocalPartition::new(topic, index, partition, before);
        let Some(directory) = partition.directory(broker) else {
            if let Some(before) = before.filter(|before| before.replicas.contains(&broker)) {
                self.removed.push(LocalPartition::new(topic, index, before, Some(before)));
            }
            return;
        };
        if before.is_none_or(|before| before.partition_epoch != partition.partition_epoch) {
            if partition.leader == broker { &mut self.leaders } else { &mut self.followers }.push(entry());
        }
        if before.and_then(|before| before.directory(broker)) != Some(directory) {
            self.directories.push((topic.id, index, directory));
        }
    }
}
