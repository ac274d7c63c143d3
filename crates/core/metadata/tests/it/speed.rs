//! A small change must cost the same in a large image as in a small one.

use std::time::{Duration, Instant};

use headwater_base::Uuid;
use headwater_metadata::{Delta, Image, Provenance};
use headwater_protocol::metadata::MetadataRecord;
use headwater_protocol::metadata::config_record::ConfigRecord;
use headwater_protocol::metadata::partition_change_record::PartitionChangeRecord;
use headwater_protocol::metadata::partition_record::PartitionRecord;
use headwater_protocol::metadata::topic_record::TopicRecord;

const TOPICS: u32 = 100;
const PARTITIONS: i32 = 500;

fn large() -> Image {
    let mut delta = Delta::for_snapshot(&Image::default());
    for topic in 1..=TOPICS {
        let topic_id = Uuid(u128::from(topic) << 96);
        let record = TopicRecord { name: format!("topic{topic}"), topic_id };
        delta.replay(&record.into()).expect("valid");
        for partition_id in 0..PARTITIONS {
            let record = PartitionRecord {
                partition_id,
                topic_id,
                replicas: vec![1, 2, 3],
                isr: vec![1, 2, 3],
                leader: 1,
                directories: vec![Uuid(300); 3],
                ..PartitionRecord::default()
            };
            delta.replay(&record.into()).expect("valid");
        }
    }
    delta.apply(Provenance::default()).0
}

#[test]
#[allow(clippy::print_stdout)]
fn a_change_of_one_partition_copies_little() {
    let began = Instant::now();
    let mut image = large();
    println!("{} partitions replayed in {:?}", TOPICS * PARTITIONS.unsigned_abs(), began.elapsed());
    let change = PartitionChangeRecord {
        partition_id: 77,
        topic_id: Uuid(50 << 96),
        leader: 2,
        ..PartitionChangeRecord::default()
    };
    let config = ConfigRecord {
        resource_type: 2,
        resource_name: "topic50".to_owned(),
        name: "retention.ms".to_owned(),
        value: Some("1".to_owned()),
    };
    let records: [MetadataRecord; 2] = [change.into(), config.into()];
    let mut fastest = Duration::MAX;
    let mut kept = Vec::new();
    for _ in 0..50 {
        let began = Instant::now();
        let mut delta = Delta::new(&image);
        records.iter().for_each(|record| delta.replay(record).expect("valid"));
        let (next, changes) = delta.apply(Provenance::default());
        fastest = fastest.min(began.elapsed());
        assert_eq!((changes.partitions.len(), changes.configs.len()), (1, 1));
        // Older images stay in use, as those of slow readers do.
        kept.push(std::mem::replace(&mut image, next));
    }
    println!("one partition and one key changed in {fastest:?}");
    assert!(fastest < Duration::from_millis(2), "{fastest:?}");
    let epochs = |image: &Image| {
        let partition =
            image.topics.by_name("topic50").and_then(|t| t.partition(headwater_base::PartitionIndex(77)));
        partition.expect("exists").partition_epoch
    };
    assert_eq!(epochs(&kept[0]) + 50, epochs(&image));
}
