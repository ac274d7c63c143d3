//! Values of configuration keys: parsed from text and shown as text exactly as `ConfigDef` does.

use std::collections::BTreeSet;
use std::fmt;

use super::check;
use super::definition::{Check, Definition, Fallback, Kind};

/// A parsed value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// Of a boolean key.
    Boolean(bool),
    /// Of a short, int or long key.
    Integer(i64),
    /// Of a double key.
    Double(f64),
    /// Of a text, class or password key.
    Text(String),
    /// Of a list key.
    List(Vec<String>),
}

/// Kafka's text about a value that is refused (`ConfigException.getMessage`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(pub String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl ConfigError {
    /// The usual form: which value, which key, what is wrong.
    pub(super) fn invalid(name: &str, value: impl fmt::Display, what: impl fmt::Display) -> Self {
        Self(format!("Invalid value {value} for configuration {name}: {what}"))
    }
}

impl Definition {
    /// Parses and checks one value.
    ///
    /// # Errors
    /// When the text is no value of the key's type or breaks its rule; the error is the reference's message.
    pub fn parse(&self, text: &str) -> Result<Value, ConfigError> {
        let mut value = parse_kind(self.name, text, self.kind)?;
        if let (Check::ListOf { .. }, Value::List(entries)) = (self.check, &mut value) {
            // The reference drops what is named twice, with a warning, before it looks at a list that has a rule.
            let mut seen = BTreeSet::new();
            entries.retain(|entry| seen.insert(entry.clone()));
        }
        check::check(self, &value)?;
        Ok(value)
    }

    /// The value that holds when the key is not set; `Null` also for a required key.
    #[must_use]
    pub fn default_value(&self) -> Value {
        match self.default {
            Fallback::Required | Fallback::Null => Value::Null,
            // A row whose default cannot be parsed is found by the test over all rows.
            Fallback::Text(text) => parse_kind(self.name, text, self.kind).unwrap_or(Value::Null),
        }
    }
}

fn parse_kind(name: &str, raw: &str, kind: Kind) -> Result<Value, ConfigError> {
    // Java trims what is not above the blank, control characters included.
    let trimmed = raw.trim_matches(|c: char| c <= ' ');
    let not_a_number =
        || ConfigError::invalid(name, raw, format_args!("Not a number of type {}", kind.name()));
    Ok(match kind {
        Kind::Boolean if trimmed.eq_ignore_ascii_case("true") => Value::Boolean(true),
        Kind::Boolean if trimmed.eq_ignore_ascii_case("false") => Value::Boolean(false),
        Kind::Boolean => {
            return Err(ConfigError::invalid(name, raw, "Expected value to be either true or false"));
        }
        Kind::Short => Value::Integer(trimmed.parse::<i16>().map_err(|_| not_a_number())?.into()),
        Kind::Int => Value::Integer(trimmed.parse::<i32>().map_err(|_| not_a_number())?.into()),
        Kind::Long => Value::Integer(trimmed.parse().map_err(|_| not_a_number())?),
        Kind::Double => Value::Double(parse_double(trimmed).ok_or_else(not_a_number)?),
        Kind::Text | Kind::Class | Kind::Password => Value::Text(trimmed.to_owned()),
        Kind::List => Value::List(split_list(trimmed)),
    })
}

/// Commas separate, blanks around them do not count; an empty text is an empty list.
fn split_list(trimmed: &str) -> Vec<String> {
    if trimmed.is_empty() {
        return Vec::new();
    }
    trimmed
        .split(',')
        .map(|part| part.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']).to_owned())
        .collect()
}

/// `Double.parseDouble` for decimal notation: a trailing type letter is allowed, other names of infinity are not.
fn parse_double(text: &str) -> Option<f64> {
    let unsigned = text.trim_start_matches(['+', '-']);
    match unsigned {
        "NaN" => return Some(f64::NAN),
        "Infinity" => return Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }),
        _ if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') => return None,
        _ => {}
    }
    text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text).parse().ok()
}

/// Java's notation of a double: decimal between 10⁻³ and 10⁷, else one digit, a fraction and an exponent.
pub(super) fn double_text(value: f64) -> String {
    let size = value.abs();
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() }
    } else if size == 0.0 || (1e-3..1e7).contains(&size) {
        format!("{value:?}")
    } else {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let fraction = if digits.contains('.') { "" } else { ".0" };
        format!("{digits}{fraction}E{exponent}")
    }
}

/// The text that would be parsed into the value (`ConfigDef.convertToString`); nothing for `Null`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => Ok(()),
            Value::Boolean(value) => value.fmt(f),
            Value::Integer(value) => value.fmt(f),
            Value::Double(value) => f.write_str(&double_text(*value)),
            Value::Text(value) => f.write_str(value),
            Value::List(values) => f.write_str(&values.join(",")),
        }
    }
}

impl Value {
    /// As Java's `toString` shows it inside a message.
    pub(super) fn in_message(&self) -> String {
        match self {
            Value::Null => "null".to_owned(),
            Value::List(values) => format!("[{}]", values.join(", ")),
            other => other.to_string(),
        }
    }
}
