//! The one list of the tools.

use crate::console::Console;
use crate::{
    api_versions, configs, console_producer, consumer_groups, delete_records, dump_log, get_offsets, groups,
    leader_election, log_dirs, topics,
};

/// One tool.
pub struct Tool {
    /// The name of Kafka's script, without `.sh`.
    pub name: &'static str,
    /// What it does, in a few words.
    pub about: &'static str,
    /// Runs it; gives the exit code.
    pub main: fn(&[String], &mut Console) -> i32,
}

const fn tool(name: &'static str, about: &'static str, main: fn(&[String], &mut Console) -> i32) -> Tool {
    Tool { name, about, main }
}

/// All tools, by name.
pub const TOOLS: &[Tool] = &[
    tool("kafka-broker-api-versions", "Show which requests brokers answer", api_versions::main),
    tool("kafka-configs", "Show and change configurations", configs::main),
    tool("kafka-console-producer", "Write lines of standard input as records", console_producer::main),
    tool(
        "kafka-consumer-groups",
        "List, describe and remove groups, set their offsets",
        consumer_groups::main,
    ),
    tool("kafka-delete-records", "Remove the beginning of partitions", delete_records::main),
    tool("kafka-dump-log", "Show what stands in the files of a log directory", dump_log::main),
    tool("kafka-get-offsets", "Show the offsets of partitions", get_offsets::main),
    tool("kafka-groups", "List groups of all kinds", groups::main),
    tool("kafka-leader-election", "Have leaders of partitions elected", leader_election::main),
    tool("kafka-log-dirs", "Show where partitions lie and how large they are", log_dirs::main),
    tool("kafka-topics", "Make, remove, describe and change topics", topics::main),
];

/// The tool that a word names: its name, with `.sh` or not.
pub fn find(name: &str) -> Option<&'static Tool> {
    let name = name.strip_suffix(".sh").unwrap_or(name);
    TOOLS.iter().find(|tool| tool.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_stand_by_name_and_are_found_with_and_without_suffix() {
        assert!(TOOLS.is_sorted_by_key(|tool| tool.name));
        for tool in TOOLS {
            let script = format!("{}.sh", tool.name);
            assert_eq!(find(&script).map(|it| it.name), Some(tool.name));
            assert!(find(tool.name).is_some() && !tool.about.is_empty());
        }
        assert!(find("start").is_none() && find("kafka").is_none());
    }
}
