//! What the controller knows.

use std::collections::BTreeMap;
use std::sync::Arc;

use headwater_base::{NodeId, Offset, PartitionIndex, Uuid};
use headwater_metadata::{Image, MetadataVersion, Partition};
use imbl::{OrdMap, OrdSet};

use crate::config::ControllerConfig;
use crate::sessions::Sessions;
use crate::topic_name;

/// The controller: replicated state, what follows from it, and the liveness of brokers, which is not replicated.
#[derive(Clone, Debug)]
pub struct Controller {
    pub(crate) config: ControllerConfig,
    pub(crate) state: State,
    /// The state before the open transaction, and the offset at which it began.
    pub(crate) before_transaction: Option<(Offset, Box<State>)>,
    pub(crate) sessions: Sessions,
}

/// A partition's place in an index: broker, topic, index.
pub(crate) type Place = (NodeId, Uuid, PartitionIndex);

/// The replicated state. Cloning is cheap.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct State {
    /// What the records add up to.
    pub(crate) image: Image,
    /// Every member of every ISR.
    pub(crate) in_sync: OrdSet<Place>,
    /// Every partition under its leader; under [`NodeId::NONE`] those without one.
    pub(crate) led: OrdSet<Place>,
    /// Every partition whose reassignment is not complete: topic, index.
    pub(crate) reassigning: OrdSet<(Uuid, PartitionIndex)>,
    /// Topics whose names can collide in metric names, under the name they collide in.
    pub(crate) colliding: OrdMap<String, OrdSet<Arc<str>>>,
    /// Offset of each broker's registration. After a snapshot: the snapshot's, as the original is not in it.
    pub(crate) registered_at: OrdMap<NodeId, Offset>,
}

impl State {
    /// The state of an image, with all that follows from it.
    pub(crate) fn of(image: Image) -> Self {
        let mut state = State::default();
        for topic in image.topics.iter() {
            state.topic_named(&topic.name);
            for (index, partition) in topic.partitions() {
                state.index(topic.id, index, None, Some(partition));
            }
        }
        let offset = image.provenance.offset;
        state.registered_at = image.cluster.brokers().map(|broker| (broker.id, offset)).collect();
        state.image = image;
        state
    }

    /// Keeps the indexes when a partition changes from `before` to `after`.
    pub(crate) fn index(
        &mut self,
        topic: Uuid,
        index: PartitionIndex,
        before: Option<&Partition>,
        after: Option<&Partition>,
    ) {
        let same_isr = before.map(|before| &before.isr) == after.map(|after| &after.isr);
        if !same_isr {
            for member in before.iter().flat_map(|before| before.isr.iter()) {
                self.in_sync.remove(&(*member, topic, index));
            }
            for member in after.iter().flat_map(|after| after.isr.iter()) {
                self.in_sync.insert((*member, topic, index));
            }
        }
        match after.is_some_and(Partition::is_reassigning) {
            true => self.reassigning.insert((topic, index)),
            false => self.reassigning.remove(&(topic, index)),
        };
        if before.map(|before| before.leader) != after.map(|after| after.leader) {
            if let Some(before) = before {
                self.led.remove(&(before.leader, topic, index));
            }
            if let Some(after) = after {
                self.led.insert((after.leader, topic, index));
            }
        }
    }

    /// The topics with partitions whose reassignment is not complete.
    pub(crate) fn reassigning_topics(&self) -> impl Iterator<Item = Uuid> {
        let mut before = None;
        self.reassigning
            .iter()
            .filter_map(move |(topic, _)| (before.replace(*topic) != Some(*topic)).then_some(*topic))
    }

    pub(crate) fn topic_named(&mut self, name: &Arc<str>) {
        if topic_name::has_collision_chars(name) {
            self.colliding.entry(topic_name::unify_collision_chars(name)).or_default().insert(name.clone());
        }
    }

    pub(crate) fn topic_unnamed(&mut self, name: &Arc<str>) {
        let unified = topic_name::unify_collision_chars(name);
        if let Some(names) = self.colliding.get_mut(&unified) {
            names.remove(name);
            if names.is_empty() {
                self.colliding.remove(&unified);
            }
        }
    }
}

fn all_of(broker: NodeId) -> std::ops::RangeInclusive<Place> {
    let first = (broker, Uuid(0), PartitionIndex(i32::MIN));
    let last = (broker, Uuid(u128::MAX), PartitionIndex(i32::MAX));
    first..=last
}

impl Controller {
    /// A controller before the first record.
    #[must_use]
    pub fn new(config: ControllerConfig) -> Self {
        Self::from_image(config, Image::default())
    }

    /// A controller that starts from a snapshot. Its state is that of a controller that applied the log up to there.
    #[must_use]
    pub fn from_image(config: ControllerConfig, image: Image) -> Self {
        Self { config, state: State::of(image), before_transaction: None, sessions: Sessions::default() }
    }

    /// What the applied records add up to, uncommitted ones included.
    #[must_use]
    pub fn image(&self) -> &Image {
        &self.state.image
    }

    /// What the node was told.
    #[must_use]
    pub fn config(&self) -> &ControllerConfig {
        &self.config
    }

    /// The level of `kraft.version` has changed.
    pub fn set_kraft_version(&mut self, level: i16) {
        self.config.kraft_version = level;
    }

    /// The level of `metadata.version`. Decisions other than activation come after its record.
    pub(crate) fn metadata_version(&self) -> MetadataVersion {
        self.state.image.features.metadata_version().unwrap_or(MetadataVersion::OLDEST)
    }

    /// Partitions in whose ISR a broker is, by topic.
    pub(crate) fn in_sync_on(&self, broker: NodeId) -> Vec<(Uuid, PartitionIndex)> {
        self.state.in_sync.range(all_of(broker)).map(|(_, topic, index)| (*topic, *index)).collect()
    }

    /// Partitions that a broker leads; those without leader under [`NodeId::NONE`].
    pub(crate) fn led_by(&self, broker: NodeId) -> Vec<(Uuid, PartitionIndex)> {
        self.state.led.range(all_of(broker)).map(|(_, topic, index)| (*topic, *index)).collect()
    }

    pub(crate) fn has_leaderships(&self, broker: NodeId) -> bool {
        self.state.led.range(all_of(broker)).next().is_some()
    }

    /// The broker epochs that registrations have now.
    #[must_use]
    pub fn broker_epochs(&self) -> BTreeMap<NodeId, i64> {
        self.state.image.cluster.brokers().map(|broker| (broker.id, broker.epoch)).collect()
    }

    /// Whether the replicated states of two controllers are equal. The offsets of registrations are compared when
    /// `and_offsets` is set; a snapshot does not hold them.
    #[must_use]
    pub fn same_state(&self, other: &Controller, and_offsets: bool) -> bool {
        let mut theirs = other.state.clone();
        theirs.image.provenance = self.state.image.provenance;
        if !and_offsets {
            theirs.registered_at = self.state.registered_at.clone();
        }
        self.state == theirs && self.before_transaction.is_some() == other.before_transaction.is_some()
    }
}
