//! What holds for every sequence of records.

use headwater_base::{LeaderEpoch, Offset, Uuid};
use headwater_metadata::loader::Batch;
use headwater_metadata::{Changes, Delta, Image, Loader, MetadataVersion, Provenance, ReplayError};
use headwater_protocol::Writer;
use headwater_protocol::metadata::MetadataRecord;
use headwater_protocol::metadata::abort_transaction_record::AbortTransactionRecord;
use headwater_protocol::metadata::begin_transaction_record::BeginTransactionRecord;
use headwater_protocol::metadata::broker_registration_change_record::BrokerRegistrationChangeRecord;
use headwater_protocol::metadata::end_transaction_record::EndTransactionRecord;
use headwater_protocol::metadata::feature_level_record::FeatureLevelRecord;
use headwater_protocol::metadata::partition_change_record::PartitionChangeRecord;
use headwater_protocol::metadata::partition_record::PartitionRecord;
use headwater_protocol::metadata::register_broker_record::RegisterBrokerRecord;
use headwater_protocol::metadata::remove_topic_record::RemoveTopicRecord;
use headwater_protocol::metadata::topic_record::TopicRecord;
use headwater_protocol::metadata::unregister_broker_record::UnregisterBrokerRecord;

use crate::seeded::{Existing, Seeded};

const SEEDS: u64 = 300;

fn sequence(seed: u64) -> Vec<MetadataRecord> {
    let mut random = Seeded::new(seed);
    let mut existing = Existing::default();
    let length = 20 + random.below(150);
    (0..length).map(|_| existing.record(&mut random)).collect()
}

fn provenance(offset: i64) -> Provenance {
    Provenance { offset: Offset(offset), epoch: LeaderEpoch(3), last_timestamp_ms: 17 }
}

fn image_of(records: &[MetadataRecord]) -> Image {
    let mut delta = Delta::new(&Image::default());
    for record in records {
        delta.replay(record).expect("valid records");
    }
    delta.apply(provenance(records.len() as i64 - 1)).0
}

fn through_bytes(record: &MetadataRecord) -> MetadataRecord {
    let mut writer = Writer::new();
    record.encode_value(&mut writer, MetadataVersion::LATEST.record_version(record)).expect("can be encoded");
    MetadataRecord::decode_value(&writer.into_bytes()).expect("can be decoded")
}

#[test]
fn replaying_the_records_of_an_image_gives_the_image() {
    for seed in 0..SEEDS {
        let image = image_of(&sequence(seed));
        let records: Vec<_> = image.records().iter().map(through_bytes).collect();
        assert!(image_of(&records).same_content(&image), "seed {seed}");
        assert_eq!(image_of(&records).records(), image.records(), "seed {seed}");
    }
}

#[test]
fn a_snapshot_arrives_as_a_delta_with_the_same_changes() {
    for seed in 0..SEEDS {
        let records = sequence(seed);
        let (early, late) = records.split_at(records.len() / 2);
        let base = image_of(early);
        let mut delta = Delta::new(&base);
        late.iter().for_each(|record| delta.replay(record).expect("valid records"));
        let (next, changes) = delta.apply(provenance(1));

        let mut loader = Loader::new(base.clone());
        let loaded = loader.load_snapshot(provenance(1), next.records()).expect("valid records");
        assert_eq!(loaded.image, next, "seed {seed}");
        assert_eq!(loaded.changes, next.changes_since(&base), "seed {seed}");
        assert_eq!(loaded.changes.created_topics, changes.created_topics, "seed {seed}");
        assert_eq!(
            loaded.changes.deleted_topics.keys().collect::<Vec<_>>(),
            changes.deleted_topics.keys().collect::<Vec<_>>(),
            "seed {seed}"
        );
        assert!(loaded.changes.configs.is_subset(&changes.configs), "seed {seed}");
        assert!(loaded.changes.brokers.is_subset(&changes.brokers), "seed {seed}");
        for (topic, indexes) in &loaded.changes.partitions {
            assert!(indexes.is_subset(&changes.partitions[topic]), "seed {seed}");
        }
    }
}

#[test]
fn an_image_does_not_change_when_the_next_one_is_made() {
    for seed in 0..SEEDS {
        let records = sequence(seed);
        let (early, late) = records.split_at(records.len() / 2);
        let base = image_of(early);
        let before = base.records();
        let mut delta = Delta::new(&base);
        late.iter().for_each(|record| delta.replay(record).expect("valid records"));
        let _ = delta.apply(provenance(1));
        assert_eq!(base.records(), before, "seed {seed}");
    }
}

fn batch(base_offset: i64, count: usize) -> Batch {
    Batch {
        base_offset: Offset(base_offset),
        last_offset: Offset(base_offset + count as i64 - 1),
        epoch: LeaderEpoch(1),
        append_time_ms: 5,
    }
}

fn topic(name: &str, id: u128) -> MetadataRecord {
    TopicRecord { name: name.to_owned(), topic_id: Uuid(id) }.into()
}

fn names(image: &Image) -> Vec<String> {
    image.topics.iter().map(|topic| topic.name.to_string()).collect()
}

#[test]
fn transactions_are_published_whole_or_not_at_all() {
    let begin = MetadataRecord::from(BeginTransactionRecord { name: None });
    let end = MetadataRecord::from(EndTransactionRecord {});
    let abort = MetadataRecord::from(AbortTransactionRecord { reason: None });
    let mut loader = Loader::new(Image::default());

    // One in the midst of a batch: what came before is published first, by itself.
    let records = [topic("a", 1), begin.clone(), topic("b", 2)];
    let published = loader.load(batch(0, 3), &records).expect("valid");
    assert_eq!(published.len(), 1);
    assert_eq!(published[0].image.provenance.offset, Offset(0));
    assert_eq!(names(&published[0].image), ["a"]);
    assert!(loader.publish().is_none());
    assert_eq!(names(loader.image()), ["a"]);

    // It ends in another batch.
    loader.load(batch(3, 2), &[topic("c", 3), end.clone()]).expect("valid");
    let loaded = loader.publish().expect("something to publish");
    assert_eq!(names(&loaded.image), ["a", "b", "c"]);
    assert_eq!(loaded.changes.created_topics.len(), 2);
    assert_eq!(loaded.image.provenance.offset, Offset(4));

    // An aborted one leaves nothing, but the offset moves on.
    loader.load(batch(5, 3), &[begin.clone(), topic("d", 4), abort.clone()]).expect("valid");
    let loaded = loader.publish().expect("something to publish");
    assert_eq!(names(&loaded.image), ["a", "b", "c"]);
    assert!(loaded.changes.is_empty());
    assert_eq!(loaded.image.provenance.offset, Offset(7));

    // Two in one batch, and a record after them.
    let records = [
        begin.clone(),
        topic("e", 5),
        end.clone(),
        begin.clone(),
        topic("f", 6),
        abort.clone(),
        topic("g", 7),
    ];
    let published = loader.load(batch(8, 7), &records).expect("valid");
    assert_eq!(
        published.iter().map(|loaded| names(&loaded.image)).collect::<Vec<_>>(),
        [["a", "b", "c", "e"]]
    );
    assert_eq!(names(&loader.publish().expect("something to publish").image), ["a", "b", "c", "e", "g"]);
    assert!(loader.publish().is_none());

    for wrong in [vec![end], vec![abort], vec![begin.clone(), begin]] {
        let mut loader = Loader::new(Image::default());
        let error = loader.load(batch(20, wrong.len()), &wrong).expect_err("out of order");
        assert_eq!(error.0, Offset(19 + wrong.len() as i64));
        assert!(matches!(error.1, ReplayError::Transaction { .. }));
    }
}

#[test]
fn u3_unknown_records_are_refused() {
    // Frame 1, kinds that 4.3 does not know, version 0; and a version that a known kind does not have.
    for bytes in [&[1, 29, 0][..], &[1, 6, 0], &[1, 13, 0], &[1, 16, 0], &[1, 20, 1, 0], &[2, 20, 0, 0]] {
        assert!(MetadataRecord::decode_value(bytes).is_err(), "{bytes:?}");
    }
    assert!(MetadataRecord::decode_value(&[1, 20, 0, 0]).is_ok());
}

#[test]
fn u3_records_that_do_not_fit_are_refused() {
    let mut image = image_of(&[
        topic("a", 1),
        PartitionRecord { partition_id: 0, topic_id: Uuid(1), ..PartitionRecord::default() }.into(),
        RegisterBrokerRecord { broker_id: 1, broker_epoch: 5, ..RegisterBrokerRecord::default() }.into(),
    ]);
    let before = image.clone();
    let change = |broker_id, broker_epoch, fenced| {
        let default = BrokerRegistrationChangeRecord::default();
        MetadataRecord::from(BrokerRegistrationChangeRecord { broker_id, broker_epoch, fenced, ..default })
    };
    let level = |name: &str, feature_level| {
        MetadataRecord::from(FeatureLevelRecord { name: name.to_owned(), feature_level })
    };
    let partition = |topic: u128, partition_id| PartitionChangeRecord {
        topic_id: Uuid(topic),
        partition_id,
        ..PartitionChangeRecord::default()
    };
    let two_directories = PartitionRecord {
        topic_id: Uuid(1),
        partition_id: 1,
        replicas: vec![1],
        directories: vec![Uuid(300), Uuid(301)],
        ..PartitionRecord::default()
    };
    let wrong = [
        topic("a", 2),
        topic("b", 1),
        partition(1, 9).into(),
        partition(9, 0).into(),
        two_directories.into(),
        PartitionRecord { topic_id: Uuid(1), leader_recovery_state: 2, ..PartitionRecord::default() }.into(),
        PartitionChangeRecord { leader_recovery_state: 2, ..partition(1, 0) }.into(),
        RemoveTopicRecord { topic_id: Uuid(9) }.into(),
        UnregisterBrokerRecord { broker_id: 2, broker_epoch: 5 }.into(),
        UnregisterBrokerRecord { broker_id: 1, broker_epoch: 6 }.into(),
        change(2, 5, 1),
        change(1, 6, 1),
        change(1, 5, 2),
        level("metadata.version", 31),
        level("metadata.version", 6),
        EndTransactionRecord {}.into(),
    ];
    for record in wrong {
        let mut changes = Changes::default();
        assert!(image.replay(&record, &mut changes).is_err(), "{record:?}");
        assert_eq!(image, before, "{record:?}");
        assert!(changes.is_empty(), "{record:?}");
    }
}

#[test]
fn local_changes_are_those_of_one_broker() {
    use headwater_base::NodeId;
    let partition = |topic: u128, index, replicas: &[i32], leader| {
        MetadataRecord::from(PartitionRecord {
            partition_id: index,
            topic_id: Uuid(topic),
            replicas: replicas.to_vec(),
            isr: replicas.to_vec(),
            leader,
            leader_epoch: 0,
            partition_epoch: 0,
            directories: replicas.iter().map(|id| Uuid(300 + id.unsigned_abs() as u128)).collect(),
            ..PartitionRecord::default()
        })
    };
    let base = image_of(&[
        topic("led", 1),
        partition(1, 0, &[1, 2], 1),
        topic("followed", 2),
        partition(2, 0, &[2, 1], 2),
        topic("gone", 3),
        partition(3, 0, &[1], 1),
        topic("elsewhere", 4),
        partition(4, 0, &[2], 2),
    ]);
    let change = |topic: u128, leader, replicas: Option<Vec<i32>>| {
        let directories = replicas.as_ref().map(|ids| vec![Uuid(400); ids.len()]);
        MetadataRecord::from(PartitionChangeRecord {
            partition_id: 0,
            topic_id: Uuid(topic),
            leader,
            replicas,
            directories,
            ..PartitionChangeRecord::default()
        })
    };
    let mut delta = Delta::new(&base);
    for record in [
        change(1, -2, None),
        change(2, 1, None),
        RemoveTopicRecord { topic_id: Uuid(3) }.into(),
        change(4, -2, Some(vec![2, 3])),
        topic("new", 5),
        partition(5, 0, &[3, 1], 3),
        partition(5, 1, &[1], 1),
    ] {
        delta.replay(&record).expect("valid");
    }
    let (next, changes) = delta.apply(provenance(50));
    let local = changes.local(NodeId(1), &base, &next);
    let shown = |list: &[headwater_metadata::changes::LocalPartition]| {
        let show = |p: &headwater_metadata::changes::LocalPartition| {
            format!("{}-{} new epoch {}", p.topic, p.index, p.is_new_leader_epoch())
        };
        list.iter().map(show).collect::<Vec<_>>()
    };
    assert_eq!(
        shown(&local.leaders),
        ["led-0 new epoch false", "followed-0 new epoch true", "new-1 new epoch true"]
    );
    assert_eq!(shown(&local.followers), ["new-0 new epoch true"]);
    assert_eq!(local.removed.iter().map(|p| &*p.topic).collect::<Vec<_>>(), ["gone"]);
    assert_eq!(local.directories.len(), 2);

    let local = changes.local(NodeId(2), &base, &next);
    assert_eq!(shown(&local.followers), ["led-0 new epoch false", "followed-0 new epoch true"]);
    assert_eq!(shown(&local.leaders), ["elsewhere-0 new epoch false"]);
    assert_eq!(local.directories, [(Uuid(4), headwater_base::PartitionIndex(0), Uuid(400))]);
}
