//! A message as lines `path = value`, from what `{:#?}` prints of it.

use std::collections::{BTreeMap, BTreeSet};

/// Fields by which an element of an array is told from the others, the better ones first.
const IDENTITIES: &[&str] = &[
    "name",
    "topic",
    "partition_index",
    "partition",
    "index",
    "topic_id",
    "key",
    "group_id",
    "node_id",
    "broker_id",
    "resource_name",
    "member_id",
];

/// One line for each field that is not a structure itself, in the order of the message.
pub fn flatten(printed: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open: Vec<Level> = Vec::new();
    for line in printed.lines() {
        let line = line.trim().trim_end_matches(',');
        match line {
            "}" | "]" | ")" => {
                open.pop();
            }
            _ => {
                let (name, rest) = split_name(line);
                let name =
                    name.map_or_else(|| open.last_mut().map_or_else(String::new, Level::next), str::to_owned);
                if rest.ends_with(['{', '[', '(']) && !rest.starts_with('"') {
                    open.push(Level { name, array: rest == "[", count: 0 });
                } else {
                    let path: Vec<&str> = open
                        .iter()
                        .map(|level| &*level.name)
                        .chain([&*name])
                        .filter(|part| !part.is_empty())
                        .collect();
                    lines.push(format!("{} = {rest}", path.join(".")));
                }
            }
        }
    }
    lines
}

struct Level {
    name: String,
    array: bool,
    count: usize,
}

impl Level {
    /// The name of an element: its index in an array, nothing in `Some(…)`.
    fn next(&mut self) -> String {
        self.count += 1;
        if self.array { (self.count - 1).to_string() } else { String::new() }
    }
}

/// The field's name, if the line begins with one.
fn split_name(line: &str) -> (Option<&str>, &str) {
    match line.split_once(": ") {
        Some((name, rest))
            if name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') =>
        {
            (Some(name), rest)
        }
        _ => (None, line),
    }
}

/// Elements of arrays under what they are (a topic's name, a partition's index) instead of their place, since the order
/// of most arrays means nothing. A second element of that name gets `#2`.
pub fn by_identity(lines: Vec<String>) -> Vec<String> {
    let mut identities: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for line in &lines {
        let Some((path, value)) = line.split_once(" = ") else { continue };
        let Some((element, field)) = path.rsplit_once('.') else { continue };
        let Some(rank) = IDENTITIES.iter().position(|identity| *identity == field) else { continue };
        let is_element =
            element.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        if !is_element || matches!(value, "\"\"" | "None") {
            continue;
        }
        let better = identities.get(element).is_none_or(|(known, _)| rank < *known);
        if better {
            identities.insert(element.to_owned(), (rank, value.replace('.', "·")));
        }
    }
    let mut taken = BTreeSet::new();
    let mut names = BTreeMap::new();
    for (element, (_, name)) in &identities {
        let (parent, _) = element.rsplit_once('.').unwrap_or_default();
        let free = (1..).map(|n| if n == 1 { name.clone() } else { format!("{name}#{n}") });
        let name = free.into_iter().find(|name| taken.insert((parent.to_owned(), name.clone())));
        names.insert(element.clone(), name.unwrap_or_default());
    }
    lines.iter().map(|line| renamed(line, &names)).collect()
}

fn renamed(line: &str, names: &BTreeMap<String, String>) -> String {
    let Some((path, value)) = line.split_once(" = ") else { return line.to_owned() };
    let (mut element, mut shown) = (String::new(), Vec::new());
    for part in path.split('.') {
        if !element.is_empty() {
            element.push('.');
        }
        element.push_str(part);
        shown.push(names.get(&element).map_or(part, |name| name));
    }
    format!("{} = {value}", shown.join("."))
}

#[test]
fn fields_get_paths() {
    #[derive(Debug)]
    #[allow(dead_code)]
    struct Inner {
        code: i16,
        text: Option<String>,
    }
    #[derive(Debug)]
    #[allow(dead_code)]
    struct Outer {
        empty: Vec<i32>,
        parts: Vec<Inner>,
    }
    let text = Some("a: b {".to_owned());
    let outer = Outer { empty: vec![], parts: vec![Inner { code: 1, text }, Inner { code: 2, text: None }] };
    let expected = [
        "empty = []",
        "parts.0.code = 1",
        "parts.0.text = \"a: b {\"",
        "parts.1.code = 2",
        "parts.1.text = None",
    ];
    assert_eq!(flatten(&format!("{outer:#?}")), expected);
}

#[test]
fn elements_get_their_names() {
    let lines = [
        "t.0.name = \"b\"",
        "t.0.parts.0.partition = 7",
        "t.0.parts.0.x = 1",
        "t.1.name = \"b\"",
        "t.1.y = []",
    ];
    let named = by_identity(lines.map(str::to_owned).to_vec());
    let expected = [
        "t.\"b\".name = \"b\"",
        "t.\"b\".parts.7.partition = 7",
        "t.\"b\".parts.7.x = 1",
        "t.\"b\"#2.name = \"b\"",
        "t.\"b\"#2.y = []",
    ];
    assert_eq!(named, expected);
}
