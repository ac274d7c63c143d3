//! Which brokers get the replicas of new partitions (`org.apache.kafka.metadata.placement.StripedReplicaPlacer`).
//!
//! The replicas of a partition lie in as many racks as possible; leaders and followers are spread evenly over racks
//! and, inside a rack, over brokers; fenced brokers get replicas only when there are too few others, and never the
//! first one. Racks are gone through round robin, so that a rack with few brokers gives each of them more.

use std::collections::BTreeMap;

use headwater_base::NodeId;

use crate::random::Random;

/// A broker that can get replicas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UsableBroker {
    pub(crate) id: NodeId,
    pub(crate) rack: Option<String>,
    pub(crate) fenced: bool,
}

/// Brokers of a rack, taken in turn. Each epoch (one partition) starts one further.
#[derive(Debug, Default)]
struct BrokerList {
    brokers: Vec<NodeId>,
    epoch: usize,
    index: usize,
    offset: usize,
}

impl BrokerList {
    fn initialize(&mut self, random: &mut Random) {
        if !self.brokers.is_empty() {
            self.brokers.sort_unstable();
            self.offset = random.below(self.brokers.len());
        }
    }

    fn next(&mut self, epoch: usize) -> Option<NodeId> {
        if self.brokers.is_empty() {
            return None;
        }
        if self.epoch != epoch {
            self.epoch = epoch;
            self.index = 0;
            self.offset = (self.offset + 1) % self.brokers.len();
        }
        if self.index >= self.brokers.len() {
            return None;
        }
        let broker = self.brokers[(self.index + self.offset) % self.brokers.len()];
        self.index += 1;
        Some(broker)
    }
}

#[derive(Debug, Default)]
struct Rack {
    fenced: BrokerList,
    unfenced: BrokerList,
}

impl Rack {
    fn next(&mut self, epoch: usize) -> Option<NodeId> {
        self.unfenced.next(epoch).or_else(|| self.fenced.next(epoch))
    }
}

/// The racks in the order in which they are asked.
struct RackList {
    racks: Vec<Rack>,
    total: usize,
    unfenced: usize,
    epoch: usize,
    offset: usize,
}

impl RackList {
    fn new(random: &mut Random, brokers: impl Iterator<Item = UsableBroker>) -> Self {
        // Brokers without a rack form one, which comes first.
        let mut racks: BTreeMap<Option<String>, Rack> = BTreeMap::new();
        let (mut total, mut unfenced) = (0, 0);
        for broker in brokers {
            let rack = racks.entry(broker.rack).or_default();
            total += 1;
            if broker.fenced {
                rack.fenced.brokers.push(broker.id);
            } else {
                unfenced += 1;
                rack.unfenced.brokers.push(broker.id);
            }
        }
        let mut racks: Vec<Rack> = racks.into_values().collect();
        for rack in &mut racks {
            rack.fenced.initialize(random);
            rack.unfenced.initialize(random);
        }
        let offset = if racks.is_empty() { 0 } else { random.below(racks.len()) };
        Self { racks, total, unfenced, epoch: 0, offset }
    }

    fn shuffle(&mut self, random: &mut Random) {
        random.shuffle(&mut self.racks);
        for rack in &mut self.racks {
            random.shuffle(&mut rack.fenced.brokers);
            random.shuffle(&mut rack.unfenced.brokers);
        }
    }

    /// The replicas of the next partition. There must be an unfenced broker and at least `replicas` brokers.
    fn place(&mut self, replicas: usize, random: &mut Random) -> Vec<NodeId> {
        if self.epoch == self.unfenced && self.unfenced > 1 {
            self.shuffle(random);
            self.epoch = 0;
        }
        let racks = self.racks.len();
        if self.offset >= racks {
            self.offset = 0;
        }
        let mut brokers = Vec::with_capacity(replicas);
        // The leader comes from the first rack, from `offset` on, that has an unfenced broker.
        let mut leader_rack = self.offset;
        let leader = loop {
            if let Some(broker) = self.racks[leader_rack].unfenced.next(self.epoch) {
                break broker;
            }
            leader_rack = (leader_rack + 1) % racks;
        };
        brokers.push(leader);
        // That rack is passed over once in the first round, so that the followers are elsewhere.
        let mut passed_over = Some(leader_rack);
        let mut rack = self.offset;
        while brokers.len() < replicas {
            if passed_over == Some(rack) {
                passed_over = None;
            } else if let Some(broker) = self.racks[rack].next(self.epoch) {
                brokers.push(broker);
            }
            rack = (rack + 1) % racks;
        }
        self.epoch += 1;
        self.offset += 1;
        brokers
    }
}

/// The replicas of `partitions` new partitions, the leader first.
///
/// # Errors
/// Kafka's message, for `INVALID_REPLICATION_FACTOR`.
pub(crate) fn place(
    partitions: usize,
    replication_factor: i16,
    brokers: impl Iterator<Item = UsableBroker>,
    random: &mut Random,
) -> Result<Vec<Vec<NodeId>>, String> {
    let mut racks = RackList::new(random, brokers);
    let replicas = match usize::try_from(replication_factor) {
        Ok(replicas) if replicas > 0 => replicas,
        _ => {
            return Err(format!(
                "Invalid replication factor {replication_factor}: the replication factor must be positive."
            ));
        }
    };
    if racks.unfenced == 0 {
        return Err(
            "All brokers are currently fenced, or have all their log directories cordoned.".to_owned()
        );
    }
    if replicas > racks.total {
        return Err(format!(
            "The target replication factor of {replicas} cannot be reached because only {} broker(s) are registered \
             or some brokers have all their log directories cordoned.",
            racks.total
        ));
    }
    Ok((0..partitions).map(|_| racks.place(replicas, random)).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn broker(id: i32, rack: Option<&str>, fenced: bool) -> UsableBroker {
        UsableBroker { id: NodeId(id), rack: rack.map(str::to_owned), fenced }
    }

    fn placed(partitions: usize, factor: i16, brokers: &[UsableBroker], seed: u64) -> Vec<Vec<NodeId>> {
        place(partitions, factor, brokers.iter().cloned(), &mut Random::new([seed, 1]))
            .expect("can be placed")
    }

    #[test]
    fn refusals_are_kafkas() {
        let place = |factor, brokers: &[UsableBroker]| {
            place(1, factor, brokers.iter().cloned(), &mut Random::new([1, 2])).expect_err("refused")
        };
        let one = [broker(1, None, false)];
        assert_eq!(place(0, &one), "Invalid replication factor 0: the replication factor must be positive.");
        assert_eq!(
            place(1, &[broker(1, None, true)]),
            "All brokers are currently fenced, or have all their log directories cordoned."
        );
        assert_eq!(
            place(2, &one),
            "The target replication factor of 2 cannot be reached because only 1 broker(s) are registered or some \
             brokers have all their log directories cordoned."
        );
    }

    #[test]
    fn replicas_are_distinct_and_leaders_even() {
        for seed in 0..50 {
            let brokers: Vec<_> = (0..5).map(|id| broker(id, None, false)).collect();
            let mut leaders = BTreeMap::new();
            for replicas in placed(100, 3, &brokers, seed) {
                let mut distinct = replicas.clone();
                distinct.sort_unstable();
                distinct.dedup();
                assert_eq!(distinct.len(), 3);
                *leaders.entry(replicas[0]).or_insert(0) += 1;
            }
            assert!(leaders.values().all(|count| *count == 20), "{leaders:?}");
        }
    }

    #[test]
    fn replicas_lie_in_different_racks() {
        let rack = |id: i32| ["a", "b", "c"][usize::try_from(id).expect("small") % 3];
        for seed in 0..50 {
            let brokers: Vec<_> = (0..9).map(|id| broker(id, Some(rack(id)), false)).collect();
            for replicas in placed(30, 3, &brokers, seed) {
                let mut racks: Vec<_> = replicas.iter().map(|replica| rack(replica.0)).collect();
                racks.sort_unstable();
                assert_eq!(racks, ["a", "b", "c"]);
            }
        }
    }

    #[test]
    fn fenced_brokers_come_last_and_never_lead() {
        let brokers =
            [broker(1, None, false), broker(2, None, false), broker(3, None, true), broker(4, None, false)];
        for seed in 0..50 {
            for replicas in placed(20, 3, &brokers, seed) {
                assert!(!replicas.contains(&NodeId(3)));
            }
            for replicas in placed(20, 4, &brokers, seed) {
                assert_eq!(replicas[3], NodeId(3));
            }
        }
        // A rack with fenced brokers only gives no leader.
        let brokers = [broker(1, Some("a"), true), broker(2, Some("b"), false)];
        for seed in 0..20 {
            assert!(placed(5, 2, &brokers, seed).iter().all(|replicas| *replicas == [NodeId(2), NodeId(1)]));
        }
    }
}
