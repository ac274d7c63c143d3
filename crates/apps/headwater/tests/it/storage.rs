//! `headwater storage` beside Apache Kafka's kafka-storage: the same arguments, the same words, the same files.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::node::Folder;

const CLUSTER: &str = "4L6g3nShT-eMCtK--X86sw";

/// Files with configurations; ROOT stands for the folder of the one who runs.
const CONFIGS: &[(&str, &str)] = &[
    ("fixed", "controller.quorum.voters=1@localhost:9093\nlog.dirs=ROOT/fixed"),
    ("dynamic", "controller.quorum.bootstrap.servers=localhost:9093\nlog.dirs=ROOT/dynamic"),
    ("late", "controller.quorum.bootstrap.servers=localhost:9093\nlog.dirs=ROOT/late"),
    ("several", "controller.quorum.voters=1@localhost:9093\nlog.dirs=ROOT/b,ROOT/a\nmetadata.log.dir=ROOT/m"),
    // Beside `several`, with one directory more.
    ("grown", "controller.quorum.voters=1@localhost:9093\nlog.dirs=ROOT/a,ROOT/c\nmetadata.log.dir=ROOT/m"),
    ("other", "controller.quorum.voters=2@localhost:9093\nlog.dirs=ROOT/fixed\nnode.id=2"),
    ("file", "controller.quorum.voters=1@localhost:9093\nlog.dirs=ROOT/fixed.properties"),
];

/// Features that Apache Kafka begins with and this build does not implement.
const PLAIN: &str = "--feature transaction.version=0 --feature share.version=0 --feature \
                     streams.version=0 --feature eligible.leader.replicas.version=0";

/// What is run, in this order; CONFIG.properties lies in ROOT.
const RUNS: &[&str] = &[
    "info -c ROOT/fixed.properties",
    "format -t CLUSTER -c ROOT/fixed.properties PLAIN",
    "info -c ROOT/fixed.properties",
    "info --config ROOT/fixed.properties",
    "format -t CLUSTER -c ROOT/fixed.properties PLAIN",
    "format -t CLUSTER -c ROOT/fixed.properties --ignore-formatted PLAIN",
    "format -t AAAAAAAAAAAAAAAAAAAAAQ -c ROOT/fixed.properties PLAIN",
    "format -t CLUSTER -c ROOT/other.properties PLAIN",
    "format -t CLUSTER -c ROOT/fixed.properties --standalone PLAIN",
    "format -t CLUSTER -c ROOT/dynamic.properties PLAIN",
    "format -t CLUSTER -c ROOT/dynamic.properties --standalone --feature kraft.version=0 PLAIN",
    "format -t CLUSTER -c ROOT/dynamic.properties --standalone --feature kraft PLAIN",
    "format -t CLUSTER -c ROOT/dynamic.properties --standalone --feature group.version=x",
    "format -t CLUSTER -c ROOT/dynamic.properties --standalone --release-version 4.3-IV0 PLAIN",
    "info -c ROOT/dynamic.properties",
    "format -t CLUSTER -c ROOT/dynamic.properties --standalone --feature group.version=2 PLAIN",
    "format -t CLUSTER -c ROOT/late.properties --no-initial-controllers --release-version 4.0-IV3 --feature group.version=0 PLAIN",
    "info -c ROOT/late.properties",
    "info -c ROOT/several.properties",
    "format -t CLUSTER -c ROOT/several.properties PLAIN",
    "info -c ROOT/several.properties",
    "info -c ROOT/grown.properties",
    "format -t CLUSTER -c ROOT/grown.properties PLAIN",
    "format -t CLUSTER -c ROOT/grown.properties -g PLAIN",
    "info -c ROOT/grown.properties",
    "info -c ROOT/file.properties",
    "format -t CLUSTER -c ROOT/file.properties PLAIN",
];

fn prepare(root: &Path) {
    for (name, text) in CONFIGS {
        let node = if text.contains("node.id") { "" } else { "node.id=1\n" };
        let text = format!(
            "process.roles=broker,controller\n{node}listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093\n\
             controller.listener.names=CONTROLLER\n{text}\n"
        );
        let text = text.replace("ROOT", root.to_str().unwrap());
        std::fs::write(root.join(format!("{name}.properties")), text).unwrap();
    }
}

fn arguments(run: &str, root: &Path) -> Vec<String> {
    let text = run.replace("PLAIN", PLAIN).replace("CLUSTER", CLUSTER);
    text.split_whitespace().map(|word| word.replace("ROOT", root.to_str().unwrap())).collect()
}

/// Without what differs from run to run: the folder, ids of directories, and the order of lines. We format the metadata
/// log's directory last, Apache Kafka first and the others in the order of a hash.
fn normal(text: &str, root: &Path) -> String {
    let text = text.replace(root.to_str().unwrap(), "ROOT");
    let mut parts = text.split("directory.id=");
    let mut normal = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.find([',', '}', '\n']).map_or("", |end| &part[end..]);
        normal.push_str("directory.id=ID");
        normal.push_str(rest);
    }
    let mut lines: Vec<&str> = normal.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// Each run with what it said and its end.
fn ours(root: &Path) -> Vec<String> {
    let run = |run: &&str| {
        let output = Command::new(env!("CARGO_BIN_EXE_headwater"))
            .arg("storage")
            .args(arguments(run, root))
            .env_remove("HEADWATER_LOG")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let mut text = String::from_utf8(output.stdout).unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        writeln!(text, "= {} {}", output.status.code().unwrap(), message.trim_end()).unwrap();
        normal(&text, root)
    };
    RUNS.iter().map(run).collect()
}

fn theirs(jars: &Path, root: &Path) -> Vec<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../conformance/storage/StorageCases.java");
    let mut child = Command::new("java")
        .args(["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"])
        .arg(jars.join("*"))
        .arg(source)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("java");
    let lines: Vec<String> = RUNS.iter().map(|run| arguments(run, root).join("\t")).collect();
    child.stdin.take().unwrap().write_all((lines.join("\n") + "\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", output.status);
    let mut said = vec![String::new()];
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let current = said.last_mut().unwrap();
        writeln!(current, "{line}").unwrap();
        if line.starts_with("= ") {
            *current = normal(current, root);
            said.push(String::new());
        }
    }
    said.pop();
    said
}

/// Names of all files below a folder.
fn files(root: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found
}

/// The keys of a directory's meta.properties and those values that are not made up.
fn meta(root: &Path, directory: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(root.join(directory).join("meta.properties")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| if line.starts_with("directory.id=") { "directory.id" } else { line }.to_owned())
        .collect()
}

fn jars() -> Option<PathBuf> {
    let cache = match std::env::var_os("HEADWATER_CACHE") {
        Some(cache) => PathBuf::from(cache),
        None => PathBuf::from(std::env::var_os("HOME")?).join(".cache/headwater"),
    };
    let libs = cache.join("kafka-4.3.1/libs");
    let required = std::env::var_os("HEADWATER_REQUIRE_REFERENCE").is_some_and(|value| value == "1");
    assert!(libs.is_dir() || !required, "the reference's jars are required but absent");
    libs.is_dir().then_some(libs)
}

#[test]
fn reference_storage_commands_say_and_write_the_same() {
    let Some(jars) = jars() else {
        eprintln!("skipped: the reference's jars are absent");
        return;
    };
    let (here, there) = (Folder::new(), Folder::new());
    prepare(here.path());
    prepare(there.path());
    let (ours, theirs) = (ours(here.path()), theirs(&jars, there.path()));
    assert_eq!(theirs.len(), RUNS.len(), "one end for each run");
    let mut different = String::new();
    for ((run, ours), theirs) in RUNS.iter().zip(&ours).zip(&theirs) {
        if ours != theirs {
            write!(different, "\n$ {run}\nApache Kafka:\n{theirs}\nHeadwater:\n{ours}").unwrap();
        }
    }
    assert!(different.is_empty(), "{different}");
    assert_eq!(files(here.path()), files(there.path()));
    for directory in ["fixed", "dynamic", "late", "a", "b", "c", "m"] {
        assert_eq!(meta(here.path(), directory), meta(there.path(), directory), "{directory}");
    }
}

#[test]
fn random_uuids_are_kafkas_and_never_the_same() {
    let one = || {
        let output =
            Command::new(env!("CARGO_BIN_EXE_headwater")).args(["storage", "random-uuid"]).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let (first, second) = (one(), one());
    assert_ne!(first, second);
    for id in [first, second] {
        let id = id.strip_suffix('\n').unwrap();
        assert_eq!(id.len(), 22, "{id}");
        assert!(id.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_'), "{id}");
        assert!(!id.starts_with('-'), "an id must not look like an option: {id}");
    }
}
