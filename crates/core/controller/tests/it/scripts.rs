//! The scripts of `testdata`.

use std::collections::BTreeMap;
use std::path::Path;

use headwater_controller::missing::Waivers;
use headwater_controller::{
    AlterConfigOp, Answer, Bootstrap, ConfigChange, ConfigReplacement, Context, Decision, Input,
};
use headwater_metadata::{ConfigResource, MetadataVersion, ResourceType};
use headwater_protocol::messages::allocate_producer_ids_request::AllocateProducerIdsRequest;
use headwater_protocol::messages::assign_replicas_to_dirs_request::{
    AssignReplicasToDirsRequest, DirectoryData, PartitionData, TopicData,
};
use headwater_protocol::messages::broker_heartbeat_request::BrokerHeartbeatRequest;
use headwater_protocol::messages::broker_registration_request::Feature;
use headwater_protocol::messages::controller_registration_request::ControllerRegistrationRequest;
use headwater_protocol::messages::unregister_broker_request::UnregisterBrokerRequest;
use headwater_protocol::metadata::begin_transaction_record::BeginTransactionRecord;
use headwater_protocol::metadata::config_record::ConfigRecord;
use headwater_protocol::metadata::feature_level_record::FeatureLevelRecord;
use headwater_protocol::metadata::partition_change_record::PartitionChangeRecord;

use crate::requests::{flag, number, value};
use crate::world::{World, config, directory, registration};
use crate::{administration, laws, requests, script, show};

/// Runs one script. The replay law is checked at its end, and wherever it starts a new controller.
fn check(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name);
    let mut world = World::new(config(1, true, &[]));
    script::check(&path, std::env::var_os("UPDATE").is_some(), |command| run(&mut world, command));
    laws::replay(&world);
}

fn run(world: &mut World, command: &[Vec<String>]) -> Vec<String> {
    let words = &command[0];
    match words[0].as_str() {
        "controller" => {
            laws::replay(world);
            *world = World::new(new_config(&words[1..]));
            Vec::new()
        }
        "state" => show::state(&world.controller),
        "failover" => {
            world.controller.begin_sessions(world.now_ms);
            Vec::new()
        }
        "wait" => wait(world, number(&words[1])),
        "finalized" => {
            for (name, level) in words[1..].iter().filter_map(|word| word.split_once('=')) {
                let feature_level = number(level);
                world.append(FeatureLevelRecord { name: name.to_owned(), feature_level }.into());
            }
            Vec::new()
        }
        "eligible" => {
            eligible(world, words);
            Vec::new()
        }
        "open-transaction" => {
            world.append(BeginTransactionRecord { name: Some("torn".to_owned()) }.into());
            world.append(ConfigRecord { name: "torn".to_owned(), ..ConfigRecord::default() }.into());
            Vec::new()
        }
        _ => {
            let refusal = refusal(world, words);
            let input = administration::input(command).unwrap_or_else(|| input(world, command));
            let decision = world.run(input);
            let mut lines = told(world, &decision);
            lines.extend(refusal);
            lines.extend(answered(world, command, &decision.answer));
            lines
        }
    }
}

/// What a controller with eligible leader replicas leaves of a partition whose brokers are gone.
fn eligible(world: &mut World, words: &[String]) {
    let ids = |key: &str| -> Vec<i32> {
        value(words, key).unwrap_or_default().split(',').filter(|id| !id.is_empty()).map(number).collect()
    };
    world.append(
        PartitionChangeRecord {
            topic_id: world.ids[&words[1]],
            partition_id: number(&words[2]),
            leader: -1,
            isr: Some(ids("isr")),
            eligible_leader_replicas: Some(ids("elr")),
            last_known_elr: Some(ids("last")),
            ..PartitionChangeRecord::default()
        }
        .into(),
    );
}

fn new_config(words: &[String]) -> headwater_controller::ControllerConfig {
    let reserved = ["id", "broker"];
    let pairs = words.iter().filter_map(|word| word.split_once('='));
    let pairs: Vec<_> = pairs.filter(|(key, _)| !reserved.contains(key)).collect();
    config(value(words, "id").map_or(1, number), value(words, "broker") != Some("false"), &pairs)
}

/// The words that a refused registration leaves in the log.
fn refusal(world: &World, words: &[String]) -> Option<String> {
    if words[0] != "register" {
        return None;
    }
    let context = Context { now_ms: world.now_ms, next_offset: world.end(), random: [0, 0] };
    world
        .controller
        .registration_refusal(&context, &registration_of(words))
        .map(|error| format!("log: {error}"))
}

fn wait(world: &mut World, ms: i64) -> Vec<String> {
    world.now_ms += ms;
    let mut lines = Vec::new();
    while world.controller.next_expiry_ms().is_some_and(|at| at <= world.now_ms) {
        let decision = world.run(Input::FenceStaleBroker);
        assert_eq!(decision.answer, Answer::FencedStaleBroker { again: true });
        lines.extend(told(world, &decision));
    }
    assert_eq!(world.run(Input::FenceStaleBroker).answer, Answer::FencedStaleBroker { again: false });
    lines
}

fn told(world: &World, decision: &Decision) -> Vec<String> {
    let level = decision.kraft_version.map(|level| format!("> kraft.version {level}"));
    level
        .into_iter()
        .chain(decision.records.iter().map(|record| format!("> {}", world.names.show(record))))
        .collect()
}

fn registration_of(
    words: &[String],
) -> headwater_protocol::messages::broker_registration_request::BrokerRegistrationRequest {
    let incarnation = value(words, "incarnation").map_or(1, number);
    let numbers: Vec<i32> =
        value(words, "dirs").unwrap_or_default().split(',').filter(|n| !n.is_empty()).map(number).collect();
    let mut request = registration(number(&words[1]), incarnation, &numbers);
    request.rack = value(words, "rack").map(str::to_owned);
    request.is_migrating_zk_broker = flag(words, "zk");
    if let Some(cluster) = value(words, "cluster") {
        request.cluster_id = cluster.to_owned();
    }
    if flag(words, "no-features") {
        request.features.clear();
    }
    if flag(words, "reserved-dir") {
        request.log_dirs.push(headwater_base::Uuid(7));
    }
    for word in words.iter().filter_map(|word| word.strip_prefix("feature=")) {
        let (name, range) = word.split_once(':').expect("name:min-max");
        let (min, max) = range.split_once('-').expect("min-max");
        request.features.retain(|feature| feature.name != name);
        request.features.push(Feature {
            name: name.to_owned(),
            min_supported_version: number(min),
            max_supported_version: number(max),
        });
    }
    request
}

fn input(world: &mut World, command: &[Vec<String>]) -> Input {
    let words = &command[0];
    let epoch = |world: &World, id: i32| match value(words, "epoch") {
        Some(epoch) => number(epoch),
        None => world.controller.broker_epochs().get(&headwater_base::NodeId(id)).copied().unwrap_or(-1),
    };
    let directories =
        |text: &str| text.split(',').filter(|n| !n.is_empty()).map(|n| directory(number(n))).collect();
    match words[0].as_str() {
        "activate" => {
            world.controller.begin_sessions(world.now_ms);
            let pairs = words[1..].iter().filter_map(|word| word.split_once('='));
            let configs: BTreeMap<String, String> =
                pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
            let configs = configs.into_iter().filter(|(key, _)| key != "level").collect();
            let level =
                value(words, "level").map_or(MetadataVersion::LATEST, |level| MetadataVersion(number(level)));
            Input::Activate(Bootstrap::new(level, &BTreeMap::new(), &configs))
        }
        "lower" => {
            Input::LowerFeatures(Waivers { lower_features: words[1..].to_vec(), not_enforced: Vec::new() })
        }
        "create" => Input::CreateTopics(requests::create_request(command)),
        "delete" => {
            let (request, version) = requests::delete_request(command, &world.ids);
            Input::DeleteTopics(request, version)
        }
        "register" => Input::RegisterBroker(registration_of(words)),
        "heartbeat" => {
            let broker_id = number(&words[1]);
            Input::BrokerHeartbeat(BrokerHeartbeatRequest {
                broker_id,
                broker_epoch: epoch(world, broker_id),
                current_metadata_offset: value(words, "offset").map_or(world.end().0, number),
                want_fence: flag(words, "fence"),
                want_shut_down: flag(words, "shutdown"),
                offline_log_dirs: value(words, "offline").map_or(Vec::new(), directories),
                cordoned_log_dirs: value(words, "cordoned").map(directories),
            })
        }
        "unregister" => Input::UnregisterBroker(UnregisterBrokerRequest { broker_id: number(&words[1]) }),
        "producer-ids" => {
            let broker_id = number(&words[1]);
            let broker_epoch = epoch(world, broker_id);
            Input::AllocateProducerIds(AllocateProducerIdsRequest { broker_id, broker_epoch })
        }
        "register-controller" => Input::RegisterController(ControllerRegistrationRequest {
            controller_id: number(&words[1]),
            ..ControllerRegistrationRequest::default()
        }),
        "assign" => Input::AssignReplicasToDirs(assignments(world, command)),
        "alter" => {
            let changes = command[1..].iter().map(|words| config_change(words)).collect();
            Input::IncrementalAlterConfigs(changes, flag(words, "validate"))
        }
        "replace" => {
            let replacements = command[1..].iter().map(|words| replacement(words)).collect();
            Input::AlterConfigs(replacements, flag(words, "validate"))
        }
        other => panic!("no command {other:?}"),
    }
}

/// Lines: directory, topic, partitions.
fn assignments(world: &World, command: &[Vec<String>]) -> AssignReplicasToDirsRequest {
    let broker_id = number(&command[0][1]);
    let epoch = world.controller.broker_epochs().get(&headwater_base::NodeId(broker_id)).copied();
    let line = |words: &Vec<String>| DirectoryData {
        id: directory(number(&words[0])),
        topics: vec![TopicData {
            topic_id: world.ids.get(&words[1]).copied().unwrap_or(headwater_base::Uuid(9)),
            partitions: words[2..].iter().map(|n| PartitionData { partition_index: number(n) }).collect(),
        }],
    };
    AssignReplicasToDirsRequest {
        broker_id,
        broker_epoch: value(&command[0], "epoch").map_or(epoch.unwrap_or(-1), number),
        directories: command[1..].iter().map(line).collect(),
    }
}

fn resource(words: &[String]) -> ConfigResource {
    let kind = match words[0].as_str() {
        "topic" => ResourceType::TOPIC,
        "broker" => ResourceType::BROKER,
        "group" => ResourceType::GROUP,
        "metrics" => ResourceType::CLIENT_METRICS,
        "loggers" => ResourceType::BROKER_LOGGER,
        other => panic!("no resource {other:?}"),
    };
    ConfigResource { kind, name: words[1].as_str().into() }
}

fn replacement(words: &[String]) -> ConfigReplacement {
    let pair = |word: &String| {
        let (key, value) = word.split_once('=').expect("key=value");
        (key.to_owned(), value.to_owned())
    };
    ConfigReplacement { resource: resource(words), configs: words[2..].iter().map(pair).collect() }
}

fn config_change(words: &[String]) -> ConfigChange {
    let resource = resource(words);
    let operation = |word: &String| {
        let (name, pair) = word.split_once(':').expect("operation:key=value");
        let (key, value) =
            pair.split_once('=').map_or((pair, None), |(key, value)| (key, Some(value.to_owned())));
        let operation = match name {
            "set" => AlterConfigOp::Set,
            "delete" => AlterConfigOp::Delete,
            "append" => AlterConfigOp::Append,
            "subtract" => AlterConfigOp::Subtract,
            other => panic!("no operation {other:?}"),
        };
        (key.to_owned(), (operation, value))
    };
    ConfigChange { resource, operations: words[2..].iter().map(operation).collect() }
}

fn answered(world: &mut World, command: &[Vec<String>], answer: &Answer) -> Vec<String> {
    let code = |code: i16| requests::error(code, &None);
    match answer {
        Answer::Activated(text) => vec![format!("log: {text}")],
        Answer::LoweredFeatures(lowered) => {
            lowered.iter().map(|feature| format!("lowered {} from {}", feature.name, feature.level)).collect()
        }
        Answer::CreateTopics(response) => requests::create_answer(command, response, &mut world.ids),
        Answer::DeleteTopics(response) => requests::delete_answer(command, response, &world.ids),
        Answer::RegisterBroker(r) => vec![format!("{} epoch={}", code(r.error_code), r.broker_epoch)],
        Answer::BrokerHeartbeat(r) => {
            let mut line = code(r.error_code);
            line += if r.is_caught_up { " caught-up" } else { "" };
            line += if r.is_fenced { " fenced" } else { "" };
            line += if r.should_shut_down { " should-shut-down" } else { "" };
            vec![line]
        }
        Answer::UnregisterBroker(r) => vec![requests::error(r.error_code, &r.error_message)],
        Answer::RegisterController(r) => vec![requests::error(r.error_code, &r.error_message)],
        Answer::AllocateProducerIds(r) => {
            vec![format!("{} start={} length={}", code(r.error_code), r.producer_id_start, r.producer_id_len)]
        }
        Answer::AlterConfigs(results) | Answer::IncrementalAlterConfigs(results) => {
            let line = |(resource, result): &(ConfigResource, Result<(), headwater_controller::ApiError>)| {
                let what = format!("{}:{}", resource.kind.0, resource.name);
                match result {
                    Ok(()) => format!("{what} NONE"),
                    Err(error) => format!("{what} {error}"),
                }
            };
            results.iter().map(line).collect()
        }
        Answer::AssignReplicasToDirs(r) => {
            let mut lines = vec![code(r.error_code)];
            for partition in r.directories.iter().flat_map(|d| &d.topics).flat_map(|t| &t.partitions) {
                lines.push(format!("{}: {}", partition.partition_index, code(partition.error_code)));
            }
            lines
        }
        Answer::FencedStaleBroker { again } => vec![format!("again={again}")],
        other => administration::answer(other).expect("an answer of one file or the other"),
    }
}

#[test]
fn activation() {
    check("activation.txt");
}

#[test]
fn one_node() {
    check("one_node.txt");
}

#[test]
fn registration_refusals() {
    check("registration.txt");
}

#[test]
fn fencing_and_elections() {
    check("fencing.txt");
}

#[test]
fn controlled_shutdown() {
    check("controlled_shutdown.txt");
}

#[test]
fn directories_of_brokers() {
    check("directories.txt");
}

#[test]
fn placement_of_replicas() {
    check("placement.txt");
}

#[test]
fn more_partitions() {
    check("create_partitions.txt");
}

#[test]
fn elections_on_demand() {
    check("elect_leaders.txt");
}

#[test]
fn reassignments() {
    check("reassignments.txt");
}

#[test]
fn feature_levels() {
    check("update_features.txt");
}

#[test]
fn configuration() {
    check("configs.txt");
}

#[test]
fn features_that_are_lowered() {
    check("lower_features.txt");
}
