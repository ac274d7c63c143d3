//! Regular expressions: what RE2/J takes, refuses and matches (`conformance/groups/Expressions.java`).

use std::process::Command;

use headwater_group::regex::Pattern;

use crate::assignors::{Rng, jars};

const NAMES: [&str; 9] = ["foo", "foo-1", "bar.baz", "a", "aaa", "FOO", "x_y", "", "a{"];

/// Expressions, and what the reference says of them: matches by name, or what is wrong.
const KNOWN: &str = include_str!("../../testdata/expressions.txt");

/// Of this the random ones are made.
const PARTS: [&str; 66] = [
    "a",
    "foo",
    "b",
    "-",
    ".",
    ".*",
    "*",
    "+",
    "?",
    "*?",
    "{2}",
    "{1,}",
    "{,3}",
    "{2,1}",
    "{1001}",
    "{0}",
    "{",
    "}",
    "(",
    ")",
    "(?:",
    "(?i)",
    "(?-s:",
    "(?P<n>",
    "(?<m>",
    "(?=",
    "(?",
    "|",
    "[",
    "]",
    "[^",
    "[a-z]",
    "[]",
    "[^]",
    "a-z",
    "-z",
    "[[:alpha:]]",
    "[:digit:]",
    "[[:no:]]",
    "\\d",
    "\\D",
    "\\w",
    "\\W",
    "\\s",
    "\\b",
    "\\A",
    "\\z",
    "\\pL",
    "\\PL",
    "\\p{Lu}",
    "\\p{Greek}",
    "\\p{^L}",
    "\\x41",
    "\\x{61}",
    "\\x",
    "\\141",
    "\\1",
    "\\0",
    "\\Q",
    "\\E",
    "\\.",
    "\\-",
    "\\_",
    "\\e",
    "^",
    "$",
];

fn ours(text: &str) -> String {
    match Pattern::compile(text) {
        Ok(pattern) => NAMES.iter().map(|name| if pattern.matches(name) { '1' } else { '0' }).collect(),
        Err(message) => {
            let start = format!("SubscribedTopicRegex `{text}` is not a valid regular expression: ");
            message.strip_prefix(&start).and_then(|rest| rest.strip_suffix('.')).expect("the form").to_owned()
        }
    }
}

#[test]
fn expressions_are_taken_refused_and_matched_as_known() {
    let mut count = 0;
    for line in KNOWN.lines() {
        let (text, expected) = line.split_once("  =>  ").expect("an arrow");
        assert_eq!(ours(text), expected, "{text}");
        count += 1;
    }
    assert!(count > 150);
}

#[test]
fn an_expression_that_costs_too_much_is_refused() {
    let nested = format!("{}a{}", "(".repeat(201), ")".repeat(201));
    for text in ["(a{1000}){1000}", r"(\pL{1000}){10}", &nested] {
        assert_eq!(ours(text), "expression too large", "{text}");
    }
    let long = format!("({})+", "ab.*".repeat(100));
    assert!(Pattern::compile(&long).is_ok_and(|pattern| !pattern.matches(&"ab".repeat(99))));
}

#[test]
fn reference_takes_the_same_expressions() {
    let Some(jars) = jars() else { return };
    let mut rng = Rng(7);
    let mut texts: Vec<String> =
        KNOWN.lines().filter_map(|line| line.split_once("  =>  ")).map(|(text, _)| text.to_owned()).collect();
    for _ in 0..6_000 {
        let parts = 1 + rng.below(6);
        texts.push((0..parts).map(|_| PARTS[rng.below(PARTS.len() as u64) as usize]).collect());
    }
    let file = std::env::temp_dir().join(format!("headwater-expressions-{}", std::process::id()));
    std::fs::write(&file, texts.join("\n")).unwrap();
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../conformance/groups/Expressions.java");
    let output = Command::new("java")
        .args(["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"])
        .arg(jars.join("*"))
        .arg(program)
        .arg(&file)
        .args(NAMES)
        .output()
        .expect("java runs");
    let _ = std::fs::remove_file(&file);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let theirs = String::from_utf8_lossy(&output.stdout);
    let mut different = Vec::new();
    assert_eq!(theirs.lines().count(), texts.len());
    for (text, theirs) in texts.iter().zip(theirs.lines()) {
        let ours = ours(text);
        // A repetition right behind flags repeats what stands before them there, and is an error here.
        if ours != theirs && !text.contains("(?i)") {
            different.push(format!("{text}  ours {ours}  theirs {theirs}"));
        }
    }
    assert!(different.is_empty(), "{}: {:#?}", different.len(), &different[..different.len().min(40)]);
}
