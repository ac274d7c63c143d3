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
