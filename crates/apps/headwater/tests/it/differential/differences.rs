//! Comparing two runs, with the list of what differs on purpose.
//!
//! `differences.txt`: lines `# reason` followed by lines `PAIR | FIELD | REFERENCE | OURS`. `*` stands for any text, `-` for
//! a field that is not there.

use std::collections::BTreeMap;

const KNOWN: &str = include_str!("differences.txt");

type Run = [(String, Vec<String>)];

pub struct Report {
    pub failures: Vec<String>,
    pub summary: String,
}

struct Entry {
    columns: [&'static str; 4],
    needed: usize,
}

/// Whether `pattern`, in which `*` is any text, is all of `text`.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|text| {
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| matches(rest, &text[at..]))
        }),
    }
}

fn known() -> Vec<Entry> {
    let mut reasoned = false;
    let mut entries = Vec::new();
    for line in KNOWN.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.starts_with('#') {
            reasoned = true;
            continue;
        }
        assert!(reasoned, "a difference without a reason: {line}");
        let columns: Vec<&str> = line.split(" | ").collect();
        let columns = columns.try_into().unwrap_or_else(|_| panic!("not four columns: {line}"));
        entries.push(Entry { columns, needed: 0 });
    }
    entries
}

fn fields(lines: &[String]) -> BTreeMap<&str, &str> {
    lines.iter().map(|line| line.split_once(" = ").unwrap_or(("", line))).collect()
}

/// Fields in which two answers differ: name, the reference's value, ours.
fn differing<'a>(expected: &'a [String], found: &'a [String]) -> Vec<[&'a str; 3]> {
    let (expected, found) = (fields(expected), fields(found));
    let mut differing = Vec::new();
    for (field, value) in &expected {
        let ours = found.get(field).copied().unwrap_or("-");
        if ours != *value {
            differing.push([*field, value, ours]);
        }
    }
    for (field, value) in &found {
        if !expected.contains_key(field) {
            differing.push([field, "-", value]);
        }
    }
    differing
}

pub fn compare(expected: &Run, found: &Run) -> Report {
    let mut entries = known();
    let mut failures = Vec::new();
    let (mut equal, mut excused) = (0, 0);
    assert_eq!(
        expected.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        found.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        "the two runs did not ask the same",
    );
    for ((name, expected), (_, found)) in expected.iter().zip(found) {
        let differing = differing(expected, found);
        equal += usize::from(differing.is_empty());
        let mut all_known = !differing.is_empty();
        for [field, theirs, ours] in differing {
            let entry = entries.iter_mut().find(|entry| {
                let [pair, pattern, left, right] = entry.columns;
                matches(pair, name)
                    && matches(pattern, field)
                    && matches(left, theirs)
                    && matches(right, ours)
            });
            match entry {
                Some(entry) => entry.needed += 1,
                None => {
                    all_known = false;
                    failures.push(format!("{name} | {field} | {theirs} | {ours}"));
                }
            }
        }
        excused += usize::from(all_known);
    }
    for entry in entries.iter().filter(|entry| entry.needed == 0) {
        failures.push(format!("no difference needs this any more: {}", entry.columns.join(" | ")));
    }
    let summary = format!(
        "{equal} equal, {excused} different on purpose ({} entries), {} fields unexplained",
        entries.len(),
        failures.len()
    );
    Report { failures, summary }
}

#[test]
fn patterns_match() {
    assert!(matches("a *", "a b"));
    assert!(matches("*.error_code", "topics.0.error_code"));
    assert!(!matches("a *x", "a b"));
    assert!(matches("a", "a"));
}
