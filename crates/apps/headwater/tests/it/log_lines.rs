//! What a node logs of refusals and of its start.

use std::process::Command;

use crate::client::{batch, sequenced};
use crate::node::{Folder, Node, command_logging, log_of};

#[test]
fn refusals_are_lines_and_a_flood_is_a_number() {
    let folder = Folder::new();
    let node = Node::start_logging(&folder, "info");
    let mut client = node.client();
    client.create_topic("t", 1, &[]);
    let id = client.new_producer();
    assert_eq!(client.produce_one("t", sequenced(id, 0, 0, &["x"])).error_code, 0);
    for _ in 0..200 {
        assert_eq!(client.produce_one("t", sequenced(id, 0, 7, &["x"])).error_code, 45);
    }
    for _ in 0..50 {
        let mut hostile = node.client();
        hostile.send_raw(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        assert!(hostile.receive().is_none());
    }
    assert!(client.is_served());
    node.stop();
    let log = log_of(&folder);
    let refused: Vec<&str> = log.lines().filter(|line| line.contains("records refused")).collect();
    assert!((1..=60).contains(&refused.len()), "{} of 200 refusals were logged", refused.len());
    assert!(refused[0].contains("partition=t-0 code=\"OUT_OF_ORDER_SEQUENCE_NUMBER\""), "{}", refused[0]);
    let connections: Vec<&str> = log.lines().filter(|line| line.contains("connection refused")).collect();
    assert!((1..=30).contains(&connections.len()), "{}", connections.len());
    for part in ["peer=127.0.0.1:", "listener=\"PLAINTEXT\"", "a frame of 1195725856 bytes", "unlogged=0"] {
        assert!(connections[0].contains(part), "{part}: {}", connections[0]);
    }
}

#[test]
fn a_start_tells_what_it_found() {
    let folder = Folder::new();
    let node = Node::start_logging(&folder, "info");
    node.client().create_topic("t", 2, &[]);
    node.client().produce_one("t", batch(&["x"]));
    node.kill();
    let node = Node::start_logging(&folder, "info");
    node.stop();
    let log = log_of(&folder);
    assert!(log.contains("metadata loaded snapshot="), "{log}");
    assert!(log.contains("topics=1") && log.contains("no clean stop"), "{log}");
}

#[test]
fn every_line_can_be_an_object() {
    let folder = Folder::new();
    let mut node = command_logging(&folder, &[], "debug").args(["--log-format", "json"]).spawn().unwrap();
    let port = folder.path().join("port");
    let begun = std::time::Instant::now();
    while !port.exists() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(30), "not ready");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(Command::new("kill").args(["-TERM", &node.id().to_string()]).status().unwrap().success());
    let mut log = String::new();
    std::io::Read::read_to_string(&mut node.stderr.take().unwrap(), &mut log).unwrap();
    assert!(node.wait().unwrap().success());
    assert!(log.lines().count() > 3, "{log}");
    for line in log.lines() {
        let fields = line.strip_prefix("{\"time\":\"").and_then(|line| line.strip_suffix('}'));
        assert!(fields.is_some_and(|fields| fields.contains("\",\"target\":\"headwater")), "{line}");
    }
    let started = log.lines().find(|line| line.contains("\"message\":\"Kafka Server started\"")).unwrap();
    assert!(started.contains("\"level\":\"INFO\"") && started.contains("\"took_ms\":"), "{started}");
}
