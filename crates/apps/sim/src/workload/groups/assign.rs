//! The members' own assignor, and the bytes that they exchange through the coordinator.

use std::collections::BTreeMap;

use headwater_protocol::data::consumer_protocol_assignment::{ConsumerProtocolAssignment, TopicPartition};
use headwater_protocol::data::consumer_protocol_subscription::ConsumerProtocolSubscription;
use headwater_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use headwater_protocol::{Message, Reader, Writer};

use super::super::Topic;
use crate::history::Place;

const VERSION: i16 = 1;

fn encoded<M: Message>(message: &M) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.i16(VERSION);
    message.encode_message(&mut writer, VERSION).expect("small");
    writer.into_bytes()
}

/// A member's metadata.
pub(super) fn subscription(topics: Vec<String>) -> Vec<u8> {
    encoded(&ConsumerProtocolSubscription { topics, ..ConsumerProtocolSubscription::default() })
}

/// Deals the partitions out, one by one. With `twice` the first one goes to the last member too: a planted bug.
pub(super) fn deal(members: &[String], topics: &[Topic], twice: bool) -> Vec<SyncGroupRequestAssignment> {
    let mut given: Vec<BTreeMap<&str, Vec<i32>>> = vec![BTreeMap::new(); members.len()];
    let places =
        topics.iter().flat_map(|topic| (0..topic.partitions).map(move |index| (&*topic.name, index)));
    for (turn, (topic, index)) in places.enumerate() {
        let member = turn % members.len();
        given[member].entry(topic).or_default().push(index);
        if twice && turn == 0 && members.len() > 1 {
            given[members.len() - 1].entry(topic).or_default().push(index);
        }
    }
    let assignment = |topics: BTreeMap<&str, Vec<i32>>| ConsumerProtocolAssignment {
        assigned_partitions: topics
            .into_iter()
            .map(|(topic, partitions)| TopicPartition { topic: topic.to_owned(), partitions })
            .collect(),
        user_data: None,
    };
    members
        .iter()
        .zip(given)
        .map(|(member, topics)| SyncGroupRequestAssignment {
            member_id: member.clone(),
            assignment: encoded(&assignment(topics)),
        })
        .collect()
}

/// What a member was given; `None` for bytes that are no assignment. Nothing at all is given as no bytes.
pub(super) fn given(bytes: &[u8], topics: &[Topic]) -> Option<Vec<Place>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let mut reader = Reader::new(bytes);
    if reader.i16() != VERSION {
        return None;
    }
    let assignment = ConsumerProtocolAssignment::decode_message(&mut reader, VERSION).ok()?;
    let mut places = Vec::new();
    for given in assignment.assigned_partitions {
        // A topic that is gone is nobody's business.
        let Some(topic) = topics.iter().find(|topic| topic.name == given.topic) else { continue };
        places.extend(
            given.partitions.iter().map(|partition| Place { topic: topic.id, partition: *partition }),
        );
    }
    places.sort_unstable();
    Some(places)
}
