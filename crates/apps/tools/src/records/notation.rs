//! The notation of `crates/types/protocol/spec`, as far as a reader of records needs it.

/// Versions, both ends inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    first: i16,
    last: i16,
}

impl Versions {
    fn parse(text: &str) -> Option<Self> {
        if let Some(first) = text.strip_suffix('+') {
            return Some(Self { first: first.parse().ok()?, last: i16::MAX });
        }
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Some(Self { first: first.parse().ok()?, last: last.parse().ok()? })
    }

    /// Whether a version is one of them.
    pub fn contain(self, version: i16) -> bool {
        (self.first..=self.last).contains(&version)
    }
}

/// One field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in JSON.
    pub name: String,
    /// Its type without `[]`.
    pub kind: String,
    /// It is an array.
    pub array: bool,
    /// Where it exists.
    pub versions: Versions,
    /// Where it may be null.
    pub nullable: Option<Versions>,
    /// Its tag.
    pub tag: Option<u32>,
    /// Its default, as the notation writes it.
    pub default: Option<String>,
    /// Fields of the structure that it brings with it.
    pub fields: Vec<Field>,
}

/// One message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Kafka's name.
    pub name: String,
    /// Its key.
    pub key: i16,
    valid: Versions,
    flexible: Option<Versions>,
    /// Its fields.
    pub fields: Vec<Field>,
    structs: Vec<(String, Vec<Field>)>,
}

impl Message {
    /// Reads the messages of a file.
    pub fn parse_all(text: &str) -> Vec<Message> {
        text.split("\n\n").filter_map(Message::parse).collect()
    }

    fn parse(text: &str) -> Option<Message> {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
        let words: Vec<&str> = lines.next()?.split_whitespace().collect();
        let after = |name: &str| {
            words.iter().position(|word| *word == name).and_then(|at| words.get(at + 1)).copied()
        };
        let mut message = Message {
            name: (*words.get(1)?).to_owned(),
            key: after("key").and_then(|key| key.parse().ok()).unwrap_or(-1),
            valid: Versions::parse(after("versions")?)?,
            flexible: after("flexible").and_then(Versions::parse),
            fields: fields(&mut lines, 1),
            structs: Vec::new(),
        };
        while let Some(line) = lines.next() {
            if let Some(name) = line.strip_prefix("struct ") {
                let name = name.split_whitespace().next()?.to_owned();
                message.structs.push((name, fields(&mut lines, 1)));
            }
        }
        Some(message)
    }

    /// Whether a version exists.
    pub fn has_version(&self, version: i16) -> bool {
        self.valid.contain(version)
    }

    /// Whether a version has compact lengths and tags.
    pub fn is_flexible(&self, version: i16) -> bool {
        self.flexible.is_some_and(|flexible| flexible.contain(version))
    }

    /// The fields of a structure that `field` is, or holds.
    pub fn structure<'a>(&'a self, field: &'a Field) -> &'a [Field] {
        if !field.fields.is_empty() {
            return &field.fields;
        }
        if let Some((_, fields)) = self.structs.iter().find(|(name, _)| *name == field.kind) {
            return fields;
        }
        nested(&self.fields, &field.kind)
            .or_else(|| self.structs.iter().find_map(|(_, fields)| nested(fields, &field.kind)))
            .unwrap_or_default()
    }
}

/// A structure that another field brought.
fn nested<'a>(fields: &'a [Field], kind: &str) -> Option<&'a [Field]> {
    fields.iter().find_map(|field| {
        if field.kind == kind && !field.fields.is_empty() {
            return Some(&field.fields[..]);
        }
        nested(&field.fields, kind)
    })
}

fn fields<'a>(lines: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>, depth: usize) -> Vec<Field> {
    let mut all: Vec<Field> = Vec::new();
    while let Some(line) = lines.peek() {
        let indent = line.len() - line.trim_start().len();
        if indent < depth * 2 {
            break;
        }
        if indent > depth * 2 {
            let inner = fields(lines, depth + 1);
            if let Some(last) = all.last_mut() {
                last.fields = inner;
            }
            continue;
        }
        all.extend(field(line.trim()));
        lines.next();
    }
    all
}

fn field(line: &str) -> Option<Field> {
    let words: Vec<&str> = line.split(' ').collect();
    let after =
        |name: &str| words.iter().position(|word| *word == name).and_then(|at| words.get(at + 1)).copied();
    let kind = words.get(1)?;
    let mut name = (*words.first()?).to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    Some(Field {
        name,
        kind: kind.trim_start_matches("[]").to_owned(),
        array: kind.starts_with("[]"),
        versions: Versions::parse(words.get(2)?)?,
        nullable: after("null").and_then(Versions::parse),
        tag: after("tag").and_then(|tag| tag.parse().ok()),
        default: after("=").map(str::to_owned),
        fields: Vec::new(),
    })
}
