//! The little JSON that `quorum-state` needs: objects, arrays, strings, integers, booleans and null.
//!
//! A file of this kind has a few hundred bytes; the reader refuses more than [`MAX_BYTES`] and nesting deeper than
//! [`MAX_DEPTH`], so that a damaged file cannot cost memory or stack.

use std::fmt::Write as _;

/// Longest text that is read, in bytes.
pub(crate) const MAX_BYTES: usize = 1 << 20;
const MAX_DEPTH: usize = 16;

/// A JSON value; numbers are integers, as in all of Kafka's generated state files.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub(crate) fn get(&self, key: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => members.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(crate) fn parse(text: &str) -> Result<Json, String> {
        if text.len() > MAX_BYTES {
            return Err(format!("{} bytes are too many", text.len()));
        }
        let mut parser = Parser { bytes: text.as_bytes(), at: 0 };
        let value = parser.value(0)?;
        parser.space();
        if parser.at != text.len() {
            return Err(format!("unexpected text at byte {}", parser.at));
        }
        Ok(value)
    }
}

/// Appends `text` as a JSON string.
pub(crate) fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if (c as u32) < 0x20 => {
                // Writing into a String cannot fail.
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn error<T>(&self, what: &str) -> Result<T, String> {
        Err(format!("{what} at byte {}", self.at))
    }

    fn space(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str, value: Json) -> Result<Json, String> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(value);
        }
        self.error("unknown word")
    }

    fn value(&mut self, depth: usize) -> Result<Json, String> {
        if depth > MAX_DEPTH {
            return self.error("too deep");
        }
        self.space();
        match self.bytes.get(self.at) {
            None => self.error("the text ends"),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Json::Text),
            Some(b'n') => self.word("null", Json::Null),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(_) => self.integer(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, String> {
        self.at += 1;
        let mut members = Vec::new();
        if self.eat(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            if self.bytes.get(self.at) != Some(&b'"') {
                return self.error("expected a name");
            }
            let name = self.string()?;
            if !self.eat(b':') {
                return self.error("expected `:`");
            }
            members.push((name, self.value(depth + 1)?));
            if self.eat(b'}') {
                return Ok(Json::Object(members));
            }
            if !self.eat(b',') {
                return self.error("expected `,` or `}`");
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json, String> {
        self.at += 1;
        let mut items = Vec::new();
        if self.eat(b']') {
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.eat(b']') {
                return Ok(Json::Array(items));
            }
            if !self.eat(b',') {
                return self.error("expected `,` or `]`");
            }
        }
    }

    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut text: Vec<u8> = Vec::new();
        loop {
            let Some(byte) = self.bytes.get(self.at).copied() else {
                return self.error("unfinished string");
            };
            self.at += 1;
            match byte {
                b'"' => break,
                b'\\' => {
                    let c = self.escape()?;
                    text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                byte => text.push(byte),
            }
        }
        String::from_utf8(text).or_else(|_| self.error("not UTF-8"))
    }

    fn escape(&mut self) -> Result<char, String> {
        let Some(byte) = self.bytes.get(self.at).copied() else {
            return self.error("unfinished escape");
        };
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => byte as char,
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                let digits = self.bytes.get(self.at..self.at + 4).and_then(|d| std::str::from_utf8(d).ok());
                let code = digits.and_then(|d| u32::from_str_radix(d, 16).ok()).and_then(char::from_u32);
                let Some(c) = code else { return self.error("bad escape") };
                self.at += 4;
                c
            }
            _ => return self.error("unknown escape"),
        })
    }

    fn integer(&mut self) -> Result<Json, String> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(|b| b.is_ascii_digit() || *b == b'-') {
            self.at += 1;
        }
        let number = std::str::from_utf8(&self.bytes[start..self.at]).ok().and_then(|d| d.parse().ok());
        number.map_or_else(|| self.error("not an integer"), |n| Ok(Json::Int(n)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_kafka_writes_and_more_space_than_that() {
        let json = Json::parse(" { \"a\" : [ 1 , -2,null,true ] , \"b\":{\"c\":\"x\\u0041\\\"\"} } ")
            .expect("valid");
        assert_eq!(
            json.get("a"),
            Some(&Json::Array(vec![Json::Int(1), Json::Int(-2), Json::Null, Json::Bool(true)]))
        );
        assert_eq!(json.get("b").and_then(|b| b.get("c")), Some(&Json::Text("xA\"".to_owned())));
    }

    #[test]
    fn damage_is_an_error_and_never_a_panic() {
        let good = r#"{"a":[1,-2,null,true,"é\u0041"],"b":{}}"#;
        for end in (0..good.len()).filter(|end| good.is_char_boundary(*end)) {
            assert!(Json::parse(&good[..end]).is_err(), "{end}");
        }
        let deep = "[".repeat(100_000);
        for text in ["{} x", "1.5", "[1,]", "{\"a\" 1}", "{a:1}", "--", "99999999999999999999", deep.as_str()]
        {
            assert!(Json::parse(text).is_err(), "{}", &text[..text.len().min(20)]);
        }
    }

    #[test]
    fn strings_round_trip() {
        let mut out = String::new();
        push_string(&mut out, "a\"\\\n\u{1}é");
        assert_eq!(Json::parse(&out), Ok(Json::Text("a\"\\\n\u{1}é".to_owned())));
    }
}
