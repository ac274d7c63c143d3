//! `spec`: takes the facts (names, types, versions, defaults, tags) out of the message definitions in the reference's
//! jars and writes them in our own notation. Nothing else of the definitions is taken.
//!
//! Run it when the reference's version changes; its output is committed and is all that `codegen` reads.

mod definition;
mod errors;
mod jar;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::notation::Message;

/// The jars with definitions, and the folder of the specification that takes them.
const SOURCES: &[(&str, &str)] = &[
    ("kafka-clients", ""),
    ("kafka-metadata", "metadata"),
    ("kafka-group-coordinator", "group"),
    ("kafka-transaction-coordinator", "transaction"),
    ("kafka-share-coordinator", "share"),
    ("kafka-raft", "raft"),
    ("kafka-storage", "storage"),
];

/// Runs the task: `spec --jars DIR`.
pub fn run(arguments: &[String]) -> crate::Outcome {
    let [flag, jars] = arguments else { return Err("usage: spec --jars DIR".to_string()) };
    if flag != "--jars" {
        return Err(format!("unknown option {flag}"));
    }
    let jars = Path::new(jars);
    let target = crate::workspace_root().join("crates/types/protocol/spec");
    let mut files: BTreeMap<PathBuf, Vec<Message>> = BTreeMap::new();
    for (jar_name, folder) in SOURCES {
        let path = jar::find(jars, jar_name)?;
        for (name, text) in jar::definitions(&path)? {
            let Some(message) = definition::read(&text).map_err(|why| format!("{name}: {why}"))? else {
                continue;
            };
            files.entry(file_of(folder, &message)).or_default().push(message);
        }
    }
    let _ = fs::remove_dir_all(&target);
    let mut messages = 0;
    for (path, mut found) in files.clone() {
        found.sort_by_key(|message| order(&message.kind));
        messages += found.len();
        let text: Vec<String> = found.iter().map(ToString::to_string).collect();
        write(&target.join(path), &text.join("\n"))?;
    }
    let codes = errors::facts(&jar::find(jars, "kafka-clients")?)?;
    write(&target.join("errors.txt"), &codes)?;
    Ok(format!("{messages} messages in {} files, {} error codes", files.len(), codes.lines().count()))
}

/// Requests before responses, keys before values.
fn order(kind: &str) -> u8 {
    u8::from(kind == "response" || kind == "coordinator-value")
}

/// `01_fetch.txt` holds request and response of one key; records stand in a folder of their module.
fn file_of(folder: &str, message: &Message) -> PathBuf {
    let stem = match message.kind.as_str() {
        "request" => message.name.trim_end_matches("Request"),
        "response" => message.name.trim_end_matches("Response"),
        "coordinator-key" => message.name.trim_end_matches("Key"),
        "coordinator-value" => message.name.trim_end_matches("Value"),
        _ => &message.name,
    };
    let stem = crate::names::snake(stem);
    let folder = match (folder, message.kind.as_str()) {
        ("", "data" | "header") => "data",
        ("", "coordinator-key" | "coordinator-value") => "group",
        (folder, _) => folder,
    };
    let file = match message.key {
        Some(key) => format!("{key:02}_{stem}.txt"),
        None => format!("{stem}.txt"),
    };
    Path::new(folder).join(file)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().ok_or("a file lies in a folder")?;
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(|e| format!("{}: {e}", path.display()))
}
