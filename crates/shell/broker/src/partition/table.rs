//! Which partitions this node has, by name and by id.
//!
//! Written by the metadata's subscriber alone, read by every request; a reader holds the lock for a look-up only.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use headwater_base::Uuid;

use super::{Counts, Partition};

/// The partitions of one topic that this node has.
pub struct TopicPartitions {
    /// The topic's name.
    pub name: Arc<str>,
    /// The topic's id.
    pub id: Uuid,
    /// By index; `None` where another node has the partition, or where its log could not be opened.
    pub partitions: Vec<Option<Arc<Partition>>>,
}

#[derive(Default)]
struct Tables {
    by_name: BTreeMap<Arc<str>, Arc<TopicPartitions>>,
    by_id: BTreeMap<Uuid, Arc<TopicPartitions>>,
    /// What was counted of partitions that are gone: sums over all topics do not go back.
    gone: Counts,
}

/// See the module.
#[derive(Default)]
pub struct PartitionTable {
    tables: RwLock<Tables>,
}

impl PartitionTable {
    fn tables(&self) -> RwLockReadGuard<'_, Tables> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A topic by its name.
    #[must_use]
    pub fn topic(&self, name: &str) -> Option<Arc<TopicPartitions>> {
        self.tables().by_name.get(name).cloned()
    }

    /// A topic by its id.
    #[must_use]
    pub fn topic_by_id(&self, id: Uuid) -> Option<Arc<TopicPartitions>> {
        self.tables().by_id.get(&id).cloned()
    }

    /// Puts a topic in, in place of what was known of it.
    pub fn put(&self, topic: TopicPartitions) {
        let topic = Arc::new(topic);
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        tables.by_name.insert(Arc::clone(&topic.name), Arc::clone(&topic));
        tables.by_id.insert(topic.id, topic);
    }

    /// Takes a topic out.
    pub fn remove(&self, id: Uuid) -> Option<Arc<TopicPartitions>> {
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        let topic = tables.by_id.remove(&id)?;
        topic.partitions.iter().flatten().for_each(|partition| tables.gone += partition.counts());
        // The name may belong to a new topic already.
        if tables.by_name.get(&topic.name).is_some_and(|named| named.id == id) {
            tables.by_name.remove(&topic.name);
        }
        Some(topic)
    }

    /// All topics, in the order of names, and what was counted of partitions that are gone.
    #[must_use]
    pub fn topics(&self) -> (Vec<Arc<TopicPartitions>>, Counts) {
        let tables = self.tables();
        (tables.by_name.values().cloned().collect(), tables.gone)
    }

    /// All partitions, in the order of names.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Partition>> {
        let tables = self.tables();
        tables.by_name.values().flat_map(|topic| topic.partitions.iter().flatten().cloned()).collect()
    }
}
