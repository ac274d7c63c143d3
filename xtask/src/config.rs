//! `cargo xtask config`: asks Apache Kafka's own `ConfigDef` about every configuration key and compares our table with
//! its answers: types, defaults, rules, importance, scopes, synonyms, and what becomes of some sixty values each.
//!
//! Then the cases of whole node configurations in `crates/types/base/testdata/node_config.txt`, which the tests of
//! `base` run, are put to `KafkaConfig`; `--update` writes its outcomes into the file.
//!
//! The questions are asked by the Java programs in `conformance/config/`, run from source with the reference's jars.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use headwater_base::config::{Check, Definition, Fallback, Importance, Scope, node, topic};

use crate::{Outcome, workspace_root};

const CASES: &str = "crates/types/base/testdata/node_config.txt";

pub fn run(arguments: &[String]) -> Outcome {
    let jars = reference_jars().ok_or("the reference's jars are not there; `./test` fetches them")?;
    let cases = ask(&jars, "NodeChecks.java", &[CASES])?;
    let file = workspace_root().join(CASES);
    if arguments.iter().any(|argument| argument == "--update") {
        std::fs::write(&file, &cases).map_err(|error| format!("{}: {error}", file.display()))?;
    } else if std::fs::read_to_string(&file).ok().as_ref() != Some(&cases) {
        return Err(format!(
            "the outcomes in {CASES} are not the reference's; --update and look at the difference"
        ));
    }
    let facts = ask(&jars, "ConfigFacts.java", &[])?;
    let differences = compare(&facts);
    if differences.is_empty() {
        return Ok(format!("{} answers of the reference agree with the table", facts.lines().count()));
    }
    Err(format!("{} differences\n{}", differences.len(), differences.join("\n")))
}

/// Where `./test` puts the reference's jars, if they are there.
pub fn reference_jars() -> Option<PathBuf> {
    let cache = match std::env::var_os("HEADWATER_CACHE") {
        Some(cache) => PathBuf::from(cache),
        None => PathBuf::from(std::env::var_os("HOME")?).join(".cache/headwater"),
    };
    Some(cache.join("kafka-4.3.1/libs")).filter(|jars| jars.is_dir())
}

fn ask(jars: &Path, program: &str, arguments: &[&str]) -> Outcome {
    let output = Command::new("java")
        .args(["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8"])
        .arg("-cp")
        .arg(jars.join("*"))
        .arg(workspace_root().join("conformance/config").join(program))
        .args(arguments)
        .current_dir(workspace_root())
        .output()
        .map_err(|error| format!("java: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}

/// One line for each answer that is not ours.
fn compare(facts: &str) -> Vec<String> {
    let mut differences = Vec::new();
    let mut asked = BTreeSet::new();
    for line in facts.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let (expected, found) = match fields[..] {
            ["key", table, name, ..] => {
                asked.insert((table.to_owned(), name.to_owned()));
                (fields[3..].join("\t"), definition(table, name).map(|row| describe(table, row)))
            }
            ["probe", table, name, value, outcome] => {
                (outcome.to_owned(), definition(table, name).map(|row| probe(row, value)))
            }
            _ => (line.to_owned(), None),
        };
        if found.as_deref() != Some(expected.as_str()) {
            let found = found.as_deref().unwrap_or("nothing");
            differences.push(format!(
                "{}:\n  reference {expected}\n  ours      {found}",
                fields[..4.min(fields.len())].join(" ")
            ));
        }
    }
    let ours =
        node::definitions().map(|row| ("node", row)).chain(topic::definitions().map(|row| ("topic", row)));
    for (table, row) in ours.filter(|(_, row)| !row.name.starts_with("headwater.")) {
        if !asked.contains(&(table.to_owned(), row.name.to_owned())) {
            differences.push(format!("{table} key {} is unknown to the reference", row.name));
        }
    }
    differences
}

fn definition(table: &str, name: &str) -> Option<&'static Definition> {
    if table == "topic" { topic::definition(name) } else { node::definition(name) }
}

fn probe(row: &Definition, value: &str) -> String {
    match row.parse(value) {
        Ok(value) => format!("ok {value}"),
        Err(error) => format!("error {error}"),
    }
}

/// A row in the form in which `ConfigFacts` prints the reference's.
fn describe(table: &str, row: &Definition) -> String {
    let default = match row.default {
        Fallback::Required => "<required>",
        Fallback::Null => "<null>",
        Fallback::Text(text) => text,
    };
    let importance = match row.importance {
        Importance::High => "HIGH",
        Importance::Medium => "MEDIUM",
        Importance::Low => "LOW",
    };
    let last = match row.scope {
        Scope::ReadOnly => "read-only".to_owned(),
        Scope::PerBroker => "per-broker".to_owned(),
        Scope::ClusterWide => "cluster-wide".to_owned(),
        Scope::Topic => {
            let synonyms = topic::synonyms(row.name);
            let texts: Vec<String> = synonyms.iter().map(|it| format!("{}*{}", it.name, it.factor)).collect();
            texts.join(" ")
        }
        // The reference's programs do not tell of these tables.
        Scope::Group | Scope::ClientMetrics => String::new(),
    };
    debug_assert_eq!(table == "topic", row.scope == Scope::Topic);
    [row.kind.name(), default, &rule(row), importance, if row.internal { "true" } else { "false" }, &last]
        .join("\t")
}

fn rule(row: &Definition) -> String {
    match row.check {
        Check::Any => String::new(),
        Check::AtLeast(least) => format!("Range [{least},...]"),
        Check::Between(least, most) => format!("Range [{least},...,{most}]"),
        Check::GzipLevel => "LambdaValidator [1,...,9] or -1".to_owned(),
        Check::OneOf(choices) => format!("ValidString [{}]", choices.join(", ")),
        Check::OneOfAnyCase(choices) => {
            format!("CaseInsensitiveValidString (case insensitive) [{}]", choices.join(", "))
        }
        Check::ListOf { of, may_be_empty } => {
            let of = if of.is_empty() { String::new() } else { format!("[{}]", of.join(", ")) };
            let empty = if may_be_empty { " isEmptyAllowed" } else { "" };
            format!("ValidList {of}{empty}")
        }
        Check::NotEmpty => "NonEmptyString non-empty string".to_owned(),
        Check::NotNull => "NonNullValidator non-null string".to_owned(),
        Check::ThrottledReplicas => {
            "ThrottledReplicaListValidator [partitionId]:[brokerId],[partitionId]:[brokerId],...".to_owned()
        }
        Check::Voters => "ControllerQuorumVotersValidator non-empty list".to_owned(),
        Check::OffsetReset => "Validator [latest, earliest, by_duration:PnDTnHnMn.nS]".to_owned(),
        Check::HostPorts => "ControllerQuorumBootstrapServersValidator non-empty list".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_references() {
        if reference_jars().is_none() {
            eprintln!("skipped: the reference's jars are not there; `./test` fetches them");
            return;
        }
        let said = run(&[]).expect("the reference agrees");
        let answers: usize = said.split(' ').next().and_then(|count| count.parse().ok()).expect("a count");
        assert!(answers > 20_000, "{said}");
    }

    #[test]
    fn a_wrong_answer_is_found() {
        let right = "probe\ttopic\tretention.ms\t-2\terror Invalid value -2 for configuration retention.ms: Value must be at least -1";
        let of_right = compare(right);
        let wrong = compare(&right.replace("at least", "below"));
        assert_eq!(wrong.len(), of_right.len() + 1, "{wrong:?}");
    }
}
