//! A hash over the topics of a group as the metadata has them: when it differs, the group's targets are out of date
//! (`Utils.computeGroupHash`, `Utils.computeTopicHash`).

use headwater_metadata::{Image, TopicImage};

use super::xxh3;

/// Would change if what is hashed changed.
const MAGIC: u8 = 0;

/// Bytes to hash, as `hash4j`'s stream takes them: numbers with the low byte first, text as UTF-16 with its length
/// behind it.
#[derive(Default)]
struct Input(Vec<u8>);

impl Input {
    fn long(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }

    fn int(&mut self, value: usize) {
        self.0.extend(i32::try_from(value).unwrap_or(i32::MAX).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        let before = self.0.len();
        self.0.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        self.int((self.0.len() - before) / 2);
    }
}

/// The hash of the topics of these names that exist. The names come in order, each once.
pub(super) fn metadata_hash<'a>(image: &Image, topics: impl IntoIterator<Item = &'a str>) -> i64 {
    let mut all = Input::default();
    // Java's order of strings is that of their UTF-16 units. Names of topics are ASCII, where it is the same.
    for topic in topics.into_iter().filter_map(|name| image.topics.by_name(name)) {
        all.long(topic_hash(image, topic));
    }
    if all.0.is_empty() { 0 } else { xxh3::hash(&all.0).cast_signed() }
}

fn topic_hash(image: &Image, topic: &TopicImage) -> u64 {
    let mut input = Input(vec![MAGIC]);
    input.long((topic.id.0 >> 64) as u64);
    input.long(topic.id.0 as u64);
    input.text(&topic.name);
    input.int(topic.partition_count());
    for (index, partition) in topic.partitions() {
        input.0.extend(index.0.to_le_bytes());
        let racks = partition.replicas.iter().filter_map(|id| image.cluster.broker(*id)?.rack.as_deref());
        let mut racks: Vec<&str> = racks.collect();
        racks.sort_unstable_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
        for rack in racks {
            input.int(rack.encode_utf16().count());
            input.text(rack);
        }
    }
    xxh3::hash(&input.0)
}

#[cfg(test)]
mod tests {
    use headwater_base::Uuid;
    use headwater_metadata::{Delta, Provenance};
    use headwater_protocol::metadata::MetadataRecord;
    use headwater_protocol::metadata::partition_record::PartitionRecord;
    use headwater_protocol::metadata::register_broker_record::RegisterBrokerRecord;
    use headwater_protocol::metadata::topic_record::TopicRecord;

    use super::*;

    fn image() -> Image {
        let broker = |broker_id, rack: &str| RegisterBrokerRecord {
            broker_id,
            rack: Some(rack.to_owned()),
            ..RegisterBrokerRecord::default()
        };
        let partition = |id: u8, partition_id, replicas: Vec<i32>| PartitionRecord {
            partition_id,
            topic_id: Uuid(id.into()),
            isr: replicas.clone(),
            directories: vec![Uuid(9); replicas.len()],
            leader: replicas[0],
            replicas,
            ..PartitionRecord::default()
        };
        let topic = |name: &str, id: u8| TopicRecord { name: name.to_owned(), topic_id: Uuid(id.into()) };
        let records: [MetadataRecord; 7] = [
            broker(1, "b").into(),
            broker(2, "a").into(),
            topic("t", b't').into(),
            partition(b't', 0, vec![7]).into(),
            partition(b't', 1, vec![7]).into(),
            topic("u", b'u').into(),
            partition(b'u', 0, vec![1, 2]).into(),
        ];
        let mut delta = Delta::new(&Image::default());
        records.iter().for_each(|record| delta.replay(record).expect("a record that fits"));
        delta.apply(Provenance::default()).0
    }

    /// Numbers from `hash4j` 0.22, fed as `Utils.computeTopicHash` of 4.3.1 does.
    #[test]
    fn hashes_topics_as_the_reference() {
        let image = image();
        assert_eq!(metadata_hash(&image, ["t"]), 8_259_859_780_893_143_415, "brokers that are not known");
        assert_eq!(metadata_hash(&image, ["t", "u"]), -4_576_323_257_935_644_285, "racks in order");
        assert_eq!(metadata_hash(&image, ["gone", "t"]), 8_259_859_780_893_143_415, "no such topic");
        assert_eq!(metadata_hash(&image, ["gone"]), 0);
    }
}
