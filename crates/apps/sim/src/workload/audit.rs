//! Compares Metadata with what was acknowledged.

use std::collections::BTreeMap;

use headwater_base::{ErrorCode, Uuid};
use headwater_protocol::messages::metadata_request::MetadataRequest;
use headwater_protocol::messages::metadata_response::{MetadataResponse, MetadataResponseTopic};

use crate::client::{Client, Lost};
use crate::history::{History, MetadataFault, Place, TopicHistory};

/// Asks for all topics once and writes down what is missing, too much or different.
///
/// # Errors
/// [`Lost`] when there is no answer.
pub async fn audit(client: &Client) -> Result<(), Lost> {
    let (life, expected) = {
        let history = client.history.borrow();
        (history.life(), history.topics.clone())
    };
    let request = MetadataRequest { topics: None, ..MetadataRequest::default() };
    let answer: MetadataResponse = client.ask(12, &request).await?;
    let mut history = client.history.borrow_mut();
    if history.life() != life {
        return Ok(());
    }
    let found: BTreeMap<Uuid, &MetadataResponseTopic> =
        answer.topics.iter().map(|topic| (topic.topic_id, topic)).collect();
    for (id, topic) in &expected {
        // Its deletion, or more partitions, may have been asked for meanwhile.
        let now = history.topics.get(id).unwrap_or(topic);
        let topic = &TopicHistory { deleting: now.deleting, growing_to: now.growing_to, ..topic.clone() };
        if let Some(what) = compare(topic, found.get(id).copied()) {
            history
                .metadata_faults
                .push(MetadataFault { life, what: format!("{} {id}: {what}", topic.name) });
        }
    }
    for (id, topic) in found {
        note_epochs(&mut history, life, id, topic);
    }
    Ok(())
}

fn compare(expected: &TopicHistory, found: Option<&MetadataResponseTopic>) -> Option<String> {
    match found {
        Some(_) if expected.deleted => Some("deleted and there again".to_owned()),
        None if expected.deleting => None,
        None => Some("created and gone".to_owned()),
        Some(found) if found.error_code != 0 => {
            Some(format!("answered with {}", ErrorCode::from_code(found.error_code).name()))
        }
        Some(found) if found.name.as_deref() != Some(&expected.name) => {
            Some(format!("is called {:?} now", found.name))
        }
        Some(found) => {
            let (count, from, to) = (found.partitions.len() as i32, expected.partitions, expected.growing_to);
            (!(from..=to).contains(&count)).then(|| format!("{count} partitions instead of {from} to {to}"))
        }
    }
}

fn note_epochs(history: &mut History, life: usize, id: Uuid, topic: &MetadataResponseTopic) {
    for partition in &topic.partitions {
        // Without a leader the epoch is that of the leader before.
        if partition.leader_id < 0 {
            continue;
        }
        let place = Place { topic: id, partition: partition.partition_index };
        history.partition(place).leader_epochs.push((life, partition.leader_epoch));
    }
}
