//! `codegen`: turns the notation under `crates/types/protocol/spec/` into committed Rust. `--check` only compares, and
//! fails when a committed file differs from what would be written.

mod api;
mod enums;
mod errors;
mod expression;
mod layout;
mod message;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::names::snake;
use crate::notation::{self, Message};

const SPEC: &str = "crates/types/protocol/spec";
const CODE: &str = "crates/types/protocol/src";
const REGISTRY: &str = "crates/types/protocol/tests/it/registry.rs";
const ERROR_CODE: &str = "crates/types/base/src/error_code.rs";
const MARK: &str = "// Written by `cargo xtask codegen` from";

/// A module of the protocol crate: every message of one folder of the specification.
pub struct Module {
    pub name: &'static str,
    folder: &'static str,
    doc: &'static str,
    pub messages: Vec<Message>,
}

const MODULES: &[(&str, &str, &str)] = &[
    ("messages", "", "Requests and responses of clients, brokers and controllers."),
    (
        "data",
        "data",
        "Headers, control records, and what clients and coordinators exchange inside of bytes fields.",
    ),
    ("metadata", "metadata", "Records of `__cluster_metadata`."),
    ("group", "group", "Records of `__consumer_offsets`."),
    ("transaction", "transaction", "Records of `__transaction_state`."),
    ("share", "share", "Records of `__share_group_state`."),
    ("raft", "raft", "The state of a voter between two starts."),
    ("storage", "storage", "Producer snapshots, and records of `__remote_log_metadata`."),
];

/// Runs the task: `codegen [--check]`.
pub fn run(arguments: &[String]) -> crate::Outcome {
    let check = match arguments {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => return Err("usage: codegen [--check]".to_string()),
    };
    let root = crate::workspace_root();
    let files = generate(&root)?;
    let mut stale = BTreeSet::new();
    for (path, text) in &files {
        if fs::read_to_string(root.join(path)).is_ok_and(|committed| committed == *text) {
            continue;
        }
        stale.insert(path.clone());
        if !check {
            write(&root.join(path), text)?;
        }
    }
    for path in orphans(&root, &files)? {
        if !check {
            fs::remove_file(root.join(&path)).map_err(|e| format!("{}: {e}", path.display()))?;
        }
        stale.insert(path);
    }
    let lines: usize = files.values().map(|text| text.lines().count()).sum();
    match stale.first() {
        Some(first) if check => {
            Err(format!("{} files are not fresh, first {}", stale.len(), first.display()))
        }
        _ => Ok(format!("{} files, {lines} lines, {} changed", files.len(), stale.len())),
    }
}

/// Every generated file by its path below the root, formatted.
fn generate(root: &Path) -> Result<BTreeMap<PathBuf, String>, String> {
    let mut files = BTreeMap::new();
    let modules = read_modules(&root.join(SPEC))?;
    for module in &modules {
        let folder = Path::new(CODE).join(module.name);
        let mut index = format!("//! {}\n\n{MARK} `spec/{}`.\n\n", module.doc, module.folder);
        for message in &module.messages {
            let name = snake(&message.name);
            index.push_str(&format!("pub mod {name};\n"));
            files.insert(folder.join(format!("{name}.rs")), message::file(message)?);
        }
        let (records, records_name) = enums::of(module);
        if !records.is_empty() {
            index.push_str(&format!("\nmod {records_name};\npub use {records_name}::*;\n"));
            files.insert(folder.join(format!("{records_name}.rs")), records);
        }
        files.insert(Path::new(CODE).join(format!("{}.rs", module.name)), index);
    }
    files.insert(Path::new(CODE).join("api/table.rs"), api::file(&modules[0].messages));
    files.insert(PathBuf::from(REGISTRY), enums::registry(&modules));
    let errors_path = root.join(SPEC).join("errors.txt");
    let codes = fs::read_to_string(&errors_path).map_err(|e| format!("{}: {e}", errors_path.display()))?;
    files.insert(PathBuf::from(ERROR_CODE), errors::file(&codes)?);
    format_sources(&mut files)?;
    Ok(files)
}

fn read_modules(spec: &Path) -> Result<Vec<Module>, String> {
    let mut modules = Vec::new();
    for (name, folder, doc) in MODULES {
        let path = spec.join(folder);
        let entries = fs::read_dir(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.retain(|file| file.is_file() && file.file_name().is_some_and(|name| name != "errors.txt"));
        files.sort();
        let mut messages = Vec::new();
        for file in files {
            let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
            messages.extend(notation::parse(&text).map_err(|why| format!("{}: {why}", file.display()))?);
        }
        messages.sort_by_key(|message| snake(&message.name));
        modules.push(Module { name, folder, doc, messages });
    }
    Ok(modules)
}

/// Generated files of before that nothing generates any more.
fn orphans(root: &Path, files: &BTreeMap<PathBuf, String>) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for (name, ..) in MODULES {
        let folder = Path::new(CODE).join(name);
        for entry in fs::read_dir(root.join(&folder)).into_iter().flatten().flatten() {
            let path = folder.join(entry.file_name());
            let text = fs::read_to_string(entry.path()).map_err(|e| format!("{}: {e}", path.display()))?;
            if text.contains(MARK) && !files.contains_key(&path) {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// Formats every file, in one run of rustfmt over copies. Only index files go alone, through a pipe: rustfmt would
/// follow their `mod` lines to files that do not lie beside the copies.
fn format_sources(files: &mut BTreeMap<PathBuf, String>) -> Result<(), String> {
    let folder = std::env::temp_dir().join(format!("headwater-codegen-{}", std::process::id()));
    let (indexes, leaves): (Vec<_>, Vec<_>) = files.values_mut().partition(|text| text.contains("mod "));
    let copies: Vec<PathBuf> = (0..leaves.len()).map(|number| folder.join(format!("{number}.rs"))).collect();
    for (copy, text) in copies.iter().zip(&leaves) {
        write(copy, text)?;
    }
    let status = rustfmt().args(&copies).status().map_err(|e| format!("rustfmt: {e}"))?;
    for (copy, text) in copies.iter().zip(leaves) {
        *text = fs::read_to_string(copy).map_err(|e| format!("{}: {e}", copy.display()))?;
    }
    let _ = fs::remove_dir_all(&folder);
    for text in indexes {
        *text = format_source(text)?;
    }
    if status.success() { Ok(()) } else { Err("rustfmt refuses the generated code".to_string()) }
}

fn rustfmt() -> Command {
    let mut command = Command::new("rustfmt");
    command.args(["--edition", "2024", "--config", "max_width=110,use_small_heuristics=Max"]);
    command
}

fn format_source(text: &str) -> Result<String, String> {
    let child = rustfmt().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.map_err(|e| format!("rustfmt: {e}"))?;
    let mut input = child.stdin.take().expect("it was asked for");
    // The text may be larger than a pipe's buffer, but rustfmt reads all of its input before it writes.
    input.write_all(text.as_bytes()).map_err(|e| format!("rustfmt: {e}"))?;
    drop(input);
    let output = child.wait_with_output().map_err(|e| format!("rustfmt: {e}"))?;
    if !output.status.success() {
        return Err(format!("rustfmt refuses:\n{text}"));
    }
    String::from_utf8(output.stdout).map_err(|e| e.to_string())
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().ok_or("a file lies in a folder")?;
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(|e| format!("{}: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn committed_code_is_fresh() {
        let outcome = super::run(&["--check".to_string()]);
        assert!(outcome.is_ok(), "{outcome:?}: run `cargo xtask codegen`");
    }
}
