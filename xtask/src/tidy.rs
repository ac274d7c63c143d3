//! `cargo xtask tidy`: the house rules that a machine can check, as an ordinary test too.
//!
//! Calls that a floor must not make, files and functions that grew too long, files that no module names, words that
//! promise something for later, paths of somebody's machine. What is excused is a row in `ALLOWED` with its reason; a row
//! that excuses nothing any more is an error as well.

mod dead;
mod rules;
mod sizes;
mod source;
mod words;

use std::path::Path;

use crate::{Outcome, workspace_root};
use source::Source;

/// One broken rule at one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    /// Path from the root of the workspace, with slashes.
    path: String,
    /// Line, from 1; 0 for the whole file.
    line: usize,
    /// The rule's short name, by which it can be excused.
    rule: &'static str,
    /// What was found.
    what: String,
}

/// One excuse: files that begin with `path` may break `rule`, for this reason.
struct Allowed {
    path: &'static str,
    rule: &'static str,
    reason: &'static str,
}

const ALLOWED: &[Allowed] = &[
    Allowed {
        path: "crates/core/log/src/disk/mem.rs",
        rule: "interior-mutability",
        reason: "a disk in memory is shared by its files as a real one is",
    },
    Allowed {
        path: "crates/core/log/src/segment/",
        rule: "interior-mutability",
        reason: "a segment opens its files when a shared reader first needs them",
    },
    Allowed {
        path: "crates/apps/sim/src/main.rs",
        rule: "environment",
        reason: "the simulator's command line; it is no part of what is simulated",
    },
    Allowed {
        path: "crates/apps/sim/src/client.rs",
        rule: "environment",
        reason: "whether the story of a seed is printed; nothing that is simulated sees it",
    },
    Allowed {
        path: "crates/apps/sim/src/seeds.rs",
        rule: "clock",
        reason: "how many seeds a minute are played is told in real time",
    },
];

pub fn run(_: &[String]) -> Outcome {
    let root = workspace_root();
    let sources = source::read_all(&root)?;
    let findings = excuse(check(&root, &sources)?, ALLOWED);
    if findings.is_empty() {
        return Ok(format!("{} source files are in order", sources.len()));
    }
    let lines: Vec<String> =
        findings.iter().map(|it| format!("{}:{}: [{}] {}", it.path, it.line, it.rule, it.what)).collect();
    Err(format!("{} findings\n{}", lines.len(), lines.join("\n")))
}

fn check(root: &Path, sources: &[Source]) -> Result<Vec<Finding>, String> {
    let mut findings = Vec::new();
    for source in sources {
        rules::check(source, &mut findings);
        sizes::check(source, &mut findings);
    }
    dead::check(sources, &mut findings);
    words::check(root, &mut findings)?;
    findings.sort();
    Ok(findings)
}

/// Takes out what is excused and adds the excuses that nobody needs.
fn excuse(findings: Vec<Finding>, allowed: &[Allowed]) -> Vec<Finding> {
    let covers =
        |row: &Allowed, finding: &Finding| finding.path.starts_with(row.path) && finding.rule == row.rule;
    let idle = allowed.iter().filter(|row| !findings.iter().any(|finding| covers(row, finding)));
    let idle: Vec<Finding> = idle
        .map(|row| Finding {
            path: row.path.to_owned(),
            line: 0,
            rule: "allowed",
            what: format!("nothing breaks `{}` here any more (it was excused: {})", row.rule, row.reason),
        })
        .collect();
    let open = findings.into_iter().filter(|finding| !allowed.iter().any(|row| covers(row, finding)));
    open.chain(idle).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_is_tidy() {
        if let Err(findings) = run(&[]) {
            panic!("{findings}");
        }
    }

    #[test]
    fn excuses_are_used_up() {
        let finding = Finding { path: "a/b.rs".to_owned(), line: 3, rule: "size", what: String::new() };
        let row = |path, rule| Allowed { path, rule, reason: "because" };
        assert_eq!(excuse(vec![finding.clone()], &[row("a/", "size")]), []);
        assert_eq!(excuse(vec![finding.clone()], &[]), [finding]);
        let idle = excuse(Vec::new(), &[row("a/", "size")]);
        assert_eq!((idle.len(), idle[0].rule), (1, "allowed"));
    }
}
