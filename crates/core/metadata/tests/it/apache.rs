//! A `__cluster_metadata` log and its snapshots, written by Apache Kafka 4.3.1 (`conformance/metadata/run`): every
//! record type that its clients can bring about, a clean restart and one after a kill.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use headwater_base::{LeaderEpoch, NodeId, Offset, Uuid};
use headwater_metadata::loader::Batch;
use headwater_metadata::{ConfigResource, Delta, Image, Loader, MetadataVersion, Provenance};
use headwater_protocol::Writer;
use headwater_protocol::metadata::MetadataRecord;
use headwater_records::{Scratch, batches};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/apache")
}

/// A record with the bytes that it had.
type Written = (MetadataRecord, Vec<u8>);

/// The data batches of a file: offsets, epoch, time; records.
fn read(path: &Path) -> Vec<(Batch, Vec<Written>)> {
    let bytes = std::fs::read(path).expect("the fixture can be read");
    let mut read = Vec::new();
    for batch in batches(&bytes) {
        let batch = batch.expect("whole batches");
        batch.verify_crc().expect("good checksums");
        if batch.is_control() {
            continue;
        }
        let header = batch.header();
        let info = Batch {
            base_offset: header.base_offset,
            last_offset: header.last_offset(),
            epoch: header.leader_epoch,
            append_time_ms: header.max_timestamp,
        };
        let (mut scratch, mut space) = (Scratch::default(), Vec::new());
        let records = batch.records(&mut scratch, &mut space, 1 << 20).expect("records");
        let values = records.map(|record| {
            let value = record.expect("a record").value.expect("a value").to_vec();
            (MetadataRecord::decode_value(&value).expect("a known record"), value)
        });
        read.push((info, values.collect()));
    }
    read
}

fn checkpoints() -> Vec<(Offset, LeaderEpoch, PathBuf)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder()).expect("the folder exists") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        if let Some((end, epoch)) = name.strip_suffix(".checkpoint").and_then(|name| name.split_once('-')) {
            let end: i64 = end.parse().expect("an offset");
            let epoch: i32 = epoch.parse().expect("an epoch");
            // The name tells the first offset that is not in it.
            found.push((Offset(end - 1), LeaderEpoch(epoch), path));
        }
    }
    found.sort();
    found
}

fn snapshot(path: &Path) -> Vec<MetadataRecord> {
    read(path).into_iter().flat_map(|(_, records)| records).map(|(record, _)| record).collect()
}

fn replayed(records: &[MetadataRecord]) -> Image {
    let mut delta = Delta::for_snapshot(&Image::default());
    for record in records {
        delta.replay(record).expect("a snapshot can be replayed");
    }
    delta.apply(Provenance::default()).0
}

/// The image of the log up to and including an offset; `None` for all of it.
fn loaded(last: Option<Offset>) -> Image {
    let mut loader = Loader::new(Image::default());
    for (batch, records) in read(&folder().join("00000000000000000000.log")) {
        if last.is_some_and(|last| batch.base_offset > last) {
            break;
        }
        let records: Vec<_> = records.into_iter().map(|(record, _)| record).collect();
        loader.load(batch, &records).expect("the log can be loaded");
        let _ = loader.publish();
    }
    loader.image().clone()
}

#[test]
fn nothing_in_the_log_is_unknown() {
    let mut kinds = BTreeSet::new();
    let mut files = vec![folder().join("00000000000000000000.log"), folder().join("bootstrap.checkpoint")];
    files.extend(checkpoints().into_iter().map(|(_, _, path)| path));
    for file in &files {
        for (record, bytes) in read(file).into_iter().flat_map(|(_, records)| records) {
            kinds.insert(record.name());
            // Written in the version that we would choose, byte for byte.
            let mut writer = Writer::new();
            let version = MetadataVersion::LATEST.record_version(&record);
            record.encode_value(&mut writer, version).expect("can be encoded");
            assert_eq!(writer.into_bytes(), bytes, "{record:?}");
        }
    }
    // Aborted transactions, migration and the two records that 4.3 only reads do not come from clients.
    let never =
        ["AbortTransactionRecord", "ZkMigrationStateRecord", "FenceBrokerRecord", "UnfenceBrokerRecord"];
    for never in never.into_iter().chain(["UnregisterBrokerRecord"]) {
        assert!(!kinds.contains(never), "{never}");
    }
    assert_eq!(kinds.len(), 26 - 5, "{kinds:?}");
}

#[test]
fn snapshots_say_what_the_log_says() {
    let checkpoints = checkpoints();
    assert!(checkpoints.len() >= 2);
    for (last, _, path) in checkpoints {
        let records = snapshot(&path);
        let from_snapshot = replayed(&records);
        let from_log = loaded(Some(last));
        assert_eq!(from_log.provenance.offset, last);
        assert!(from_log.same_content(&from_snapshot), "{path:?}");
        // And ours would hold the same records; only their order is free.
        let bytes = |records: &[MetadataRecord]| {
            let mut all: Vec<Vec<u8>> =
                records.iter().map(|record| sorted(record).to_value().expect("bytes")).collect();
            all.sort();
            all
        };
        assert_eq!(bytes(&from_log.records()), bytes(&records), "{path:?}");
        let first = from_log.records().into_iter().next();
        assert!(matches!(first, Some(MetadataRecord::FeatureLevel(r)) if r.name == MetadataVersion::FEATURE));
    }
}

/// The record with its inner lists in a fixed order.
fn sorted(record: &MetadataRecord) -> MetadataRecord {
    let mut record = record.clone();
    match &mut record {
        MetadataRecord::RegisterBroker(r) => {
            r.end_points.sort_by(|a, b| a.name.cmp(&b.name));
            r.features.sort_by(|a, b| a.name.cmp(&b.name));
        }
        MetadataRecord::RegisterController(r) => {
            r.end_points.sort_by(|a, b| a.name.cmp(&b.name));
            r.features.sort_by(|a, b| a.name.cmp(&b.name));
        }
        MetadataRecord::ClientQuota(r) => r.entity.sort_by(|a, b| a.entity_type.cmp(&b.entity_type)),
        _ => {}
    }
    record
}

#[test]
fn the_image_holds_what_the_clients_did() {
    let image = loaded(None);
    assert_eq!(image.features.metadata_version(), Some(MetadataVersion::LATEST));
    assert_eq!(image.features.level("group.version"), 1);
    assert_eq!(image.features.level("eligible.leader.replicas.version"), 1);
    let names: Vec<&str> = image.topics.iter().map(|topic| &*topic.name).collect();
    assert_eq!(names, ["assigned", "doomed", "dotted.name", "orders"]);
    let counts: Vec<usize> = image.topics.iter().map(|topic| topic.partition_count()).collect();
    assert_eq!(counts, [2, 1, 4, 3]);

    let value = |resource: &ConfigResource, key| image.configs.value(resource, key);
    let orders = ConfigResource::topic("orders");
    assert_eq!(value(&orders, "cleanup.policy"), Some("compact,delete"));
    assert_eq!(value(&orders, "retention.bytes"), Some("5"));
    assert_eq!(value(&orders, "retention.ms"), None);
    assert_eq!(value(&ConfigResource::topic("doomed"), "segment.ms"), None);
    assert_eq!(value(&ConfigResource::cluster(), "log.retention.ms"), Some("99"));
    assert_eq!(image.configs.of(&ConfigResource::broker(NodeId(1))), None);

    let quotas: Vec<_> = image.quotas.iter().collect();
    assert_eq!(quotas.len(), 2);
    assert_eq!(
        image.scram.iter().map(|((_, user), _)| user.as_str()).collect::<Vec<_>>(),
        ["admin", "alice"]
    );
    assert_eq!(image.acls.len(), 1);
    assert_eq!(image.tokens.iter().count(), 1);

    let broker = image.cluster.broker(NodeId(1)).expect("registered");
    assert_eq!(broker.rack.as_deref(), Some("rack1"));
    assert_eq!(broker.listeners.len(), 2);
    assert_eq!(broker.directories.len(), 1);
    assert!(image.cluster.controller(NodeId(1)).is_some());
    for topic in image.topics.iter() {
        for (_, partition) in topic.partitions() {
            assert_eq!(*partition.directories, *broker.directories);
            assert_ne!(partition.directories[0], Uuid::ZERO);
            // Two restarts took the leadership away and gave it back.
            assert!(partition.leader_epoch.0 >= 4, "{partition:?}");
        }
    }
}
