//! What consumers put into the classic protocol (`ConsumerProtocol`): subscriptions and assignments. Nobody checked it when
//! the member joined.

use headwater_metadata::Image;
use headwater_protocol::data::consumer_protocol_assignment::{
    ConsumerProtocolAssignment, TopicPartition as AssignedPartitions,
};
use headwater_protocol::data::consumer_protocol_subscription::ConsumerProtocolSubscription;
use headwater_protocol::{Reader, Writer};

use crate::assignor::TopicPartitions;

/// The highest version of both; what is newer begins in the same way.
const HIGHEST: i16 = 3;

/// The version that stands before a subscription or an assignment.
pub(crate) fn version(bytes: &[u8]) -> Option<i16> {
    let mut reader = Reader::new(bytes);
    let version = reader.i16();
    (bytes.len() >= 2 && version >= 0).then_some(version.min(HIGHEST))
}

/// The topics, or `None` for bytes that are no subscription.
pub(crate) fn topics(metadata: &[u8]) -> Option<Vec<String>> {
    version(metadata)?;
    // All versions begin with the topics.
    let subscription = ConsumerProtocolSubscription::decode(&mut Reader::new(&metadata[2..]), 0).ok()?;
    Some(subscription.topics)
}

/// The subscription, or `None` for bytes that are none.
pub(crate) fn subscription(metadata: &[u8]) -> Option<ConsumerProtocolSubscription> {
    let version = version(metadata)?;
    ConsumerProtocolSubscription::decode(&mut Reader::new(&metadata[2..]), version).ok()
}

/// The assignment, or `None` for bytes that are none.
pub(crate) fn assignment(bytes: &[u8]) -> Option<ConsumerProtocolAssignment> {
    let version = version(bytes)?;
    ConsumerProtocolAssignment::decode(&mut Reader::new(&bytes[2..]), version).ok()
}

/// Partitions by the ids of topics. Those of topics that do not exist are left out.
pub(crate) fn by_id(image: &Image, assignment: &ConsumerProtocolAssignment) -> TopicPartitions {
    let mut partitions = TopicPartitions::new();
    for topic in assignment.assigned_partitions.iter().filter(|topic| !topic.partitions.is_empty()) {
        let Some(id) = image.topics.id_of(&topic.topic) else { continue };
        let of_topic = partitions.entry(id).or_default();
        of_topic.extend(&topic.partitions);
        of_topic.sort_unstable();
        of_topic.dedup();
    }
    partitions
}

/// An assignment in a version.
pub(crate) fn assignment_bytes(image: &Image, partitions: &TopicPartitions, version: i16) -> Vec<u8> {
    let topics = partitions.iter().filter_map(|(id, partitions)| {
        let topic = image.topics.by_id(*id)?.name.to_string();
        Some(AssignedPartitions { topic, partitions: partitions.clone() })
    });
    let assignment = ConsumerProtocolAssignment {
        assigned_partitions: topics.collect(),
        ..ConsumerProtocolAssignment::default()
    };
    let mut writer = Writer::new();
    writer.i16(version);
    assignment.encode(&mut writer, version).expect("names of topics are short");
    writer.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p14_lying_metadata_tells_no_topics() {
        assert_eq!(topics(&[]), None);
        assert_eq!(topics(&[0, 1, 127, 255, 255, 255]), None);
        assert_eq!(topics(&[0, 0, 0, 0, 0, 1, 0, 9, b't']), None);
        assert_eq!(topics(&[255, 255, 0, 0, 0, 0]), None);
        assert_eq!(subscription(&[0, 1, 127, 255, 255, 255]), None);
        assert_eq!(assignment(&[0]), None);
        assert_eq!(assignment(&[0, 0, 0, 0, 0, 1, 0, 1, b't', 127, 255, 255, 255]), None);
    }

    #[test]
    fn topics_of_any_version() {
        for version in [0, 1, 3, 9] {
            let bytes = [0, version, 0, 0, 0, 1, 0, 1, b't', 255, 255, 255, 255];
            assert_eq!(topics(&bytes), Some(vec!["t".to_owned()]));
        }
    }

    #[test]
    fn an_empty_assignment_has_javas_bytes() {
        assert_eq!(
            assignment_bytes(&Image::default(), &TopicPartitions::new(), 1),
            [0, 1, 0, 0, 0, 0, 255, 255, 255, 255]
        );
    }
}
