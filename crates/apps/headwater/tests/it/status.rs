//! `headwater status` beside a running node.

use std::net::SocketAddr;
use std::process::{Command, Output, Stdio};

use crate::client::batch;
use crate::node::{Folder, Node};

fn status(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
    command.arg("status").args(arguments).args(["--interval-s", "0.2", "--timeout-s", "10"]);
    command.env_remove("HEADWATER_LOG").stdin(Stdio::null()).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The lines that a word begins.
fn line<'a>(text: &'a str, word: &str) -> &'a str {
    let found = text.lines().find(|line| line.trim_start().starts_with(word));
    found.unwrap_or_else(|| panic!("no {word} in {text}"))
}

#[test]
fn a_node_that_serves_is_healthy() {
    let folder = Folder::new();
    let node = Node::start(&folder);
    let metrics = node.metrics(&folder).to_string();
    let mut client = node.client();
    client.create_topic("t", 3, &[]);
    client.produce("t", -1, &[(0, batch(&["x", "y"]))]);
    let seen = status(&["--metrics", &metrics]);
    let text = said(&seen);
    assert_eq!(seen.status.code(), Some(0), "{text}");
    // A machine whose disk is nearly full is warned of, and healthy.
    assert!(text.starts_with("● healthy"), "{text}");
    assert!(text.contains("node 1  headwater "), "{text}");
    assert!(!text.contains('\x1b'), "colours where no terminal is: {text}");
    assert_eq!(line(&text, "topics"), "  topics    1   3 partitions   0 offline   0 under-replicated");
    assert!(line(&text, "quorum").contains("leader 1   epoch 1"), "{text}");
    assert!(line(&text, "clients").contains("1 PLAINTEXT"), "{text}");
    assert!(!line(&text, "Produce").contains('-') && !line(&text, "sync").contains('-'), "{text}");
    let json = said(&status(&["--metrics", &format!("http://{metrics}/metrics"), "--format", "json"]));
    for part in ["\"healthy\": true,", "\"node_id\": 1,", "\"total\": 3,", "\"problems\": []"] {
        assert!(json.contains(part), "{part}: {json}");
    }

    // Without metrics, in Kafka's protocol, as of any broker.
    let bootstrap = node.address.to_string();
    let seen = status(&["--bootstrap-server", &bootstrap]);
    let text = said(&seen);
    assert_eq!(seen.status.code(), Some(0), "{text}");
    assert_eq!(line(&text, "topics"), "  topics    1   3 partitions   0 offline   0 under-replicated");
    assert!(line(&text, "quorum").contains("leader 1"), "{text}");
    assert!(text.contains(folder.path().join("data").to_str().unwrap()), "{text}");
    assert_eq!(status(&["--metrics", &metrics, "--bootstrap-server", &bootstrap]).status.code(), Some(0));

    let closed: SocketAddr = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let seen = status(&["--metrics", &metrics, "--bootstrap-server", &closed.to_string()]);
    let text = said(&seen);
    assert_eq!(seen.status.code(), Some(1), "{text}");
    assert!(text.contains("PROBLEM clients are not served"), "{text}");
}

#[test]
fn nothing_answers() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let folder = Folder::new();
    let node = Node::start(&folder);
    let cases = [
        (["--metrics", &closed], "Is a node running, with its metrics there?"),
        (["--bootstrap-server", &closed], "does not answer"),
        (["--metrics", &node.address.to_string()], "does not"),
        (["--bootstrap-server", &node.metrics(&folder).to_string()], "does not"),
    ];
    for (arguments, expected) in cases {
        let seen = status(&arguments);
        let error = String::from_utf8(seen.stderr.clone()).unwrap();
        assert_eq!((seen.status.code(), said(&seen).as_str()), (Some(2), ""), "{arguments:?}: {error}");
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
}
