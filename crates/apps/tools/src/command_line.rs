//! What Kafka's tools share about their options (`CommandLineUtils`, `CommandDefaultOptions`).

use std::collections::BTreeMap;

use crate::console::{Console, Stop, Thrown};
use crate::jopt::{OptionSet, Row, flag, help};

/// Kafka's version whose tools these are.
pub const VERSION: &str = "4.3.1";

/// `--help` of every tool.
pub const HELP: Row = flag(&["help"], "Print usage information.").for_help();
/// `--version` of every tool.
pub const DISPLAY_VERSION: Row = flag(&["version"], "Display Kafka version.").for_help();

/// Shows why nothing is done, and the help page, both on standard error.
pub fn usage(console: &mut Console, rows: &[Row], message: &str) -> Stop {
    console.error_text(format!("{message}\n{}", help(rows)));
    Stop::Exit(1)
}

/// Answers `--help`, `--version` and an empty command line.
pub fn help_or_version(
    console: &mut Console,
    options: &OptionSet<'_>,
    arguments: &[String],
    message: &str,
) -> Result<(), Stop> {
    if arguments.is_empty() || options.has("help") {
        return Err(usage(console, options.rows(), message));
    }
    if options.has("version") {
        console.line(VERSION);
        return Err(Stop::Exit(0));
    }
    Ok(())
}

/// Every one of these options has to be there.
pub fn require(console: &mut Console, options: &OptionSet<'_>, names: &[&str]) -> Result<(), Stop> {
    match names.iter().find(|name| !options.has(name)) {
        Some(name) => {
            let message = format!("Missing required argument \"{}\"", options.row(name).bracketed());
            Err(usage(console, options.rows(), &message))
        }
        None => Ok(()),
    }
}

/// Exactly one of these options has to be there.
pub fn require_one_of(console: &mut Console, options: &OptionSet<'_>, names: &[&str]) -> Result<(), Stop> {
    if names.iter().filter(|name| options.has(name)).count() == 1 {
        return Ok(());
    }
    let all: Vec<String> = names.iter().map(|name| options.row(name).bracketed()).collect();
    let message = format!("Exactly one of the following arguments is required: {}", all.join(", "));
    Err(usage(console, options.rows(), &message))
}

/// With `used`, none of `invalid` may be there.
pub fn exclude(
    console: &mut Console,
    options: &OptionSet<'_>,
    used: &str,
    invalid: &[&str],
) -> Result<(), Stop> {
    if !options.has(used) {
        return Ok(());
    }
    match invalid.iter().find(|name| options.has(name)) {
        Some(name) => {
            let (used, name) = (options.row(used).bracketed(), options.row(name).bracketed());
            let message = format!("Option \"{used}\" can't be used with option \"{name}\"");
            Err(usage(console, options.rows(), &message))
        }
        None => Ok(()),
    }
}

/// With all of `used`, none of `invalid` may be there.
pub fn exclude_with_all(
    console: &mut Console,
    options: &OptionSet<'_>,
    used: &[&str],
    invalid: &[&str],
    trailing: &str,
) -> Result<(), Stop> {
    if !used.iter().all(|name| options.has(name)) {
        return Ok(());
    }
    match invalid.iter().find(|name| options.has(name)) {
        Some(name) => {
            let all: Vec<String> = used.iter().map(|name| options.row(name).bracketed()).collect();
            let message = format!(
                "Option combination \"[{}]\" can't be used with option \"{}\"{trailing}",
                all.join(", "),
                options.row(name).bracketed()
            );
            Err(usage(console, options.rows(), &message))
        }
        None => Ok(()),
    }
}

/// `key=value` pairs; a missing value is an empty one, or an error where the tool does not accept it.
pub fn key_values(arguments: &[String], accept_missing: bool) -> Result<BTreeMap<String, String>, Thrown> {
    let mut pairs = BTreeMap::new();
    for argument in arguments {
        let (key, value) = argument.split_once('=').unwrap_or((argument, ""));
        if value.is_empty() && !accept_missing {
            // The brace is the reference's.
            return Err(Thrown::illegal_argument(format!("Missing value for key {key}}}")));
        }
        pairs.insert(key.to_owned(), value.to_owned());
    }
    Ok(pairs)
}
