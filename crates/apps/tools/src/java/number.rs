//! Numbers as Java reads them.

/// `Double.valueOf`, without hexadecimal numbers.
pub fn parse_double(text: &str) -> Option<f64> {
    let text = text.trim();
    let unsigned = text.trim_start_matches(['+', '-']);
    match unsigned {
        "NaN" | "Infinity" => text.parse().ok(),
        _ => {
            let digits = unsigned.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(unsigned);
            if !digits.starts_with(|it: char| it.is_ascii_digit() || it == '.') {
                return None;
            }
            text[..text.len() - (unsigned.len() - digits.len())].parse().ok()
        }
    }
}

/// `Double.toString`.
pub fn double_text(value: f64) -> String {
    let size = value.abs();
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() };
    }
    if size != 0.0 && !(1e-3..1e7).contains(&size) {
        let text = format!("{value:E}");
        return match text.split_once('E') {
            Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
            _ => text,
        };
    }
    format!("{value:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_java_writes_and_reads_them() {
        let cases = [
            (0.0, "0.0"),
            (1.0, "1.0"),
            (0.001, "0.001"),
            (0.0001, "1.0E-4"),
            (1e7, "1.0E7"),
            (123.456, "123.456"),
            (1.5e-5, "1.5E-5"),
            (-2.0, "-2.0"),
            (9_999_999.0, "9999999.0"),
        ];
        for (value, text) in cases {
            assert_eq!(double_text(value), text);
            assert_eq!(parse_double(text), Some(value));
        }
        assert_eq!(parse_double("1d"), Some(1.0));
        assert_eq!(parse_double("x"), None);
        assert_eq!(parse_double(""), None);
    }
}
