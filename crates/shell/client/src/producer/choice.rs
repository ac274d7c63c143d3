//! Which partition a record goes to (`BuiltInPartitioner`, `RoundRobinPartitioner`).

use std::collections::BTreeMap;

use headwater_records::partitioner::partition_for_key;

use super::config::Partitioner;
use crate::machine::metadata::Topic;

/// What is remembered of a topic.
#[derive(Debug, Default)]
struct Memory {
    /// The partition that records without key go to, and the bytes that went there.
    sticky: Option<(i32, usize)>,
    turn: u32,
}

/// Chooses partitions.
#[derive(Debug)]
pub(super) struct Choice {
    partitioner: Partitioner,
    ignore_keys: bool,
    batch_size: usize,
    topics: BTreeMap<String, Memory>,
}

impl Choice {
    pub(super) fn new(partitioner: Partitioner, ignore_keys: bool, batch_size: usize) -> Choice {
        Choice { partitioner, ignore_keys, batch_size: batch_size.max(1), topics: BTreeMap::new() }
    }

    /// The partition for a record of `size` bytes; `random` is any number. The topic has at least one partition.
    pub(super) fn partition(&mut self, topic: &Topic, key: Option<&[u8]>, size: usize, random: u64) -> i32 {
        let count = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        if let (Partitioner::Default, false, Some(key)) = (self.partitioner, self.ignore_keys, key) {
            return partition_for_key(key, count);
        }
        if !self.topics.contains_key(&topic.name) {
            let begin = Memory { turn: random as u32 & 0xffff, sticky: None };
            self.topics.insert(topic.name.clone(), begin);
        }
        let Some(memory) = self.topics.get_mut(&topic.name) else { return 0 };
        let led = topic.partitions.iter().filter(|partition| partition.leader.is_some()).map(|it| it.index);
        if self.partitioner == Partitioner::RoundRobin {
            memory.turn = memory.turn.wrapping_add(1);
            return pick(led, count, u64::from(memory.turn));
        }
        let stays = memory.sticky.filter(|(partition, bytes)| *bytes < self.batch_size && *partition < count);
        let (partition, bytes) = stays.unwrap_or_else(|| (pick(led, count, random), 0));
        memory.sticky = Some((partition, bytes + size));
        partition
    }
}

/// The n-th, counted around, of those with a leader, or of all when none has one.
fn pick(led: impl Iterator<Item = i32>, count: i32, n: u64) -> i32 {
    let led: Vec<i32> = led.collect();
    match led.len() as u64 {
        0 => (n % u64::from(count.unsigned_abs().max(1))) as i32,
        many => led[(n % many) as usize],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::metadata::Partition;
    use headwater_base::Uuid;

    fn topic(leaders: &[Option<i32>]) -> Topic {
        let partition = |(index, leader): (usize, &Option<i32>)| Partition {
            index: index as i32,
            leader: *leader,
            leader_epoch: 0,
            replicas: vec![1],
            isr: vec![1],
            offline: Vec::new(),
        };
        let partitions = leaders.iter().enumerate().map(partition).collect();
        Topic { name: "t".to_owned(), id: Uuid(1), internal: false, partitions }
    }

    #[test]
    fn keys_go_where_the_reference_sends_them() {
        let topic = topic(&[Some(1); 100]);
        let mut choice = Choice::new(Partitioner::Default, false, 100);
        // `Utils.toPositive(Utils.murmur2("21".getBytes())) % 100` of the reference.
        assert_eq!(choice.partition(&topic, Some(b"21"), 10, 5), (-973932308 & i32::MAX) % 100);
        let mut deaf = Choice::new(Partitioner::Default, true, 100);
        assert_eq!(deaf.partition(&topic, Some(b"21"), 10, 5), 5);
    }

    #[test]
    fn records_without_key_stay_for_a_batch_and_avoid_what_has_no_leader() {
        let topic = topic(&[Some(1), None, Some(1)]);
        let mut choice = Choice::new(Partitioner::Default, false, 100);
        let chosen: Vec<i32> =
            [1, 0, 0, 1, 0].map(|random| choice.partition(&topic, None, 40, random)).to_vec();
        assert_eq!(chosen, [2, 2, 2, 2, 2].map(|it: i32| it));
        let mut turns = Choice::new(Partitioner::RoundRobin, false, 100);
        let chosen: Vec<i32> = (0..4).map(|_| turns.partition(&topic, Some(b"k"), 40, 0)).collect();
        assert_eq!(chosen, [2, 0, 2, 0]);
    }
}
