//! `headwater storage info` (`StorageTool.infoCommand`).

use std::path::Path;
use std::process::ExitCode;

use super::directory::{META_PROPERTIES, MetaProperties, read_meta_properties};
use super::format::directories;
use crate::failure::Failure;
use crate::settings;

/// Runs the command; the code is 1 when it found problems.
pub fn run(config: &Path, out: &mut Vec<String>) -> Result<ExitCode, Failure> {
    let config = settings::check(&settings::read(config)?)?;
    Ok(if report(&directories(&config), out) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Describes the directories. False when there is a problem.
fn report(directories: &[String], out: &mut Vec<String>) -> bool {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    let mut first: Option<MetaProperties> = None;
    for directory in directories {
        let path = Path::new(directory);
        if !path.is_dir() {
            let what = if path.exists() { "is not a directory" } else { "does not exist" };
            problems.push(format!("{directory} {what}"));
            continue;
        }
        found.push(directory);
        match (read_meta_properties(path), &first) {
            (Err(error), _) => {
                problems.push(format!("Error loading {}: {error}", path.join(META_PROPERTIES).display()));
            }
            (Ok(None), _) => problems.push(format!("{directory} is not formatted.")),
            (Ok(Some(properties)), None) => first = Some(properties),
            (Ok(Some(properties)), Some(first)) if properties.cluster_id != first.cluster_id => {
                problems.push("Mismatched cluster IDs between storage directories.".to_owned());
            }
            (Ok(Some(properties)), Some(first)) if properties.node_id != first.node_id => {
                problems.push("Mismatched node IDs between storage directories.".to_owned());
            }
            (Ok(Some(_)), Some(_)) => {}
        }
    }
    if first.as_ref().is_some_and(|first| first.version == 0) {
        problems.push(
            "The kafka configuration file appears to be for a cluster in KRaft mode, but the directories are \
             formatted for legacy mode."
                .to_owned(),
        );
    }
    let (one, several) = ("Found log directory:", "Found log directories:");
    section(if found.len() == 1 { one } else { several }, found.iter().map(|it| it.as_str()), out);
    if let Some(first) = first {
        out.push(format!("Found metadata: {}", first.shown()));
        out.push(String::new());
    }
    section(
        if problems.len() == 1 { "Found problem:" } else { "Found problems:" },
        problems.iter().map(String::as_str),
        out,
    );
    problems.is_empty()
}

fn section<'a>(title: &str, lines: impl Iterator<Item = &'a str>, out: &mut Vec<String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        out.push(title.to_owned());
        out.extend(lines.map(|line| format!("  {line}")));
        out.push(String::new());
    }
}
