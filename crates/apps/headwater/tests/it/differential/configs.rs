//! DescribeConfigs, AlterConfigs, IncrementalAlterConfigs and ListConfigResources.

use headwater_protocol::ApiKey;
use headwater_protocol::messages as m;
use headwater_protocol::messages::alter_configs_request as legacy;
use headwater_protocol::messages::create_topics_response::CreateTopicsResponse;
use headwater_protocol::messages::describe_configs_request::{
    DescribeConfigsRequest, DescribeConfigsResource,
};
use headwater_protocol::messages::incremental_alter_configs_request as incremental;
use headwater_protocol::messages::list_config_resources_request::ListConfigResourcesRequest;

use super::config_cases::{LEGACY, REFUSED, STEPS};
use super::state::{creatable, versions};
use super::target::{Target, body};

/// A topic that nothing else touches.
const TOPIC: &str = "configured";

pub fn chapter(target: &mut Target) {
    let topics = vec![creatable(TOPIC, 1, &[("retention.ms", "5000"), ("segment.ms", "77000")])];
    let request = m::create_topics_request::CreateTopicsRequest { topics, ..Default::default() };
    let _: CreateTopicsResponse = target.call(ApiKey::CreateTopics, 7, &request);
    target.learn_topics(&[TOPIC]);
    describe_all(target, "at first");
    filters(target);
    refused(target);
    changes(target);
    lists(target);
    clean_up(target);
}

fn kind(word: &str) -> i8 {
    match word {
        "topic" => 2,
        "broker" => 4,
        "loggers" => 8,
        "metrics" => 16,
        "group" => 32,
        number => number.parse().expect("the number of a type"),
    }
}

fn resource(text: &str) -> (i8, String) {
    let (word, name) = text.split_once(':').expect("type:name");
    (kind(word), name.to_owned())
}

fn describe(version: i16, names: &[&str], keys: Option<&[&str]>, all: bool) -> Vec<u8> {
    let described = |name: &&str| {
        let (resource_type, resource_name) = resource(name);
        let configuration_keys = keys.map(|keys| keys.iter().map(|key| (*key).to_owned()).collect());
        DescribeConfigsResource { resource_type, resource_name, configuration_keys }
    };
    let request = DescribeConfigsRequest {
        resources: names.iter().map(described).collect(),
        include_synonyms: all,
        include_documentation: all && version >= 3,
    };
    body(&request, version)
}

/// Everything of every kind of resource.
fn describe_all(target: &mut Target, when: &str) {
    for name in ["topic:configured", "broker:1", "broker:", "metrics:m", "group:g"] {
        for version in versions::<DescribeConfigsRequest>() {
            for all in [false, true] {
                let bytes = describe(version, &[name], None, all);
                let name = format!("{when}, {name}, all of it {all}");
                target.ask_raw(&name, ApiKey::DescribeConfigs, version, &bytes);
            }
        }
    }
}

fn filters(target: &mut Target) {
    let key = ApiKey::DescribeConfigs;
    for (what, names, keys) in [
        ("no keys", &["topic:configured"][..], Some(&[][..])),
        ("some keys", &["topic:configured"], Some(&["retention.ms", "nope", "retention.ms"][..])),
        ("internal keys", &["topic:configured", "broker:1"], Some(&["internal.segment.bytes"])),
        ("keys of a broker", &["broker:1"], Some(&["node.id", "broker.id", "log.retention.hours", "nope"])),
        ("a resource twice", &["broker:1", "broker:1"], Some(&["broker.id"])),
        ("no topic", &["topic:nowhere"], None),
        ("no name for a topic", &["topic:"], None),
        ("an odd topic", &["topic:a b"], None),
        ("another broker", &["broker:7"], None),
        ("a broker below zero", &["broker:-1"], None),
        ("a broker that is none", &["broker:x"], None),
        ("no logger's broker", &["loggers:"], None),
        ("another's loggers", &["loggers:7"], None),
        ("nobody's loggers", &["loggers:x"], None),
        ("the root logger", &["loggers:1"], Some(&["root"])),
        ("no subscription", &["metrics:"], None),
        ("no group", &["group:"], None),
        ("an unknown type", &["3:x"], None),
        ("one of two of an unknown type", &["topic:configured", "0:x"], Some(&["retention.ms"])),
        ("nothing", &[], None),
    ] {
        for version in [1, 4] {
            let bytes = describe(version, names, keys, true);
            target.ask_raw(&format!("describe: {what}"), key, version, &bytes);
        }
    }
}

/// Words of a case: `key=value`, `key+=value`, `key-=value`, `key?9=value` for operation 9, `-key`, `key=null`.
fn operation(word: &str) -> incremental::AlterableConfig {
    if let Some(name) = word.strip_prefix('-') {
        return incremental::AlterableConfig { name: name.to_owned(), config_operation: 1, value: None };
    }
    let (name, value) = word.split_once('=').expect("key=value");
    let (name, config_operation) = match name.split_once('?') {
        Some((name, number)) => (name, number.parse().expect("the number of an operation")),
        None if name.ends_with('+') => (name.trim_end_matches('+'), 2),
        None if name.ends_with('-') => (name.trim_end_matches('-'), 3),
        None => (name, 0),
    };
    let value = (value != "null").then(|| value.replace('~', " "));
    incremental::AlterableConfig { name: name.to_owned(), config_operation, value }
}

/// `type:name word word; type:name word`.
fn alteration(case: &str, validate_only: bool) -> incremental::IncrementalAlterConfigsRequest {
    let resources = case.split("; ").map(|part| {
        let mut words = part.split(' ');
        let (resource_type, resource_name) = resource(words.next().expect("a resource"));
        let configs = words.map(operation).collect();
        incremental::AlterConfigsResource { resource_type, resource_name, configs }
    });
    incremental::IncrementalAlterConfigsRequest { resources: resources.collect(), validate_only }
}

fn replacement(case: &str, validate_only: bool) -> legacy::AlterConfigsRequest {
    let resources = case.split("; ").map(|part| {
        let mut words = part.split(' ');
        let (resource_type, resource_name) = resource(words.next().expect("a resource"));
        let config = |word: &str| {
            let (name, value) = word.split_once('=').expect("key=value");
            let value = (value != "null").then(|| value.to_owned());
            legacy::AlterableConfig { name: name.to_owned(), value }
        };
        legacy::AlterConfigsResource { resource_type, resource_name, configs: words.map(config).collect() }
    });
    legacy::AlterConfigsRequest { resources: resources.collect(), validate_only }
}

fn refused(target: &mut Target) {
    for (number, case) in REFUSED.iter().enumerate() {
        let version = (number % 2) as i16;
        let bytes = body(&alteration(case, true), version);
        target.ask_raw(&format!("try {case}"), ApiKey::IncrementalAlterConfigs, version, &bytes);
    }
    for (number, case) in LEGACY.iter().enumerate() {
        let version = (number % 3) as i16;
        let bytes = body(&replacement(case, true), version);
        target.ask_raw(&format!("try to replace {case}"), ApiKey::AlterConfigs, version, &bytes);
    }
    target.expect_answers(false);
    let twice = body(&replacement("topic:configured; topic:configured", true), 2);
    target.ask_raw("try to replace a topic twice", ApiKey::AlterConfigs, 2, &twice);
    target.expect_answers(true);
}

/// Changes that are carried out, each with a look at what became of it.
fn changes(target: &mut Target) {
    for (number, (case, look, settled)) in STEPS.iter().enumerate() {
        let what = format!("step {number}: {case}");
        match case.strip_prefix("replace ") {
            Some(case) => {
                let version = (number % 3) as i16;
                let bytes = body(&replacement(case, false), version);
                target.ask_raw(&what, ApiKey::AlterConfigs, version, &bytes);
            }
            None => {
                let version = (number % 2) as i16;
                let bytes = body(&alteration(case, false), version);
                target.ask_raw(&what, ApiKey::IncrementalAlterConfigs, version, &bytes);
            }
        }
        settle(target, look, settled);
        let mut words = look.split(' ');
        let name = words.next().expect("a resource");
        let keys: Vec<&str> = words.collect();
        let bytes =
            describe(4, &[name], Some(&keys).filter(|keys| !keys.is_empty()).map(|keys| &**keys), true);
        target.ask_raw(&format!("after step {number}: {look}"), ApiKey::DescribeConfigs, 4, &bytes);
    }
}

/// The reference answers before its broker has heard of the change: waits for `key=value` (`key` alone: no value).
fn settle(target: &mut Target, look: &str, settled: &str) {
    let (key, value) = settled.split_once('=').map_or((settled, None), |(key, value)| (key, Some(value)));
    let (resource_type, resource_name) = resource(look.split(' ').next().expect("a resource"));
    let resource = DescribeConfigsResource { resource_type, resource_name, configuration_keys: None };
    let request = DescribeConfigsRequest { resources: vec![resource], ..Default::default() };
    for _ in 0..500 {
        let answer: m::describe_configs_response::DescribeConfigsResponse =
            target.call(ApiKey::DescribeConfigs, 1, &request);
        let entry = answer.results[0].configs.iter().find(|entry| entry.name == key);
        if entry.and_then(|entry| entry.value.as_deref()) == value {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("{settled} does not come into force: {look}");
}

fn lists(target: &mut Target) {
    let key = ApiKey::ListConfigResources;
    target.ask_raw("list", key, 0, &body(&ListConfigResourcesRequest::default(), 0));
    for types in [&[][..], &[2], &[4], &[8], &[16], &[32], &[0], &[3], &[2, 99], &[32, 16, 8, 4, 2], &[4, 4]]
    {
        let request = ListConfigResourcesRequest { resource_types: types.to_vec() };
        target.ask_raw(&format!("list {types:?}"), key, 1, &body(&request, 1));
    }
}

/// The chapters behind find what those before left.
fn clean_up(target: &mut Target) {
    let all = replacement("topic:configured; broker:; broker:1; metrics:m; group:g", false);
    target.ask_raw("nothing is set", ApiKey::AlterConfigs, 2, &body(&all, 2));
    settle(target, "broker:1", "log.retention.ms=-1");
    settle(target, "broker:1", "message.max.bytes=1048588");
    describe_all(target, "at last");
}
