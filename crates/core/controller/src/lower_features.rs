//! Lowers finalized features to level 0 where their level is not implemented, at the start of a node whose operator
//! named them (`headwater.lower.features`). What `kafka-features downgrade --unsafe` would write.
//!
//! Lowering `eligible.leader.replicas.version` first gives the ISR back to partitions that have none: at level 0 the
//! last member of an ISR stays in it, at level 1 it may have moved to the eligible replicas, and a partition with an
//! empty ISR could never have a leader again. Eligible replicas have every committed record. Where there are none
//! either, the last known leader comes back, as Apache Kafka's own election at level 1 lets it.

use headwater_base::{NodeId, PartitionIndex};
use headwater_metadata::TopicImage;
use headwater_protocol::metadata::MetadataRecord;
use headwater_protocol::metadata::clear_elr_record::ClearElrRecord;
use headwater_protocol::metadata::feature_level_record::FeatureLevelRecord;
use headwater_protocol::metadata::partition_change_record::PartitionChangeRecord;

use crate::activate::Bootstrap;
use crate::decide::Decision;
use crate::features::{self, UnsupportedFeature};
use crate::missing::{Waivers, waives};
use crate::state::Controller;

const ELIGIBLE_LEADER_REPLICAS: &str = "eligible.leader.replicas.version";

impl Controller {
    /// The records, and what was lowered from which level. The levels come last: any prefix is a valid state.
    pub(crate) fn lower_features(&self, waivers: &Waivers) -> Decision<Vec<UnsupportedFeature>> {
        let mut lowered = features::unsupported(&self.state.image);
        lowered.retain(|feature| waives(waivers, feature));
        let mut records = Vec::new();
        if lowered.iter().any(|feature| feature.name == ELIGIBLE_LEADER_REPLICAS) {
            records.extend(self.state.image.topics.iter().flat_map(|topic| isr_restored(topic)));
            records.push(ClearElrRecord::default().into());
        }
        records.extend(lowered.iter().map(|feature| {
            MetadataRecord::from(FeatureLevelRecord { name: feature.name.clone(), feature_level: 0 })
        }));
        Decision::records(records, lowered)
    }
}

fn isr_restored(topic: &TopicImage) -> impl Iterator<Item = MetadataRecord> {
    let change = |(index, isr): (PartitionIndex, Vec<i32>)| -> MetadataRecord {
        PartitionChangeRecord {
            topic_id: topic.id,
            partition_id: index.0,
            isr: Some(isr),
            eligible_leader_replicas: Some(Vec::new()),
            last_known_elr: Some(Vec::new()),
            ..PartitionChangeRecord::default()
        }
        .into()
    };
    let ids = |nodes: &[NodeId]| -> Vec<i32> { nodes.iter().map(|node| node.0).collect() };
    topic.partitions().filter(|(_, partition)| partition.isr.is_empty()).filter_map(
        move |(index, partition)| {
            let eligible = ids(&partition.eligible_leader_replicas);
            let isr = if eligible.is_empty() { ids(&partition.last_known_elr) } else { eligible };
            (!isr.is_empty()).then(|| change((index, isr)))
        },
    )
}

impl Bootstrap {
    /// Without the levels that are not implemented and may be lowered.
    #[must_use]
    pub fn lowered(self, waivers: &Waivers) -> Self {
        let waived = |record: &MetadataRecord| {
            features::unsupported_in(std::slice::from_ref(record))
                .iter()
                .any(|feature| waives(waivers, feature))
        };
        Self { records: self.records.into_iter().filter(|record| !waived(record)).collect() }
    }
}
