//! Bytes of a message become JSON, by its notation.

use std::fmt;

use headwater_base::Uuid;

use super::notation::{Field, Message};
use crate::json::Json;

/// Why bytes are not such a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(pub String);

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DecodeError {}

/// Bytes that are read from the front.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        match self.0.split_at_checked(count) {
            Some((taken, rest)) => {
                self.0 = rest;
                Ok(taken)
            }
            None => Err(DecodeError(format!(
                "Error reading byte array of {count} byte(s): only {} byte(s) available",
                self.0.len()
            ))),
        }
    }

    fn word<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let mut word = [0; N];
        word.copy_from_slice(self.take(N)?);
        Ok(word)
    }

    /// Two bytes.
    pub fn int16(&mut self) -> Result<i16, DecodeError> {
        Ok(i16::from_be_bytes(self.word()?))
    }

    fn int32(&mut self) -> Result<i32, DecodeError> {
        Ok(i32::from_be_bytes(self.word()?))
    }

    /// An unsigned number of variable length.
    pub fn varint(&mut self) -> Result<u32, DecodeError> {
        let mut value = 0_u32;
        for shift in [0, 7, 14, 21, 28] {
            let [byte] = self.word()?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(DecodeError("Varint is too long, the most significant bit in the 5th byte is set".to_owned()))
    }

    /// A length of a string, bytes or an array; `None` is null.
    fn length(&mut self, flexible: bool, short: bool) -> Result<Option<usize>, DecodeError> {
        let length = match (flexible, short) {
            (true, _) => i64::from(self.varint()?) - 1,
            (false, true) => i64::from(self.int16()?),
            (false, false) => i64::from(self.int32()?),
        };
        Ok(usize::try_from(length).ok())
    }
}

/// Reads a message of `version`.
pub fn decode(message: &Message, version: i16, input: &mut Input<'_>) -> Result<Json, DecodeError> {
    let reader = Reader { message, version, flexible: message.is_flexible(version) };
    reader.structure(&message.fields, input)
}

struct Reader<'a> {
    message: &'a Message,
    version: i16,
    flexible: bool,
}

impl Reader<'_> {
    fn structure(&self, fields: &[Field], input: &mut Input<'_>) -> Result<Json, DecodeError> {
        let mut found: Vec<Option<Json>> = vec![None; fields.len()];
        for (slot, field) in found.iter_mut().zip(fields) {
            if field.tag.is_none() && field.versions.contain(self.version) {
                *slot = Some(self.field(field, input)?);
            }
        }
        if self.flexible {
            for _ in 0..input.varint()? {
                let tag = input.varint()?;
                let size = input.varint()? as usize;
                let mut content = Input(input.take(size)?);
                let known = |field: &Field| field.tag == Some(tag) && field.versions.contain(self.version);
                if let Some(at) = fields.iter().position(known) {
                    let value = self.field(&fields[at], &mut content)?;
                    found[at] = Some(value).filter(|value| !is_default(&fields[at], value));
                }
            }
        }
        let members = found.into_iter().zip(fields);
        Ok(Json::Object(members.filter_map(|(value, field)| Some((field.name.clone(), value?))).collect()))
    }

    fn field(&self, field: &Field, input: &mut Input<'_>) -> Result<Json, DecodeError> {
        if !field.array {
            return self.value(field, input);
        }
        let Some(length) = input.length(self.flexible, false)? else { return self.null(field) };
        let mut values = Vec::new();
        for _ in 0..length {
            values.push(self.value(field, input)?);
        }
        Ok(Json::Array(values))
    }

    fn null(&self, field: &Field) -> Result<Json, DecodeError> {
        if field.nullable.is_some_and(|nullable| nullable.contain(self.version)) {
            return Ok(Json::Null);
        }
        Err(DecodeError(format!("non-nullable field {} was serialized as null", field.name)))
    }

    fn value(&self, field: &Field, input: &mut Input<'_>) -> Result<Json, DecodeError> {
        Ok(match field.kind.as_str() {
            "bool" => Json::Bool(input.word::<1>()? != [0]),
            "int8" => Json::Number(i64::from(i8::from_be_bytes(input.word()?))),
            "int16" => Json::Number(i64::from(input.int16()?)),
            "uint16" => Json::Number(i64::from(u16::from_be_bytes(input.word()?))),
            "int32" => Json::Number(i64::from(input.int32()?)),
            "uint32" => Json::Number(i64::from(u32::from_be_bytes(input.word()?))),
            "int64" => Json::Number(i64::from_be_bytes(input.word()?)),
            "float64" => Json::Raw(crate::java::double_text(f64::from_be_bytes(input.word()?))),
            "uuid" => Json::Text(Uuid::from_bytes(input.word()?).to_string()),
            "string" => match input.length(self.flexible, true)? {
                Some(length) => Json::Text(String::from_utf8_lossy(input.take(length)?).into_owned()),
                None => self.null(field)?,
            },
            "bytes" => match input.length(self.flexible, false)? {
                Some(length) => Json::Bytes(input.take(length)?.to_vec()),
                None => self.null(field)?,
            },
            _ => {
                let nullable = field.nullable.is_some_and(|nullable| nullable.contain(self.version));
                if !field.array && nullable && input.word::<1>()? == [0xff] {
                    return Ok(Json::Null);
                }
                self.structure(self.message.structure(field), input)?
            }
        })
    }
}

/// A tagged field with its default is not shown, however it came into the bytes.
fn is_default(field: &Field, value: &Json) -> bool {
    match (value, field.default.as_deref()) {
        (Json::Null, default) => default == Some("null"),
        (Json::Bool(value), default) => value.to_string() == default.unwrap_or("false"),
        (Json::Number(value), default) => value.to_string() == default.unwrap_or("0"),
        (Json::Text(text), _) if field.kind == "uuid" => *text == Uuid::ZERO.to_string(),
        (Json::Text(text), default) => text == default.unwrap_or_default().trim_matches('"'),
        (Json::Array(values), default) => values.is_empty() && default.is_none(),
        (Json::Bytes(bytes), default) => bytes.is_empty() && default.is_none(),
        _ => false,
    }
}
