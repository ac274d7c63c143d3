//! CreatePartitions, ElectLeaders, reassignments and UpdateFeatures in the scripts' notation, and their answers as text.
//! `ControllerGolden.java` in `conformance/controller` reads and writes the same.

use headwater_controller::{Answer, Input};
use headwater_protocol::messages::alter_partition_reassignments_request::{
    AlterPartitionReassignmentsRequest, ReassignablePartition, ReassignableTopic,
};
use headwater_protocol::messages::create_partitions_request::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
};
use headwater_protocol::messages::elect_leaders_request::{ElectLeadersRequest, TopicPartitions};
use headwater_protocol::messages::list_partition_reassignments_request::{
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsTopics,
};
use headwater_protocol::messages::update_features_request::{FeatureUpdateKey, UpdateFeaturesRequest};

use crate::requests::{error, flag, number, short_name, value};

fn list(text: &str) -> Vec<i32> {
    text.split(',').filter(|id| !id.is_empty()).map(number).collect()
}

fn shown(ids: &[i32]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// The request of a command, if it is one of this file's.
pub fn input(command: &[Vec<String>]) -> Option<Input> {
    let (words, lines) = command.split_first()?;
    Some(match words[0].as_str() {
        "partitions" => Input::CreatePartitions(CreatePartitionsRequest {
            topics: lines.iter().map(|line| more_partitions(line)).collect(),
            validate_only: flag(words, "validate"),
            ..CreatePartitionsRequest::default()
        }),
        "elect" => Input::ElectLeaders(ElectLeadersRequest {
            election_type: match words[1].as_str() {
                "preferred" => 0,
                "unclean" => 1,
                other => number(other),
            },
            topic_partitions: (!flag(words, "all")).then(|| lines.iter().map(|line| elected(line)).collect()),
            ..ElectLeadersRequest::default()
        }),
        "reassign" => Input::AlterPartitionReassignments(AlterPartitionReassignmentsRequest {
            allow_replication_factor_change: !flag(words, "fixed-factor"),
            topics: lines.iter().map(|line| reassigned(line)).collect(),
            ..AlterPartitionReassignmentsRequest::default()
        }),
        "reassignments" => Input::ListPartitionReassignments(ListPartitionReassignmentsRequest {
            topics: (!flag(words, "all")).then(|| lines.iter().map(|line| asked(line)).collect()),
            ..ListPartitionReassignmentsRequest::default()
        }),
        "features" => {
            let request = UpdateFeaturesRequest {
                feature_updates: lines.iter().map(|line| feature(line)).collect(),
                validate_only: flag(words, "validate"),
                ..UpdateFeaturesRequest::default()
            };
            Input::UpdateFeatures(request, value(words, "version").map_or(2, number))
        }
        _ => return None,
    })
}

fn more_partitions(words: &[String]) -> CreatePartitionsTopic {
    let assignments = words.iter().filter_map(|word| word.strip_prefix("assign="));
    let assignments: Vec<_> =
        assignments.map(|brokers| CreatePartitionsAssignment { broker_ids: list(brokers) }).collect();
    CreatePartitionsTopic {
        name: words[0].clone(),
        count: value(words, "count").map_or(0, number),
        assignments: (!assignments.is_empty() || flag(words, "no-assignments")).then_some(assignments),
    }
}

fn elected(words: &[String]) -> TopicPartitions {
    TopicPartitions {
        topic: words[0].clone(),
        partitions: words[1..].iter().map(|word| number(word)).collect(),
    }
}

fn reassigned(words: &[String]) -> ReassignableTopic {
    let partition = |word: &String| {
        let (index, replicas) = word.split_once('=').expect("partition=replicas");
        ReassignablePartition {
            partition_index: number(index),
            replicas: (replicas != "null").then(|| list(replicas)),
        }
    };
    ReassignableTopic { name: words[0].clone(), partitions: words[1..].iter().map(partition).collect() }
}

fn asked(words: &[String]) -> ListPartitionReassignmentsTopics {
    ListPartitionReassignmentsTopics {
        name: words[0].clone(),
        partition_indexes: words[1..].iter().map(|word| number(word)).collect(),
    }
}

fn feature(words: &[String]) -> FeatureUpdateKey {
    let (name, level) = words[0].split_once('=').expect("feature=level");
    FeatureUpdateKey {
        feature: name.to_owned(),
        max_version_level: number(level),
        allow_downgrade: false,
        upgrade_type: match words[1].as_str() {
            "upgrade" => 1,
            "safe" => 2,
            "unsafe" => 3,
            other => number(other),
        },
    }
}

/// The answer's lines, sorted where their order means nothing.
pub fn answer(answer: &Answer) -> Option<Vec<String>> {
    let mut lines = Vec::new();
    match answer {
        Answer::CreatePartitions(response) => {
            for r in &response.results {
                lines.push(format!("{}: {}", short_name(&r.name), error(r.error_code, &r.error_message)));
            }
        }
        Answer::ElectLeaders(response) => {
            for topic in &response.replica_election_results {
                if topic.partition_result.is_empty() {
                    lines.push(format!("{}: no partitions", short_name(&topic.topic)));
                }
                for r in &topic.partition_result {
                    let (name, what) = (short_name(&topic.topic), error(r.error_code, &r.error_message));
                    lines.push(format!("{name}-{}: {what}", r.partition_id));
                }
            }
            lines.push(error(response.error_code, &None));
        }
        Answer::AlterPartitionReassignments(response) => {
            for topic in &response.responses {
                for r in &topic.partitions {
                    let (name, what) = (short_name(&topic.name), error(r.error_code, &r.error_message));
                    lines.push(format!("{name}-{}: {what}", r.partition_index));
                }
            }
            let factor = if response.allow_replication_factor_change { "" } else { " fixed-factor" };
            lines.push(error(response.error_code, &response.error_message) + factor);
        }
        Answer::ListPartitionReassignments(response) => {
            for topic in &response.topics {
                for p in &topic.partitions {
                    lines.push(format!(
                        "{}-{}: replicas={} adding={} removing={}",
                        short_name(&topic.name),
                        p.partition_index,
                        shown(&p.replicas),
                        shown(&p.adding_replicas),
                        shown(&p.removing_replicas),
                    ));
                }
            }
            lines.push(error(response.error_code, &response.error_message));
        }
        Answer::UpdateFeatures(response) => {
            for r in &response.results {
                lines.push(format!("{}: {}", r.feature, error(r.error_code, &r.error_message)));
            }
            lines.push(error(response.error_code, &response.error_message));
        }
        _ => return None,
    }
    lines.sort();
    Some(lines)
}
