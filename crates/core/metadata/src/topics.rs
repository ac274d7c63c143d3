//! Topics and their partitions, by id and by name.

use std::sync::Arc;

use headwater_base::{NodeId, PartitionIndex, Uuid};
use imbl::OrdMap;

use crate::changes::Changes;
use crate::error::ReplayError;
use crate::partition::Partition;
use crate::records::{
    ClearElrRecord, MetadataRecord, PartitionChangeRecord, PartitionRecord, RemoveTopicRecord, TopicRecord,
};

/// One topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicImage {
    /// Its name.
    pub name: Arc<str>,
    /// Its id, never used again after it was deleted.
    pub id: Uuid,
    partitions: OrdMap<PartitionIndex, Arc<Partition>>,
}

impl TopicImage {
    /// A partition.
    #[must_use]
    pub fn partition(&self, index: PartitionIndex) -> Option<&Arc<Partition>> {
        self.partitions.get(&index)
    }

    /// All partitions in the order of their indexes.
    pub fn partitions(&self) -> impl Iterator<Item = (PartitionIndex, &Arc<Partition>)> {
        self.partitions.iter().map(|(index, partition)| (*index, partition))
    }

    /// How many partitions there are.
    #[must_use]
    pub fn partition_count(&self) -> usize {
        self.partitions.len()
    }
}

/// All topics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicsImage {
    by_id: OrdMap<Uuid, Arc<TopicImage>>,
    by_name: OrdMap<Arc<str>, Uuid>,
}

impl TopicsImage {
    /// The topic of an id.
    #[must_use]
    pub fn by_id(&self, id: Uuid) -> Option<&Arc<TopicImage>> {
        self.by_id.get(&id)
    }

    /// The topic of a name.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Arc<TopicImage>> {
        self.by_id.get(self.by_name.get(name)?)
    }

    /// The id of a name.
    #[must_use]
    pub fn id_of(&self, name: &str) -> Option<Uuid> {
        self.by_name.get(name).copied()
    }

    /// A partition by its topic's id.
    #[must_use]
    pub fn partition(&self, id: Uuid, index: PartitionIndex) -> Option<&Arc<Partition>> {
        self.by_id.get(&id)?.partition(index)
    }

    /// All topics in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<TopicImage>> {
        self.by_name.values().filter_map(|id| self.by_id.get(id))
    }

    /// The topics whose names follow `name`, in order; with `included`, `name` itself too.
    pub fn iter_from(&self, name: &str, included: bool) -> impl Iterator<Item = &Arc<TopicImage>> {
        use std::ops::Bound::{Excluded, Included, Unbounded};
        let start = if included { Included(name) } else { Excluded(name) };
        self.by_name.range::<_, str>((start, Unbounded)).filter_map(|(_, id)| self.by_id.get(id))
    }

    /// How many topics there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// True without topics.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// All partitions with a replica on a broker. Looks at every partition: for a start, not for a request.
    pub fn partitions_on(
        &self,
        broker: NodeId,
    ) -> impl Iterator<Item = (&Arc<TopicImage>, PartitionIndex, &Arc<Partition>)> {
        self.iter().flat_map(move |topic| {
            let on_broker = move |(_, partition): &(_, &Arc<Partition>)| partition.replicas.contains(&broker);
            topic.partitions().filter(on_broker).map(move |(index, partition)| (topic, index, partition))
        })
    }

    fn topic_mut(&mut self, id: Uuid, record: &'static str) -> Result<&mut TopicImage, ReplayError> {
        self.by_id.get_mut(&id).map(Arc::make_mut).ok_or(ReplayError::NoSuchTopic { record, topic_id: id })
    }

    pub(crate) fn create(&mut self, record: &TopicRecord, changes: &mut Changes) -> Result<(), ReplayError> {
        if self.by_name.contains_key(record.name.as_str()) || self.by_id.contains_key(&record.topic_id) {
            return Err(ReplayError::DuplicateTopic { name: record.name.clone(), topic_id: record.topic_id });
        }
        let name: Arc<str> = record.name.as_str().into();
        let topic = TopicImage { name: name.clone(), id: record.topic_id, partitions: OrdMap::new() };
        self.by_id.insert(record.topic_id, Arc::new(topic));
        self.by_name.insert(name.clone(), record.topic_id);
        changes.topic_created(record.topic_id, name);
        Ok(())
    }

    pub(crate) fn set_partition(
        &mut self,
        record: &PartitionRecord,
        changes: &mut Changes,
    ) -> Result<(), ReplayError> {
        let topic = self.topic_mut(record.topic_id, "PartitionRecord")?;
        let index = PartitionIndex(record.partition_id);
        topic.partitions.insert(index, Arc::new(Partition::from_record(record)?));
        changes.partition_changed(record.topic_id, index);
        Ok(())
    }

    pub(crate) fn change_partition(
        &mut self,
        record: &PartitionChangeRecord,
        changes: &mut Changes,
    ) -> Result<(), ReplayError> {
        let topic = self.topic_mut(record.topic_id, "PartitionChangeRecord")?;
        let index = PartitionIndex(record.partition_id);
        let partition = topic.partitions.get_mut(&index).ok_or(ReplayError::NoSuchPartition {
            topic_id: record.topic_id,
            partition: record.partition_id,
        })?;
        *partition = Arc::new(partition.merge(record)?);
        changes.partition_changed(record.topic_id, index);
        Ok(())
    }

    pub(crate) fn remove(
        &mut self,
        record: &RemoveTopicRecord,
        changes: &mut Changes,
    ) -> Result<Arc<TopicImage>, ReplayError> {
        let topic = self
            .by_id
            .remove(&record.topic_id)
            .ok_or(ReplayError::NoSuchTopic { record: "RemoveTopicRecord", topic_id: record.topic_id })?;
        self.by_name.remove(&topic.name);
        changes.topic_deleted(&topic);
        Ok(topic)
    }

    /// Forgets the eligible leader replicas of one topic, or of all when the record names none.
    pub(crate) fn clear_elr(
        &mut self,
        record: &ClearElrRecord,
        changes: &mut Changes,
    ) -> Result<(), ReplayError> {
        let topics: Vec<Uuid> = if record.topic_name.is_empty() {
            self.by_id.keys().copied().collect()
        } else {
            let id = self.id_of(&record.topic_name);
            vec![id.ok_or_else(|| ReplayError::NoSuchTopicName(record.topic_name.clone()))?]
        };
        for id in topics {
            let cleared: Vec<(PartitionIndex, Partition)> = self
                .by_id
                .get(&id)
                .into_iter()
                .flat_map(|topic| topic.partitions())
                .filter_map(|(index, partition)| Some((index, partition.without_eligible_leader_replicas()?)))
                .collect();
            if cleared.is_empty() {
                continue;
            }
            let topic = self.topic_mut(id, "ClearElrRecord")?;
            for (index, partition) in cleared {
                topic.partitions.insert(index, Arc::new(partition));
                changes.partition_changed(id, index);
            }
        }
        Ok(())
    }

    pub(crate) fn records(&self, out: &mut Vec<MetadataRecord>) {
        for topic in self.by_id.values() {
            out.push(TopicRecord { name: topic.name.to_string(), topic_id: topic.id }.into());
            for (index, partition) in topic.partitions() {
                out.push(partition.to_record(topic.id, index.0).into());
            }
        }
    }

    /// What turns `base` into `self`.
    pub(crate) fn compare(&self, base: &TopicsImage, changes: &mut Changes) {
        for (id, topic) in &base.by_id {
            if !self.by_id.contains_key(id) {
                changes.topic_deleted(topic);
            }
        }
        for (id, topic) in &self.by_id {
            let before = base.by_id.get(id);
            if before.is_none() {
                changes.topic_created(*id, topic.name.clone());
            }
            for (index, partition) in topic.partitions() {
                if before.and_then(|before| before.partition(index)) != Some(partition) {
                    changes.partition_changed(*id, index);
                }
            }
        }
    }
}
