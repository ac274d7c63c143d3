//! Ids as `org.apache.kafka.common.Uuid` reads them, with the messages of Java's base64 decoder.

use headwater_base::Uuid;

/// `Uuid.fromString`; the error is the message of the `IllegalArgumentException`.
pub fn parse_uuid(text: &str) -> Result<Uuid, String> {
    if text.len() > 24 {
        let prefix: String = text.chars().take(24).collect();
        return Err(format!(
            "Input string with prefix `{prefix}` is too long to be decoded as a base64 UUID"
        ));
    }
    let decoded = decoded_length(text)?;
    if decoded != 16 {
        return Err(format!(
            "Input string `{text}` decoded as {decoded} bytes, which is not equal to the expected 16 bytes of a base64-encoded \
             UUID"
        ));
    }
    text.trim_end_matches('=').parse().map_err(|_| format!("Input string `{text}` is no base64 UUID"))
}

/// How many bytes a text of the address-safe alphabet stands for.
fn decoded_length(text: &str) -> Result<usize, String> {
    let mut letters = 0;
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => letters += 1,
            b'=' => {
                let padded = match letters % 4 {
                    2 => bytes.next() == Some(b'='),
                    3 => true,
                    _ => false,
                };
                if !padded {
                    return Err("Input byte array has wrong 4-byte ending unit".to_owned());
                }
                if let Some(rest) = bytes.next() {
                    let _ = rest;
                    return Err(format!(
                        "Input byte array has incorrect ending byte at {}",
                        text.len() - bytes.count() - 1
                    ));
                }
                break;
            }
            other => return Err(format!("Illegal base64 character {other:x}")),
        }
    }
    match letters % 4 {
        1 if letters == 1 => Err("Input byte[] should at least have 2 bytes for base64 bytes".to_owned()),
        1 => Err("Last unit does not have enough valid bits".to_owned()),
        _ => Ok(letters * 3 / 4),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_uuid;

    #[test]
    fn as_java_says_it() {
        let cases = [
            ("x", "Input byte[] should at least have 2 bytes for base64 bytes"),
            ("abcde", "Last unit does not have enough valid bits"),
            ("a+b", "Illegal base64 character 2b"),
            (
                "abcd",
                "Input string `abcd` decoded as 3 bytes, which is not equal to the expected 16 bytes of a base64-encoded UUID",
            ),
        ];
        for (text, message) in cases {
            assert_eq!(parse_uuid(text), Err(message.to_owned()));
        }
        assert!(parse_uuid("JEXY6aqzQY-32P5TStzaFg").is_ok());
        assert!(parse_uuid("JEXY6aqzQY-32P5TStzaFg==").is_ok());
    }
}
