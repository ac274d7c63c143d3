use super::*;
use crate::config::definition::Fallback;
use crate::config::{AcksAll, CompressionType, topic};
use crate::properties;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/node_config.txt");

/// Outcomes of the cases are the reference's own (`xtask`, module `config`, asks it again).
#[test]
fn cases_end_as_in_the_reference() {
    let file = std::fs::read_to_string(CASES).expect("the case file is there");
    let mut checked = 0;
    for case in format!("\n{file}").split("\ncase ").skip(1) {
        let (name, rest) = case.split_once('\n').expect("a name");
        let (text, expected) = rest.split_once("---\n").expect("an outcome");
        assert_eq!(outcome(text), expected.trim_end(), "case {name}");
        checked += 1;
    }
    assert!(checked > 70, "{checked}");
}

fn outcome(text: &str) -> String {
    let (config, _) = match parse(text) {
        Ok(parsed) => parsed,
        Err(error) => return format!("error {error}"),
    };
    let list = |them: &[Listener]| {
        let texts: Vec<String> = them
            .iter()
            .map(|it| format!("{}://{}:{}/{}", it.name, it.address.host, it.address.port, it.protocol.name()))
            .collect();
        texts.join(" ")
    };
    let roles = [("broker", config.roles.broker), ("controller", config.roles.controller)];
    let roles: Vec<&str> = roles.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
    [
        format!("node {} {}", config.node_id, roles.join(",")),
        format!("listeners {}", list(&config.listeners.bound)),
        format!("advertised {}", list(&config.listeners.advertised)),
        format!("controller {}", list(&config.listeners.advertised_controller)),
        format!("brokers use {}", config.listeners.inter_broker),
        format!("directories {} metadata {}", config.log_dirs.join(","), config.metadata_log_dir),
    ]
    .join("\n")
}

fn parse(text: &str) -> Result<(NodeConfig, Vec<String>), ConfigError> {
    NodeConfig::parse(&properties::parse(text).expect("well formed"))
}

fn combined(more: &str) -> Result<(NodeConfig, Vec<String>), ConfigError> {
    let mut texts = start_properties("127.0.0.1:9092", "/data");
    texts.extend(properties::parse(more).expect("well formed"));
    NodeConfig::parse(&texts)
}

#[test]
fn every_default_is_valid_and_every_key_unique_and_explained() {
    let mut names = Vec::new();
    for row in definitions() {
        assert!(!names.contains(&row.name), "{} twice", row.name);
        names.push(row.name);
    }
    for row in definitions().chain(topic::definitions()) {
        assert!(row.documentation.ends_with('.'), "{}", row.name);
        if let Fallback::Text(text) = row.default {
            let value = row.parse(text).unwrap_or_else(|error| panic!("{}: {error}", row.name));
            assert_eq!(value.to_string(), text, "{}", row.name);
        }
    }
}

#[test]
fn what_restricts_and_is_not_there_is_an_error() {
    for text in [
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "ssl.keystore.location=/x",
        "listener.name.plaintext.ssl.client.auth=required",
        "listener.name.plaintext.plain.sasl.jaas.config=x",
        "listener.name.plaintext.max.connections.per.ip=5",
        "sasl.enabled.mechanisms=PLAIN",
        "delegation.token.secret.key=s",
        "quota.window.num=5",
        "create.topic.policy.class.name=X",
    ] {
        let error = combined(text).expect_err(text);
        assert!(error.0.contains("restricts"), "{text}: {error}");
        assert!(error.0.starts_with(text.split('=').next().expect("a key")), "{error}");
    }
    // The same keys at their defaults restrict nothing.
    for text in [
        "authorizer.class.name=",
        "sasl.enabled.mechanisms=GSSAPI",
        "quota.window.num=11",
        "ssl.key.password=",
    ] {
        assert_eq!(combined(text).map(|(_, warnings)| warnings), Ok(Vec::new()), "{text}");
    }
    let error = combined(
        "listeners=SSL://:9092,CONTROLLER://:9093\nsecurity.inter.broker.protocol=SSL\n\
                          listener.security.protocol.map=SSL:SSL,CONTROLLER:PLAINTEXT",
    );
    assert!(error.is_err_and(|error| error.0.contains("listener SSL uses SSL")));
}

#[test]
fn what_has_no_effect_draws_a_warning() {
    let (_, warnings) = combined("group.coordinator.threads=5\nnum.partitions=3\nmy.own=1").expect("valid");
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].starts_with("group.coordinator.threads is a key of Kafka's"), "{warnings:?}");
    assert!(warnings[1].starts_with("my.own is not a key"), "{warnings:?}");
}

#[test]
fn ports_and_limits_of_connections_are_read() {
    for port in ["99999", "-1", ""] {
        let text = format!("listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://:9093");
        assert!(combined(&text).is_err_and(|error| error.0.contains("Unable to parse")), "{port}");
    }
    let (config, _) = combined("max.connections.per.ip.overrides=localhost:5, ::1:7").expect("valid");
    let expected = vec![("localhost".to_owned(), 5), ("::1".to_owned(), 7)];
    assert_eq!(config.network.max_connections_per_ip_overrides, expected);
    for overrides in ["localhost", "localhost:x", "a b:1"] {
        assert!(combined(&format!("max.connections.per.ip.overrides={overrides}")).is_err(), "{overrides}");
    }
    assert_eq!(config.network.queued_max_request_bytes, DEFAULT_QUEUED_MAX_REQUEST_BYTES);
    let (config, _) = combined("socket.request.max.bytes=1000000000").expect("valid");
    assert_eq!(config.network.queued_max_request_bytes, 1_000_000_000);
    let (config, _) = combined("connections.max.idle.ms=-1\nsocket.send.buffer.bytes=-1").expect("valid");
    assert_eq!(config.network.connections_max_idle_ms, None);
    assert_eq!(config.network.socket_send_buffer_bytes, None);
}

#[test]
fn a_topic_takes_what_it_does_not_set_from_the_node() {
    let (node, _) =
        combined("log.roll.hours=2\ncompression.type=zstd\nheadwater.acks.all=memory").expect("valid");
    let none = node.topic_values(&BTreeMap::new());
    assert_eq!(none.segment_ms, 7_200_000);
    assert_eq!(none.compression_type, CompressionType::Zstd(3));
    assert_eq!(none.headwater_acks_all, AcksAll::Memory);
    assert!(none.cleanup_delete && !none.cleanup_compact);
    let overrides = [("segment.ms", "5"), ("headwater.acks.all", "disk"), ("compression.type", "nonsense")];
    let overrides = overrides.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let some = node.topic_values(&overrides);
    assert_eq!(some.segment_ms, 5);
    assert_eq!(some.headwater_acks_all, AcksAll::Disk);
    assert_eq!(some.compression_type, CompressionType::Zstd(3));
}

#[test]
fn cluster_level_lies_over_the_file() {
    let (node, _) = combined("min.insync.replicas=1\nmessage.max.bytes=5000").expect("valid");
    let entries = cluster_level_defaults(3);
    assert_eq!(entries.get("default.replication.factor").map(String::as_str), Some("3"));
    assert_eq!(entries.get("offsets.topic.replication.factor"), None, "three is Kafka's default");
    let (node, passed_over) = node.with_dynamic(&entries, &BTreeMap::new());
    assert_eq!(passed_over, Vec::<String>::new());
    assert_eq!(node.default_replication_factor(), 3);
    assert_eq!(node.topic_values(&BTreeMap::new()).min_insync_replicas, 2);
    let entries = [("node.id", "7"), ("message.max.bytes", "x"), ("nonsense", "1")];
    let (node, passed_over) = node.with_dynamic(&texts(&entries), &BTreeMap::new());
    assert_eq!(passed_over.len(), 3, "{passed_over:?}");
    assert_eq!(node.node_id, NodeId(1));
}

fn texts(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_brokers_own_entries_win_over_those_of_all() {
    let (node, _) =
        combined("log.roll.ms=7200000\nmax.connections=7\nmessage.max.bytes=5000").expect("valid");
    let all = texts(&[("message.max.bytes", "6000"), ("log.retention.ms", "1000"), ("max.connections", "8")]);
    let own = texts(&[("message.max.bytes", "7000"), ("cordoned.log.dirs", "")]);
    let (over, passed_over) = node.with_dynamic(&all, &own);
    assert_eq!(passed_over, Vec::<String>::new());
    assert_eq!(over.value("message.max.bytes"), Value::Integer(7000));
    assert_eq!(over.network.max_connections, 8);
    let topic = over.topic_values(&BTreeMap::new());
    assert_eq!((topic.max_message_bytes, topic.retention_ms, topic.segment_ms), (7000, 1000, 7_200_000));
    assert_eq!(node.with_dynamic(&BTreeMap::new(), &BTreeMap::new()).0, node);
    let (_, passed_over) = node.with_dynamic(&texts(&[("cordoned.log.dirs", "")]), &BTreeMap::new());
    assert_eq!(passed_over.len(), 1, "only a broker can have it");
    let together = texts(&[("max.connections.per.ip", "0"), ("message.max.bytes", "1")]);
    let (over, passed_over) = node.with_dynamic(&together, &BTreeMap::new());
    assert_eq!((over == node, passed_over.len()), (true, 1), "what does not hold together holds not at all");
}

#[test]
fn one_node_needs_no_second_replica() {
    let entries = cluster_level_defaults(1);
    assert_eq!(entries.get("offsets.topic.replication.factor").map(String::as_str), Some("1"));
    assert_eq!(entries.get("transaction.state.log.min.isr").map(String::as_str), Some("1"));
    assert_eq!(entries.get("group.initial.rebalance.delay.ms").map(String::as_str), Some("0"));
    assert_eq!(entries.get("min.insync.replicas"), None);
}
