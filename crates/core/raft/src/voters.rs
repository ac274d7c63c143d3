//! Who votes: replica keys, voter sets and the protocol version of the quorum (KIP-853).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use headwater_base::{NodeId, Offset, Uuid};

/// A replica of the metadata log: a node and, where it is known, the directory that holds the log. A node whose disk
/// was replaced is another replica (`org.apache.kafka.raft.ReplicaKey`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReplicaKey {
    /// `node.id`.
    pub node_id: NodeId,
    /// `directory.id` of the metadata log directory; [`Uuid::ZERO`] where it is not known (kraft.version 0).
    pub directory_id: Uuid,
}

impl ReplicaKey {
    /// A replica whose directory is known.
    #[must_use]
    pub const fn new(node_id: NodeId, directory_id: Uuid) -> Self {
        Self { node_id, directory_id }
    }
}

impl fmt::Display for ReplicaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.node_id, self.directory_id)
    }
}

/// The feature level `kraft.version`: 0 has a fixed voter set in the configuration, 1 keeps it in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum KRaftVersion {
    /// Voters come from `controller.quorum.voters`.
    #[default]
    V0,
    /// Voters are control records of the log (KIP-853).
    V1,
}

impl KRaftVersion {
    /// Feature name as in Kafka.
    pub const FEATURE_NAME: &'static str = "kraft.version";

    /// The level as a number.
    #[must_use]
    pub const fn level(self) -> i16 {
        self as i16
    }

    /// The version with that level, if it is implemented.
    #[must_use]
    pub const fn from_level(level: i16) -> Option<Self> {
        match level {
            0 => Some(Self::V0),
            1 => Some(Self::V1),
            _ => None,
        }
    }
}

/// Where a voter listens on one listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Listener name, upper case by custom.
    pub name: String,
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

/// One voter with all that the log says of it (`VoterSet.VoterNode`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoterNode {
    /// Who it is.
    pub key: ReplicaKey,
    /// Controller listeners, the preferred one first.
    pub endpoints: Vec<Endpoint>,
    /// Lowest kraft.version that it supports.
    pub min_kraft_version: i16,
    /// Highest kraft.version that it supports.
    pub max_kraft_version: i16,
}

/// The voters, by node id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VoterSet {
    voters: BTreeMap<NodeId, VoterNode>,
}

impl VoterSet {
    /// A set of these voters; the last of two with one id wins.
    #[must_use]
    pub fn new(voters: impl IntoIterator<Item = VoterNode>) -> Self {
        Self { voters: voters.into_iter().map(|voter| (voter.key.node_id, voter)).collect() }
    }

    /// Voters in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &VoterNode> {
        self.voters.values()
    }

    /// Ids in ascending order.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.voters.keys().copied()
    }

    /// How many voters there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.voters.len()
    }

    /// True if nobody votes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.voters.is_empty()
    }

    /// The voter with that id.
    #[must_use]
    pub fn get(&self, node_id: NodeId) -> Option<&VoterNode> {
        self.voters.get(&node_id)
    }

    /// True if this replica votes. A voter whose directory is not known (kraft.version 0) is matched by its id alone.
    #[must_use]
    pub fn contains(&self, key: ReplicaKey) -> bool {
        self.get(key.node_id).is_some_and(|voter| {
            voter.key.directory_id.is_zero() || voter.key.directory_id == key.directory_id
        })
    }

    /// The set in which `voter` stands in the place of the voter with its id.
    #[must_use]
    pub fn with_updated(&self, voter: VoterNode) -> Self {
        let mut updated = self.clone();
        updated.voters.insert(voter.key.node_id, voter);
        updated
    }

    /// True if those who granted are more than half of the set; grants of non-voters do not count.
    #[must_use]
    pub fn is_majority(&self, granted: &BTreeSet<NodeId>) -> bool {
        let votes = self.ids().filter(|id| granted.contains(id)).count();
        votes * 2 > self.len()
    }

    /// The highest offset which more than half of the voters hold durably; `None` for an empty set. Voters that are
    /// missing in `durable_end_offsets` count as holding nothing.
    #[must_use]
    pub fn majority_offset(&self, durable_end_offsets: &BTreeMap<NodeId, Offset>) -> Option<Offset> {
        let mut offsets: Vec<Offset> =
            self.ids().map(|id| durable_end_offsets.get(&id).copied().unwrap_or(Offset::ZERO)).collect();
        offsets.sort_unstable_by(|a, b| b.cmp(a));
        offsets.get(self.len() / 2).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ids: impl IntoIterator<Item = i32>) -> VoterSet {
        VoterSet::new(ids.into_iter().map(|id| VoterNode {
            key: ReplicaKey::new(NodeId(id), Uuid(id as u128)),
            endpoints: vec![],
            min_kraft_version: 0,
            max_kraft_version: 1,
        }))
    }

    #[test]
    fn a_majority_is_more_than_half() {
        for (voters, needed) in [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3)] {
            for votes in 0..=voters {
                let granted = (1..=votes).map(NodeId).collect();
                assert_eq!(set(1..=voters).is_majority(&granted), votes >= needed, "{votes} of {voters}");
            }
        }
        assert!(!set(1..=1).is_majority(&BTreeSet::from([NodeId(2)])), "a stranger's vote");
        assert!(!set([]).is_majority(&BTreeSet::new()), "nobody is no majority of nobody");
    }

    #[test]
    fn the_majority_offset_is_held_by_more_than_half() {
        let held = |offsets: &[i64]| -> BTreeMap<NodeId, Offset> {
            (1..).zip(offsets).map(|(id, offset)| (NodeId(id), Offset(*offset))).collect()
        };
        assert_eq!(set(1..=1).majority_offset(&held(&[7])), Some(Offset(7)));
        assert_eq!(set(1..=2).majority_offset(&held(&[7, 3])), Some(Offset(3)));
        assert_eq!(set(1..=3).majority_offset(&held(&[7, 3, 5])), Some(Offset(5)));
        assert_eq!(set(1..=4).majority_offset(&held(&[7, 3, 5, 6])), Some(Offset(5)));
        assert_eq!(set(1..=3).majority_offset(&held(&[7])), Some(Offset(0)));
        assert_eq!(set([]).majority_offset(&held(&[])), None);
    }

    #[test]
    fn a_voter_is_a_node_with_its_directory() {
        let voters = set(1..=1);
        assert!(voters.contains(ReplicaKey::new(NodeId(1), Uuid(1))));
        assert!(!voters.contains(ReplicaKey::new(NodeId(1), Uuid(2))), "another disk is another replica");
        assert!(!voters.contains(ReplicaKey::new(NodeId(2), Uuid(1))));
        let mut node = voters.get(NodeId(1)).expect("there").clone();
        node.key.directory_id = Uuid::ZERO;
        assert!(
            voters.with_updated(node).contains(ReplicaKey::new(NodeId(1), Uuid(9))),
            "static voters have none"
        );
    }
}
