//! Java's `.properties` text (`java.util.Properties.load` and `store`): parsed and written.
//!
//! Knows comments (`#`, `!`), the three separators (`=`, `:`, blanks), lines continued by a backslash, and the escapes
//! `\t \n \r \f \uXXXX`; any other escaped character stands for itself. Text is UTF-8, as Kafka's tools write it.

use std::collections::BTreeMap;
use std::fmt;

/// An escape that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MalformedEscape {
    /// Line of the text, from 1, on which the entry begins.
    pub line: usize,
}

impl fmt::Display for MalformedEscape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: \\u must be followed by four hexadecimal digits", self.line)
    }
}

impl std::error::Error for MalformedEscape {}

/// All entries; of a key that appears twice the last one counts.
///
/// # Errors
/// When a `\u` is not followed by four hexadecimal digits.
pub fn parse(text: &str) -> Result<BTreeMap<String, String>, MalformedEscape> {
    let mut entries = BTreeMap::new();
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines = text.split('\n').enumerate();
    while let Some((index, line)) = lines.next() {
        let mut logical = trim_start(line).to_owned();
        if logical.is_empty() || logical.starts_with(['#', '!']) {
            continue;
        }
        while ends_in_odd_backslashes(&logical) {
            logical.pop();
            let Some((_, more)) = lines.next() else { break };
            logical.push_str(trim_start(more));
        }
        let (key, value) = split_entry(&logical);
        let malformed = || MalformedEscape { line: index + 1 };
        entries.insert(unescape(key).ok_or_else(malformed)?, unescape(value).ok_or_else(malformed)?);
    }
    Ok(entries)
}

fn trim_start(line: &str) -> &str {
    line.trim_start_matches([' ', '\t', '\x0c'])
}

fn ends_in_odd_backslashes(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// The key ends at the first separator that is not escaped; blanks around one `=` or `:` belong to neither side.
fn split_entry(line: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = line.find(|c: char| {
        let ends = !escaped && matches!(c, '=' | ':' | ' ' | '\t' | '\x0c');
        escaped = !escaped && c == '\\';
        ends
    });
    let Some(end) = end else { return (line, "") };
    let rest = trim_start(&line[end..]);
    let value = rest.strip_prefix(['=', ':']).map_or(rest, trim_start);
    (&line[..end], value)
}

fn unescape(text: &str) -> Option<String> {
    let mut units = Vec::with_capacity(text.len());
    let mut characters = text.chars();
    let push = |units: &mut Vec<u16>, c: char| units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
    while let Some(c) = characters.next() {
        if c != '\\' {
            push(&mut units, c);
            continue;
        }
        match characters.next() {
            Some('t') => push(&mut units, '\t'),
            Some('n') => push(&mut units, '\n'),
            Some('r') => push(&mut units, '\r'),
            Some('f') => push(&mut units, '\x0c'),
            Some('u') => {
                let digits: String = characters.by_ref().take(4).collect();
                let is_hex = digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                units.push(u16::from_str_radix(&digits, 16).ok().filter(|_| is_hex)?);
            }
            Some(other) => push(&mut units, other),
            None => {}
        }
    }
    Some(String::from_utf16_lossy(&units))
}

/// The text of entries, one a line in the given order, escaped so that [`parse`] gives them back.
pub fn write<'a>(entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (key, value) in entries {
        escape(&mut text, key, true);
        text.push('=');
        escape(&mut text, value, false);
        text.push('\n');
    }
    text
}

fn escape(out: &mut String, text: &str, is_key: bool) {
    use fmt::Write as _;
    for (position, c) in text.chars().enumerate() {
        match c {
            ' ' if is_key || position == 0 => out.push_str("\\ "),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\x0c' => out.push_str("\\f"),
            '\\' | '=' | ':' | '#' | '!' => {
                out.push('\\');
                out.push(c);
            }
            ' '..='~' => out.push(c),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{unit:04X}");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> (String, String) {
        let entries = parse(text).expect("well formed");
        assert_eq!(entries.len(), 1, "{text:?}: {entries:?}");
        entries.into_iter().next().expect("one entry")
    }

    #[test]
    fn separators_and_blanks() {
        for text in
            ["k=v", "k:v", "k v", "  k = v", "k\t:\tv", "k   v", "k=v\r\n", "\n\nk = v\n", "#c\n!c\nk=v"]
        {
            assert_eq!(one(text), ("k".to_owned(), "v".to_owned()), "{text:?}");
        }
        assert_eq!(one("k"), ("k".to_owned(), String::new()));
        assert_eq!(one("k=v "), ("k".to_owned(), "v ".to_owned()));
        assert_eq!(one("k==v"), ("k".to_owned(), "=v".to_owned()));
        assert_eq!(one("listeners=PLAINTEXT://:9092").1, "PLAINTEXT://:9092");
        assert_eq!(one("k=a#b").1, "a#b");
    }

    #[test]
    fn escapes_and_continuations() {
        assert_eq!(one("a\\ b\\=c = \\tx"), ("a b=c".to_owned(), "\tx".to_owned()));
        assert_eq!(one("k=a,\\\n   b,\\\r\n   c").1, "a,b,c");
        assert_eq!(one("k=path\\\\").1, "path\\");
        assert_eq!(one("k=\\u00e9\\uD83D\\uDE00\\q").1, "é😀q");
        assert_eq!(one("k=ü").1, "ü");
        assert_eq!(one("k=v\\").1, "v");
        assert_eq!(parse("a=1\nb=\\u12x4\n"), Err(MalformedEscape { line: 2 }));
        assert_eq!(parse("b=\\u12"), Err(MalformedEscape { line: 1 }));
        assert_eq!(parse("b=\\u+123"), Err(MalformedEscape { line: 1 }));
    }

    #[test]
    fn the_last_of_two_counts() {
        assert_eq!(one("k=1\nk=2\n").1, "2");
    }

    #[test]
    fn what_is_written_is_read_back() {
        let entries = [
            ("plain.key", "value"),
            ("a key:=#!\\", " lead\ttab\nline\r\x0c"),
            ("ünicode", "é😀 b"),
            ("e", ""),
        ];
        let text = write(entries);
        let parsed = parse(&text).expect("well formed");
        let expected = entries.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        assert_eq!(parsed, expected, "{text}");
    }
}
