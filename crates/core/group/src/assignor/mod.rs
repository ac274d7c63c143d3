//! Server-side assignors of the consumer protocol: who of a group shall own which partitions.
//!
//! Pure functions from a [`GroupSpec`] to a target. They look at no clock and at no order but the one given, so the same
//! group gets the same target wherever it is computed. Like Kafka's own two assignors they look at no racks
//! (`org.apache.kafka.coordinator.group.assignor` of 4.3.1).
//!
//! A new assignor is a file here and a row in [`ASSIGNORS`].

mod balancer;
mod heterogeneous;
mod homogeneous;
mod range;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use headwater_base::Uuid;

/// Partitions by topic: in ascending order, each once, and no topic without any.
pub type TopicPartitions = BTreeMap<Uuid, Vec<i32>>;

/// Whether all members want the same topics. It is decided by names, of which some may not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionType {
    /// They do.
    Homogeneous,
    /// They do not.
    Heterogeneous,
}

/// What an assignor knows of one member.
#[derive(Clone, Debug)]
pub struct MemberSpec<'a> {
    /// The member's id.
    pub member_id: &'a str,
    /// The id of a static member.
    pub instance_id: Option<&'a str>,
    /// The existing topics that it wants, in ascending order, each once.
    pub subscribed: &'a [Uuid],
    /// Its current target (not what it owns at present). For a static member that comes back, its predecessor's.
    pub assigned: Arc<TopicPartitions>,
}

/// What an assignor knows of a group.
#[derive(Clone, Debug)]
pub struct GroupSpec<'a> {
    /// The members, in ascending order of their ids.
    pub members: Vec<MemberSpec<'a>>,
    /// Whether all of them want the same.
    pub subscription_type: SubscriptionType,
}

/// Tells how many partitions a topic has (`SubscribedTopicDescriber`).
pub trait PartitionCounts {
    /// The number of partitions; `None` if there is no such topic.
    fn partition_count(&self, topic: Uuid) -> Option<i32>;
}

impl PartitionCounts for BTreeMap<Uuid, i32> {
    fn partition_count(&self, topic: Uuid) -> Option<i32> {
        self.get(&topic).copied()
    }
}

/// A member wants a topic that the describer does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownTopic(pub Uuid);

impl fmt::Display for UnknownTopic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a member is subscribed to topic {}, of which nothing is known", self.0)
    }
}

/// The new target of each member, in the order of the [`GroupSpec`]. Where nothing changes it is the same `Arc`.
pub type GroupAssignment = Vec<Arc<TopicPartitions>>;

type Assign = fn(&GroupSpec<'_>, &dyn PartitionCounts) -> Result<GroupAssignment, UnknownTopic>;

/// One assignor.
pub struct Assignor {
    /// The name by which members and configuration ask for it.
    pub name: &'static str,
    assign: Assign,
}

impl Assignor {
    /// The assignor of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<&'static Assignor> {
        ASSIGNORS.iter().find(|assignor| assignor.name == name)
    }

    /// Computes a group's target.
    ///
    /// # Errors
    /// When a member wants a topic of which nothing is known.
    pub fn assign(
        &self,
        group: &GroupSpec<'_>,
        counts: &dyn PartitionCounts,
    ) -> Result<GroupAssignment, UnknownTopic> {
        if group.members.is_empty() {
            return Ok(Vec::new());
        }
        (self.assign)(group, counts)
    }
}

impl fmt::Debug for Assignor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// All assignors; the first is the default of `group.consumer.assignors`.
pub static ASSIGNORS: [Assignor; 2] =
    [Assignor { name: "uniform", assign: uniform }, Assignor { name: "range", assign: range::assign }];

/// `uniform`: everybody has as many as the others, and keeps what he can (`UniformAssignor`).
fn uniform(group: &GroupSpec<'_>, counts: &dyn PartitionCounts) -> Result<GroupAssignment, UnknownTopic> {
    match group.subscription_type {
        SubscriptionType::Homogeneous => homogeneous::assign(group, counts),
        SubscriptionType::Heterogeneous => heterogeneous::assign(group, counts),
    }
}

/// A partition's owner as index into [`GroupSpec::members`].
type Owner = u32;

/// Stands for no owner.
const NOBODY: Owner = Owner::MAX;

/// Who owns the partitions of each topic, while a target is being worked out.
struct Owners {
    by_topic: BTreeMap<Uuid, Vec<Owner>>,
}

impl Owners {
    fn new<'a>(
        topics: impl IntoIterator<Item = &'a Uuid>,
        counts: &dyn PartitionCounts,
    ) -> Result<Self, UnknownTopic> {
        let mut by_topic = BTreeMap::new();
        for topic in topics {
            if !by_topic.contains_key(topic) {
                let count = counts.partition_count(*topic).ok_or(UnknownTopic(*topic))?;
                by_topic.insert(*topic, vec![NOBODY; usize::try_from(count).unwrap_or(0)]);
            }
        }
        Ok(Self { by_topic })
    }

    /// The owner of a partition, if there is such a partition.
    fn of(&mut self, topic: Uuid, partition: i32) -> Option<&mut Owner> {
        self.by_topic.get_mut(&topic)?.get_mut(usize::try_from(partition).ok()?)
    }

    /// The target that this adds up to.
    fn into_assignment(self, group: &GroupSpec<'_>) -> GroupAssignment {
        let mut targets: Vec<TopicPartitions> = vec![BTreeMap::new(); group.members.len()];
        for (topic, owners) in self.by_topic {
            for (partition, owner) in (0..).zip(owners) {
                if owner != NOBODY {
                    targets[owner as usize].entry(topic).or_default().push(partition);
                }
            }
        }
        unchanged_or_new(group, targets)
    }
}

/// Gives back a member's own target where the new one is equal.
fn unchanged_or_new(group: &GroupSpec<'_>, targets: Vec<TopicPartitions>) -> GroupAssignment {
    let both = group.members.iter().zip(targets);
    both.map(
        |(member, target)| {
            if *member.assigned == target { Arc::clone(&member.assigned) } else { Arc::new(target) }
        },
    )
    .collect()
}
