//! Lines become records (`LineMessageReader`).

use std::collections::BTreeMap;

use headwater_client::producer::Record;

use crate::console::Thrown;

/// How a line is taken apart.
pub(super) struct LineReader {
    topic: String,
    parse_key: bool,
    key_separator: String,
    parse_headers: bool,
    headers_delimiter: String,
    headers_separator: String,
    headers_key_separator: String,
    ignore_error: bool,
    null_marker: Option<String>,
    line_number: u64,
}

/// Headers of a record.
type Headers = Vec<(String, Option<Vec<u8>>)>;

fn error(message: impl Into<String>) -> Thrown {
    Thrown::new("org.apache.kafka.common.KafkaException", message)
}

impl LineReader {
    pub(super) fn new(topic: &str, properties: &BTreeMap<String, String>) -> Result<Self, Thrown> {
        let truth =
            |key: &str| properties.get(key).is_some_and(|value| value.trim().eq_ignore_ascii_case("true"));
        let text =
            |key: &str, default: &str| properties.get(key).cloned().unwrap_or_else(|| default.to_owned());
        let reader = Self {
            topic: topic.to_owned(),
            parse_key: truth("parse.key"),
            key_separator: text("key.separator", "\t"),
            parse_headers: truth("parse.headers"),
            headers_delimiter: text("headers.delimiter", "\t"),
            headers_separator: text("headers.separator", ","),
            headers_key_separator: text("headers.key.separator", ":"),
            ignore_error: truth("ignore.error"),
            null_marker: properties.get("null.marker").cloned(),
            line_number: 0,
        };
        reader.check()?;
        Ok(reader)
    }

    fn check(&self) -> Result<(), Thrown> {
        let key = ("key.separator", Some(&self.key_separator));
        let delimiter = ("headers.delimiter", Some(&self.headers_delimiter));
        let separator = ("headers.separator", Some(&self.headers_separator));
        let header = ("headers.key.separator", Some(&self.headers_key_separator));
        let marker = ("null.marker", self.null_marker.as_ref());
        let pairs = [
            (delimiter, separator),
            (delimiter, header),
            (separator, header),
            (marker, key),
            (marker, separator),
            (marker, delimiter),
            (marker, header),
        ];
        match pairs.into_iter().find(|(one, other)| one.1 == other.1) {
            Some((one, other)) => Err(error(format!("{} and {} may not be equal", one.0, other.0))),
            None => Ok(()),
        }
    }

    /// The record of a line.
    pub(super) fn record(&mut self, line: &str) -> Result<Record, Thrown> {
        self.line_number += 1;
        let mut rest = line;
        let mut headers = None;
        if self.parse_headers {
            headers = self.part(line, &mut rest, &self.headers_delimiter, "headers delimiter")?;
        }
        let mut key = None;
        if self.parse_key {
            key = self.part(line, &mut rest, &self.key_separator, "key separator")?;
        }
        let mut record = Record { topic: self.topic.clone(), ..Record::default() };
        record.key = key.and_then(|key| self.bytes(key));
        record.value = self.bytes(rest);
        if let Some(headers) = headers.filter(|headers| !self.is_null(headers)) {
            record.headers = self.headers(headers)?;
        }
        Ok(record)
    }

    fn is_null(&self, text: &str) -> bool {
        self.null_marker.as_deref() == Some(text)
    }

    fn bytes(&self, text: &str) -> Option<Vec<u8>> {
        (!self.is_null(text)).then(|| text.as_bytes().to_vec())
    }

    /// What stands before the next `separator`; `rest` begins behind it then.
    fn part<'a>(
        &self,
        line: &str,
        rest: &mut &'a str,
        separator: &str,
        name: &str,
    ) -> Result<Option<&'a str>, Thrown> {
        if let Some((before, behind)) = rest.split_once(separator) {
            *rest = behind;
            return Ok(Some(before));
        }
        if self.ignore_error {
            return Ok(None);
        }
        Err(error(format!("No {name} found on line number {}: '{line}'", self.line_number)))
    }

    fn headers(&self, text: &str) -> Result<Headers, Thrown> {
        let mut pairs: Vec<&str> = text.split(self.headers_separator.as_str()).collect();
        while pairs.len() > 1 && pairs.last().is_some_and(|pair| pair.is_empty()) {
            pairs.pop();
        }
        let mut headers = Vec::new();
        for pair in pairs {
            match pair.split_once(self.headers_key_separator.as_str()) {
                Some((key, _)) if self.is_null(key) => {
                    return Err(error(format!(
                        "Header keys should not be equal to the null marker '{key}' as they can't be null"
                    )));
                }
                Some((key, value)) => headers.push((key.to_owned(), self.bytes(value))),
                None if self.ignore_error => headers.push((pair.to_owned(), None)),
                None => {
                    return Err(error(format!(
                        "No header key separator found in pair '{pair}' on line number {}",
                        self.line_number
                    )));
                }
            }
        }
        Ok(headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(pairs: &[(&str, &str)]) -> Result<LineReader, Thrown> {
        let properties = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        LineReader::new("t", &properties)
    }

    #[test]
    fn parts_of_a_line() {
        let options = [("parse.key", "TRUE"), ("parse.headers", "true"), ("null.marker", "NULL")];
        let mut all = reader(&options).expect("these go together");
        let record = all.record("h:1,g:NULL\tkey\tvalue\tmore").expect("a whole line");
        assert_eq!(record.key.as_deref(), Some(&b"key"[..]));
        assert_eq!(record.value.as_deref(), Some(&b"value\tmore"[..]));
        assert_eq!(record.headers, [("h".to_owned(), Some(b"1".to_vec())), ("g".to_owned(), None)]);
        let record = all.record("NULL\tNULL\tNULL").expect("nothing three times");
        assert_eq!((record.key, record.value, record.headers.len()), (None, None, 0));
        let refused = all.record("no tab").expect_err("no delimiter");
        assert_eq!(refused.text(), "No headers delimiter found on line number 3: 'no tab'");
        assert!(reader(&[("headers.separator", ":")]).is_err());
    }
}
