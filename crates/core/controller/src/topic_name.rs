//! Which names a topic may have (`org.apache.kafka.common.internals.Topic`).

/// The log of the quorum; no client can create it.
pub const CLUSTER_METADATA: &str = "__cluster_metadata";

/// The longest name, so that it fits a folder's name with index and suffix.
pub const MAX_NAME_LENGTH: usize = 249;

/// Checks a name.
///
/// # Errors
/// Kafka's message, for `INVALID_TOPIC_EXCEPTION`.
pub fn validate(name: &str) -> Result<(), String> {
    // Java counts UTF-16 units.
    let length = name.encode_utf16().count();
    let reason = if name.is_empty() {
        "the empty string is not allowed".to_owned()
    } else if name == "." {
        "'.' is not allowed".to_owned()
    } else if name == ".." {
        "'..' is not allowed".to_owned()
    } else if length > MAX_NAME_LENGTH {
        format!("the length of '{name}' is longer than the max allowed length {MAX_NAME_LENGTH}")
    } else if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')) {
        format!("'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'")
    } else {
        return Ok(());
    };
    Err(format!("Topic name is invalid: {reason}"))
}

/// Metric names know no dots, so that names which differ in dots and underscores only would be one.
#[must_use]
pub fn has_collision_chars(name: &str) -> bool {
    name.contains(['.', '_'])
}

/// The name in which colliding names are equal.
#[must_use]
pub fn unify_collision_chars(name: &str) -> String {
    name.replace('.', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_as_kafka_does() {
        for good in ["a", "a.b_c-D9", &"x".repeat(249), "..."] {
            assert_eq!(validate(good), Ok(()), "{good}");
        }
        for (bad, reason) in [
            ("", "the empty string is not allowed"),
            (".", "'.' is not allowed"),
            ("..", "'..' is not allowed"),
            ("a b", "'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"),
            ("ä", "'ä' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"),
        ] {
            assert_eq!(validate(bad), Err(format!("Topic name is invalid: {reason}")));
        }
        let long = "x".repeat(250);
        let message = format!(
            "Topic name is invalid: the length of '{long}' is longer than the max allowed length 249"
        );
        assert_eq!(validate(&long), Err(message));
    }
}
