//! Offsets by group, topic and partition; and those of transactions that have not ended.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use headwater_base::{Offset, Uuid};
use headwater_protocol::group::offset_commit_key::OffsetCommitKey;
use headwater_protocol::group::offset_commit_value::OffsetCommitValue;

use crate::record::GroupRecord;

/// One committed offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedOffset {
    /// Where in the log the commit stands: of two commits, one in a transaction, the later one counts.
    pub record_offset: Offset,
    /// Next offset to consume.
    pub offset: i64,
    /// Leader epoch of the record before it; −1 if the client did not say.
    pub leader_epoch: i32,
    /// The client's own words.
    pub metadata: Box<str>,
    /// When it was committed, by the wall clock.
    pub commit_timestamp_ms: i64,
    /// When it expires by itself, if the client said so; else −1.
    pub expire_timestamp_ms: i64,
    /// The topic, if the client named it by id.
    pub topic_id: Uuid,
}

type ByPartition = BTreeMap<i32, CommittedOffset>;
type ByTopic = BTreeMap<Arc<str>, ByPartition>;
type ByGroup = BTreeMap<Arc<str>, ByTopic>;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Offsets {
    by_group: ByGroup,
    count: usize,
    /// By producer id.
    pending: BTreeMap<i64, ByGroup>,
    /// Producers with pending offsets, by group.
    open: BTreeMap<Arc<str>, BTreeSet<i64>>,
}

impl Offsets {
    pub(crate) fn apply(
        &mut self,
        at: Offset,
        transaction: Option<i64>,
        key: &OffsetCommitKey,
        value: Option<&OffsetCommitValue>,
    ) {
        let Some(value) = value else {
            self.count -= usize::from(remove(&mut self.by_group, key).is_some());
            for producer in self.open.get(key.group.as_str()).into_iter().flatten() {
                if let Some(pending) = self.pending.get_mut(producer) {
                    remove(pending, key);
                }
            }
            return;
        };
        let committed = CommittedOffset {
            record_offset: at,
            offset: value.offset,
            leader_epoch: value.leader_epoch,
            metadata: value.metadata.as_str().into(),
            commit_timestamp_ms: value.commit_timestamp,
            expire_timestamp_ms: value.expire_timestamp,
            topic_id: value.topic_id,
        };
        match transaction {
            None => self.count += usize::from(put(&mut self.by_group, key, committed).is_none()),
            Some(producer) => {
                put(self.pending.entry(producer).or_default(), key, committed);
                self.open.entry(Arc::from(key.group.as_str())).or_default().insert(producer);
            }
        }
    }

    pub(crate) fn end_transaction(&mut self, producer: i64, committed: bool) {
        let Some(pending) = self.pending.remove(&producer) else { return };
        for (group, topics) in pending {
            if let Some(open) = self.open.get_mut(&group) {
                open.remove(&producer);
                if open.is_empty() {
                    self.open.remove(&group);
                }
            }
            if !committed {
                continue;
            }
            for (topic, partitions) in topics {
                for (partition, offset) in partitions {
                    self.materialize(&group, &topic, partition, offset);
                }
            }
        }
    }

    fn materialize(&mut self, group: &Arc<str>, topic: &Arc<str>, partition: i32, offset: CommittedOffset) {
        let topics = self.by_group.entry(Arc::clone(group)).or_default();
        let partitions = topics.entry(Arc::clone(topic)).or_default();
        match partitions.get(&partition) {
            Some(known) if known.record_offset >= offset.record_offset => {}
            known => {
                self.count += usize::from(known.is_none());
                partitions.insert(partition, offset);
            }
        }
    }

    pub(crate) fn get(&self, group: &str, topic: &str, partition: i32) -> Option<&CommittedOffset> {
        self.by_group.get(group)?.get(topic)?.get(&partition)
    }

    /// Topics and partitions of a group.
    pub(crate) fn of(
        &self,
        group: &str,
    ) -> impl Iterator<Item = (&Arc<str>, impl Iterator<Item = (i32, &CommittedOffset)>)> {
        let topics = self.by_group.get(group).into_iter().flatten();
        topics.map(|(topic, partitions)| {
            (topic, partitions.iter().map(|(partition, committed)| (*partition, committed)))
        })
    }

    /// Whether a transaction that is open will change this offset, or not.
    pub(crate) fn is_pending(&self, group: &str, topic: &str, partition: i32) -> bool {
        self.open.get(group).into_iter().flatten().any(|producer| {
            let offset = self.pending.get(producer).and_then(|pending| pending.get(group)?.get(topic));
            offset.is_some_and(|partitions| partitions.contains_key(&partition))
        })
    }

    /// Whether a transaction with offsets of this group is open.
    pub(crate) fn has_open_transaction(&self, group: &str) -> bool {
        self.open.contains_key(group)
    }

    /// Tombstones for all that a group has, pending offsets too.
    pub(crate) fn tombstones(&self, group: &str) -> Vec<GroupRecord> {
        let pending = self.open.get(group).into_iter().flatten();
        let pending = pending.filter_map(|producer| self.pending.get(producer)?.get(group));
        let mut keys: BTreeSet<(&Arc<str>, i32)> = BTreeSet::new();
        for topics in self.by_group.get(group).into_iter().chain(pending) {
            for (topic, partitions) in topics {
                keys.extend(partitions.keys().map(|partition| (topic, *partition)));
            }
        }
        keys.into_iter()
            .map(|(topic, partition)| GroupRecord::offset_tombstone(group, topic, partition))
            .collect()
    }

    /// Tombstones for everything that is committed on a topic.
    pub(crate) fn tombstones_of_topic(&self, topic: &str) -> Vec<GroupRecord> {
        let pending = self.pending.values().flatten();
        let mut keys: BTreeSet<(&Arc<str>, i32)> = BTreeSet::new();
        for (group, topics) in self.by_group.iter().chain(pending) {
            let partitions = topics.get(topic).into_iter().flat_map(BTreeMap::keys);
            keys.extend(partitions.map(|partition| (group, *partition)));
        }
        keys.into_iter()
            .map(|(group, partition)| GroupRecord::offset_tombstone(group, topic, partition))
            .collect()
    }

    /// All topics with offsets.
    pub(crate) fn topics(&self) -> BTreeSet<&Arc<str>> {
        let pending = self.pending.values().flatten();
        self.by_group.iter().chain(pending).flat_map(|(_, topics)| topics.keys()).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn describe(&self) -> String {
        format!("{:?} pending {:?}", self.by_group, self.pending)
    }
}

fn put(groups: &mut ByGroup, key: &OffsetCommitKey, committed: CommittedOffset) -> Option<CommittedOffset> {
    let topics = match groups.get_mut(key.group.as_str()) {
        Some(topics) => topics,
        None => groups.entry(Arc::from(key.group.as_str())).or_default(),
    };
    let partitions = match topics.get_mut(key.topic.as_str()) {
        Some(partitions) => partitions,
        None => topics.entry(Arc::from(key.topic.as_str())).or_default(),
    };
    partitions.insert(key.partition, committed)
}

fn remove(groups: &mut ByGroup, key: &OffsetCommitKey) -> Option<CommittedOffset> {
    let topics = groups.get_mut(key.group.as_str())?;
    let partitions = topics.get_mut(key.topic.as_str())?;
    let removed = partitions.remove(&key.partition);
    if partitions.is_empty() {
        topics.remove(key.topic.as_str());
    }
    if topics.is_empty() {
        groups.remove(key.group.as_str());
    }
    removed
}
