//! What holds in every script.

use headwater_base::{LeaderEpoch, NodeId, Offset};
use headwater_controller::Controller;
use headwater_metadata::loader::Batch;
use headwater_metadata::{Delta, Image, LeaderRecoveryState, Loader, MetadataVersion, Provenance};
use headwater_protocol::Writer;
use headwater_protocol::metadata::MetadataRecord;

use crate::world::World;

/// After every decision: leaders are active members of the ISR, or nobody; the ISR is never empty and lies in the
/// replicas; every replica has a directory.
pub fn invariants(controller: &Controller) {
    let image = controller.image();
    for topic in image.topics.iter() {
        for (index, partition) in topic.partitions() {
            let what = format!("{}-{index}: {partition:?}", topic.name);
            assert!(!partition.isr.is_empty(), "{what}");
            assert!(partition.isr.iter().all(|member| partition.replicas.contains(member)), "{what}");
            assert_eq!(partition.replicas.len(), partition.directories.len(), "{what}");
            if partition.leader != NodeId::NONE {
                assert!(partition.isr.contains(&partition.leader), "{what}");
                assert!(image.cluster.is_active(partition.leader), "{what}");
            }
            if partition.leader_recovery_state == LeaderRecoveryState::Recovering {
                assert_eq!(partition.isr.len(), 1, "{what}");
            }
        }
    }
}

/// The record as it comes back from the log.
fn through_bytes(record: &MetadataRecord, version: MetadataVersion) -> MetadataRecord {
    let mut writer = Writer::new();
    record.encode_value(&mut writer, version.record_version(record)).expect("can be encoded");
    MetadataRecord::decode_value(&writer.into_bytes()).expect("can be decoded")
}

/// Replaying the log gives the same state, and so does a snapshot; both through their bytes.
pub fn replay(world: &World) {
    let version = world.controller.image().features.metadata_version().unwrap_or(MetadataVersion::LATEST);
    let config = world.controller.config().clone();
    let mut replayed = Controller::new(config.clone());
    for (offset, record) in (0i64..).zip(&world.log) {
        replayed.apply(Offset(offset), &through_bytes(record, version)).expect("can be replayed");
    }
    assert!(replayed.same_state(&world.controller, true), "replaying the log gives the same state");

    let mut delta = Delta::for_snapshot(&Image::default());
    for record in world.controller.image().records() {
        delta.replay(&through_bytes(&record, version)).expect("a snapshot can be replayed");
    }
    let provenance = Provenance { offset: world.end() + -1, epoch: LeaderEpoch(1), last_timestamp_ms: 0 };
    let (image, _) = delta.apply(provenance);
    let from_snapshot = Controller::from_image(config, image);
    assert!(from_snapshot.same_state(&world.controller, false), "a snapshot gives the same state");

    for size in [1, 2, 7, usize::MAX] {
        loaded(world, size);
    }
}

/// A broker that loads the log in batches of `size` gets the same image, and its changes add up.
fn loaded(world: &World, size: usize) {
    let mut loader = Loader::new(Image::default());
    let mut offset = Offset(0);
    let mut published = Image::default();
    for records in world.log.chunks(size.min(world.log.len().max(1))) {
        let last_offset = offset + (records.len() as i64 - 1);
        let batch = Batch { base_offset: offset, last_offset, epoch: LeaderEpoch(1), append_time_ms: 0 };
        let mut images = loader.load(batch, records).expect("the log can be loaded");
        images.extend(loader.publish());
        for loaded in images {
            assert_eq!(loaded.base, published, "images follow each other");
            let differs = loaded.image.changes_since(&loaded.base);
            assert!(covers(&loaded.changes, &differs), "changes name what differs");
            published = loaded.image;
        }
        offset = last_offset + 1;
    }
    assert!(published.same_content(world.controller.image()), "brokers see the controller's image");
}

/// Whether the changes of a delta name all that differs. They may name more: what was changed and changed back.
fn covers(changes: &headwater_metadata::Changes, differs: &headwater_metadata::Changes) -> bool {
    let partitions = |topic, indexes: &std::collections::BTreeSet<_>| {
        changes.partitions.get(topic).is_some_and(|changed| indexes.is_subset(changed))
    };
    differs.brokers.is_subset(&changes.brokers)
        && differs.controllers.is_subset(&changes.controllers)
        && differs.configs.is_subset(&changes.configs)
        && differs.created_topics == changes.created_topics
        && differs.deleted_topics.keys().eq(changes.deleted_topics.keys())
        && differs.partitions.iter().all(|(topic, indexes)| partitions(topic, indexes))
        && (!differs.features || changes.features)
        && (!differs.producer_ids || changes.producer_ids)
}
