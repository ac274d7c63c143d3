//! CreateTopics and DeleteTopics in the scripts' notation, and their answers as text. `ControllerGolden.java` in
//! `conformance/controller` reads and writes the same.

use std::collections::BTreeMap;

use headwater_base::{ErrorCode, Uuid};
use headwater_protocol::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use headwater_protocol::messages::create_topics_response::CreateTopicsResponse;
use headwater_protocol::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use headwater_protocol::messages::delete_topics_response::DeleteTopicsResponse;

/// Ids of topics by the name under which they were created last.
pub type Ids = BTreeMap<String, Uuid>;

pub fn flag(words: &[String], name: &str) -> bool {
    words.iter().any(|word| word == name)
}

pub fn value<'a>(words: &'a [String], key: &str) -> Option<&'a str> {
    words
        .iter()
        .find_map(|word| word.split_once('=').filter(|(name, _)| *name == key).map(|(_, value)| value))
}

pub fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text:?} is no number"))
}

/// One request from all lines of a command.
pub fn create_request(command: &[Vec<String>]) -> CreateTopicsRequest {
    CreateTopicsRequest {
        topics: command[1..].iter().map(|words| creatable(words)).collect(),
        validate_only: flag(&command[0], "validate"),
        ..CreateTopicsRequest::default()
    }
}

fn creatable(words: &[String]) -> CreatableTopic {
    let mut topic = CreatableTopic {
        name: words[0].clone(),
        num_partitions: -1,
        replication_factor: -1,
        ..CreatableTopic::default()
    };
    for word in &words[1..] {
        let (key, value) = word.split_once('=').expect("key=value");
        match key {
            "partitions" => topic.num_partitions = number(value),
            "factor" => topic.replication_factor = number(value),
            "assign" => {
                let (index, brokers) = value.split_once(':').expect("partition:brokers");
                let brokers = brokers.split(',').filter(|id| !id.is_empty()).map(number);
                topic.assignments.push(CreatableReplicaAssignment {
                    partition_index: number(index),
                    broker_ids: brokers.collect(),
                });
            }
            name => topic.configs.push(CreatableTopicConfig {
                name: name.to_owned(),
                value: (value != "null").then(|| value.to_owned()),
            }),
        }
    }
    topic
}

/// The answer's lines, sorted; remembers the ids of what was created.
pub fn create_answer(command: &[Vec<String>], response: &CreateTopicsResponse, ids: &mut Ids) -> Vec<String> {
    let version: i16 = value(&command[0], "version").map_or(7, number);
    let (validate, show) = (flag(&command[0], "validate"), flag(&command[0], "show"));
    let mut lines = Vec::new();
    for result in &response.topics {
        let mut line =
            format!("{}: {}", short_name(&result.name), error(result.error_code, &result.error_message));
        if result.error_code == 0 && version >= 5 {
            line += &format!(" partitions={} factor={}", result.num_partitions, result.replication_factor);
            for config in result.configs.iter().flatten() {
                let (name, source) = (&config.name, config.config_source);
                let value = config.value.as_deref().unwrap_or("null");
                if show {
                    lines.push(format!("  {name}={value} from {source}"));
                } else if source == 1 {
                    line += &format!(" {name}={value}");
                }
            }
        }
        if result.error_code == 0 && !validate {
            ids.insert(result.name.clone(), result.topic_id);
        }
        lines.push(line);
    }
    lines.sort();
    lines
}

const UNKNOWN_HIGH: u128 = 77 << 64;

/// The request and its version.
pub fn delete_request(command: &[Vec<String>], ids: &Ids) -> (DeleteTopicsRequest, i16) {
    let version: i16 = value(&command[0], "version").map_or(6, number);
    let mut request = DeleteTopicsRequest::default();
    let id = |name: &str| match name.parse::<u64>() {
        Ok(number) => Uuid(UNKNOWN_HIGH | u128::from(number)),
        Err(_) => ids.get(name).copied().unwrap_or(Uuid(78 << 64)),
    };
    for words in &command[1..] {
        let (what, name) = (words[0].as_str(), words[1].as_str());
        if version < 6 {
            request.topic_names.push(name.to_owned());
            continue;
        }
        request.topics.push(DeleteTopicState {
            name: matches!(what, "name" | "both").then(|| name.to_owned()),
            topic_id: if matches!(what, "id" | "both") { id(name) } else { Uuid::ZERO },
        });
    }
    (request, version)
}

/// The answer's lines, sorted.
pub fn delete_answer(command: &[Vec<String>], response: &DeleteTopicsResponse, ids: &Ids) -> Vec<String> {
    let version: i16 = value(&command[0], "version").map_or(6, number);
    let line = |result: &headwater_protocol::messages::delete_topics_response::DeletableTopicResult| {
        let name = result.name.as_deref().map_or("null".to_owned(), short_name);
        // Older versions have neither id nor message.
        let id = if version >= 6 { result.topic_id } else { Uuid::ZERO };
        let message = if version >= 5 { result.error_message.clone() } else { None };
        format!("{name} {}: {}", id_name(id, ids), error(result.error_code, &message))
    };
    let mut lines: Vec<String> = response.responses.iter().map(line).collect();
    lines.sort();
    lines
}

fn id_name(id: Uuid, ids: &Ids) -> String {
    if id.is_zero() {
        return "none".to_owned();
    }
    if id.0 >> 64 == 77 {
        return format!("id({})", id.0 & u128::from(u64::MAX));
    }
    ids.iter().find(|(_, known)| **known == id).map_or("id(?)".to_owned(), |(name, _)| format!("id({name})"))
}

pub fn short_name(name: &str) -> String {
    let length = name.encode_utf16().count();
    if length > 60 { format!("{}...({length})", &name[..20]) } else { format!("{name:?}") }
}

pub fn error(code: i16, message: &Option<String>) -> String {
    let name = ErrorCode::from_code(code).name();
    message.as_ref().map_or(name.to_owned(), |message| format!("{name}: {message}"))
}
