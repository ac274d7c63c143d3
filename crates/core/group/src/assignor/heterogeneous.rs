//! `uniform` when members want different topics (`UniformHeterogeneousAssignmentBuilder`).
//!
//! Members keep what they have, as far as they still want it. What nobody has goes, topic by topic, to the subscriber with
//! the fewest partitions. Then partitions move from those with many to those with few, again and again over all topics,
//! until a round changes nothing or the limit is reached.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use headwater_base::Uuid;

use super::balancer::Balancer;
use super::{GroupAssignment, GroupSpec, NOBODY, Owner, Owners, PartitionCounts, UnknownTopic};

/// Rounds over all topics. Most groups are even after one; each further one about halves the difference.
const MAX_ROUNDS: usize = 16;

pub(super) fn assign(
    group: &GroupSpec<'_>,
    counts: &dyn PartitionCounts,
) -> Result<GroupAssignment, UnknownTopic> {
    let mut subscribers: BTreeMap<Uuid, Vec<Owner>> = BTreeMap::new();
    for (index, member) in (0..).zip(&group.members) {
        for topic in member.subscribed {
            subscribers.entry(*topic).or_default().push(index);
        }
    }
    let owners = Owners::new(subscribers.keys(), counts)?;
    let mut builder =
        Builder { owners, subscribers, sizes: vec![0; group.members.len()], balancer: Balancer::new() };
    builder.keep(group);
    builder.hand_out();
    builder.balance();
    Ok(builder.owners.into_assignment(group))
}

struct Builder {
    owners: Owners,
    /// By topic, in ascending order. Never empty.
    subscribers: BTreeMap<Uuid, Vec<Owner>>,
    /// How many partitions each member has.
    sizes: Vec<i64>,
    balancer: Balancer,
}

impl Builder {
    /// Members keep what they still want.
    fn keep(&mut self, group: &GroupSpec<'_>) {
        for (index, member) in (0..).zip(&group.members) {
            for (topic, partitions) in member.assigned.iter() {
                if member.subscribed.binary_search(topic).is_err() {
                    continue;
                }
                for &partition in partitions {
                    if let Some(owner) = self.owners.of(*topic, partition)
                        && *owner == NOBODY
                    {
                        *owner = index;
                        self.sizes[index as usize] += 1;
                    }
                }
            }
        }
    }

    /// What nobody has goes to who has the least.
    fn hand_out(&mut self) {
        let mut topics: Vec<Uuid> = self.subscribers.keys().copied().collect();
        topics.retain(|topic| self.owners.by_topic[topic].contains(&NOBODY));
        self.sort(&mut topics);
        for topic in topics {
            self.balancer.begin(&self.subscribers[&topic], &self.sizes);
            let owners = self.owners.by_topic.get_mut(&topic).expect("every subscribed topic has owners");
            for owner in owners.iter_mut().filter(|owner| **owner == NOBODY) {
                *owner = self.balancer.least_loaded(&self.sizes);
                self.sizes[*owner as usize] += 1;
            }
        }
    }

    /// Topics with many partitions per subscriber first, then those with few subscribers, then by id.
    fn sort(&self, topics: &mut [Uuid]) {
        let facts = |topic: &Uuid| (self.owners.by_topic[topic].len(), self.subscribers[topic].len());
        topics.sort_by(|left, right| {
            let ((left_count, left_members), (right_count, right_members)) = (facts(left), facts(right));
            // The fractions' order without fractions.
            let share = (right_count * left_members).cmp(&(left_count * right_members));
            share.then(left_members.cmp(&right_members)).then_with(|| java_order(*left, *right))
        });
    }

    fn balance(&mut self) {
        let mut topics: Vec<Uuid> = self.subscribers.keys().copied().collect();
        topics.retain(|topic| self.subscribers[topic].len() >= 2);
        self.sort(&mut topics);
        let mut last_changed = None;
        for _ in 0..MAX_ROUNDS {
            for (index, topic) in topics.iter().enumerate() {
                if last_changed == Some(index) {
                    return;
                }
                if self.balance_topic(*topic) || last_changed.is_none() {
                    last_changed = Some(index);
                }
            }
        }
    }

    /// Moves partitions of one topic until its subscribers are even, or those with many have none of it. True if one moved.
    fn balance_topic(&mut self, topic: Uuid) -> bool {
        if self.balancer.begin(&self.subscribers[&topic], &self.sizes) <= 1 {
            return false;
        }
        let owners = self.owners.by_topic.get_mut(&topic).expect("every subscribed topic has owners");
        // What each had at the beginning, its last at the end. Whoever gets one here does not give it again.
        let mut given: BTreeMap<Owner, Vec<usize>> = BTreeMap::new();
        for (partition, owner) in owners.iter().enumerate() {
            given.entry(*owner).or_default().push(partition);
        }
        let mut moved = false;
        while !self.balancer.is_balanced() {
            let partition = loop {
                let Some(member) = self.balancer.most_loaded(&self.sizes) else { return moved };
                match given.get_mut(&member).and_then(Vec::pop) {
                    Some(partition) => break partition,
                    None => self.balancer.exclude_most_loaded(),
                }
            };
            let to = self.balancer.least_loaded(&self.sizes);
            if self.balancer.is_balanced() {
                break;
            }
            self.sizes[owners[partition] as usize] -= 1;
            self.sizes[to as usize] += 1;
            owners[partition] = to;
            moved = true;
        }
        moved
    }
}

/// The order of Kafka's ids: two signed halves.
fn java_order(left: Uuid, right: Uuid) -> Ordering {
    let halves = |id: Uuid| ((id.0 >> 64) as i64, id.0 as i64);
    halves(left).cmp(&halves(right))
}
