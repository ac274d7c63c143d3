//! Partitions of members: those that a member has, with epochs, and those that it shall have.

use std::collections::BTreeMap;

use headwater_base::Uuid;
use headwater_protocol::group::consumer_group_current_member_assignment_value as current;
use headwater_protocol::group::consumer_group_target_assignment_member_value as target;
use headwater_protocol::messages::consumer_group_heartbeat_response as heartbeat;

use crate::assignor::TopicPartitions;

/// Partitions by topic, each with the group epoch in which the member got it. No topic is without partitions.
pub type PartitionEpochs = BTreeMap<Uuid, BTreeMap<i32, i32>>;

/// What a record says a member has. A record of a time without epochs, or with a wrong number of them, means that all
/// came in the member's own epoch.
pub(super) fn of_current(topics: &[current::TopicPartitions], member_epoch: i32) -> PartitionEpochs {
    let mut read = PartitionEpochs::new();
    for topic in topics.iter().filter(|topic| !topic.partitions.is_empty()) {
        let epochs = topic.assignment_epochs.as_ref().filter(|all| all.len() == topic.partitions.len());
        let epoch_of = |at: usize| epochs.and_then(|all| all.get(at)).copied();
        let partitions = topic.partitions.iter().enumerate();
        let partitions =
            partitions.map(|(at, partition)| (*partition, epoch_of(at).unwrap_or(member_epoch.max(0))));
        read.entry(topic.topic_id).or_default().extend(partitions);
    }
    read
}

pub(super) fn to_current(partitions: &PartitionEpochs) -> Vec<current::TopicPartitions> {
    let topics = partitions.iter().map(|(topic_id, partitions)| current::TopicPartitions {
        topic_id: *topic_id,
        partitions: partitions.keys().copied().collect(),
        assignment_epochs: Some(partitions.values().copied().collect()),
    });
    topics.collect()
}

pub(super) fn of_target(topics: &[target::TopicPartition]) -> TopicPartitions {
    let mut read = TopicPartitions::new();
    for topic in topics.iter().filter(|topic| !topic.partitions.is_empty()) {
        let partitions = read.entry(topic.topic_id).or_default();
        partitions.extend(&topic.partitions);
        partitions.sort_unstable();
        partitions.dedup();
    }
    read
}

pub(super) fn to_target(partitions: &TopicPartitions) -> Vec<target::TopicPartition> {
    let topics = partitions.iter().map(|(topic_id, partitions)| target::TopicPartition {
        topic_id: *topic_id,
        partitions: partitions.clone(),
    });
    topics.collect()
}

/// The partitions alone, as a heartbeat's answer has them.
pub(super) fn to_answer(partitions: &PartitionEpochs) -> heartbeat::Assignment {
    let topic_partitions = partitions.iter().map(|(topic_id, partitions)| heartbeat::TopicPartitions {
        topic_id: *topic_id,
        partitions: partitions.keys().copied().collect(),
    });
    heartbeat::Assignment { topic_partitions: topic_partitions.collect() }
}

/// All of these partitions in one epoch.
pub(super) fn in_epoch(partitions: &TopicPartitions, epoch: i32) -> PartitionEpochs {
    let topics = partitions.iter().map(|(topic, partitions)| {
        (*topic, partitions.iter().map(|partition| (*partition, epoch)).collect::<BTreeMap<_, _>>())
    });
    topics.collect()
}

/// Whether the partition is among these.
pub(super) fn holds(partitions: &PartitionEpochs, topic: Uuid, partition: i32) -> bool {
    partitions.get(&topic).is_some_and(|partitions| partitions.contains_key(&partition))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_of_records_without_them_are_the_members() {
        let topic = |partitions: Vec<i32>, assignment_epochs| current::TopicPartitions {
            topic_id: Uuid(7),
            partitions,
            assignment_epochs,
        };
        let read = |topic| of_current(&[topic], 5);
        let expected = |pairs: &[(i32, i32)]| BTreeMap::from([(Uuid(7), pairs.iter().copied().collect())]);
        assert_eq!(read(topic(vec![1, 2], None)), expected(&[(1, 5), (2, 5)]));
        assert_eq!(read(topic(vec![1, 2], Some(vec![3]))), expected(&[(1, 5), (2, 5)]), "a wrong number");
        assert_eq!(read(topic(vec![1, 2], Some(vec![3, 4]))), expected(&[(1, 3), (2, 4)]));
        assert_eq!(of_current(&[topic(vec![1], None)], -2), expected(&[(1, 0)]), "away");
        assert_eq!(read(topic(vec![], None)), BTreeMap::new());
        let both = expected(&[(1, 3), (2, 4)]);
        assert_eq!(of_current(&to_current(&both), 9), both);
    }

    #[test]
    fn targets_are_sorted() {
        let topic = target::TopicPartition { topic_id: Uuid(7), partitions: vec![3, 1, 3] };
        assert_eq!(of_target(&[topic]), BTreeMap::from([(Uuid(7), vec![1, 3])]));
    }
}
