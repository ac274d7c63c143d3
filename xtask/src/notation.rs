//! The notation of the specification: one line per message, per structure and per field.
//!
//! ```text
//! request FetchRequest key 1 versions 4-18 flexible 12+ listeners broker,controller
//!   ClusterId string 12+ null 12+ tag 0 = null ignorable
//!   Topics []FetchTopic 0+
//!     Topic string 0-12 ignorable
//! struct Shared 0+
//!   Name string 0+
//! ```
//!
//! Fields of a structure stand indented below the field that uses it first; shared structures follow the message.
//! Text behind `#` is a comment.

use std::fmt::{self, Display, Write as _};

/// A range of versions, both ends inclusive; `last == i16::MAX` is written `+`. `None` in an `Option` is "none".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    pub first: i16,
    pub last: i16,
}

impl Versions {
    /// Reads `4-18`, `12+`, `3`; `none` is `Ok(None)`.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        let number = |part: &str| part.trim().parse::<i16>().map_err(|e| format!("versions {text:?}: {e}"));
        if text == "none" {
            return Ok(None);
        }
        if let Some(first) = text.strip_suffix('+') {
            return Ok(Some(Self { first: number(first)?, last: i16::MAX }));
        }
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Ok(Some(Self { first: number(first)?, last: number(last)? }))
    }

    /// The versions in both.
    pub fn intersect(self, other: Self) -> Option<Self> {
        let both = Self { first: self.first.max(other.first), last: self.last.min(other.last) };
        (both.first <= both.last).then_some(both)
    }
}

impl Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first, self.last) {
            (first, i16::MAX) => write!(f, "{first}+"),
            (first, last) if first == last => write!(f, "{first}"),
            (first, last) => write!(f, "{first}-{last}"),
        }
    }
}

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// `request`, `response`, `header`, `data`, `metadata`, `coordinator-key` or `coordinator-value`.
    pub kind: String,
    pub name: String,
    pub key: Option<i16>,
    pub valid: Versions,
    pub flexible: Option<Versions>,
    pub listeners: Vec<String>,
    pub unstable: bool,
    pub fields: Vec<Field>,
    pub structs: Vec<Structure>,
}

/// A structure that several fields of a message share.
#[derive(Clone, Debug, PartialEq)]
pub struct Structure {
    pub name: String,
    pub versions: Versions,
    pub fields: Vec<Field>,
}

/// One field.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub name: String,
    /// `int32`, `string`, `Endpoint`, `[]int32`, `[]Endpoint`, …
    pub ty: String,
    pub versions: Versions,
    pub nullable: Option<Versions>,
    pub tag: Option<u32>,
    pub default: Option<String>,
    pub ignorable: bool,
    /// Never in the compact form, whatever the version (the client id of the request header).
    pub inflexible: bool,
    pub fields: Vec<Field>,
}

impl Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)?;
        if let Some(key) = self.key {
            write!(f, " key {key}")?;
        }
        write!(f, " versions {}", self.valid)?;
        match self.flexible {
            Some(flexible) => write!(f, " flexible {flexible}")?,
            None => f.write_str(" flexible none")?,
        }
        if !self.listeners.is_empty() {
            write!(f, " listeners {}", self.listeners.join(","))?;
        }
        f.write_str(if self.unstable { " unstable\n" } else { "\n" })?;
        write_fields(f, &self.fields, 1)?;
        for structure in &self.structs {
            writeln!(f, "struct {} {}", structure.name, structure.versions)?;
            write_fields(f, &structure.fields, 1)?;
        }
        Ok(())
    }
}

fn write_fields(f: &mut fmt::Formatter<'_>, fields: &[Field], depth: usize) -> fmt::Result {
    for field in fields {
        let mut line = format!("{:1$}{2} {3} {4}", "", depth * 2, field.name, field.ty, field.versions);
        if let Some(nullable) = field.nullable {
            write!(line, " null {nullable}")?;
        }
        if let Some(tag) = field.tag {
            write!(line, " tag {tag}")?;
        }
        if let Some(default) = &field.default {
            write!(line, " = {}", if default.is_empty() { "\"\"" } else { default })?;
        }
        if field.ignorable {
            line.push_str(" ignorable");
        }
        if field.inflexible {
            line.push_str(" inflexible");
        }
        writeln!(f, "{line}")?;
        write_fields(f, &field.fields, depth + 1)?;
    }
    Ok(())
}

/// Reads every message of one file.
pub fn parse(text: &str) -> Result<Vec<Message>, String> {
    let mut messages: Vec<Message> = Vec::new();
    let mut in_struct = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim_end();
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.is_empty() {
            continue;
        }
        let depth = (line.len() - line.trim_start().len()) / 2;
        let mut step = || -> Result<(), String> {
            if depth > 0 {
                let message = messages.last_mut().ok_or("a field before any message")?;
                let fields = match message.structs.last_mut() {
                    Some(structure) if in_struct => &mut structure.fields,
                    _ => &mut message.fields,
                };
                return place(fields, depth - 1, parse_field(&words)?);
            }
            in_struct = words[0] == "struct";
            if !in_struct {
                messages.push(parse_message(&words)?);
                return Ok(());
            }
            let message = messages.last_mut().ok_or("a structure before any message")?;
            let versions = Versions::parse(words[2])?.ok_or("a structure without versions")?;
            message.structs.push(Structure { name: words[1].to_string(), versions, fields: Vec::new() });
            Ok(())
        };
        step().map_err(|why| format!("line {}: {why}", number + 1))?;
    }
    Ok(messages)
}

fn place(fields: &mut Vec<Field>, depth: usize, field: Field) -> Result<(), String> {
    if depth == 0 {
        fields.push(field);
        return Ok(());
    }
    let parent = fields.last_mut().ok_or("indented below nothing")?;
    place(&mut parent.fields, depth - 1, field)
}

fn parse_message(words: &[&str]) -> Result<Message, String> {
    let after = |key: &str| words.iter().position(|w| *w == key).and_then(|at| words.get(at + 1)).copied();
    Ok(Message {
        kind: words[0].to_string(),
        name: words.get(1).ok_or("no name")?.to_string(),
        key: after("key").map(|k| k.parse().map_err(|e| format!("key {k}: {e}"))).transpose()?,
        valid: Versions::parse(after("versions").ok_or("no versions")?)?.ok_or("no valid version")?,
        flexible: Versions::parse(after("flexible").ok_or("no flexible")?)?,
        listeners: after("listeners").map(|l| l.split(',').map(str::to_string).collect()).unwrap_or_default(),
        unstable: words.contains(&"unstable"),
        fields: Vec::new(),
        structs: Vec::new(),
    })
}

fn parse_field(words: &[&str]) -> Result<Field, String> {
    let after = |key: &str| words.iter().position(|w| *w == key).and_then(|at| words.get(at + 1)).copied();
    let [name, ty, versions, rest @ ..] = words else {
        return Err("a field needs name, type and versions".to_string());
    };
    Ok(Field {
        name: name.to_string(),
        ty: ty.to_string(),
        versions: Versions::parse(versions)?.ok_or("a field without versions")?,
        nullable: after("null")
            .filter(|_| rest.contains(&"null"))
            .map(Versions::parse)
            .transpose()?
            .flatten(),
        tag: after("tag").map(|t| t.parse().map_err(|e| format!("tag {t}: {e}"))).transpose()?,
        default: after("=").map(|d| if d == "\"\"" { String::new() } else { d.to_string() }),
        ignorable: rest.contains(&"ignorable"),
        inflexible: rest.contains(&"inflexible"),
        fields: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn what_is_written_is_read_again() {
        let text = "request AlphaRequest key 7 versions 1-4 flexible 2+ listeners broker,controller unstable\n  \
                    Name string 0+ null 3+ tag 0 = null ignorable\n  Items []Item 1-2\n    Id int32 1+ = -1\n  \
                    Plain string 0+ = \"\" inflexible\nstruct Shared 2+\n  X uuid 2\n";
        let messages = parse(text).expect("it is well formed");
        assert_eq!(messages.iter().map(ToString::to_string).collect::<String>(), text);
    }
}
