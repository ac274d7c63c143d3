//! CreateTopics, key 19 (`ControllerApis.createTopics`, `ReplicationControlManager.createTopics`).
//!
//! One topic's failure does not touch the others, except for the two limits on the whole request. Results come in the
//! order of the request, then names that were given twice, then the name that nobody may create.
//!
//! Differs from Kafka: partitions are counted in 64 bits (there the sum can overflow and pass the limit); ids are
//! never those of existing topics.

use std::collections::{BTreeMap, BTreeSet};

use headwater_base::config::topic;
use headwater_base::{ErrorCode, NodeId, Uuid};
use headwater_metadata::{ConfigResource, Partition};
use headwater_protocol::messages::create_topics_request::{CreatableTopic, CreateTopicsRequest};
use headwater_protocol::messages::create_topics_response::{
    CreatableTopicConfigs, CreatableTopicResult, CreateTopicsResponse,
};
use headwater_protocol::metadata::MetadataRecord;
use headwater_protocol::metadata::config_record::ConfigRecord;
use headwater_protocol::metadata::topic_record::TopicRecord;

use crate::decide::{Context, Decision, MAX_RECORDS_PER_USER_OP};
use crate::error::ApiError;
use crate::placement;
use crate::random::Random;
use crate::state::Controller;
use crate::topic_name;

/// The most partitions of one request (`ReplicationControlManager.MAX_PARTITIONS_PER_BATCH`).
const MAX_PARTITIONS_PER_REQUEST: i64 = 10_000;

/// In a request: the default.
const DEFAULT: i32 = -1;

fn failed(name: &str, error: &ApiError) -> CreatableTopicResult {
    CreatableTopicResult {
        name: name.to_owned(),
        error_code: error.code.code(),
        error_message: error.message.clone(),
        ..CreatableTopicResult::default()
    }
}

fn invalid(code: ErrorCode, message: impl Into<String>) -> ApiError {
    ApiError::new(code, message)
}

impl Controller {
    pub(crate) fn create_topics(
        &self,
        context: &Context,
        request: &CreateTopicsRequest,
    ) -> Decision<CreateTopicsResponse> {
        let respond = |topics| CreateTopicsResponse { throttle_time_ms: 0, topics };
        let mut names = BTreeSet::new();
        let mut duplicates = BTreeSet::new();
        for topic in &request.topics {
            if !names.insert(topic.name.as_str()) {
                duplicates.insert(topic.name.as_str());
            }
        }
        let creatable = |topic: &&CreatableTopic| {
            !duplicates.contains(topic.name.as_str()) && topic.name != topic_name::CLUSTER_METADATA
        };
        let topics: Vec<&CreatableTopic> = request.topics.iter().filter(creatable).collect();
        let mut random = Random::new(context.random);
        let (mut results, records) = match self.create_all(&topics, &mut random) {
            Ok(created) => created,
            Err(error) => {
                let results = request.topics.iter().map(|topic| failed(&topic.name, &error));
                return Decision::answer(respond(results.collect()));
            }
        };
        let duplicate = invalid(ErrorCode::InvalidRequest, "Duplicate topic name.");
        results.extend(duplicates.iter().map(|name| failed(name, &duplicate)));
        if names.contains(topic_name::CLUSTER_METADATA) && !duplicates.contains(topic_name::CLUSTER_METADATA)
        {
            let message =
                format!("Creation of internal topic {} is prohibited.", topic_name::CLUSTER_METADATA);
            results.push(failed(topic_name::CLUSTER_METADATA, &invalid(ErrorCode::InvalidRequest, message)));
        }
        if request.validate_only {
            return Decision::answer(respond(results));
        }
        Decision::atomic(records, respond(results))
    }

    /// Results in the order of the topics, and the records of those that can be created.
    fn create_all(
        &self,
        topics: &[&CreatableTopic],
        random: &mut Random,
    ) -> Result<(Vec<CreatableTopicResult>, Vec<MetadataRecord>), ApiError> {
        let partitions: i64 = topics.iter().map(|topic| self.requested_partitions(topic)).sum();
        if partitions > MAX_PARTITIONS_PER_REQUEST {
            let message = "Excessively large number of partitions per request.";
            return Err(invalid(ErrorCode::PolicyViolation, message));
        }
        let mut records = Vec::new();
        let mut results = Vec::with_capacity(topics.len());
        for topic in topics {
            match self.create(topic, random, &mut records) {
                Ok(result) => results.push(result),
                Err(error) => results.push(failed(&topic.name, &error)),
            }
            if records.len() > MAX_RECORDS_PER_USER_OP {
                let message = "Unable to perform excessively large batch operation.";
                return Err(invalid(ErrorCode::PolicyViolation, message));
            }
        }
        Ok((results, records))
    }

    fn requested_partitions(&self, topic: &CreatableTopic) -> i64 {
        if !topic.assignments.is_empty() {
            topic.assignments.len() as i64
        } else if topic.num_partitions == DEFAULT {
            i64::from(self.default_num_partitions())
        } else {
            i64::from(topic.num_partitions.max(0))
        }
    }

    /// Appends the records of one topic, all or none.
    fn create(
        &self,
        topic: &CreatableTopic,
        random: &mut Random,
        records: &mut Vec<MetadataRecord>,
    ) -> Result<CreatableTopicResult, ApiError> {
        self.check_name(&topic.name)?;
        let configs = self.check_configs(topic)?;
        let partitions = if topic.assignments.is_empty() {
            self.placed_partitions(topic, random)?
        } else {
            self.assigned_partitions(topic)?
        };
        let topic_id = self.fresh_topic_id(random);
        records.push(TopicRecord { name: topic.name.clone(), topic_id }.into());
        let resource = ConfigResource::topic(&topic.name);
        records.extend(configs.iter().map(|(name, value)| {
            MetadataRecord::from(ConfigRecord {
                resource_type: resource.kind.0,
                resource_name: topic.name.clone(),
                name: name.clone(),
                value: Some(value.clone()),
            })
        }));
        for (index, partition) in (0i32..).zip(&partitions) {
            records.push(partition.to_record(topic_id, index).into());
        }
        let replication_factor = partitions.first().map_or(0, |partition| partition.replicas.len());
        Ok(CreatableTopicResult {
            name: topic.name.clone(),
            topic_id,
            error_code: ErrorCode::None.code(),
            error_message: None,
            topic_config_error_code: ErrorCode::None.code(),
            num_partitions: i32::try_from(partitions.len()).unwrap_or(i32::MAX),
            replication_factor: i16::try_from(replication_factor).unwrap_or(i16::MAX),
            configs: Some(self.described_configs(&configs)),
        })
    }

    fn fresh_topic_id(&self, random: &mut Random) -> Uuid {
        loop {
            let id = random.uuid();
            if self.state.image.topics.by_id(id).is_none() {
                return id;
            }
        }
    }

    fn check_name(&self, name: &str) -> Result<(), ApiError> {
        if self.state.image.topics.id_of(name).is_some() {
            return Err(invalid(ErrorCode::TopicAlreadyExists, format!("Topic '{name}' already exists.")));
        }
        if topic_name::has_collision_chars(name) {
            let colliding = self.state.colliding.get(&topic_name::unify_collision_chars(name));
            if let Some(other) = colliding.and_then(|names| names.get_min()) {
                let message = format!("Topic '{name}' collides with existing topic: {other}");
                return Err(invalid(ErrorCode::InvalidTopicException, message));
            }
        }
        topic_name::validate(name).map_err(|message| invalid(ErrorCode::InvalidTopicException, message))
    }

    fn check_configs(&self, topic: &CreatableTopic) -> Result<BTreeMap<String, String>, ApiError> {
        let nulls: Vec<&str> = topic
            .configs
            .iter()
            .filter(|config| config.value.is_none())
            .map(|config| config.name.as_str())
            .collect();
        if !nulls.is_empty() {
            let message = format!("Null value not supported for topic configs: {}", nulls.join(","));
            return Err(invalid(ErrorCode::InvalidConfig, message));
        }
        let pair = |config: &_| {
            let headwater_protocol::messages::create_topics_request::CreatableTopicConfig { name, value } =
                config;
            (name.clone(), value.clone().unwrap_or_default())
        };
        let configs: BTreeMap<String, String> = topic.configs.iter().map(pair).collect();
        if configs.is_empty() {
            return Ok(configs);
        }
        self.check_altered_topic(&configs, &configs)?;
        Ok(configs)
    }

    fn placed_partitions(
        &self,
        topic: &CreatableTopic,
        random: &mut Random,
    ) -> Result<Vec<Partition>, ApiError> {
        let requested_factor = i32::from(topic.replication_factor);
        if requested_factor < DEFAULT || requested_factor == 0 {
            let message = "Replication factor must be larger than 0, or -1 to use the default value.";
            return Err(invalid(ErrorCode::InvalidReplicationFactor, message));
        }
        if topic.num_partitions < DEFAULT || topic.num_partitions == 0 {
            let message = "Number of partitions was set to an invalid non-positive value.";
            return Err(invalid(ErrorCode::InvalidPartitions, message));
        }
        let count = usize::try_from(self.requested_partitions(topic)).unwrap_or(0);
        let factor = if requested_factor == DEFAULT {
            self.default_replication_factor()
        } else {
            topic.replication_factor
        };
        let unable = |why: &str| {
            let message = format!("Unable to replicate the partition {factor} time(s): {why}");
            invalid(ErrorCode::InvalidReplicationFactor, message)
        };
        let placed =
            placement::place(count, factor, self.usable_brokers(), random).map_err(|why| unable(&why))?;
        let none_active = || unable("All brokers are currently fenced or in controlled shutdown.");
        placed.iter().map(|replicas| self.new_partition(replicas).ok_or_else(none_active)).collect()
    }

    fn assigned_partitions(&self, topic: &CreatableTopic) -> Result<Vec<Partition>, ApiError> {
        let not_default = |what| {
            let message =
                format!("A manual partition assignment was specified, but {what} was not set to -1.");
            invalid(ErrorCode::InvalidRequest, message)
        };
        if i32::from(topic.replication_factor) != DEFAULT {
            return Err(not_default("replication factor"));
        }
        if topic.num_partitions != DEFAULT {
            return Err(not_default("numPartitions"));
        }
        let refused = |message: String| invalid(ErrorCode::InvalidReplicaAssignment, message);
        let mut partitions = BTreeMap::new();
        let mut factor = None;
        for assignment in &topic.assignments {
            let index = assignment.partition_index;
            if partitions.contains_key(&index) {
                let message = format!("Found multiple manual partition assignments for partition {index}");
                return Err(refused(message));
            }
            self.check_assignment(&assignment.broker_ids, factor).map_err(refused)?;
            factor = Some(assignment.broker_ids.len());
            let replicas: Vec<NodeId> = assignment.broker_ids.iter().copied().map(NodeId).collect();
            let partition = self.new_partition(&replicas).ok_or_else(|| {
                refused(format!(
                    "All brokers specified in the manual partition assignment for partition {index} are fenced or in \
                     controlled shutdown."
                ))
            })?;
            partitions.insert(index, partition);
        }
        if (0i32..).zip(partitions.keys()).any(|(expected, index)| expected != *index) {
            return Err(refused("partitions should be a consecutive 0-based integer sequence".to_owned()));
        }
        Ok(partitions.into_values().collect())
    }

    /// What holds for the new topic. Our own keys appear only when the request set them, Kafka's internal ones too.
    fn described_configs(&self, overrides: &BTreeMap<String, String>) -> Vec<CreatableTopicConfigs> {
        let shown = |row: &&_| {
            let row: &headwater_base::config::Definition = row;
            !(row.internal || row.name.starts_with("headwater.")) || overrides.contains_key(row.name)
        };
        let mut rows: Vec<_> = topic::definitions().filter(shown).collect();
        rows.sort_unstable_by_key(|row| row.name);
        let described = rows.into_iter().map(|row| {
            let (value, source) = self.topic_config(row, overrides);
            CreatableTopicConfigs {
                name: row.name.to_owned(),
                value: value.filter(|_| !row.is_sensitive()),
                read_only: false,
                config_source: source as i8,
                is_sensitive: row.is_sensitive(),
            }
        });
        described.collect()
    }
}
