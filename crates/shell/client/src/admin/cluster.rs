//! The cluster: brokers, features, quorum, versions, log directories, producers.

use headwater_base::{ErrorCode, TopicPartition, Uuid};
use headwater_protocol::messages::add_raft_voter_request::{AddRaftVoterRequest, Listener};
use headwater_protocol::messages::alter_replica_log_dirs_request::{
    AlterReplicaLogDir, AlterReplicaLogDirTopic, AlterReplicaLogDirsRequest,
};
use headwater_protocol::messages::api_versions_response::ApiVersionsResponse;
use headwater_protocol::messages::describe_cluster_request::DescribeClusterRequest;
use headwater_protocol::messages::describe_cluster_response::DescribeClusterResponse;
use headwater_protocol::messages::describe_log_dirs_request::{
    DescribableLogDirTopic, DescribeLogDirsRequest,
};
use headwater_protocol::messages::describe_log_dirs_response::DescribeLogDirsResult;
use headwater_protocol::messages::describe_producers_request::{DescribeProducersRequest, TopicRequest};
use headwater_protocol::messages::describe_producers_response::ProducerState;
use headwater_protocol::messages::describe_quorum_request::{self, DescribeQuorumRequest};
use headwater_protocol::messages::describe_quorum_response::{DescribeQuorumResponse, PartitionData};
use headwater_protocol::messages::remove_raft_voter_request::RemoveRaftVoterRequest;
use headwater_protocol::messages::unregister_broker_request::UnregisterBrokerRequest;
use headwater_protocol::messages::update_features_request::{FeatureUpdateKey, UpdateFeaturesRequest};
use headwater_protocol::{ApiKey, Message};
use std::collections::BTreeMap;

use super::{Admin, Each};
use crate::error::{Result, check_with};
use crate::net::routing::Target;
use crate::net::spread::by_topic;

/// A change of a feature's level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureUpdate {
    /// The feature.
    pub feature: String,
    /// Its new level; 0 ends its use.
    pub level: i16,
    /// 1 upgrade, 2 safe downgrade, 3 unsafe downgrade.
    pub upgrade_type: i8,
}

impl Admin {
    /// The cluster's id, its brokers and who answers for the controller; with fenced brokers if they are asked for.
    ///
    /// # Errors
    /// When no broker answers in time.
    pub async fn describe_cluster(&self, include_fenced_brokers: bool) -> Result<DescribeClusterResponse> {
        let deadline = self.api_deadline();
        self.cluster
            .attempts("listNodes", deadline, async || {
                let link = self.cluster.route(&Target::Any, deadline).await?;
                let lowest = if include_fenced_brokers { 2 } else { 0 };
                let version = link.ready().await?.pick(ApiKey::DescribeCluster, lowest, i16::MAX)?;
                let request = DescribeClusterRequest { include_fenced_brokers, ..Default::default() };
                let response = self.cluster.exchange(&link, version, &request, deadline).await?;
                check_with(response.error_code, response.error_message.as_deref()).map(|()| response)
            })
            .await
    }

    /// What a node says about itself: API versions, supported and finalized features.
    ///
    /// # Errors
    /// When it does not answer in time.
    pub async fn api_versions(&self, target: &Target) -> Result<ApiVersionsResponse> {
        let deadline = self.api_deadline();
        self.cluster
            .attempts("apiVersions", deadline, async || {
                let link = self.cluster.route(target, deadline).await?;
                Ok(link.ready().await?.response.clone())
            })
            .await
    }

    /// Changes levels of features.
    ///
    /// # Errors
    /// When the controller refuses the request as a whole, or does not answer in time.
    pub async fn update_features(
        &self,
        updates: Vec<FeatureUpdate>,
        validate_only: bool,
    ) -> Result<Each<String, ()>> {
        let update = |it: &FeatureUpdate| FeatureUpdateKey {
            feature: it.feature.clone(),
            max_version_level: it.level,
            allow_downgrade: false,
            upgrade_type: it.upgrade_type,
        };
        let make = |timeout_ms| UpdateFeaturesRequest {
            timeout_ms,
            feature_updates: updates.iter().map(update).collect(),
            validate_only,
        };
        let response = self.of_controller("updateFeatures", make).await?;
        let whole = check_with(response.error_code, response.error_message.as_deref());
        // From version 2 on there are no results for single features: all or nothing.
        let mut answers: BTreeMap<String, Result<()>> = response
            .results
            .into_iter()
            .map(|it| (it.feature, check_with(it.error_code, it.error_message.as_deref())))
            .collect();
        Ok(updates
            .into_iter()
            .map(|it| {
                let answer = answers.remove(&it.feature).unwrap_or_else(|| whole.clone());
                (it.feature, answer)
            })
            .collect())
    }

    /// The metadata quorum: leader, voters, observers and how far each is.
    ///
    /// # Errors
    /// When no broker answers in time, or the quorum has no leader for as long.
    pub async fn describe_quorum(&self) -> Result<(PartitionData, DescribeQuorumResponse)> {
        let deadline = self.api_deadline();
        let request = DescribeQuorumRequest {
            topics: vec![describe_quorum_request::TopicData {
                topic_name: "__cluster_metadata".to_owned(),
                partitions: vec![describe_quorum_request::PartitionData { partition_index: 0 }],
            }],
        };
        self.cluster
            .attempts("describeMetadataQuorum", deadline, async || {
                let link = self.cluster.route(&Target::Any, deadline).await?;
                let response = self.cluster.ask(&link, &request, deadline).await?;
                check_with(response.error_code, response.error_message.as_deref())?;
                let partition = response.topics.first().and_then(|topic| topic.partitions.first()).cloned();
                let partition = partition.ok_or_else(super::groups::no_answer)?;
                check_with(partition.error_code, partition.error_message.as_deref())?;
                Ok((partition, response))
            })
            .await
    }

    /// Adds a controller to the voters; `listeners` are name, host and port.
    ///
    /// # Errors
    /// What the controller says.
    pub async fn add_raft_voter(
        &self,
        cluster_id: Option<String>,
        voter_id: i32,
        voter_directory_id: Uuid,
        listeners: Vec<(String, String, u16)>,
    ) -> Result<()> {
        let listener = |(name, host, port): &(String, String, u16)| Listener {
            name: name.clone(),
            host: host.clone(),
            port: *port,
        };
        let make = |timeout_ms| AddRaftVoterRequest {
            cluster_id: cluster_id.clone(),
            timeout_ms,
            voter_id,
            voter_directory_id,
            listeners: listeners.iter().map(listener).collect(),
            ..AddRaftVoterRequest::default()
        };
        let response = self.of_controller("addRaftVoter", make).await?;
        check_with(response.error_code, response.error_message.as_deref())
    }

    /// Removes a controller from the voters.
    ///
    /// # Errors
    /// What the controller says.
    pub async fn remove_raft_voter(
        &self,
        cluster_id: Option<String>,
        voter_id: i32,
        voter_directory_id: Uuid,
    ) -> Result<()> {
        let make =
            |_| RemoveRaftVoterRequest { cluster_id: cluster_id.clone(), voter_id, voter_directory_id };
        let response = self.of_controller("removeRaftVoter", make).await?;
        check_with(response.error_code, response.error_message.as_deref())
    }

    /// Forgets a broker that is off.
    ///
    /// # Errors
    /// What the controller says.
    pub async fn unregister_broker(&self, broker_id: i32) -> Result<()> {
        let deadline = self.api_deadline();
        self.cluster
            .attempts("unregisterBroker", deadline, async || {
                let link = self.cluster.route(&Target::Any, deadline).await?;
                let response =
                    self.cluster.ask(&link, &UnregisterBrokerRequest { broker_id }, deadline).await?;
                check_with(response.error_code, response.error_message.as_deref())
            })
            .await
    }

    /// The log directories of brokers, with the partitions in them; those of the named partitions, or all with `None`.
    pub async fn describe_log_dirs(
        &self,
        brokers: &[i32],
        partitions: Option<&[TopicPartition]>,
    ) -> Each<i32, Vec<DescribeLogDirsResult>> {
        let topics = partitions.map(|partitions| {
            by_topic(partitions.iter().map(|it| (it.clone(), ())).collect())
                .into_iter()
                .map(|(topic, partitions)| DescribableLogDirTopic {
                    topic,
                    partitions: partitions.into_iter().map(|(index, ())| index).collect(),
                })
                .collect::<Vec<_>>()
        });
        let request = DescribeLogDirsRequest { topics };
        let mut results = Vec::new();
        for broker in brokers {
            let answer = self.call(&Target::Node(*broker), &request).await;
            let answer = answer.and_then(|response| {
                // Before version 3 a refusal is an empty list.
                let refused = response.results.is_empty() && response.error_code == 0;
                let code = if refused && request.topics.is_none() {
                    ErrorCode::ClusterAuthorizationFailed.code()
                } else {
                    response.error_code
                };
                check_with(code, None).map(|()| response.results)
            });
            results.push((*broker, answer));
        }
        results
    }

    /// Moves replicas between the log directories of their brokers: partition, broker, directory.
    pub async fn alter_replica_log_dirs(
        &self,
        moves: Vec<(TopicPartition, i32, String)>,
    ) -> Each<(TopicPartition, i32), ()> {
        let mut by_broker: BTreeMap<i32, BTreeMap<String, Vec<(TopicPartition, ())>>> = BTreeMap::new();
        for (partition, broker, path) in moves {
            by_broker.entry(broker).or_default().entry(path).or_default().push((partition, ()));
        }
        let mut results = Vec::new();
        for (broker, dirs) in by_broker {
            let keys: Vec<TopicPartition> = dirs.values().flatten().map(|(key, ())| key.clone()).collect();
            let topic = |(name, partitions): (String, Vec<(i32, ())>)| AlterReplicaLogDirTopic {
                name,
                partitions: partitions.into_iter().map(|(index, ())| index).collect(),
            };
            let dirs = dirs.into_iter().map(|(path, partitions)| AlterReplicaLogDir {
                path,
                topics: by_topic(partitions).into_iter().map(topic).collect(),
            });
            let request = AlterReplicaLogDirsRequest { dirs: dirs.collect() };
            match self.call(&Target::Node(broker), &request).await {
                Ok(response) => {
                    for topic in response.results {
                        for it in topic.partitions {
                            let key = super::partition(&topic.topic_name, it.partition_index);
                            results.push(((key, broker), check_with(it.error_code, None)));
                        }
                    }
                }
                Err(error) => results.extend(keys.into_iter().map(|key| ((key, broker), Err(error.clone())))),
            }
        }
        results
    }

    /// Who produces to partitions, as their leaders know it.
    pub async fn describe_producers(
        &self,
        partitions: &[TopicPartition],
    ) -> Each<TopicPartition, Vec<ProducerState>> {
        let deadline = self.api_deadline();
        let questions = partitions.iter().map(|it| (it.clone(), ())).collect();
        self.cluster
            .spread("describeProducers", questions, deadline, async |link, batch| {
                let topic = |(name, partitions): (String, Vec<(i32, ())>)| TopicRequest {
                    name,
                    partition_indexes: partitions.into_iter().map(|(index, ())| index).collect(),
                };
                let request =
                    DescribeProducersRequest { topics: by_topic(batch).into_iter().map(topic).collect() };
                let response = self.cluster.ask(link, &request, deadline).await?;
                let mut answers = Vec::new();
                for topic in response.topics {
                    for it in topic.partitions {
                        let checked = check_with(it.error_code, it.error_message.as_deref());
                        let key = super::partition(&topic.name, it.partition_index);
                        answers.push((key, checked.map(|()| it.active_producers)));
                    }
                }
                Ok(answers)
            })
            .await
    }

    /// The error codes of a response, success left out.
    pub(super) fn codes_of(response: &impl Message) -> Vec<ErrorCode> {
        let mut codes = Vec::new();
        response.visit_error_codes(&mut |code| {
            if code != 0 {
                codes.push(ErrorCode::from_code(code));
            }
        });
        codes
    }
}
