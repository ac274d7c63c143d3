//! The one list of the tools.

use crate::console::Console;
use crate::dump_log;

/// One tool.
pub struct Tool {
    /// The name of Kafka's script, without `.sh`.
    pub name: &'static str,
    /// What it does, in a few words.
    pub about: &'static str,
    /// Runs it; gives the exit code.
    pub main: fn(&[String], &mut Console) -> i32,
}

/// All tools, by name.
pub const TOOLS: &[Tool] = &[Tool {
    name: "kafka-dump-log",
    about: "Show what stands in the files of a log directory",
    main: dump_log::main,
}];

/// The tool that a word names: its name, with `.sh` or not.
pub fn find(name: &str) -> Option<&'static Tool> {
    let name = name.strip_suffix(".sh").unwrap_or(name);
    TOOLS.iter().find(|tool| tool.name == name)
}
