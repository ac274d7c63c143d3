//! Configuration of subscriptions to client metrics (`org.apache.kafka.server.metrics.ClientMetricsConfigs`, KIP-714).

use std::collections::BTreeMap;

use super::definition::Definition;
use super::rows;
use super::value::Value;

/// Attributes of clients that `match` can name.
const ATTRIBUTES: &[&str] = &[
    "client_instance_id",
    "client_id",
    "client_software_name",
    "client_software_version",
    "client_source_address",
    "client_source_port",
];

/// All keys.
pub fn definitions() -> impl Iterator<Item = &'static Definition> {
    rows::client_metrics()
}

/// The row of a key.
#[must_use]
pub fn definition(name: &str) -> Option<&'static Definition> {
    rows::client_metrics().find(|row| row.name == name)
}

/// Why a subscription is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// With the code `INVALID_REQUEST`.
    Request(String),
    /// With the code `INVALID_CONFIG`.
    Config(String),
}

/// Checks everything that is set on a subscription.
///
/// # Errors
/// The reference's message.
pub fn validate_all(subscription: &str, configs: &BTreeMap<String, String>) -> Result<(), Refusal> {
    if subscription.is_empty() {
        return Err(Refusal::Request("Subscription name can't be empty".to_owned()));
    }
    if let Some(name) = configs.keys().find(|name| definition(name).is_none()) {
        return Err(Refusal::Request(format!("Unknown client metrics configuration: {name}")));
    }
    let mut values = BTreeMap::new();
    for (row, text) in definitions().filter_map(|row| Some((row, configs.get(row.name)?))) {
        values.insert(row.name, row.parse(text).map_err(|error| Refusal::Config(error.0))?);
    }
    if let Some(Value::Integer(interval)) = values.get("interval.ms")
        && !(100..=3_600_000).contains(interval)
    {
        return Err(Refusal::Request(format!(
            "Invalid value {interval} for interval.ms, interval must be between 100 and 3600000 (1 hour)"
        )));
    }
    match values.get("match") {
        Some(Value::List(patterns)) => patterns.iter().try_for_each(|pattern| matching(pattern)),
        _ => Ok(()),
    }
}

fn matching(pattern: &str) -> Result<(), Refusal> {
    // Java's split drops empty texts at the end.
    let valid = match pattern.trim_end_matches('=').split('=').collect::<Vec<_>>()[..] {
        [attribute, expression] => ATTRIBUTES.contains(&attribute.trim()) && is_expression(expression.trim()),
        _ => false,
    };
    if valid { Ok(()) } else { Err(Refusal::Config(format!("Illegal client matching pattern: {pattern}"))) }
}

/// Whether a text can be a regular expression: brackets and parentheses close, nothing is repeated that is not there.
fn is_expression(text: &str) -> bool {
    let (mut groups, mut classes, mut repeatable) = (0_usize, 0_usize, false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(_) => repeatable = true,
                None => return false,
            },
            '[' => classes += 1,
            ']' if classes > 0 => {
                classes -= 1;
                repeatable = true;
            }
            _ if classes > 0 => {}
            '(' => {
                groups += 1;
                repeatable = false;
            }
            ')' => {
                if groups == 0 {
                    return false;
                }
                groups -= 1;
                repeatable = true;
            }
            '*' | '+' | '{' if !repeatable => return false,
            '?' if !repeatable && groups == 0 => return false,
            '|' => repeatable = false,
            _ => repeatable = true,
        }
    }
    groups == 0 && classes == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(key: &str, value: &str) -> Option<Refusal> {
        validate_all("s", &BTreeMap::from([(key.to_owned(), value.to_owned())])).err()
    }

    #[test]
    fn refusals_are_the_references() {
        let config = |text: &str| Some(Refusal::Config(text.to_owned()));
        let request = |text: &str| Some(Refusal::Request(text.to_owned()));
        assert_eq!(refusal("interval.ms", "100"), None);
        let message = "Invalid value 50 for interval.ms, interval must be between 100 and 3600000 (1 hour)";
        assert_eq!(refusal("interval.ms", "50"), request(message));
        let message = "Invalid value x for configuration interval.ms: Not a number of type INT";
        assert_eq!(refusal("interval.ms", "x"), config(message));
        assert_eq!(refusal("nope", "x"), request("Unknown client metrics configuration: nope"));
        for bad in [
            "x",
            "x=y",
            "client_id=[",
            "client_id=(a",
            "client_id=a)",
            "client_id=*",
            "client_id=",
            "client_id=a=b",
        ] {
            let message = format!("Illegal client matching pattern: {bad}");
            assert_eq!(refusal("match", bad), config(&message), "{bad}");
        }
        for good in ["client_id=a,client_id=b", "client_software_name=apache.*", "client_id=(?:a|b)+[^c]", ""]
        {
            assert_eq!(refusal("match", good), None, "{good}");
        }
        let unnamed = validate_all("", &BTreeMap::new());
        assert_eq!(unnamed.err(), request("Subscription name can't be empty"));
    }
}
