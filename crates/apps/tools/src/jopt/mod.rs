//! Options as joptsimple 5.0.4 reads and shows them, the library of most of Kafka's tools.
//!
//! Equal to it in all that a user can see: which spellings are accepted (`--name value`, `--name=value`, `-name value`,
//! clusters of short options, unambiguous prefixes where a tool allows them), in the sentences of its refusals, in the layout of
//! its help page.

mod help;
mod line_break;
mod names;
mod parse;
mod row;
mod set;

pub use help::help;
pub use names::Names;
pub use parse::parse;
pub use row::{Argument, Kind, Row, flag, takes, takes_maybe};
pub use set::OptionSet;

use std::fmt;

/// Why a command line is refused, in the library's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionError {
    /// No option of this name.
    Unrecognized(String),
    /// An option that needs an argument is the last word.
    MissingArgument(String),
    /// Options without which nothing works.
    MissingRequired(Vec<String>),
    /// Options that need another one, which is not there.
    Unavailable(Vec<String>),
    /// An argument that is not of the option's kind.
    Conversion {
        /// The argument.
        argument: String,
        /// The option's names, divided by slashes.
        option: String,
    },
    /// A second argument for an option that is asked for one.
    Multiple(String),
}

impl OptionError {
    /// The exception's class, for tools that do not catch it.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Unrecognized(_) => "joptsimple.UnrecognizedOptionException",
            Self::MissingArgument(_) => "joptsimple.OptionMissingRequiredArgumentException",
            Self::MissingRequired(_) => "joptsimple.MissingRequiredOptionsException",
            Self::Unavailable(_) => "joptsimple.UnavailableOptionException",
            Self::Conversion { .. } => "joptsimple.OptionArgumentConversionException",
            Self::Multiple(_) => "joptsimple.MultipleArgumentsForOptionException",
        }
    }
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unrecognized(option) => write!(f, "{option} is not a recognized option"),
            Self::MissingArgument(option) => write!(f, "Option {option} requires an argument"),
            Self::MissingRequired(options) => {
                write!(f, "Missing required option(s) [{}]", options.join(", "))
            }
            Self::Unavailable(options) => {
                let options = options.join(", ");
                write!(f, "Option(s) [{options}] are unavailable given other options on the command line")
            }
            Self::Conversion { argument, option } => {
                write!(f, "Cannot parse argument '{argument}' of option {option}")
            }
            Self::Multiple(option) => {
                write!(f, "Found multiple arguments for option {option}, but you asked for only one")
            }
        }
    }
}

impl std::error::Error for OptionError {}
