//! The command line: what a person sees, and what is refused before anything starts.

use std::io::Read as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::node::{Folder, Node, log_of};

fn headwater(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_headwater"));
    command.args(arguments).env_remove("HEADWATER_LOG").stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    headwater(arguments).output().unwrap()
}

/// Runs what must fail with code 1 and nothing on standard output; gives what it said.
fn refused(arguments: &[&str]) -> String {
    let output = run(arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
    assert!(output.stdout.is_empty(), "{arguments:?} printed {:?}", String::from_utf8_lossy(&output.stdout));
    said
}

/// Waits for a process to write its port.
fn ready(child: &mut Child, port_file: &Path) -> u16 {
    let begun = Instant::now();
    loop {
        if let Ok(text) = std::fs::read_to_string(port_file) {
            return text.trim().parse().unwrap();
        }
        assert!(child.try_wait().unwrap().is_none(), "it ended");
        assert!(begun.elapsed() < Duration::from_secs(30), "not ready");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// SIGTERM; gives what was printed.
fn stop(mut child: Child) -> String {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(child.wait().unwrap().success());
    let mut printed = String::new();
    child.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
    printed
}

fn path(folder: &Folder, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

fn server_properties(folder: &Folder, more: &str) -> String {
    let file = path(folder, "server.properties");
    let text = format!(
        "process.roles=broker,controller\nnode.id=1\nlisteners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0\n\
         controller.listener.names=CONTROLLER\ncontroller.quorum.voters=1@127.0.0.1:9093\nlog.dirs={}\n{more}\n",
        path(folder, "data")
    );
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn without_a_command_it_explains_itself() {
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(2));
    let help = String::from_utf8(output.stderr).unwrap();
    for command in ["start", "server", "storage"] {
        assert!(help.contains(command), "{help}");
    }
    let version = run(&["--version"]);
    assert!(version.status.success());
    let expected = format!("headwater {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(String::from_utf8(version.stdout).unwrap(), expected);
}

#[test]
fn an_ephemeral_node_says_where_it_is_and_leaves_nothing_behind() {
    let folder = Folder::new();
    let port_file = folder.path().join("port");
    let arguments =
        ["start", "--ephemeral", "--listen", "127.0.0.1:0", "--port-file", port_file.to_str().unwrap()];
    let child = headwater(&arguments)
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.unwrap();
    let port = ready(&mut child, &port_file);
    let banner = stop(child);
    assert!(banner.contains(&format!("listens on  PLAINTEXT://127.0.0.1:{port}")), "{banner}");
    assert!(banner.contains(&format!("kcat -P -b 127.0.0.1:{port} -t greetings")), "{banner}");
    let data = banner.lines().find_map(|line| line.trim().strip_prefix("data in")).unwrap().trim();
    assert!(Path::new(data).starts_with(folder.path()), "{data}");
    assert!(!Path::new(data).exists(), "{data} is still there");
}

#[test]
fn addresses_that_others_reach_need_a_word() {
    let folder = Folder::new();
    let data = path(&folder, "data");
    for listen in ["0.0.0.0:0", ":0", "[::]:0"] {
        let said = refused(&["start", "--data", &data, "--listen", listen]);
        assert!(said.contains("--allow-public"), "{said}");
    }
    assert!(!Path::new(&data).exists(), "nothing was made");
    let port_file = folder.path().join("port");
    let arguments = ["start", "--data", &data, "--listen", "0.0.0.0:0", "--allow-public", "--quiet"];
    let child = headwater(&arguments)
        .arg("--port-file")
        .arg(&port_file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.unwrap();
    ready(&mut child, &port_file);
    assert_eq!(stop(child), "", "--quiet");
}

#[test]
fn a_configuration_that_cannot_be_obeyed_is_refused() {
    let folder = Folder::new();
    let start =
        |pair: &str| refused(&["start", "--ephemeral", "--listen", "127.0.0.1:0", "--override", pair]);
    let cases = [
        ("num.partitions=x", "Invalid value x for configuration num.partitions"),
        ("num.partitions", "--override num.partitions: expected KEY=VALUE"),
        ("authorizer.class.name=org.example.Own", "authorizer.class.name restricts access or use"),
        ("sasl.enabled.mechanisms=PLAIN", "sasl.enabled.mechanisms restricts access or use"),
        ("listeners=SSL://127.0.0.1:0,CONTROLLER://127.0.0.1:0", "SSL"),
    ];
    for (pair, expected) in cases {
        let said = start(pair);
        assert!(said.contains(expected), "{pair}: {said}");
    }
    let said = refused(&["server", "--config", &path(&folder, "missing.properties")]);
    assert!(said.contains("missing.properties"), "{said}");
}

#[test]
fn a_server_needs_formatted_storage_and_then_serves() {
    let folder = Folder::new();
    // A key without effect: said, and no reason to stop.
    let file = server_properties(&folder, "num.io.threads=3");
    let said = refused(&["server", "--config", &file]);
    assert!(said.contains("format the directory first with `headwater storage format`"), "{said}");
    assert!(said.contains("num.io.threads is a key of Kafka's that has no effect in this build"), "{said}");

    assert!(run(&["storage", "format", "-t", "4L6g3nShT-eMCtK--X86sw", "-c", &file]).status.success());
    let port_file = folder.path().join("port");
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    let child = headwater(&["server", "--config", &file, "--port-file"])
        .arg(&port_file)
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn();
    let mut child = child.unwrap();
    ready(&mut child, &port_file);
    assert_eq!(stop(child), "", "the banner is for people, who type `start`");
    let log = log_of(&folder);
    assert!(log.contains("Kafka Server started") && log.contains("stopped"), "{log}");
    assert!(!log.contains("no clean stop"), "a directory that was only formatted: {log}");
}

#[test]
fn connections_are_limited_by_address() {
    let folder = Folder::new();
    let limits = ["max.connections.per.ip=0", "max.connections.per.ip.overrides=localhost:2"];
    let node = Node::start_with(&folder, &limits);
    let connect = || {
        let stream = TcpStream::connect(node.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        stream
    };
    // Nothing comes on a connection that is open; one that was refused ends.
    let is_open = |stream: &mut TcpStream| match stream.read(&mut [0]) {
        Ok(0) => false,
        Ok(_) => panic!("nothing was asked"),
        Err(error) => matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut),
    };
    let (mut first, mut second) = (connect(), connect());
    assert!(is_open(&mut first) && is_open(&mut second));
    assert!(!is_open(&mut connect()), "the third");
    drop(first);
    let begun = Instant::now();
    while !is_open(&mut connect()) {
        assert!(begun.elapsed() < Duration::from_secs(30), "a place became free");
    }
    assert!(is_open(&mut second));
}
