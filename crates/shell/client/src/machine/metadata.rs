//! What the client knows of the cluster: brokers, topics, leaders.

use std::collections::BTreeMap;

use headwater_base::{ErrorCode, Uuid};
use headwater_protocol::messages::metadata_response::{MetadataResponse, MetadataResponseTopic};

/// One broker's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    /// Its node id.
    pub id: i32,
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Where it stands.
    pub rack: Option<String>,
}

/// One partition of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Index inside the topic.
    pub index: i32,
    /// Node id of the leader, if there is one.
    pub leader: Option<i32>,
    /// The leader's epoch, −1 when the broker does not say.
    pub leader_epoch: i32,
    /// Node ids of all replicas, the preferred leader first.
    pub replicas: Vec<i32>,
    /// Node ids of the replicas in sync.
    pub isr: Vec<i32>,
    /// Node ids of the replicas that are offline.
    pub offline: Vec<i32>,
}

/// One topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// Its id, zero when the broker does not say.
    pub id: Uuid,
    /// Whether it is one of Kafka's own.
    pub internal: bool,
    /// In the order of indexes, from 0 without gaps as far as the broker told.
    pub partitions: Vec<Partition>,
}

impl Topic {
    /// The partition with this index.
    #[must_use]
    pub fn partition(&self, index: i32) -> Option<&Partition> {
        let at = self.partitions.binary_search_by_key(&index, |partition| partition.index).ok()?;
        self.partitions.get(at)
    }
}

/// The client's picture of the cluster.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// The cluster's id, once known.
    pub cluster_id: Option<String>,
    /// The broker to which requests for the controller go.
    pub controller: Option<i32>,
    brokers: BTreeMap<i32, Broker>,
    topics: BTreeMap<String, Topic>,
    /// Grows with each answer that was taken in.
    pub generation: u64,
    /// When the last answer was taken in, in milliseconds.
    pub updated_at_ms: Option<u64>,
}

impl Metadata {
    /// Brokers in the order of ids.
    pub fn brokers(&self) -> impl Iterator<Item = &Broker> {
        self.brokers.values()
    }

    /// The broker with this id.
    #[must_use]
    pub fn broker(&self, id: i32) -> Option<&Broker> {
        self.brokers.get(&id)
    }

    /// The topic, if it is known.
    #[must_use]
    pub fn topic(&self, name: &str) -> Option<&Topic> {
        self.topics.get(name)
    }

    /// The topic with this id.
    #[must_use]
    pub fn topic_by_id(&self, id: Uuid) -> Option<&Topic> {
        self.topics.values().find(|topic| topic.id == id)
    }

    /// Names of the known topics.
    pub fn topic_names(&self) -> impl Iterator<Item = &str> {
        self.topics.keys().map(String::as_str)
    }

    /// Takes an answer in. `all` says that all topics were asked for, so that what is not named is gone.
    pub fn apply(&mut self, response: &MetadataResponse, all: bool, now_ms: u64) {
        self.generation += 1;
        self.updated_at_ms = Some(now_ms);
        if response.cluster_id.is_some() {
            self.cluster_id.clone_from(&response.cluster_id);
        }
        self.controller = (response.controller_id >= 0).then_some(response.controller_id);
        if !response.brokers.is_empty() {
            let brokers = response.brokers.iter().filter_map(|broker| {
                let port = u16::try_from(broker.port).ok()?;
                let (id, host, rack) = (broker.node_id, broker.host.clone(), broker.rack.clone());
                Some((id, Broker { id, host, port, rack }))
            });
            self.brokers = brokers.collect();
        }
        let old = if all { std::mem::take(&mut self.topics) } else { BTreeMap::new() };
        for topic in &response.topics {
            self.apply_topic(topic, &old);
        }
    }

    fn apply_topic(&mut self, topic: &MetadataResponseTopic, replaced: &BTreeMap<String, Topic>) {
        let Some(name) = topic.name.clone().filter(|name| !name.is_empty()) else { return };
        match ErrorCode::from_code(topic.error_code) {
            ErrorCode::None => {}
            ErrorCode::UnknownTopicOrPartition | ErrorCode::InvalidTopicException => {
                self.topics.remove(&name);
                return;
            }
            // A topic that is being made, or that one may not see, says nothing of partitions.
            _ => return,
        }
        let old =
            self.topics.get(&name).or_else(|| replaced.get(&name)).filter(|old| old.id == topic.topic_id);
        let partition =
            |partition: &headwater_protocol::messages::metadata_response::MetadataResponsePartition| {
                let known = old.and_then(|old| old.partition(partition.partition_index));
                // Brokers learn of elections at different times: what is older than what is known is not believed.
                if let Some(known) = known.filter(|known| {
                    partition.leader_epoch >= 0 && known.leader_epoch > partition.leader_epoch
                }) {
                    return known.clone();
                }
                Partition {
                    index: partition.partition_index,
                    leader: (partition.leader_id >= 0).then_some(partition.leader_id),
                    leader_epoch: partition.leader_epoch,
                    replicas: partition.replica_nodes.clone(),
                    isr: partition.isr_nodes.clone(),
                    offline: partition.offline_replicas.clone(),
                }
            };
        let mut partitions: Vec<Partition> = topic.partitions.iter().map(partition).collect();
        partitions.sort_by_key(|partition| partition.index);
        partitions.dedup_by_key(|partition| partition.index);
        let topic = Topic { name: name.clone(), id: topic.topic_id, internal: topic.is_internal, partitions };
        self.topics.insert(name, topic);
    }

    /// A broker's answer says who leads now (KIP-951). Believed when it is newer.
    pub fn leader_hint(&mut self, topic: &str, index: i32, leader: i32, leader_epoch: i32) -> bool {
        let known = self.brokers.contains_key(&leader);
        let partition = self
            .topics
            .get_mut(topic)
            .and_then(|topic| topic.partitions.iter_mut().find(|partition| partition.index == index));
        match partition {
            Some(partition) if known && leader_epoch > partition.leader_epoch => {
                (partition.leader, partition.leader_epoch) = (Some(leader), leader_epoch);
                true
            }
            _ => false,
        }
    }

    /// Who leads the partition is not who was thought to: nobody, until an answer says who.
    pub fn forget_leader(&mut self, topic: &str, index: i32) {
        if let Some(topic) = self.topics.get_mut(topic)
            && let Some(partition) = topic.partitions.iter_mut().find(|partition| partition.index == index)
        {
            partition.leader = None;
        }
    }

    /// Forgets a topic, until an answer names it.
    pub fn forget_topic(&mut self, topic: &str) {
        self.topics.remove(topic);
    }

    /// Adds the address of a broker that an answer names.
    pub fn add_broker(&mut self, broker: Broker) {
        self.brokers.insert(broker.id, broker);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use headwater_protocol::messages::metadata_response::{
        MetadataResponseBroker, MetadataResponsePartition,
    };

    fn topic(name: &str, id: u128, leader_id: i32, leader_epoch: i32) -> MetadataResponseTopic {
        let partition = MetadataResponsePartition { leader_id, leader_epoch, ..Default::default() };
        MetadataResponseTopic {
            name: Some(name.to_owned()),
            topic_id: Uuid(id),
            partitions: vec![partition],
            ..Default::default()
        }
    }

    fn response(topics: Vec<MetadataResponseTopic>) -> MetadataResponse {
        let broker = |node_id| MetadataResponseBroker { node_id, host: "h".to_owned(), port: 1, rack: None };
        MetadataResponse { brokers: vec![broker(1), broker(2)], topics, ..Default::default() }
    }

    fn leader(metadata: &Metadata, name: &str) -> Option<i32> {
        metadata.topic(name).and_then(|topic| topic.partition(0)).and_then(|partition| partition.leader)
    }

    #[test]
    fn an_older_epoch_is_not_believed_unless_the_topic_is_another() {
        let mut metadata = Metadata::default();
        metadata.apply(&response(vec![topic("a", 1, 1, 5)]), false, 10);
        metadata.apply(&response(vec![topic("a", 1, 2, 4)]), false, 11);
        assert_eq!(leader(&metadata, "a"), Some(1));
        metadata.apply(&response(vec![topic("a", 1, 2, 4)]), true, 11);
        assert_eq!(leader(&metadata, "a"), Some(1));
        metadata.apply(&response(vec![topic("a", 7, 2, 0)]), false, 12);
        assert_eq!(leader(&metadata, "a"), Some(2));
        metadata.forget_leader("a", 0);
        assert_eq!(leader(&metadata, "a"), None);
        assert!(metadata.leader_hint("a", 0, 1, 9) && !metadata.leader_hint("a", 0, 2, 9));
        assert!(!metadata.leader_hint("a", 0, 44, 10), "a broker without an address");
        assert_eq!(leader(&metadata, "a"), Some(1));
    }

    #[test]
    fn what_is_gone_is_forgotten() {
        let mut metadata = Metadata::default();
        metadata.apply(&response(vec![topic("a", 1, 1, 5), topic("b", 2, 1, 5)]), true, 1);
        metadata.apply(&response(vec![topic("a", 1, 1, 5)]), true, 2);
        assert_eq!(metadata.topic_names().collect::<Vec<_>>(), ["a"]);
        let gone = MetadataResponseTopic { error_code: 3, ..topic("a", 0, -1, -1) };
        metadata.apply(&response(vec![gone]), false, 3);
        assert_eq!((metadata.topic("a"), metadata.generation), (None, 3));
    }
}
