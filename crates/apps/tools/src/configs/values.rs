//! `--add-config` and `--add-config-file`.

use crate::cluster::load_properties;
use crate::console::{Stop, Thrown};
use crate::jopt::OptionSet;

/// What is to be set.
pub(super) fn to_add(options: &OptionSet<'_>) -> Result<Vec<(String, String)>, Stop> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    if options.has("add-config-file") {
        let file = options.value("add-config-file")?.unwrap_or_default();
        pairs.extend(load_properties(&file)?);
    }
    if options.has("add-config") {
        for (key, value) in parse(&options.value("add-config")?.unwrap_or_default())? {
            pairs.retain(|(it, _)| *it != key);
            pairs.push((key, value));
        }
    }
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "$._-".contains(letter);
    if let Some((key, _)) = pairs.iter().find(|(key, _)| !key.chars().all(allowed)) {
        return Err(Thrown::illegal_argument(format!("Invalid character found for config key: {key}")).into());
    }
    Ok(pairs)
}

/// `k1=v1,k2=[v2,v3]`: commas and signs inside of brackets belong to the value, the brackets do not.
fn parse(text: &str) -> Result<Vec<(String, String)>, Thrown> {
    let mut parts = split(text, ',');
    while parts.len() > 1 && parts.last().is_some_and(|part| part.is_empty()) {
        parts.pop();
    }
    let mut pairs = Vec::new();
    for part in parts {
        let sides = split(part, '=');
        let [key, value] = sides[..] else {
            return Err(Thrown::illegal_argument(
                "requirement failed: Invalid entity config: all configs to be added must be in the format \"key=val\" or  \
                 \"key=[val1,val2]\" to group values which contain commas.",
            ));
        };
        pairs.push((key.trim().to_owned(), value.replace(['[', ']'], "").trim().to_owned()));
    }
    Ok(pairs)
}

/// Divides at every `sign` behind which no bracket is closed before one is opened.
fn split(text: &str, sign: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(sign) {
        let rest = &text[at + 1..];
        let inside = match (rest.find(']'), rest.find('[')) {
            (None, _) => false,
            (Some(close), Some(open)) => close < open,
            (Some(_), None) => true,
        };
        if !inside {
            parts.push(&text[start..at]);
            start = at + 1;
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn brackets_hold_values_together() {
        let pairs = |text: &str| {
            parse(text)
                .map(|pairs| pairs.iter().map(|(k, v)| format!("{k}:{v}")).collect::<Vec<_>>().join(";"))
        };
        assert_eq!(pairs("a=1,b=[x,y],c= z ").as_deref(), Ok("a:1;b:x,y;c:z"));
        assert_eq!(pairs("a=[k=v,l=w]").as_deref(), Ok("a:k=v,l=w"));
        assert_eq!(pairs("a=,").as_deref(), Ok("a:"));
        assert!(pairs("a").is_err() && pairs("a=b=c").is_err() && pairs("").is_err());
    }
}
