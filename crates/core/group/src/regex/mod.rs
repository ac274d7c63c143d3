//! Regular expressions by which members choose topics: RE2's language, in time linear in the text.
//!
//! Kafka takes RE2/J. An expression is read here by that library's rules, with its words for what is wrong, and handed on
//! in the words of the crate `regex`, which knows neither `\Q…\E` nor octal numbers and knows some things too many.
//!
//! What an expression can cost is bounded: its nesting by [`MAX_NESTING`], its program by [`MAX_PROGRAM_BYTES`]. The
//! reference has no such limit.

mod class;
mod translate;

use std::fmt;

use regex::{Regex, RegexBuilder};

/// Groups within groups.
pub const MAX_NESTING: u32 = 200;
/// The compiled program, in bytes: some hundred thousand characters of plain text, or 1,000 repetitions of a long name.
pub const MAX_PROGRAM_BYTES: usize = 2 << 20;
/// What one search may keep in memory to be quick, in bytes.
const MAX_CACHE_BYTES: usize = 1 << 20;

/// What is wrong with an expression, in RE2/J's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    MissingBracket,
    MissingParen,
    UnexpectedParen,
    Range,
    Escape,
    TrailingBackslash,
    Repeat,
    NestedRepeat,
    RepeatCount,
    Perl,
    NamedCapture,
    DuplicateName,
    TooLarge,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::MissingBracket => "missing closing ]",
            Fault::MissingParen => "missing closing )",
            Fault::UnexpectedParen => "regexp/syntax: internal error",
            Fault::Range => "invalid character class range",
            Fault::Escape => "invalid escape sequence",
            Fault::TrailingBackslash => "trailing backslash at end of expression",
            Fault::Repeat => "missing argument to repetition operator",
            Fault::NestedRepeat => "invalid nested repetition operator",
            Fault::RepeatCount => "invalid repeat count",
            Fault::Perl => "invalid or unsupported Perl syntax",
            Fault::NamedCapture => "invalid named capture",
            Fault::DuplicateName => "duplicate capture group name",
            Fault::TooLarge => "expression too large",
        })
    }
}

/// A compiled expression.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// Compiles an expression.
    ///
    /// # Errors
    /// The message that goes with INVALID_REGULAR_EXPRESSION (`Utils.throwIfRegularExpressionIsInvalid`).
    pub fn compile(text: &str) -> Result<Self, String> {
        build(text).map(Self).map_err(|fault| {
            format!("SubscribedTopicRegex `{text}` is not a valid regular expression: {fault}.")
        })
    }

    /// Whether all of the name fits.
    #[must_use]
    pub fn matches(&self, topic: &str) -> bool {
        self.0.is_match(topic)
    }
}

fn build(text: &str) -> Result<Regex, Fault> {
    let translated = translate::translate(text)?;
    RegexBuilder::new(&format!(r"\A(?:{translated})\z"))
        .size_limit(MAX_PROGRAM_BYTES)
        .dfa_size_limit(MAX_CACHE_BYTES)
        .nest_limit(MAX_NESTING + 10)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => Fault::TooLarge,
            // All that is left to the crate: names of scripts, and an operator after a group of flags alone.
            _ if translated.contains(r"\p{") || translated.contains(r"\P{") => Fault::Range,
            _ => Fault::Repeat,
        })
}
