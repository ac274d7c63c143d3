//! Configuration that changes while the node runs: it holds from the answer on, and after a restart.

use headwater_base::ErrorCode;
use headwater_protocol::ApiKey;
use headwater_protocol::messages::describe_configs_request::{
    DescribeConfigsRequest, DescribeConfigsResource,
};
use headwater_protocol::messages::describe_configs_response::DescribeConfigsResponse;
use headwater_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use headwater_protocol::messages::incremental_alter_configs_response::IncrementalAlterConfigsResponse;
use headwater_records::{Codec, batches};

use crate::client::{Client, batch};
use crate::node::{Folder, Node, log_of};

pub const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const LOGGERS: i8 = 8;

/// Sets a key, or forgets it; gives the error's message, if there was one.
pub fn alter(client: &mut Client, kind: i8, name: &str, key: &str, value: Option<&str>) -> Option<String> {
    let config = AlterableConfig {
        name: key.to_owned(),
        config_operation: if value.is_some() { 0 } else { 1 },
        value: value.map(str::to_owned),
    };
    let resource =
        AlterConfigsResource { resource_type: kind, resource_name: name.to_owned(), configs: vec![config] };
    let request = IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false };
    let mut answer: IncrementalAlterConfigsResponse =
        client.call(ApiKey::IncrementalAlterConfigs, 1, &request);
    let result = answer.responses.remove(0);
    (result.error_code != 0).then(|| result.error_message.unwrap_or_default())
}

fn set(client: &mut Client, kind: i8, name: &str, key: &str, value: &str) {
    assert_eq!(alter(client, kind, name, key, Some(value)), None, "{key}={value}");
}

fn forget(client: &mut Client, kind: i8, name: &str, key: &str) {
    assert_eq!(alter(client, kind, name, key, None), None, "{key}");
}

/// Value and source of a key.
pub fn described(client: &mut Client, kind: i8, name: &str, key: &str) -> (String, i8) {
    let resource = DescribeConfigsResource {
        resource_type: kind,
        resource_name: name.to_owned(),
        configuration_keys: Some(vec![key.to_owned()]),
    };
    let request = DescribeConfigsRequest { resources: vec![resource], ..Default::default() };
    let mut answer: DescribeConfigsResponse = client.call(ApiKey::DescribeConfigs, 4, &request);
    let entry = answer.results.remove(0).configs.remove(0);
    (entry.value.unwrap_or_default(), entry.config_source)
}

/// The code with which a batch is taken or refused.
fn produced(client: &mut Client, topic: &str, values: &[&str]) -> ErrorCode {
    ErrorCode::from_code(client.produce_one(topic, batch(values)).error_code)
}

fn last_codec(client: &mut Client, topic: &str, offset: i64) -> Codec {
    let part = client.fetch(topic, 0, offset);
    let bytes = part.records.bytes().unwrap_or_default().to_vec();
    let codec = batches(&bytes).last().expect("a batch").expect("a whole batch").header().codec();
    codec.expect("a known codec")
}

#[test]
fn a_topics_settings_hold_from_the_answer_on() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut client = node.client();
    client.create_topic("t", 1, &[]);
    let long = "x".repeat(2_000);
    assert_eq!(produced(&mut client, "t", &[&long]), ErrorCode::None);
    set(&mut client, TOPIC, "t", "max.message.bytes", "1000");
    assert_eq!(produced(&mut client, "t", &[&long]), ErrorCode::MessageTooLarge);
    forget(&mut client, TOPIC, "t", "max.message.bytes");
    for (text, codec) in [
        ("gzip", Codec::Gzip),
        ("zstd", Codec::Zstd),
        ("lz4", Codec::Lz4),
        ("snappy", Codec::Snappy),
        ("uncompressed", Codec::None),
    ] {
        set(&mut client, TOPIC, "t", "compression.type", text);
        set(&mut client, TOPIC, "t", "compression.zstd.level", "19");
        let part = client.produce_one("t", batch(&[&long]));
        assert_eq!(part.error_code, 0);
        assert_eq!(last_codec(&mut client, "t", part.base_offset), codec, "{text}");
    }
    set(&mut client, TOPIC, "t", "message.timestamp.type", "LogAppendTime");
    assert!(client.produce_one("t", batch(&["a"])).log_append_time_ms > 0);
    set(&mut client, TOPIC, "t", "message.timestamp.type", "CreateTime");
    assert_eq!(client.produce_one("t", batch(&["a"])).log_append_time_ms, -1);
    set(&mut client, TOPIC, "t", "cleanup.policy", "compact");
    assert_eq!(produced(&mut client, "t", &["no key"]), ErrorCode::InvalidRecord);
    set(&mut client, TOPIC, "t", "cleanup.policy", "");
    assert_eq!(produced(&mut client, "t", &["no key"]), ErrorCode::None);
}

#[test]
fn segments_are_rolled_by_the_size_and_age_that_hold_now() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut client = node.client();
    client.create_topic("t", 1, &[]);
    let segments = || {
        let entries = std::fs::read_dir(folder.path().join("data/t-0")).expect("the partition's folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"));
        names.filter(|name| name.ends_with(".log")).count()
    };
    let fill = |client: &mut Client| {
        (0..4).for_each(|_| assert_eq!(produced(client, "t", &["some value"]), ErrorCode::None));
    };
    fill(&mut client);
    assert_eq!(segments(), 1);
    set(&mut client, TOPIC, "t", "internal.segment.bytes", "100");
    fill(&mut client);
    let small = segments();
    assert!(small >= 4, "{small}");
    set(&mut client, TOPIC, "t", "internal.segment.bytes", "1000000");
    fill(&mut client);
    assert!(segments() <= small + 1, "{}", segments());
    set(&mut client, BROKER, "", "log.roll.ms", "1");
    for _ in 0..4 {
        std::thread::sleep(std::time::Duration::from_millis(3));
        assert_eq!(produced(&mut client, "t", &["some value"]), ErrorCode::None);
    }
    assert!(segments() >= small + 3, "{}", segments());
}

#[test]
fn a_brokers_settings_win_over_those_of_all_and_survive_a_kill() {
    let folder = Folder::new();
    let mut node = Node::start_with(&folder, &["message.max.bytes=900000"]);
    let mut client = node.client();
    client.create_topic("t", 1, &[]);
    let long = "x".repeat(2_000);
    let id = "1";
    assert_eq!(described(&mut client, TOPIC, "t", "max.message.bytes"), ("900000".to_owned(), 4));
    set(&mut client, BROKER, "", "message.max.bytes", "1000");
    assert_eq!(produced(&mut client, "t", &[&long]), ErrorCode::MessageTooLarge);
    assert_eq!(described(&mut client, TOPIC, "t", "max.message.bytes"), ("1000".to_owned(), 3));
    set(&mut client, BROKER, id, "message.max.bytes", "5000");
    assert_eq!(produced(&mut client, "t", &[&long]), ErrorCode::None);
    assert_eq!(described(&mut client, TOPIC, "t", "max.message.bytes"), ("5000".to_owned(), 2));
    node.kill();
    node = Node::start_with(&folder, &["message.max.bytes=900000"]);
    client = node.client();
    assert_eq!(described(&mut client, BROKER, id, "message.max.bytes"), ("5000".to_owned(), 2));
    assert_eq!(produced(&mut client, "t", &[&long]), ErrorCode::None);
    forget(&mut client, BROKER, id, "message.max.bytes");
    assert_eq!(produced(&mut client, "t", &[&long]), ErrorCode::MessageTooLarge);
    forget(&mut client, BROKER, "", "message.max.bytes");
    assert_eq!(described(&mut client, BROKER, id, "message.max.bytes"), ("900000".to_owned(), 4));
    assert_eq!(produced(&mut client, "t", &[&long]), ErrorCode::None);
    // A topic's own value wins over all of them.
    set(&mut client, TOPIC, "t", "max.message.bytes", "1000");
    set(&mut client, BROKER, id, "message.max.bytes", "5000");
    assert_eq!(produced(&mut client, "t", &[&long]), ErrorCode::MessageTooLarge);
}

#[test]
fn a_broker_refuses_what_it_could_not_obey() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut client = node.client();
    for (key, value) in [
        ("listeners", "PLAINTEXT://127.0.0.1:1,CONTROLLER://127.0.0.1:0"),
        ("cordoned.log.dirs", "*"),
        ("sasl.enabled.mechanisms", "PLAIN"),
        ("listener.name.plaintext.max.connections", "0"),
        ("num.partitions", "5"),
        ("log.roll.ms", "0"),
    ] {
        let message = alter(&mut client, BROKER, "1", key, Some(value)).expect(key);
        assert!(!message.is_empty(), "{key}");
    }
    let keys = alter(&mut client, BROKER, "1", "foo.bar", Some("secret"));
    assert_eq!(keys, None, "plug-ins have keys that nobody else knows");
    assert_eq!(described(&mut client, BROKER, "1", "foo.bar"), (String::new(), 2), "which may be secrets");
}

#[test]
fn the_logs_levels_change_while_it_runs() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let mut client = node.client();
    let logger = "headwater_broker::connection";
    let come_and_go = || {
        assert!(node.client().is_served());
        std::thread::sleep(std::time::Duration::from_millis(200));
    };
    come_and_go();
    assert_eq!(described(&mut client, LOGGERS, "1", logger), ("WARN".to_owned(), 6));
    assert!(!log_of(&folder).contains("connection closed"));
    set(&mut client, LOGGERS, "1", logger, "DEBUG");
    come_and_go();
    let lines = log_of(&folder).matches("connection closed").count();
    assert!(lines > 0, "{}", log_of(&folder));
    assert_eq!(described(&mut client, LOGGERS, "1", logger), ("DEBUG".to_owned(), 6));
    forget(&mut client, LOGGERS, "1", logger);
    come_and_go();
    assert_eq!(log_of(&folder).matches("connection closed").count(), lines);
    assert!(alter(&mut client, LOGGERS, "1", "nobody", Some("INFO")).is_some());
}
