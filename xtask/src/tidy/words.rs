//! Words that promise something for later, and names that belong to somebody's machine.

use std::path::Path;

use super::Finding;
use super::source::{relative, walk};

/// Words that say a piece of work is not done, each in two halves so that this file does not find itself.
const UNFINISHED: &[(&str, &str)] = &[
    ("TO", "DO"),
    ("FIX", "ME"),
    ("XX", "X"),
    ("for", " now"),
    ("st", "ub"),
    ("place", "holder"),
    ("not yet", " implemented"),
];

/// Parts of paths and of hosts that exist on one machine only.
const LOCAL: &[(&str, &str)] = &[
    ("/wo", "rk/"),
    ("/ro", "ot/"),
    ("/home", "/"),
    ("/Us", "ers/"),
    ("arti", "factory"),
    ("jf", "rog"),
    ("nexus", "."),
    (".inter", "nal/"),
];

/// Endings of the files whose words are looked at.
const TEXTS: &[&str] =
    &["rs", "toml", "md", "txt", "py", "java", "go", "js", "mjs", "ts", "sh", "yml", "yaml", ""];

/// Looks at every text file of the project.
pub fn check(root: &Path, findings: &mut Vec<Finding>) -> Result<(), String> {
    for file in walk(root)? {
        let extension = file.extension().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        let path = relative(root, &file);
        if !TEXTS.contains(&extension.as_str()) || path == "LICENSE" || path == "Cargo.lock" {
            continue;
        }
        // A binary file has no words.
        if let Ok(text) = std::fs::read_to_string(&file) {
            check_text(&path, &text, findings);
        }
    }
    Ok(())
}

fn check_text(path: &str, text: &str, findings: &mut Vec<Finding>) {
    for (index, line) in text.lines().enumerate() {
        let mut find = |rule, what| {
            findings.push(Finding { path: path.to_owned(), line: index + 1, rule, what });
        };
        for (left, right) in UNFINISHED {
            if has_word(line, &format!("{left}{right}")) {
                find("unfinished", format!("`{left}{right}`: finish it, or say what is"));
            }
        }
        for (left, right) in LOCAL {
            if line.contains(&format!("{left}{right}")) {
                find("machine", format!("`{left}{right}`: a name of somebody's machine"));
            }
        }
    }
}

fn has_word(line: &str, word: &str) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(is_letter) && !line[at + word.len()..].starts_with(is_letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planted_words_are_found() {
        let join = |(left, right): (&str, &str)| format!("// {left}{right}");
        let cases = [
            (join(("TO", "DO")), 1),
            (join(("works for", " now.")), 1),
            (join(("a st", "ub")), 1),
            (join(("st", "ubborn")), 0),
            (join(("see /ro", "ot/x")), 1),
            ("nothing of the kind".to_owned(), 0),
        ];
        for (text, expected) in cases {
            let mut findings = Vec::new();
            check_text("a.rs", &text, &mut findings);
            assert_eq!(findings.len(), expected, "{text}");
        }
    }
}
