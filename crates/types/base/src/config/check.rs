//! The rules that values must obey, with the reference's messages (`ConfigDef.Validator` and its kin).

use super::definition::{Check, Definition};
use super::host_port;
use super::iso_duration;
use super::value::{ConfigError, Value, double_text};

/// Applies a key's rule to a parsed value.
pub(super) fn check(definition: &Definition, value: &Value) -> Result<(), ConfigError> {
    let name = definition.name;
    let invalid = |what: String| Err(ConfigError::invalid(name, value.in_message(), what));
    match definition.check {
        Check::Any => Ok(()),
        Check::AtLeast(least) => range(name, value, least, f64::INFINITY),
        Check::Between(least, most) => range(name, value, least, most),
        Check::GzipLevel => match value {
            Value::Integer(-1 | 1..=9) => Ok(()),
            _ => invalid("Value must be between 1 and 9 or equal to -1".to_owned()),
        },
        Check::OneOf(choices) => one_of(name, value, choices),
        Check::OneOfAnyCase(choices) => match value {
            Value::Text(text) if choices.iter().any(|choice| choice.eq_ignore_ascii_case(text)) => Ok(()),
            _ => invalid(format!("String must be one of (case insensitive): {}", choices.join(", "))),
        },
        Check::ListOf { of, may_be_empty } => list_of(name, value, of, may_be_empty),
        Check::NotEmpty => match value {
            Value::Text(text) if text.is_empty() => invalid("String must be non-empty".to_owned()),
            _ => Ok(()),
        },
        Check::NotNull => match value {
            Value::Null => invalid("entry must be non null".to_owned()),
            _ => Ok(()),
        },
        Check::OffsetReset => match value {
            Value::Text(text) if is_offset_reset(text) => Ok(()),
            _ => invalid(format!(
                "Invalid value `{}` for configuration {name}. The value must be either 'earliest', 'latest' or of the \
                 format 'by_duration:<PnDTnHnMn.nS>'.",
                value.in_message()
            )),
        },
        Check::ThrottledReplicas => throttled_replicas(name, value),
        Check::Voters => entries(value).iter().try_for_each(|entry| host_port::voter(entry).map(|_| ())),
        Check::HostPorts => {
            entries(value).iter().try_for_each(|entry| host_port::bootstrap(entry).map(|_| ()))
        }
    }
}

fn entries(value: &Value) -> &[String] {
    if let Value::List(entries) = value { entries } else { &[] }
}

fn range(name: &str, value: &Value, least: f64, most: f64) -> Result<(), ConfigError> {
    // The reference compares as doubles too.
    #[allow(clippy::cast_precision_loss)]
    let number = match value {
        Value::Integer(number) => *number as f64,
        Value::Double(number) => *number,
        _ => return Err(ConfigError::invalid(name, value.in_message(), "Value must be non-null")),
    };
    // A NaN passes both comparisons there, and here.
    if number < least {
        Err(ConfigError::invalid(
            name,
            value.in_message(),
            format_args!("Value must be at least {}", bound(least)),
        ))
    } else if number > most {
        Err(ConfigError::invalid(
            name,
            value.in_message(),
            format_args!("Value must be no more than {}", bound(most)),
        ))
    } else {
        Ok(())
    }
}

fn bound(number: f64) -> String {
    if number.fract() == 0.0 { format!("{number:.0}") } else { double_text(number) }
}

fn one_of(name: &str, value: &Value, choices: &[&str]) -> Result<(), ConfigError> {
    match value {
        Value::Text(text) if choices.contains(&text.as_str()) => Ok(()),
        _ => Err(ConfigError::invalid(
            name,
            value.in_message(),
            format_args!("String must be one of: {}", choices.join(", ")),
        )),
    }
}

fn list_of(name: &str, value: &Value, of: &[&str], may_be_empty: bool) -> Result<(), ConfigError> {
    let entries = entries(value);
    if entries.is_empty() && !may_be_empty && *value != Value::Null {
        let valid =
            if of.is_empty() { "any non-empty value".to_owned() } else { format!("[{}]", of.join(", ")) };
        return Err(ConfigError(format!(
            "Configuration '{name}' must not be empty. Valid values include: {valid}"
        )));
    }
    for entry in entries {
        if entry.is_empty() {
            return Err(ConfigError(format!("Configuration '{name}' values must not be empty.")));
        }
        if !of.is_empty() {
            one_of(name, &Value::Text(entry.clone()), of)?;
        }
    }
    Ok(())
}

fn is_offset_reset(text: &str) -> bool {
    match text.strip_prefix("by_duration:") {
        Some(duration) => iso_duration::nanoseconds(duration).is_some_and(|nanoseconds| nanoseconds >= 0),
        None => matches!(text, "earliest" | "latest"),
    }
}

fn throttled_replicas(name: &str, value: &Value) -> Result<(), ConfigError> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let pair = |entry: &String| {
        entry.is_empty() || entry.split_once(':').is_some_and(|(left, right)| digits(left) && digits(right))
    };
    let entries = entries(value);
    if entries.iter().all(pair) || entries == ["*"] {
        return Ok(());
    }
    Err(ConfigError::invalid(
        name,
        value.in_message(),
        format_args!(
            "{name} must be the literal '*' or a list of replicas in the following format: \
             [partitionId]:[brokerId],[partitionId]:[brokerId],..."
        ),
    ))
}
