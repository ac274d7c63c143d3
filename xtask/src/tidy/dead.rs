//! Files that no module names: they are not compiled, so nobody notices when they rot.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use super::source::Source;

/// Walks the module tree of every crate and reports the files it never comes to.
pub fn check(sources: &[Source], findings: &mut Vec<Finding>) {
    let by_path: BTreeMap<&str, &Source> =
        sources.iter().map(|source| (source.path.as_str(), source)).collect();
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&str> = by_path.keys().copied().filter(|path| is_root(path)).collect();
    while let Some(path) = waiting.pop() {
        if !reached.insert(path) {
            continue;
        }
        for module in modules(&by_path[path].code) {
            let folder = folder_of_modules(path);
            for candidate in [format!("{folder}/{module}.rs"), format!("{folder}/{module}/mod.rs")] {
                if let Some((path, _)) = by_path.get_key_value(candidate.as_str()) {
                    waiting.push(path);
                }
            }
        }
    }
    for path in by_path.keys().filter(|path| !reached.contains(*path)) {
        let what = "no module names this file".to_owned();
        findings.push(Finding { path: (*path).to_owned(), line: 0, rule: "dead-file", what });
    }
}

/// Files from which a compiler starts.
fn is_root(path: &str) -> bool {
    let direct = |folder: &str| path.rsplit_once('/').is_some_and(|(parent, _)| parent.ends_with(folder));
    path.ends_with("/src/lib.rs")
        || path.ends_with("/src/main.rs")
        || path.ends_with("/build.rs")
        || path.ends_with("/tests/it/main.rs")
        || (path.ends_with("/main.rs") && path.contains("/examples/"))
        || ["/tests", "/benches", "/examples", "/src/bin"].iter().any(|folder| direct(folder))
}

/// Where the modules that a file names lie.
fn folder_of_modules(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    match name {
        "mod.rs" | "lib.rs" | "main.rs" => folder.to_owned(),
        _ if is_root(path) => folder.to_owned(),
        _ => format!("{folder}/{}", name.trim_end_matches(".rs")),
    }
}

/// Names behind `mod` that are followed by a semicolon.
fn modules(code: &str) -> Vec<&str> {
    code.split(';')
        .filter_map(|statement| {
            let (before, name) = statement.rsplit_once("mod ")?;
            let stands_alone = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
            (stands_alone && is_name).then_some(name)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planted_dead_file_is_found() {
        let files = [
            (
                "crates/core/x/src/lib.rs",
                "pub mod a;\nmod b;\n#[cfg(test)]\nmod tests;\nmod inline { mod c; }",
            ),
            ("crates/core/x/src/a.rs", "mod deep;"),
            ("crates/core/x/src/a/deep.rs", ""),
            ("crates/core/x/src/b/mod.rs", "pub(crate) mod leaf;"),
            ("crates/core/x/src/b/leaf.rs", ""),
            ("crates/core/x/src/tests.rs", ""),
            ("crates/core/x/src/deep.rs", ""),
            ("crates/core/x/tests/it/main.rs", "mod case;"),
            ("crates/core/x/tests/it/case.rs", ""),
        ];
        let sources: Vec<Source> =
            files.iter().map(|(path, text)| Source::new((*path).to_owned(), (*text).to_owned())).collect();
        let mut findings = Vec::new();
        check(&sources, &mut findings);
        let dead: Vec<&str> = findings.iter().map(|finding| finding.path.as_str()).collect();
        assert_eq!(dead, ["crates/core/x/src/deep.rs"]);
    }
}
