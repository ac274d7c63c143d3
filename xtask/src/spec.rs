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

const SPEC: &str = "crates/types/protocol/spec";

/// Runs the task: `spec --jars DIR`.
pub fn run(arguments: &[String]) -> crate::Outcome {
    let [flag, jars] = arguments else { return Err("usage: spec --jars DIR".to_string()) };
    if flag != "--jars" {
        return Err(format!("unknown option {flag}"));
    }
    let target = crate::workspace_root().join(SPEC);
    let files = facts(Path::new(jars))?;
    let _ = fs::remove_dir_all(&target);
    for (path, text) in &files {
        write(&target.join(path), text)?;
    }
    Ok(format!("{} files", files.len()))
}

/// Every file of the specification by its path below `spec/`.
fn facts(jars: &Path) -> Result<BTreeMap<PathBuf, String>, String> {
    let mut messages: BTreeMap<PathBuf, Vec<Message>> = BTreeMap::new();
    for (jar_name, folder) in SOURCES {
        let path = jar::find(jars, jar_name)?;
        for (name, text) in jar::definitions(&path)? {
            let Some(message) = definition::read(&text).map_err(|why| format!("{name}: {why}"))? else {
                continue;
            };
            messages.entry(file_of(folder, &message)).or_default().push(message);
        }
    }
    let mut files = BTreeMap::new();
    for (path, mut messages) in messages {
        messages.sort_by_key(|message| order(&message.kind));
        let text: Vec<String> = messages.iter().map(ToString::to_string).collect();
        files.insert(path, text.join("\n"));
    }
    files.insert(PathBuf::from("errors.txt"), errors::facts(&jar::find(jars, "kafka-clients")?)?);
    Ok(files)
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    #[test]
    fn the_committed_specification_is_the_references() {
        let cache = std::env::var_os("HEADWATER_CACHE").map(PathBuf::from);
        let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/headwater")));
        let Some(jars) = cache.map(|cache| cache.join("kafka-4.3.1/libs")).filter(|jars| jars.is_dir())
        else {
            let required = std::env::var("HEADWATER_REQUIRE_REFERENCE").is_ok_and(|required| required == "1");
            assert!(!required, "the reference is required, but its jars are not in the cache");
            eprintln!("skipped: no reference");
            return;
        };
        let folder = crate::workspace_root().join(super::SPEC);
        for (path, text) in super::facts(&jars).expect("the jars can be read") {
            let committed = std::fs::read_to_string(folder.join(&path)).unwrap_or_default();
            assert_eq!(committed, text, "{}", path.display());
        }
    }
}
