//! Kafka's command-line tools by their names, with their options, their standard output and their exit codes, byte for byte.
//!
//! - One file or folder per tool, one row per tool in [`TOOLS`], from which dispatch, links, help and tests derive.
//! - `jopt` and `argparse` are the two option libraries of Kafka's tools; `java` is what the tools show of Java itself.
//! - A tool's standard output is the reference's; so is its exit code, and the first line of its standard error. Stack traces and
//!   log lines of the reference are left out.
//! - What differs on purpose stands in `conformance/command-line/differences.txt`, with its reason.
//!
//! It does not know the broker: a tool that asks a cluster does so through `headwater-client`, so that it also works with
//! Apache Kafka.

mod api_versions;
pub mod cluster;
pub mod command_line;
mod configs;
pub mod console;
mod console_producer;
mod consumer_groups;
mod delete_records;
mod dump_log;
mod filter;
mod format;
mod get_offsets;
mod groups;
mod install;
pub mod java;
pub mod jopt;
pub mod json;
mod leader_election;
mod log_dirs;
pub mod records;
mod tools;
mod topics;

pub use install::install;
pub use tools::{TOOLS, Tool, find};
