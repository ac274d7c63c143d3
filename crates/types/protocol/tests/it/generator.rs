//! Random values of a message, straight from the specification: as bytes and as the JSON of the reference's converters.
//!
//! This knows the wire format on its own and shares nothing with the code generator but the notation.

use std::fmt::Write as _;

use headwater_base::Uuid;

use crate::notation::{Field, Message, Versions};
use crate::random::Random;

/// One random value.
pub struct Sample {
    pub bytes: Vec<u8>,
    pub json: String,
}

/// A random value of a message in a version.
pub fn sample(message: &Message, version: i16, round: u64) -> Sample {
    let random = Random::of(&message.name, version, round);
    let mut generator = Generator { message, version, random, room: 400 };
    let mut sample = Sample { bytes: Vec::new(), json: String::new() };
    generator.structure(&message.fields, &mut sample);
    sample
}

/// Writes a variable-length number.
pub fn put_varint(bytes: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

struct Generator<'a> {
    message: &'a Message,
    version: i16,
    random: Random,
    /// How many more values may be made, which ends deep messages.
    room: usize,
}

impl<'a> Generator<'a> {
    fn has(&self, versions: Versions) -> bool {
        (versions.first..=versions.last).contains(&self.version)
    }

    fn is_flexible(&self) -> bool {
        self.message.flexible.is_some_and(|versions| self.has(versions))
    }

    fn can_be_null(&self, field: &Field) -> bool {
        field.nullable.is_some_and(|versions| self.has(versions))
    }

    fn structure(&mut self, fields: &'a [Field], out: &mut Sample) {
        out.json.push('{');
        let mut tagged: Vec<(u32, Vec<u8>)> = Vec::new();
        let present: Vec<&Field> = fields.iter().filter(|field| self.has(field.versions)).collect();
        for field in present {
            let mut value = Sample { bytes: Vec::new(), json: String::new() };
            self.field(field, &mut value);
            if let Some(tag) = field.tag {
                if value.bytes == self.default(field) {
                    continue;
                }
                tagged.push((tag, value.bytes));
            } else {
                out.bytes.append(&mut value.bytes);
            }
            let comma = if out.json.ends_with('{') { "" } else { "," };
            let _ = write!(out.json, "{comma}\"{}\":{}", json_name(&field.name), value.json);
        }
        out.json.push('}');
        if self.is_flexible() {
            tagged.sort();
            put_varint(&mut out.bytes, tagged.len());
            for (tag, bytes) in tagged {
                put_varint(&mut out.bytes, tag as usize);
                put_varint(&mut out.bytes, bytes.len());
                out.bytes.extend(bytes);
            }
        }
    }

    fn compact(&self, field: &Field) -> bool {
        self.is_flexible() && !field.inflexible
    }

    fn field(&mut self, field: &'a Field, out: &mut Sample) {
        self.room = self.room.saturating_sub(1);
        if self.can_be_null(field) && self.random.one_in(4) {
            self.null(field, &mut out.bytes);
            out.json.push_str("null");
            return;
        }
        if let Some(element) = field.ty.strip_prefix("[]") {
            let most = if self.room == 0 { 1 } else { 4 };
            let length = self.random.below(most);
            self.length(field, length, &mut out.bytes);
            out.json.push('[');
            for at in 0..length {
                out.json.push_str(if at > 0 { "," } else { "" });
                self.value(element, field, out);
            }
            out.json.push(']');
            return;
        }
        if is_structure(&field.ty) && field.nullable.is_some() {
            out.bytes.push(1);
        }
        self.value(&field.ty, field, out);
    }

    fn value(&mut self, ty: &str, field: &'a Field, out: &mut Sample) {
        match ty {
            "bool" => {
                let truth = self.random.one_in(2);
                out.bytes.push(u8::from(truth));
                let _ = write!(out.json, "{truth}");
            }
            "string" => {
                let text = self.text();
                self.text_length(field, text.len(), &mut out.bytes);
                out.bytes.extend(text.bytes());
                json_string(&text, &mut out.json);
            }
            "bytes" | "records" => {
                let length = if self.random.one_in(10) { 300 } else { self.random.below(20) };
                let bytes: Vec<u8> = (0..length).map(|_| self.random.next() as u8).collect();
                self.length(field, length, &mut out.bytes);
                out.bytes.extend(&bytes);
                let _ = write!(out.json, "\"{}\"", base64(&bytes));
            }
            "uuid" => {
                let bits = if self.random.one_in(4) { 0 } else { u128::from(self.random.next()) << 64 | 7 };
                out.bytes.extend(bits.to_be_bytes());
                let _ = write!(out.json, "\"{}\"", Uuid(bits));
            }
            "float64" => {
                let number = (self.random.next() as i32) as f64 / 8.0;
                out.bytes.extend(number.to_be_bytes());
                let _ = write!(out.json, "{number:?}");
            }
            ty if is_structure(ty) => {
                let fields = fields_of(self.message, ty).expect("every structure is defined");
                self.structure(fields, out);
            }
            ty => self.integer(ty, out),
        }
    }

    fn integer(&mut self, ty: &str, out: &mut Sample) {
        let random = self.random.next();
        let bits = match self.random.below(6) {
            0 => 0,
            1 => u64::MAX,
            2 => random & 0x7f,
            3 => i64::MAX as u64,
            _ => random,
        };
        let (width, signed) = match ty {
            "int8" => (1, true),
            "int16" => (2, true),
            "uint16" => (2, false),
            "int32" => (4, true),
            "uint32" => (4, false),
            "int64" => (8, true),
            other => panic!("type {other} is not known"),
        };
        let unused = 64 - 8 * width;
        out.bytes.extend(&bits.to_be_bytes()[8 - width as usize..]);
        let _ = match signed {
            true => write!(out.json, "{}", (bits << unused) as i64 >> unused),
            false => write!(out.json, "{}", bits << unused >> unused),
        };
    }

    fn text(&mut self) -> String {
        const LETTERS: &[char] = &['a', 'b', 'Z', '0', '-', '_', '.', ' ', '"', '\\', '\n', 'é', '→', '😀'];
        let length = if self.random.one_in(12) { 150 } else { self.random.below(9) };
        (0..length).map(|_| LETTERS[self.random.below(LETTERS.len())]).collect()
    }

    fn length(&self, field: &Field, length: usize, bytes: &mut Vec<u8>) {
        match self.compact(field) {
            true => put_varint(bytes, length + 1),
            false => bytes.extend((length as i32).to_be_bytes()),
        }
    }

    fn text_length(&self, field: &Field, length: usize, bytes: &mut Vec<u8>) {
        match self.compact(field) {
            true => put_varint(bytes, length + 1),
            false => bytes.extend((length as i16).to_be_bytes()),
        }
    }

    fn null(&self, field: &Field, bytes: &mut Vec<u8>) {
        match field.ty.as_str() {
            // In a tagged field the mark is a variable-length number.
            ty if is_structure(ty) => bytes.push(if field.tag.is_some() { 0 } else { 0xff }),
            _ if self.compact(field) => bytes.push(0),
            "string" => bytes.extend([0xff; 2]),
            _ => bytes.extend([0xff; 4]),
        }
    }

    /// The bytes of a field's default, with which a tagged field is left out.
    fn default(&self, field: &Field) -> Vec<u8> {
        let mut bytes = Vec::new();
        let given = field.default.as_deref().unwrap_or_default();
        let number = || match given.strip_prefix("0x") {
            Some(digits) => i64::from_str_radix(digits, 16).expect("a hexadecimal default"),
            None if given.is_empty() => 0,
            None => given.parse().expect("a default is a number"),
        };
        match field.ty.as_str() {
            _ if given == "null" => self.null(field, &mut bytes),
            "bool" => bytes.push(u8::from(given == "true")),
            "int8" => bytes.extend((number() as i8).to_be_bytes()),
            "int16" | "uint16" => bytes.extend((number() as i16).to_be_bytes()),
            "int32" | "uint32" => bytes.extend((number() as i32).to_be_bytes()),
            "int64" => bytes.extend(number().to_be_bytes()),
            "float64" => bytes.extend([0; 8]),
            "uuid" => bytes.extend([0; 16]),
            "string" => self.text_length(field, 0, &mut bytes),
            ty if is_structure(ty) => {
                if field.nullable.is_some() {
                    bytes.push(1);
                }
                let fields = fields_of(self.message, ty).expect("every structure is defined");
                for inner in fields.iter().filter(|inner| self.has(inner.versions) && inner.tag.is_none()) {
                    bytes.extend(self.default(inner));
                }
                bytes.push(0);
            }
            _ => self.length(field, 0, &mut bytes),
        }
        bytes
    }
}

fn is_structure(ty: &str) -> bool {
    ty.starts_with(char::is_uppercase)
}

fn fields_of<'a>(message: &'a Message, name: &str) -> Option<&'a [Field]> {
    let shared = message.structs.iter().find(|shared| shared.name == name);
    let within = message.structs.iter().map(|shared| shared.fields.as_slice());
    shared.map(|shared| shared.fields.as_slice()).or_else(|| {
        std::iter::once(message.fields.as_slice()).chain(within).find_map(|fields| inline(fields, name))
    })
}

fn inline<'a>(fields: &'a [Field], name: &str) -> Option<&'a [Field]> {
    fields.iter().find_map(|field| {
        let is_it = field.ty.trim_start_matches("[]") == name && !field.fields.is_empty();
        if is_it { Some(field.fields.as_slice()) } else { inline(&field.fields, name) }
    })
}

fn json_name(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn json_string(text: &str, json: &mut String) {
    json.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => json.extend(['\\', letter]),
            '\n' => json.push_str("\\n"),
            _ => json.push(letter),
        }
    }
    json.push('"');
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut group = [0; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize] as char;
            text.push(if at > chunk.len() { '=' } else { letter });
        }
    }
    text
}
