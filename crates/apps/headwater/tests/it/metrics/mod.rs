//! The endpoint for metrics, asked over a socket: its text, its numbers beside a known load, its manners.

mod exposition;
mod groups;
mod http;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::client::{batch, sequenced};
use crate::node::{Folder, Node, command, log_of};
use exposition::Exposition;

fn scrape(address: SocketAddr) -> Exposition {
    let answer = http::get(address, "/metrics", "");
    assert_eq!(answer.status, 200, "{}", answer.body);
    exposition::parse(&answer.body, false)
}

#[test]
fn numbers_are_those_of_a_known_load() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let address = node.metrics(&folder);
    let mut client = node.client();
    client.create_topic("loaded", 2, &[]);
    client.create_topic("other", 1, &[]);
    let before = scrape(address);
    let batches: Vec<Vec<u8>> = (0..10).map(|_| batch(&["one", "two", "three"])).collect();
    let bytes: usize = batches.iter().map(Vec::len).sum();
    for (number, batch) in batches.iter().enumerate() {
        assert_eq!(client.produce("loaded", -1, &[(number as i32 % 2, batch.clone())])[0].error_code, 0);
    }
    let id = client.new_producer();
    let refused = client.produce_one("other", sequenced(id, 0, 7, &["out of order, but the first"]));
    assert_eq!(refused.error_code, 0);
    let refused = client.produce_one("other", sequenced(id, 0, 99, &["out of order"]));
    assert_eq!(refused.error_code, 45);
    assert_eq!(client.fetch("loaded", 0, 0).error_code, 0);
    assert_eq!(client.fetch("loaded", 0, 999).error_code, 1);
    let after = scrape(address);

    let topic = |name: &str, topic: &str| {
        after.get(&format!("kafka_server_brokertopicmetrics_{name}_total"), &[("topic", topic)])
    };
    assert_eq!(topic("messagesin", "loaded"), 30.0);
    assert_eq!(topic("bytesin", "loaded"), bytes as f64);
    assert_eq!(topic("bytesout", "loaded"), bytes as f64 / 2.0, "one of two partitions was read");
    assert_eq!(topic("totalproducerequests", "loaded"), 10.0);
    assert_eq!(topic("totalfetchrequests", "loaded"), 2.0);
    assert_eq!((topic("totalproducerequests", "other"), topic("failedproducerequests", "other")), (2.0, 1.0));
    let all = |name: &str| after.get(&format!("kafka_server_brokertopicmetrics_{name}_total"), &[]);
    assert_eq!((all("messagesin"), all("failedproducerequests")), (31.0, 1.0));

    let grew = |name: &str, labels: &[(&str, &str)]| {
        after.get(name, labels) - before.find(name, labels).unwrap_or(0.0)
    };
    let requests = "kafka_network_requestmetrics_requests_total";
    assert_eq!(grew(requests, &[("request", "Produce"), ("version", "9")]), 12.0);
    assert_eq!(grew(requests, &[("request", "FetchConsumer"), ("version", "12")]), 2.0);
    let errors = "kafka_network_requestmetrics_errors_total";
    assert_eq!(grew(errors, &[("request", "Produce"), ("error", "NONE")]), 11.0);
    assert_eq!(grew(errors, &[("request", "Produce"), ("error", "OUT_OF_ORDER_SEQUENCE_NUMBER")]), 1.0);
    assert_eq!(grew(errors, &[("request", "Fetch"), ("error", "OFFSET_OUT_OF_RANGE")]), 1.0);
    for phase in ["total", "requestqueue", "local", "remote", "responsequeue", "responsesend"] {
        let name = format!("kafka_network_requestmetrics_{phase}timems");
        assert_eq!(after.get(&format!("{name}_count"), &[("request", "Produce")]), 12.0, "{name}");
    }
    let total = "kafka_network_requestmetrics_totaltimems";
    let quantile = |q| after.get(total, &[("request", "Produce"), ("quantile", q)]);
    assert!(quantile("0.50") > 0.0 && quantile("0.50") <= quantile("0.999"), "{}", quantile("0.50"));
    assert_eq!(after.get("headwater_requests_in_flight", &[("request", "Produce")]), 0.0);

    let log = |name: &str, index| {
        after.get(&format!("kafka_log_log_{name}"), &[("topic", "loaded"), ("partition", index)])
    };
    assert_eq!((log("logendoffset", "0"), log("logstartoffset", "0")), (15.0, 0.0));
    assert_eq!((log("size", "0") + log("size", "1"), log("numlogsegments", "1")), (bytes as f64, 1.0));
    assert!(after.get("kafka_log_logflushstats_logflushrateandtimems_count", &[]) >= 10.0);
    let listener = [("listener", "PLAINTEXT"), ("networkProcessor", "all")];
    assert_eq!(after.get("kafka_server_socket_server_metrics_connection_count", &listener), 1.0);
    assert!(grew("kafka_server_socket_server_metrics_incoming_byte_total", &listener) > bytes as f64);
    assert!(after.get("process_resident_memory_bytes", &[]) > 1e6);

    client.delete_topic("loaded");
    let later = scrape(address);
    let messages = "kafka_server_brokertopicmetrics_messagesin_total";
    assert_eq!(later.find(messages, &[("topic", "loaded")]), None, "a topic takes its metrics along");
    assert_eq!(later.get(messages, &[]), 31.0, "and the sum does not go back");
    node.stop();
}

#[test]
fn both_formats_say_the_same() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let address = node.metrics(&folder);
    let mut client = node.client();
    client.create_topic("t", 3, &[]);
    client.produce("t", 1, &[(0, batch(&["x"]))]);
    let plain = http::get(address, "/metrics", "Accept: text/plain\r\n");
    assert_eq!(plain.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let accept = "Accept: application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.2\r\n";
    let open = http::get(address, "/metrics", accept);
    assert_eq!(open.headers["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let (plain, open) = (exposition::parse(&plain.body, false), exposition::parse(&open.body, true));
    assert_eq!(plain.names(), open.names());
    let head = http::ask(address, &format!("HEAD /metrics HTTP/1.1\r\nHost: {address}\r\n\r\n"));
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    // A client of HTTP/1.0 knows no chunks.
    let old = http::ask(address, "GET /metrics HTTP/1.0\r\n\r\n");
    assert!(!old.headers.contains_key("transfer-encoding"));
    exposition::parse(&old.body, false);
    assert_eq!(http::get(address, "/health", "").body, "ready\n");
    assert_eq!(http::get(address, "/health/live", "").body, "live\n");
}

#[test]
fn other_requests_are_refused() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let address = node.metrics(&folder);
    let status = |request: &str| http::ask(address, request).status;
    assert_eq!(http::get(address, "/", "").status, 404);
    assert_eq!(http::get(address, "/metrics/", "").status, 404);
    let post = http::ask(address, "POST /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!((post.status, post.headers["allow"].as_str()), (405, "GET, HEAD"));
    assert_eq!(status("GET /metrics HTTP/1.1\r\n\r\n"), 400, "no host");
    assert_eq!(status("GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"), 400);
    assert_eq!(status("\u{16}\u{3}\u{1}\r\n\r\n"), 400, "TLS");
    assert_eq!(status(&format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}", "a".repeat(9_000))), 431);
    assert_eq!(status("GET / HTTP/9.9\r\nHost: x\r\n\r\n"), 505);
    assert!(node.client().is_served());
}

#[test]
fn slow_clients_harm_nobody() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let address = node.metrics(&folder);
    // More than there are places: the others are closed at once, and these after the time for a head.
    let mut slow: Vec<TcpStream> = (0..20).map(|_| TcpStream::connect(address).unwrap()).collect();
    for stream in &mut slow {
        let _ = stream.write_all(b"GET /metr");
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    }
    assert!(node.client().is_served());
    let begun = Instant::now();
    let told = slow
        .iter()
        .filter(|stream| {
            let mut stream: &TcpStream = stream;
            let mut answer = String::new();
            // One that found no place may be reset.
            stream.read_to_string(&mut answer).is_ok() && answer.starts_with("HTTP/1.1 408")
        })
        .count();
    assert_eq!(told, 16, "places");
    assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
    // Their places come free with their ends.
    drop(slow);
    assert_eq!(http::get(address, "/health", "").status, 200);
}

#[test]
fn ten_thousand_partitions_fit_in_a_scrape() {
    let folder = Folder::new();
    let node = Node::start_with(&folder, &["headwater.metrics.partitions.max=10000"]);
    let address = node.metrics(&folder);
    let mut client = node.client();
    for topic in 0..11 {
        client.create_topic(&format!("topic-{topic:02}"), 1_000, &[]);
    }
    let before = node.resident_kib();
    let begun = Instant::now();
    let seen = scrape(address);
    let took = begun.elapsed();
    assert_eq!(seen.count("kafka_log_log_size"), 10_000);
    assert_eq!(seen.get("headwater_metrics_omitted", &[("of", "partitions")]), 1_000.0);
    assert_eq!(seen.get("kafka_server_replicamanager_partitioncount", &[]), 11_000.0);
    let grown = node.resident_kib().saturating_sub(before);
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(grown < 16 * 1024, "{grown} KiB more");
}

#[test]
fn an_address_that_is_taken() {
    let folder = Folder::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listener = format!("headwater.metrics.listener={}", taken.local_addr().unwrap());
    let output = command(&folder, &[&listener]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(&listener), "whoever asks for an address gets it or an error: {said}");
    let output = command(&folder, &["headwater.metrics.listener=0.0.0.0:0"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && said.contains("--allow-public"), "{said}");

    let node = Node::start_with(&folder, &["headwater.metrics.listener=off"]);
    assert!(log_of(&folder).contains("metrics=\"off\""), "{}", log_of(&folder));
    node.stop();
}
