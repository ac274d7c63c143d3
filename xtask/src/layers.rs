//! `cargo xtask layers`: imports only point downward.
//!
//! Every crate of the workspace has a row: its floor, the crates of ours it may name, and what it may take from others.
//! A new edge is an edit of this table and says why in its commit.

use std::collections::BTreeMap;
use std::path::Path;

use crate::{Outcome, workspace_root};

/// One crate: folder, crates of ours it may use, crates of others it may use.
struct Row {
    folder: &'static str,
    ours: &'static [&'static str],
    others: &'static [&'static str],
}

const LAYERS: &[Row] = &[
    Row { folder: "crates/types/base", ours: &[], others: &[] },
    Row { folder: "crates/types/protocol", ours: &["base"], others: &[] },
    Row {
        folder: "crates/types/records",
        ours: &["base"],
        others: &["crc-fast", "flate2", "lz4_flex", "snap", "zstd"],
    },
    Row { folder: "crates/core/log", ours: &["base", "protocol", "records"], others: &[] },
    Row { folder: "crates/core/raft", ours: &["base", "protocol", "records"], others: &[] },
    Row { folder: "crates/core/metadata", ours: &["base", "protocol"], others: &["imbl"] },
    Row { folder: "crates/core/controller", ours: &["base", "protocol", "metadata"], others: &["imbl"] },
    // Members choose topics by regular expression; `regex` takes time linear in the text and no more memory than told.
    Row { folder: "crates/core/group", ours: &["base", "protocol", "metadata"], others: &["imbl", "regex"] },
    Row {
        folder: "crates/shell/runtime",
        ours: &["base", "log"],
        others: &["libc", "rustix", "socket2", "tokio", "tracing"],
    },
    Row {
        folder: "crates/shell/broker",
        ours: &["base", "protocol", "records", "log", "raft", "metadata", "controller", "group", "runtime"],
        others: &["arc-swap", "tracing"],
    },
    Row {
        folder: "crates/shell/client",
        ours: &["base", "protocol", "records", "runtime"],
        others: &["serde", "serde_json", "tracing"],
    },
    Row {
        folder: "crates/apps/sim",
        ours: &["base", "protocol", "records", "log", "raft", "metadata", "controller", "runtime", "broker"],
        others: &[],
    },
    // Asks clusters through the client only; `log` and what lies below it are for the tools that read a directory.
    Row {
        folder: "crates/apps/tools",
        ours: &["base", "protocol", "records", "log", "group", "runtime", "client"],
        others: &[],
    },
    Row {
        folder: "crates/apps/headwater",
        ours: &[
            "base",
            "protocol",
            "records",
            "log",
            "raft",
            "metadata",
            "controller",
            "runtime",
            "broker",
            "tools",
        ],
        others: &["clap", "tracing", "tracing-subscriber", "mimalloc"],
    },
    // Writes good requests to make bad ones of them.
    Row { folder: "crates/apps/hostile", ours: &["base", "protocol", "records"], others: &[] },
    // The load generator shares nothing with what it measures.
    Row { folder: "crates/apps/lean", ours: &[], others: &["lz4_flex", "zstd"] },
    Row { folder: "xtask", ours: &["base"], others: &["flate2", "serde_json"] },
];

pub fn run(_: &[String]) -> Outcome {
    let root = workspace_root();
    let mut manifests = BTreeMap::new();
    for floor in ["crates/types", "crates/core", "crates/shell", "crates/apps"] {
        for folder in folders(&root.join(floor))? {
            manifests.insert(format!("{floor}/{folder}"), String::new());
        }
    }
    manifests.insert("xtask".to_owned(), String::new());
    for (folder, text) in &mut manifests {
        let file = root.join(folder).join("Cargo.toml");
        *text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    let mut findings = check(&manifests);
    findings.extend(check_order());
    if findings.is_empty() {
        return Ok(format!("the imports of {} crates point downward", manifests.len()));
    }
    Err(findings.join("\n"))
}

fn folders(parent: &Path) -> Result<Vec<String>, String> {
    let entries = std::fs::read_dir(parent).map_err(|error| format!("{}: {error}", parent.display()))?;
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.join("Cargo.toml").is_file() {
            folders
                .push(path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default());
        }
    }
    Ok(folders)
}

/// Compares the manifests with the table.
fn check(manifests: &BTreeMap<String, String>) -> Vec<String> {
    let mut findings = Vec::new();
    for (folder, text) in manifests {
        let Some(row) = LAYERS.iter().find(|row| row.folder == folder) else {
            findings.push(format!("{folder}: a crate without a row in the table of layers"));
            continue;
        };
        for name in dependencies(text, "dependencies") {
            let allowed = match name.strip_prefix("headwater-") {
                Some(ours) => row.ours.contains(&ours),
                None => row.others.contains(&name.as_str()),
            };
            if !allowed {
                findings.push(format!("{folder}: may not use {name}"));
            }
        }
        if !dependencies(text, "build-dependencies").is_empty() || text.contains("build = ") {
            findings.push(format!("{folder}: build scripts are not used here"));
        }
    }
    for row in LAYERS.iter().filter(|row| !manifests.contains_key(row.folder)) {
        findings.push(format!("{}: a row without a crate", row.folder));
    }
    findings
}

/// Nobody imports from the same position upward: the table lists a crate behind all that it uses.
fn check_order() -> Vec<String> {
    let position = |name: &str| LAYERS.iter().position(|row| row.folder.rsplit('/').next() == Some(name));
    let mut findings = Vec::new();
    for (own, row) in LAYERS.iter().enumerate() {
        for used in row.ours {
            if position(used).is_none_or(|used| used >= own) {
                findings.push(format!("{}: {used} does not lie below it", row.folder));
            }
        }
    }
    findings
}

/// Names in one table of a manifest.
fn dependencies(manifest: &str, table: &str) -> Vec<String> {
    let mut inside = false;
    let mut names = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            let header = header.trim_end_matches(']');
            inside = header == table
                || header.ends_with(&format!("'.{table}"))
                || header.ends_with(&format!(").{table}"));
            if let Some(name) = header.strip_prefix(&format!("{table}.")) {
                names.push(name.to_owned());
            }
        } else if inside && !line.is_empty() && !line.starts_with('#') {
            let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
            names.push(name.trim_matches('"').to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_point_downward() {
        if let Err(findings) = run(&[]) {
            panic!("{findings}");
        }
    }

    #[test]
    fn a_planted_edge_is_found() {
        let mut manifests: BTreeMap<String, String> =
            LAYERS.iter().map(|row| (row.folder.to_owned(), String::new())).collect();
        assert_eq!(check(&manifests), Vec::<String>::new());
        let planted = "[package]\nname = \"x\"\n[dependencies]\nheadwater-broker.workspace = true\n\
                       tokio = { version = \"1\" }\n[dev-dependencies]\nheadwater-sim.workspace = true\n";
        manifests.insert("crates/core/raft".to_owned(), planted.to_owned());
        manifests.insert("crates/core/new".to_owned(), String::new());
        let findings = check(&manifests);
        let expected = [
            "crates/core/new: a crate without a row in the table of layers",
            "crates/core/raft: may not use headwater-broker",
            "crates/core/raft: may not use tokio",
        ];
        assert_eq!(findings, expected);
    }

    #[test]
    fn the_table_itself_points_downward() {
        assert_eq!(check_order(), Vec::<String>::new());
    }
}
