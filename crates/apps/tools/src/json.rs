//! JSON as Jackson writes it: no spaces, members in the order in which they were set.

use std::fmt::Write as _;

use headwater_base::{PartitionIndex, TopicPartition};

use crate::console::Thrown;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// A number that is written already.
    Raw(String),
    /// A text.
    Text(String),
    /// Bytes, written as base64.
    Bytes(Vec<u8>),
    /// Values in order.
    Array(Vec<Json>),
    /// Members in order.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// An object from its members.
    pub fn object<const N: usize>(members: [(&str, Json); N]) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// A member of an object.
    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Self::Object(members) => members.iter().find(|(it, _)| it == name).map(|(_, value)| value),
            _ => None,
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(value) => {
                let _ = write!(out, "{value}");
            }
            Self::Raw(text) => out.push_str(text),
            Self::Text(text) => quote(text, out),
            Self::Bytes(bytes) => {
                out.push('"');
                base64(bytes, out);
                out.push('"');
            }
            Self::Array(values) => {
                out.push('[');
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    value.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    quote(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

impl Json {
    /// Reads a value; nothing may follow it.
    pub fn parse(text: &str) -> Option<Json> {
        let mut reader = Reader { text, at: 0, depth: 0 };
        let value = reader.value()?;
        reader.spaces();
        (reader.at == text.len()).then_some(value)
    }

    /// A whole number.
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// A member that has to be there, as Kafka's `JsonObject` says it.
    pub fn member(&self, name: &str) -> Result<&Json, Thrown> {
        let missing = || mapping_error(format!("No such field exists: `{name}`"));
        if !matches!(self, Self::Object(_)) {
            return Err(mapping_error(format!("Expected JSON object, received {self}")));
        }
        self.get(name).ok_or_else(missing)
    }

    /// The values of an array.
    pub fn items(&self) -> Result<&[Json], Thrown> {
        match self {
            Self::Array(items) => Ok(items),
            _ => Err(mapping_error(format!("Expected JSON array, received {self}"))),
        }
    }

    /// A whole number of a Java type.
    pub fn whole(&self, kind: &str) -> Result<i64, Thrown> {
        let wrong = || mapping_error(format!("Expected `{kind}` value, received {self}"));
        let number = self.number().ok_or_else(wrong)?;
        if kind == "Integer" && i32::try_from(number).is_err() { Err(wrong()) } else { Ok(number) }
    }

    /// `{"topic": …, "partition": …}`.
    pub fn partition(&self) -> Result<TopicPartition, Thrown> {
        let topic = match self.member("topic")? {
            Self::Text(topic) => topic.clone(),
            other => return Err(mapping_error(format!("Expected `String` value, received {other}"))),
        };
        let index = self.member("partition")?.whole("Integer")?;
        Ok(TopicPartition { topic, partition: PartitionIndex(i32::try_from(index).unwrap_or(-1)) })
    }
}

fn mapping_error(message: String) -> Thrown {
    Thrown::new("com.fasterxml.jackson.databind.JsonMappingException", message)
}

/// Values within values.
const MAX_DEPTH: usize = 100;

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn spaces(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    fn take(&mut self, expected: &str) -> Option<()> {
        self.spaces();
        self.text[self.at..].starts_with(expected).then(|| self.at += expected.len())
    }

    fn value(&mut self) -> Option<Json> {
        self.spaces();
        let constants = [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))];
        for (word, value) in constants {
            if self.take(word).is_some() {
                return Some(value);
            }
        }
        match self.text.as_bytes().get(self.at)? {
            b'"' => self.string().map(Json::Text),
            b'[' => self.nested("[", "]", |reader| reader.value()).map(Json::Array),
            b'{' => {
                let member = |reader: &mut Self| {
                    reader.spaces();
                    let name = reader.string()?;
                    reader.take(":")?;
                    Some((name, reader.value()?))
                };
                self.nested("{", "}", member).map(Json::Object)
            }
            _ => self.numeral(),
        }
    }

    fn nested<T>(
        &mut self,
        open: &str,
        close: &str,
        item: impl Fn(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.take(open)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut items = Vec::new();
        if self.take(close).is_none() {
            loop {
                items.push(item(self)?);
                if self.take(",").is_none() {
                    break;
                }
            }
            self.take(close)?;
        }
        self.depth -= 1;
        Some(items)
    }

    fn numeral(&mut self) -> Option<Json> {
        let rest = &self.text[self.at..];
        let end = rest.find(|it: char| !it.is_ascii_digit() && !"+-.eE".contains(it)).unwrap_or(rest.len());
        let text = &rest[..end];
        self.at += end;
        match text.parse() {
            Ok(number) => Some(Json::Number(number)),
            Err(_) => text.parse::<f64>().ok().map(|_| Json::Raw(text.to_owned())),
        }
    }

    fn string(&mut self) -> Option<String> {
        self.take("\"")?;
        let mut text = String::new();
        let mut units: Vec<u16> = Vec::new();
        let mut letters = self.text[self.at..].char_indices();
        loop {
            let (at, letter) = letters.next()?;
            let plain = match letter {
                '"' | '\\' => None,
                letter if letter < ' ' => return None,
                letter => Some(letter),
            };
            if letter == '\\' {
                let (_, code) = letters.next()?;
                let escaped = match code {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'u' => {
                        let hex: String = (0..4).map_while(|_| letters.next().map(|(_, it)| it)).collect();
                        units.push(u16::from_str_radix(&hex, 16).ok()?);
                        continue;
                    }
                    '"' | '\\' | '/' => code,
                    _ => return None,
                };
                flush(&mut units, &mut text);
                text.push(escaped);
                continue;
            }
            flush(&mut units, &mut text);
            match plain {
                Some(letter) => text.push(letter),
                None => {
                    self.at += at + 1;
                    return Some(text);
                }
            }
        }
    }
}

/// Escaped UTF-16 becomes text.
fn flush(units: &mut Vec<u16>, text: &mut String) {
    text.push_str(&String::from_utf16_lossy(units));
    units.clear();
}

impl std::fmt::Display for Json {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        self.write(&mut text);
        f.write_str(&text)
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter < ' ' => {
                let _ = write!(out, "\\u{:04X}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}

/// Standard base64 with padding.
fn base64(bytes: &[u8], out: &mut String) {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for index in 0..4 {
            if index <= chunk.len() {
                out.push(char::from(LETTERS[(word >> (18 - 6 * index)) as usize & 63]));
            } else {
                out.push('=');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn reads_what_it_writes_and_refuses_the_rest() {
        for text in ["{\"a\":[1,-2,null,true,\"\\u0001x\\n\"],\"b\":{}}", "[]", "1.5e3", "\"\\\"\""] {
            assert_eq!(Json::parse(&format!(" {text} ")).map(|it| it.to_string()).as_deref(), Some(text));
        }
        for text in ["", "{", "[1,]", "{\"a\"}", "nul", "\"a", "1 2", "{1:2}", "\"\\x\""] {
            assert_eq!(Json::parse(text), None, "{text}");
        }
        assert_eq!(Json::parse(&"[".repeat(1000)), None);
    }

    #[test]
    fn as_jackson_writes_it() {
        let value = Json::object([
            ("a", Json::Array(vec![Json::Number(-1), Json::Null, Json::Bool(true)])),
            ("b\"", Json::text("é\u{1}\n")),
            ("c", Json::Bytes(b"hello".to_vec())),
        ]);
        assert_eq!(value.to_string(), "{\"a\":[-1,null,true],\"b\\\"\":\"é\\u0001\\n\",\"c\":\"aGVsbG8=\"}");
    }
}
